"""Which limits hold for one subject, and when: plans may count for a time only."""

from bisect import bisect_right
from functools import lru_cache

from msgspec import Struct

from rules.alarm_life import Levels
from rules.limits import LevelLimits


class InForce(Struct, frozen=True):
    """The levels of one rule for one subject over all time. `starts_ms` are the moments at which they change."""

    starts_ms: tuple[float, ...]
    """The first is before all time."""
    each: tuple[Levels, ...]

    def at(self, at_ms: int) -> Levels:
        """The levels that hold at this event time."""
        if len(self.each) == 1:
            return self.each[0]
        return self.each[bisect_right(self.starts_ms, at_ms) - 1]

    @property
    def ever(self) -> tuple[LevelLimits, ...]:
        """Every level that holds at some time."""
        return tuple(level for levels in self.each for level in levels.levels)

    @property
    def low(self) -> float:
        """What lies above it, and below `high`, is quiet at all times: it raises no level."""
        return max(level.limits.low for level in self.ever)

    @property
    def high(self) -> float:
        """What lies below it, and above `low`, is quiet at all times."""
        return min(level.limits.high for level in self.ever)


@lru_cache(maxsize=4096)
def shared(starts: tuple[float, ...], each: tuple[tuple[LevelLimits, ...], ...]) -> InForce:
    """The same limits as one object: a city has thousands of subjects and few limits."""
    return InForce(starts, tuple(Levels(levels) for levels in each))
