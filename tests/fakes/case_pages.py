"""Pages of cases that are held in memory: the plain meaning of what the store does with indexes."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from domain.case import Case
from domain.case_choice import CaseChoice, CaseSort
from domain.page import Page, cursor_of, key_of

Item = TypeVar("Item")
_NAMED = ("state", "unit", "matter", "severity", "sub_district", "handler", "device_id", "shop_id")
_ORDERS: dict[CaseSort, Callable[[Case], tuple[bool | int, ...]]] = {
    CaseSort.OPEN: lambda case: (case.closed_ms is not None, -case.opened_ms),
    CaseSort.NEWEST: lambda case: (-case.opened_ms,),
    CaseSort.CLOSED: lambda case: (-(case.closed_ms or 0),),
    CaseSort.DUE: lambda case: (case.closed_ms is not None, case.due_ms),
    CaseSort.WORST: lambda case: (case.closed_ms is not None, -case.severity.rank, case.due_ms),
}


def fits(case: Case, choice: CaseChoice) -> bool:
    """Whether somebody wants to see it. Of a text only the case's own number and titles are looked at."""
    return (
        all(getattr(choice, name) in {None, getattr(case, name)} for name in _NAMED)
        and (not choice.states or case.state in choice.states)
        and choice.open in {None, case.closed_ms is None}
        and choice.overdue in {None, case.overdue_ms is not None}
        and (choice.opened_from_ms or 0) <= case.opened_ms
        and (choice.opened_to_ms is None or case.opened_ms < choice.opened_to_ms)
        and any((choice.text or "").lower() in told.lower() for told in (case.id, case.title_zh, case.title_en))
        and (choice.ground is None or choice.ground.holds(case.device_id, case.shop_id, case.sub_district))
    )


def in_order(cases: Sequence[Case], choice: CaseChoice, sort: CaseSort) -> list[Case]:
    """Those that fit; of what is equal the newest number comes first where the newest do, else the oldest."""
    if sort is CaseSort.CLOSED:
        cases = [case for case in cases if case.closed_ms is not None]
    newest_first = sort in {CaseSort.OPEN, CaseSort.NEWEST, CaseSort.CLOSED}
    by_number = sorted(cases, key=lambda case: case.id, reverse=newest_first)
    return sorted((case for case in by_number if fits(case, choice)), key=_ORDERS[sort])


def page_at(found: Sequence[Item], order: str, cursor: str | None, limit: int) -> Page[Item]:
    """A page of a list that nobody changes meanwhile."""
    start = 0 if cursor is None else int(key_of(cursor, order, int)[0])
    stop = start + limit
    follows = cursor_of(order, (stop,)) if stop < len(found) else None
    return Page(items=found[start:stop], next=follows, total=len(found))
