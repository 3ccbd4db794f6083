"""Which alarms somebody wants to see, and how a list of them is ordered."""

from enum import StrEnum

from msgspec import Struct

from domain.case import Alarm, silenced
from domain.finding import AlarmState, Severity


class Standing(StrEnum):
    """Whether it still goes on."""

    OPEN = "open"
    OVER = "over"
    ALL = "all"


class AlarmChoice(Struct, frozen=True, kw_only=True):
    """Those that fit all that is named; None fits all."""

    standing: Standing = Standing.OPEN
    severity: Severity | None = None
    kind: str | None = None
    """Of device, such as `charger`."""
    rule_id: str | None = None
    silenced: bool | None = None
    """Of open ones: only those that nobody is told of now, or only the others."""

    @property
    def by_rank(self) -> bool:
        """Open ones come worst first, all others newest first."""
        return self.standing is Standing.OPEN


def place_in_list(alarm: Alarm, choice: AlarmChoice, now_ms: int) -> tuple[int, int, int]:
    """By what a list is ordered, ascending: the rank where it counts, then the newest."""
    return (rank(alarm, now_ms) if choice.by_rank else 0, -alarm.since_ms if choice.by_rank else 0, -alarm.id)


def rank(alarm: Alarm, now_ms: int) -> int:
    """0 for the worst. What is silenced comes last, and what is not known to hold any more after what is."""
    mildness = len(Severity) - 1 - alarm.severity.rank
    return 100 * silenced(alarm, now_ms) + 10 * mildness + (alarm.state is AlarmState.STALE)
