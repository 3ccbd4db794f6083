"""Lines of the append-only log. `what` names a text `story.<what>`; the facts fill it."""

from config.load import Site
from domain.case import Alarm, LogEntry
from domain.fault import reach
from domain.finding import Evidence
from domain.ladder import Ladder

Fact = str | float | int | None


def line(
    who: str,
    what: str,
    now_ms: int,
    alarm: Alarm,
    *,
    ladder: Ladder | None = None,
    case_id: str | None = None,
    look: Evidence | None = None,
    **facts: Fact,
) -> LogEntry:
    """One line; every one says which rule in which version, and the look and its picture if there is one."""
    look = look or alarm.evidence
    reach(what)
    return LogEntry(
        id=0,
        at_ms=now_ms,
        who=who,
        what=what,
        facts={**_rule(alarm), **_look(look), **({"case_id": case_id} if case_id else {}), **facts},
        alarm_id=alarm.id,
        ladder_id=ladder.id if ladder else None,
        case_id=case_id,
    )


def raised(alarm: Alarm, site: Site, now_ms: int) -> LogEntry:
    """The first line of an alarm: what was seen, or read."""
    metric = site.metrics.get(alarm.metric or "")
    if alarm.evidence is not None:
        return line("rules", "alarm_seen", now_ms, alarm, since_ms=alarm.since_ms)
    if metric is None or metric.type == "bool" or alarm.value is None or alarm.limit is None:
        return line("rules", "alarm_raised", now_ms, alarm, since_ms=alarm.since_ms)
    return line(
        "rules",
        "alarm_read",
        now_ms,
        alarm,
        since_ms=alarm.since_ms,
        metric_zh=metric.zh,
        metric_en=metric.en,
        value=alarm.value,
        limit=alarm.limit,
        unit=metric.unit,
        limit_source=alarm.limit_source,
    )


def _rule(alarm: Alarm) -> dict[str, Fact]:
    return {
        "title_zh": alarm.title_zh,
        "title_en": alarm.title_en,
        "subject": alarm.subject,
        "severity": alarm.severity.value,
        "rule_id": alarm.rule_id,
        "rule_version": alarm.rule_version,
    }


def _look(look: Evidence | None) -> dict[str, Fact]:
    if look is None:
        return {"look_id": None, "picture": None, "taken_ms": None}
    return {"look_id": look.look_id, "picture": look.picture, "taken_ms": look.taken_ms}
