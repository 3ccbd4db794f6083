"""What a metric usually is at an hour of the day: the medians of that hour on the last days, learned value by value."""

import math
import struct
from collections.abc import Sequence
from datetime import datetime
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from rules.points import NO_POINTS, Points, Reach

_HOURS = 24
_REACH = Reach.of(3_600_000, 16)


class HourMedians(Struct, frozen=True):
    """A table of 24 hours by `days` days and the one that is being filled; a day in which nothing was heard is none.

    8 bytes a cell, NaN where nothing is known.
    """

    cells: bytes
    day: int
    """The ordinal of the day that is being filled."""
    hour: int
    column: int
    """Of that day, in the table."""
    points: Points = NO_POINTS
    """What was heard in this hour so far."""

    @classmethod
    def begun(cls, days: int, now: datetime) -> "HourMedians":
        """An empty one."""
        return cls(cells=_packed([math.nan] * _HOURS * (days + 1)), day=now.toordinal(), hour=now.hour, column=0)

    @property
    def days(self) -> int:
        """How many days are remembered, beside the one that is being filled."""
        return len(self.cells) // (8 * _HOURS) - 1

    def usual(self, hour: int, least: int) -> float | None:
        """The median over the days before this one at that hour; None if fewer than `least` of them are known."""
        row = _row(self.cells, hour, self.days + 1)
        known = [value for column, value in enumerate(row) if column != self.column and not math.isnan(value)]
        return median(known) if len(known) >= max(least, 1) else None

    def learn(self, value: float, at_ms: int) -> "HourMedians":
        """With one value more of the hour that `turned` has begun."""
        return replace(self, points=_REACH.put(self.points, value, at_ms))

    def turned(self, now: datetime) -> "HourMedians":
        """As of now, on the clocks there: what the last hour had is in the table, if that is over."""
        if (now.toordinal(), now.hour) == (self.day, self.hour):
            return self
        return replace(self._closed(now.toordinal()), hour=now.hour, points=NO_POINTS)

    def paused(self, now: datetime) -> "HourMedians":
        """As of now, with nothing to learn: the days so far grow no older by that."""
        return self if self.day == now.toordinal() else replace(self, day=now.toordinal())

    def _closed(self, day: int) -> "HourMedians":
        """With this hour's median in the table; and with the next column, if another day has begun."""
        days = self.days
        table = list(struct.unpack(f"<{_HOURS * (days + 1)}d", self.cells))
        if self.points.values:
            table[self.hour * (days + 1) + self.column] = median(self.points.values)
        if day == self.day:
            return replace(self, cells=_packed(table))
        if day - self.day > days:
            table = [math.nan] * len(table)
        column = (self.column + 1) % (days + 1)
        table[column :: days + 1] = [math.nan] * _HOURS
        return replace(self, cells=_packed(table), day=day, column=column)


def _row(cells: bytes, hour: int, width: int) -> Sequence[float]:
    return struct.unpack_from(f"<{width}d", cells, hour * width * 8)


def _packed(table: Sequence[float]) -> bytes:
    return struct.pack(f"<{len(table)}d", *table)
