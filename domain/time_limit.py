"""How long something may take, in the units of the field."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class TimeUnit(StrEnum):
    """What a limit is counted in."""

    MINUTES = "minutes"
    EMERGENCY_HOURS = "emergency_hours"  # 紧急工作时
    WORKING_HOURS = "working_hours"  # 工作时
    WORKING_DAYS = "working_days"  # 工作日
    NATURAL_DAYS = "natural_days"  # 自然日

    @property
    def is_continuous(self) -> bool:
        """Whether it runs through nights, weekends and holidays; else it stands still outside office hours."""
        return self not in {TimeUnit.WORKING_HOURS, TimeUnit.WORKING_DAYS}


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """So many units."""

    n: float
    unit: TimeUnit

    @property
    def nominal_h(self) -> float:
        """Hours, with eight to a working day: to compare limits by, not to count with."""
        return self.n * _HOURS[self.unit]


_HOURS: Final = {
    TimeUnit.MINUTES: 1 / 60,
    TimeUnit.EMERGENCY_HOURS: 1,
    TimeUnit.WORKING_HOURS: 1,
    TimeUnit.WORKING_DAYS: 8,
    TimeUnit.NATURAL_DAYS: 24,
}


class Tier(StrEnum):
    """How a place is managed: A core streets, B the usual, C the outskirts. Cities draw them each for themselves."""

    A = "A"
    B = "B"
    C = "C"
