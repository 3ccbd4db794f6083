"""Rows of an invented book."""

from domain.case import Case, CaseState, ClosedReason, LogEntry
from domain.finding import Severity
from domain.ladder import Ladder, LadderStep

DAY = 86_400_000


def ladder(
    number: int,
    at_ms: int,
    *,
    step: LadderStep = LadderStep.NOTICE_1,
    ended_ms: int | None = None,
    recheck_ms: int | None = None,
    shop_id: str | None = "S1",
    subject: str = "C1/door-1",
    matter: str = "09010",
) -> Ladder:
    """An episode."""
    return Ladder(
        id=number,
        alarm_id=number,
        subject=subject,
        matter=matter,
        camera_id="C1",
        shop_id=shop_id,
        step=step,
        started_ms=at_ms,
        recheck_ms=at_ms if recheck_ms is None else recheck_ms,
        ended_ms=ended_ms,
    )


def case(
    name: str,
    opened_ms: int,
    due_ms: int,
    *,
    closed_ms: int | None = None,
    reason: ClosedReason | None = None,
    ladder_id: int | None = None,
    shop_id: str | None = None,
    subject: str = "E1/3",
    device_id: str = "E1",
    matter: str = "01054",
) -> Case:
    """A case."""
    return Case(
        id=name,
        alarm_id=1,
        ladder_id=ladder_id,
        matter=matter,
        title_zh="事项",
        title_en="Something",
        subject=subject,
        kind="charger",
        device_id=device_id,
        shop_id=shop_id,
        severity=Severity.WARN,
        state=CaseState.PENDING_HANDLE if closed_ms is None else CaseState.CLOSED,
        unit="duty-desk",
        opened_ms=opened_ms,
        due_ms=due_ms,
        closed_ms=closed_ms,
        closed_reason=reason,
    )


def line(number: int, what: str, at_ms: int, *, case_id: str | None = None, ladder_id: int | None = None) -> LogEntry:
    """A line of the log."""
    return LogEntry(id=number, at_ms=at_ms, who="book", what=what, facts={}, case_id=case_id, ladder_id=ladder_id)
