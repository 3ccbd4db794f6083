"""A figure over the whole book, counted anew when the book has changed: the longer it takes, the less often."""

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache, partial
from typing import Final, Generic, TypeVar

from cases.kpi import SelfCorrection, self_correction
from domain.case import Counts
from domain.clock import Clock
from domain.ground import Ground
from domain.ladder import Ladder
from domain.standing import StandingCase
from storage.case_store import CaseStore

Figure = TypeVar("Figure")

_CHEAP_S: Final = 0.02
"""What takes no longer is counted after every change."""
_SHARE: Final = 10
"""What takes longer stands for so many times as long as it took: a tenth of a core at most, however busy the book."""
_LONGEST_S: Final = 15.0
_GROUNDS: Final = 64
"""Of so many parts of the city figures are kept, those asked last."""
_EPISODES: Final = 10_000


class KeptFigure(Generic[Figure]):
    """The last answer. Any thread may ask; one counts, and meanwhile the others are told the last one there was."""

    def __init__(self, count: Callable[[], Figure], revision: Callable[[], Hashable]) -> None:
        """`count` is what takes long, `revision` tells cheaply whether it would come to anything new."""
        self._count, self._revision = count, revision
        self._lock = threading.Lock()
        self._kept: tuple[Hashable, Figure] | None = None
        self._stands_until_s = 0.0

    def now(self) -> Figure:
        """The figure, some seconds old at most. May raise what counting raises."""
        kept = self._kept
        if kept is not None and time.monotonic() < self._stands_until_s:
            return kept[1]
        revision = self._revision()
        if kept is not None and kept[0] == revision:
            return kept[1]
        if not self._lock.acquire(blocking=kept is None or time.monotonic() >= self._stands_until_s + _LONGEST_S):
            return self._kept[1] if self._kept is not None else self._count()
        try:
            return self._counted(revision)
        finally:
            self._lock.release()

    def _counted(self, revision: Hashable) -> Figure:
        if self._kept is not None and self._kept[0] == revision:  # somebody else was quicker
            return self._kept[1]
        began_s = time.thread_time()
        figure = self._count()
        took_s = time.thread_time() - began_s
        self._kept = (revision, figure)
        self._stands_until_s = time.monotonic() + (min(_LONGEST_S, took_s * _SHARE) if took_s > _CHEAP_S else 0.0)
        return figure


class KeptFigures:
    """What the first pages of everybody ask of a case store, counted for all of them; of a part of the city for all who
    are held to it."""

    def __init__(self, store: CaseStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._standing = KeptFigure(store.standing_cases, store.revision)
        self._episodes = KeptFigure(self._read_episodes, store.revision)
        self._counts = lru_cache(_GROUNDS)(lambda on: KeptFigure(partial(store.counts, on), store.revision))
        self._corrections = lru_cache(_GROUNDS)(lambda on: KeptFigure(partial(self._corrected, on), store.revision))

    def standing_cases(self) -> Sequence[StandingCase]:
        """Every open case."""
        return self._standing.now()

    def counts(self, on: Ground | None) -> Counts:
        """How many there are."""
        return self._counts(on).now()

    def self_correction(self, on: Ground | None) -> SelfCorrection:
        """Over the newest episodes of the city, or those of them that lie there."""
        return self._corrections(on).now()

    def _read_episodes(self) -> tuple[Sequence[Ladder], frozenset[int]]:
        return self._store.episodes(limit=_EPISODES), self._store.told_ladders()

    def _corrected(self, on: Ground | None) -> SelfCorrection:
        ladders, told = self._episodes.now()
        there = ladders if on is None else [one for one in ladders if on.holds(one.camera_id, one.shop_id)]
        return self_correction(there, told, self._clock.now_ms())
