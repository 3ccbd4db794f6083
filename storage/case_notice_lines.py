"""Lines of the log about notices: that one went out, or was given up."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from domain.case import LogEntry
from domain.event import LOST
from domain.finding import Severity
from storage import case_tables as t
from storage.case_rows import to_row

_BY = "outbox"
"""Who writes these lines."""


def tell_of(connection: Connection, which: ColumnElement[bool], what: str, at_ms: int, error: str = "") -> None:
    """A line for each of these notices to people. To be called before they are marked.

    The notices are held until they are, so that of two who mark the same only the first finds it unmarked.
    """
    n, a = t.notices.c, t.alarms.c
    named = (n.id, n.recipient, n.channel, n.step, n.subject, n.alarm_id, n.ladder_id, n.case_id)
    joined = t.notices.outerjoin(t.alarms, a.id == n.alarm_id)
    query = select(*named, a.title_zh, a.title_en).select_from(joined).where(which, n.channel != t.MACHINES)
    held = query.order_by(n.id).with_for_update(of=t.notices)
    rows = [_row(row, what, at_ms, error) for row in connection.execute(held)]
    if rows:
        connection.execute(insert(t.log), rows)


def _row(row: Any, what: str, at_ms: int, error: str) -> dict[str, Any]:
    facts: dict[str, str | float | int | None] = {
        "notice_id": row.id,
        "recipient": row.recipient,
        "channel": row.channel,
        "step": row.step,
        "subject": row.subject,
        "title_zh": row.title_zh or row.subject,
        "title_en": row.title_en or row.subject,
        "case_id": row.case_id,
    }
    if what == LOST:
        facts |= {"error": error[:500], "severity": Severity.WARN.value}
    line = LogEntry(
        id=0,
        at_ms=at_ms,
        who=_BY,
        what=what,
        facts=facts,
        alarm_id=row.alarm_id,
        ladder_id=row.ladder_id,
        case_id=row.case_id,
    )
    return to_row(line, numbered=True)
