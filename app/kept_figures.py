"""A figure over the whole book, counted anew when the book has changed: the longer it takes, the less often."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

Figure = TypeVar("Figure")

_CHEAP_S: Final = 0.02
"""What takes no longer is counted after every change."""
_SHARE: Final = 10
"""What takes longer stands for so many times as long as it took: a tenth of a core at most, however busy the book."""
_LONGEST_S: Final = 15.0


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
