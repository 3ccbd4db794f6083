"""What the readers have found in the journal, counted since the start of the process."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Self

from msgspec import Struct

from domain.message import Record, Reject, RejectReason
from domain.reading import Reading, TimeSource
from ingest.decoded import Decoded

_MOST_CLOCKS: Final = 1000
"""Of so many devices with a wrong clock the error is kept."""


class ReadCounts(Struct, frozen=True, kw_only=True):
    """What was found at one moment. All but `skews_s` only ever grow."""

    parsed: int = 0
    """Messages of which at least a part could be used."""
    rejected: dict[RejectReason, int] = {}
    """Messages of which at least a part could not, for this reason."""
    letters: dict[RejectReason, int] = {}
    """Parts of messages that were set aside."""
    late: int = 0
    """Readings older than one that was read of the same device or port before."""
    ahead: int = 0
    """Readings of which the time was not believed, for it lay too far ahead."""
    behind: int = 0
    """And those for which it lay too far back."""
    batches: int = 0
    commits: int = 0
    skews_s: dict[str, float] = {}
    """How far the clocks of devices are ahead that are not believed, by device."""

    def after(self, before: Self) -> Self:
        """Together with what another process has counted before."""
        return type(self)(
            parsed=before.parsed + self.parsed,
            rejected=Counter(before.rejected) + Counter(self.rejected),
            letters=Counter(before.letters) + Counter(self.letters),
            late=before.late + self.late,
            ahead=before.ahead + self.ahead,
            behind=before.behind + self.behind,
            batches=before.batches + self.batches,
            commits=before.commits + self.commits,
            skews_s=self.skews_s,
        )


class ReaderTally:
    """One thread counts; any thread may read. A record that is read again, after a failure, counts once."""

    def __init__(self) -> None:
        self.parsed = 0
        self.rejected: Counter[RejectReason] = Counter()
        self.letters: Counter[RejectReason] = Counter()
        self.late = self.ahead = self.behind = 0
        self.batches = 0
        self.commits = 0
        self._counted_to = 0
        self._newest_ms: dict[str, int] = {}
        self._skews_s: dict[str, float] = {}

    @property
    def skews_s(self) -> dict[str, float]:
        """How far the clocks of devices are ahead that are not believed, by device."""
        return dict(self._skews_s)

    @property
    def counts(self) -> ReadCounts:
        """What was found so far."""
        return ReadCounts(
            parsed=self.parsed,
            rejected=dict(self.rejected),
            letters=dict(self.letters),
            late=self.late,
            ahead=self.ahead,
            behind=self.behind,
            batches=self.batches,
            commits=self.commits,
            skews_s=self.skews_s,
        )

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
