"""How long something may take, in the units of the field."""

from dataclasses import dataclass
from enum import StrEnum


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


class Tier(StrEnum):
    """How a place is managed: A core streets, B the usual, C the outskirts. Cities draw them each for themselves."""

    A = "A"
    B = "B"
    C = "C"
