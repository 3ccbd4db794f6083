"""The newest values of a metric with their times: few, in order, and the same in whichever order they came."""

from bisect import bisect_left

from msgspec import Struct


class Points(Struct, frozen=True, array_like=True):
    """Values and their event times, as many of these as of those. The times rise strictly."""

    times_ms: tuple[int, ...] = ()
    values: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.times_ms)

    @property
    def span_ms(self) -> int:
        """From the first to the last; 0 where there are none."""
        return self.times_ms[-1] - self.times_ms[0] if self.times_ms else 0

    def moved(self, by_ms: int) -> "Points":
        """As if all had come so much later."""
        return Points(tuple(at_ms + by_ms for at_ms in self.times_ms), self.values)

    def until(self, at_ms: int) -> "Points":
        """Those up to then, and of then."""
        count = bisect_left(self.times_ms, at_ms + 1)
        return Points(self.times_ms[:count], self.values[:count])


NO_POINTS = Points()


class Reach(Struct, frozen=True):
    """How far back points are kept, and how densely."""

    keep_ms: int
    """What is older than the newest by more than this is forgotten."""
    stretch_ms: int
    """Of each stretch of so long, only the newest is kept."""

    @classmethod
    def of(cls, keep_ms: int, at_most: int) -> "Reach":
        """Of so long, roughly so many."""
        return cls(keep_ms, max(1, keep_ms // at_most))

    def put(self, points: Points, value: float, at_ms: int) -> Points:
        """The points with one more; the very same, if it is too old or known.

        Of two values of one moment the greater one is kept, so that the order in which they come is no matter.
        """
        times_ms, values = points.times_ms, points.values
        if times_ms and at_ms <= times_ms[-1]:
            return self._insert(points, value, at_ms)
        stretch_ms = self.stretch_ms
        if times_ms and times_ms[-1] // stretch_ms == at_ms // stretch_ms:
            times_ms, values = times_ms[:-1], values[:-1]
        first = bisect_left(times_ms, at_ms - self.keep_ms)
        return Points((*times_ms[first:], at_ms), (*values[first:], value))

    def _insert(self, points: Points, value: float, at_ms: int) -> Points:
        """With one that is not newer than all others."""
        times_ms, values = points.times_ms, points.values
        place = bisect_left(times_ms, at_ms)
        stretch = at_ms // self.stretch_ms
        if times_ms[place] == at_ms:
            if values[place] >= value:
                return points
            return Points(times_ms, (*values[:place], value, *values[place + 1 :]))
        if at_ms < times_ms[-1] - self.keep_ms or times_ms[place] // self.stretch_ms == stretch:
            return points
        before = place
        if before and times_ms[before - 1] // self.stretch_ms == stretch:
            before -= 1
        return Points((*times_ms[:before], at_ms, *times_ms[place:]), (*values[:before], value, *values[place:]))
