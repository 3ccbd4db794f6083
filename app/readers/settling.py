"""Up to where is judged, and which of what was read may be judged now."""

from collections.abc import Sequence
from typing import Final

import msgspec

from app.readers.sequence import Read, Stretch, arranged
from domain.clock import Clock
from storage.journal import Journal

_SETTLE_MS: Final = 300
"""How long several collectors may overtake each other: one may have to wait for the journal behind all others."""
_MOST_WAITING: Final = 20_000
_NONE: Final = b"\x90"


class Settling:
    """Of one collector everything may be judged as it comes. Of several the newest waits, for it may be overtaken."""

    def __init__(self, journal: Journal, clock: Clock, *, collectors: int) -> None:
        self._journal, self._clock = journal, clock
        self._settle_ms = _SETTLE_MS if collectors > 1 else 0
        self.begin(0, None)

    def begin(self, cursor: int, saved: bytes | None) -> None:
        """After a start, or a failure: what was committed. `saved` is what `ahead` gave."""
        self.judged_to = cursor
        """Everything up to here is judged."""
        self._ahead = frozenset(msgspec.msgpack.decode(saved or _NONE, type=list[int]))
        self._waiting: list[Read] = []

    @property
    def ahead(self) -> bytes | None:
        """What beyond `judged_to` was judged, to be saved; None if that cannot be."""
        return msgspec.msgpack.encode(sorted(self._ahead)) if self._settle_ms else None

    @property
    def waits(self) -> bool:
        """Whether something that was read is not to be judged yet."""
        return bool(self._waiting)

    @property
    def looks_again_s(self) -> float:
        """So soon what waits may be settled."""
        return self._settle_ms / 2000

    @property
    def read_to(self) -> int:
        """Where to read on."""
        return self._waiting[-1].record.seq if self._waiting else self.judged_to

    def take(self, reads: Sequence[Read], *, alone: bool) -> Stretch:
        """What is to be judged now, with these that were read. One by one, `alone`, nothing waits: the record that
        fails must be the one that was read."""
        if not self._settle_ms:
            due = tuple(read for read in reads if read.record.seq not in self._ahead)  # of a time with several
            return Stretch(reads=due, cursor=reads[-1].record.seq, ahead=self._ahead)
        waiting = [*self._waiting, *reads]
        at_once = alone or len(waiting) >= _MOST_WAITING
        more = waiting[-1].record.seq < self._journal.head()
        now_ms = waiting[-1].record.message.received_ms if more else self._clock.now_ms()
        settle_ms = 0 if at_once else self._settle_ms
        stretch = arranged(waiting, cursor=self.judged_to, ahead=self._ahead, now_ms=now_ms, settle_ms=settle_ms)
        self._waiting = [read for read in waiting if read.record.seq > stretch.cursor]
        return stretch

    def judged(self, stretch: Stretch) -> None:
        """All of it is."""
        self.judged_to, self._ahead = stretch.cursor, stretch.ahead

    def judged_some(self, reads: Sequence[Read]) -> None:
        """The next of a stretch are; the rest of it is not yet."""
        if self._settle_ms:
            self._ahead |= {read.record.seq for read in reads}
        else:
            self.judged_to = reads[-1].record.seq
