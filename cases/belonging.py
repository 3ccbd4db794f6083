"""Which alarms belong to which case."""

from collections.abc import Iterator

from cases.store import BookTransaction
from domain.case import Alarm, Case
from domain.finding import CasePolicy


def scope_of(alarm: Alarm) -> str | None:
    """What one case covers: a sensor's matter is the whole device's (None), a camera's is one frontage's."""
    return alarm.subject if alarm.policy is CasePolicy.LADDER else None


def case_of(tx: BookTransaction, alarm: Alarm) -> Case | None:
    """The open case that an alarm belongs to: its place's own or, where that was merged, the one that was kept."""
    if alarm.matter is None or alarm.policy is CasePolicy.NONE:
        return None
    found = tx.open_case(alarm.matter, device_id=alarm.device_id, subject=scope_of(alarm))
    if found is not None:
        return found
    merged = tx.merged_case(alarm.matter, device_id=alarm.device_id, subject=scope_of(alarm))
    kept = kept_of(tx, merged) if merged else None
    return None if kept is None or kept.closed_ms is not None else kept


def kept_of(tx: BookTransaction, case: Case) -> Case | None:
    """The case that a merged one is a part of now; None for one that was not merged."""
    kept = None
    while case.duplicate_of is not None and (further := tx.case(case.duplicate_of)) is not None:
        kept = case = further
    return kept


def parts_of(tx: BookTransaction, case: Case) -> Iterator[Case]:
    """A case, and all that were merged into it."""
    yield case
    for part in tx.cases_merged_into(case.id):
        yield from parts_of(tx, part)


def standing(tx: BookTransaction, case: Case) -> list[Alarm]:
    """The alarms of a case, and of what was merged into it, that are not over; oldest first."""
    places = {(part.matter, part.device_id, _scope(tx, part)) for part in parts_of(tx, case)}
    return [
        alarm
        for alarm in tx.every_open_alarm()
        if alarm.policy is not CasePolicy.NONE and (alarm.matter, alarm.device_id, scope_of(alarm)) in places
    ]


def _scope(tx: BookTransaction, case: Case) -> str | None:
    alarm = tx.alarm(case.alarm_id)
    return scope_of(alarm) if alarm else None
