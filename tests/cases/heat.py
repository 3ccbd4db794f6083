"""A charger that runs hot, as rules tell of it at full hours."""

from domain.case import Alarm
from domain.finding import Change, Finding, Severity
from tests.cases.city import Town, charger, clock_ms

FILED = ["case_collected", "case_filed", "case_limit", "case_dispatched"]
EIGHT, NINE, TEN, ELEVEN, NOON = (clock_ms(f"{hour:02}:00") for hour in (8, 9, 10, 11, 12))


def hot(change: Change, at_ms: int, severity: Severity = Severity.WARN) -> Finding:
    """A warning about a charging station's port."""
    return charger(change, at_ms, severity=severity)


def only(town: Town) -> Alarm:
    """The one alarm there is."""
    (alarm,) = town.store.alarms(open_only=False)
    return alarm
