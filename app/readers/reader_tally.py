"""What the readers have found in the journal, counted since the start of the process."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from domain.message import Record, Reject, RejectReason
from domain.reading import Reading, TimeSource
from ingest.decoded import Decoded

_MOST_CLOCKS: Final = 1000
"""Of so many devices with a wrong clock the error is kept."""


class ReaderTally:
    """One thread counts; any thread may read. A record that is read again, after a failure, counts once."""

    def __init__(self) -> None:
        self.parsed = 0
        """Messages of which at least a part could be used."""
        self.rejected: Counter[RejectReason] = Counter()
        """Messages of which at least a part could not, for this reason."""
        self.letters: Counter[RejectReason] = Counter()
        """Parts of messages that were set aside."""
        self.late = 0
        """Readings older than one that was read of the same device or port before."""
        self.ahead = 0
        """Readings of which the time was not believed, for it lay too far ahead."""
        self.behind = 0
        """And those for which it lay too far back."""
        self.batches = 0
        self.commits = 0
        self._counted_to = 0
        self._newest_ms: dict[str, int] = {}
        self._skews_s: dict[str, float] = {}

    @property
    def skews_s(self) -> dict[str, float]:
        """How far the clocks of devices are ahead that are not believed, by device."""
        return dict(self._skews_s)

    def read(self, decoded: Iterable[tuple[Record, Decoded]]) -> None:
        """Records in the journal's order, and what they said."""
        for record, said in decoded:
            if record.seq <= self._counted_to:
                continue
            self._counted_to = record.seq
            self.parsed += bool(said.observations)
            if said.rejects:
                self.set_aside(said.rejects)
            for observation in said.observations:
                if isinstance(observation, Reading):
                    self._see(observation)

    def set_aside(self, rejects: Sequence[Reject]) -> None:
        """Parts of one message that cannot be used."""
        self.letters.update(reject.reason for reject in rejects)
        self.rejected.update({reject.reason for reject in rejects})

    def _see(self, reading: Reading) -> None:
        subject, at_ms = reading.subject, reading.at_ms
        newest_ms = self._newest_ms.get(subject, at_ms)
        if at_ms < newest_ms:
            self.late += 1
        else:
            self._newest_ms[subject] = at_ms
        if reading.device_ms is None:
            if self._skews_s and reading.time_source is not TimeSource.RECEIVED:
                self._skews_s.pop(reading.device_id, None)
            return
        skew_ms = reading.device_ms - reading.received_ms
        self.ahead += skew_ms > 0
        self.behind += skew_ms <= 0
        if reading.device_id in self._skews_s or len(self._skews_s) < _MOST_CLOCKS:
            self._skews_s[reading.device_id] = skew_ms / 1000
