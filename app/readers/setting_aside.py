"""What could not be used, as dead letters: parts of messages, what no rule bears, and damaged parts of the journal."""

from collections.abc import Sequence

from app.readers.damaged import letter_of
from app.readers.reader_tally import ReaderTally
from app.readers.sequence import Read
from domain.message import Record, Reject, RejectReason
from storage.deadletters import DeadLetters
from storage.journal.damage import Damage


class SettingAside:
    """Keeps them, and counts them. One thread uses it. Any method may raise StoreUnavailable."""

    def __init__(self, deadletters: DeadLetters, tally: ReaderTally) -> None:
        self._deadletters, self._tally = deadletters, tally

    def of_reads(self, reads: Sequence[Read], decoder: str) -> None:
        """Count what was read, and keep what of it could not be used. `decoder` is the version it was read by."""
        self._tally.batches += 1
        self._tally.read((read.record, read.decoded) for read in reads)
        rejected = [(read.record, read.decoded.rejects) for read in reads if read.decoded.rejects]
        if rejected:
            self._deadletters.add_all(rejected, decoder=decoder)

    def failed(self, record: Record, problem: Exception, decoder: str) -> None:
        """A record that fails in the rules or in the book."""
        self._keep(
            record, Reject(reason=RejectReason.EVALUATION, detail=f"{type(problem).__name__}: {problem}"), decoder
        )

    def damaged(self, damage: Damage, decoder: str) -> None:
        """What was found in a stretch's place, under its first seq, and which stretch it was."""
        self._keep(*letter_of(damage), decoder)

    def _keep(self, record: Record, reject: Reject, decoder: str) -> None:
        self._tally.set_aside((reject,))
        self._deadletters.add(record, (reject,), decoder=decoder)
