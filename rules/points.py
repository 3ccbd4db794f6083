"""The newest values of a metric with their times: few, in order, and the same in whichever order they came."""

from bisect import bisect_left

from msgspec import Struct

DEFAULT_AT_MOST = 64


class Point(Struct, frozen=True, array_like=True, order=True, gc=False):
    """A value and its event time."""

    at_ms: int
    value: float


Points = tuple[Point, ...]
"""Their times rise strictly."""


class Reach(Struct, frozen=True):
    """How far back points are kept, and how densely."""

    keep_ms: int
    """What is older than the newest by more than this is forgotten."""
    at_most: int = DEFAULT_AT_MOST
    """Roughly so many are kept: where more come, only the newest of each stretch of `keep_ms / at_most`."""

    def put(self, points: Points, value: float, at_ms: int) -> Points:
        """The points with one more; the very same, if it is too old or known.

        Of two values of one moment the greater one is kept, so that the order in which they come is no matter.
        """
        newest_ms = max(points[-1].at_ms, at_ms) if points else at_ms
        if at_ms < newest_ms - self.keep_ms:
            return points
        place = bisect_left(points, at_ms, key=_time)
        before, after = points[:place], points[place:]
        slot = self._slot(at_ms)
        if after and after[0].at_ms == at_ms and after[0].value >= value:
            return points
        if after and after[0].at_ms > at_ms and self._slot(after[0].at_ms) == slot:
            return points
        if after and after[0].at_ms == at_ms:
            after = after[1:]
        elif before and self._slot(before[-1].at_ms) == slot:
            before = before[:-1]
        kept = (*before, Point(at_ms, value), *after)
        return kept[bisect_left(kept, newest_ms - self.keep_ms, key=_time) :]

    @property
    def _slot_ms(self) -> int:
        return max(1, self.keep_ms // self.at_most)

    def _slot(self, at_ms: int) -> int:
        return at_ms // self._slot_ms


def _time(point: Point) -> int:
    return point.at_ms
