"""Two cases of the same: one is kept, the other closed as its duplicate."""

from typing import Any

from msgspec.structs import replace

from cases import story
from cases.emergency import is_the_desks
from cases.scene import scene_of
from cases.store import BookTransaction
from config.load import Site
from domain.case import Case, CaseState
from domain.case_order import CaseOrder
from domain.errors import OrderRefused


def refuse_merge(tx: BookTransaction, case: Case, order: CaseOrder, site: Site) -> None:
    """Raises OrderRefused where the other case can't stand for this one."""
    kept = tx.case(order.into or "")
    if kept is None:
        raise OrderRefused(f"there is no case {order.into}", "missing", "case_missing", case=order.into)
    if kept.closed_ms is not None:
        problem = f"case {kept.id} is {kept.state}; a case is merged into one that is open"
        raise OrderRefused(problem, "over", "merge_over", case=kept.id, state=kept.state)
    if kept.matter != case.matter:
        problem = f"case {kept.id} is of matter {kept.matter}, case {case.id} of {case.matter}"
        raise OrderRefused(problem, key="merge_matter", case=case.id, other=kept.id)
    if not same_place(case, kept, site):
        problem = f"case {kept.id} is elsewhere: not of the same device, shop or road as case {case.id}"
        raise OrderRefused(problem, key="merge_elsewhere", case=case.id, other=kept.id)
    if is_the_desks(case, site) and not is_the_desks(kept, site):
        problem = f"case {case.id} is an emergency, and case {kept.id} is none; merge that one into this"
        raise OrderRefused(problem, key="merge_emergency", case=case.id, other=kept.id)
    if kept.state is CaseState.DEFERRED and case.state is not CaseState.DEFERRED:
        problem = f"case {kept.id} is put off, and case {case.id} is not; resume it first"
        raise OrderRefused(problem, key="merge_deferred", case=kept.id)


def merged(tx: BookTransaction, case: Case, order: CaseOrder, now_ms: int) -> None:
    """The kept case is as grave as the graver, and due when the first of both was: merging gives nobody time."""
    kept, alarm = tx.case(order.into or ""), tx.alarm(case.alarm_id)
    if kept is None or alarm is None:
        return
    severity = max(kept.severity, case.severity, key=lambda one: one.rank)
    tx.save_case(replace(kept, severity=severity, due_ms=min(kept.due_ms, case.due_ms)))
    facts: dict[str, Any] = {"person": order.who, "why": order.why, "other": case.id}
    facts |= {"due_before_ms": kept.due_ms, "due_ms": min(kept.due_ms, case.due_ms)}
    tx.append_log(story.line(order.who, "case_merged_in", now_ms, alarm, case_id=kept.id, **facts))


def same_place(case: Case, kept: Case, site: Site) -> bool:
    """Whether both are of one device, one shop, or one road."""
    if case.device_id == kept.device_id or (case.shop_id is not None and case.shop_id == kept.shop_id):
        return True
    here, there = scene_of(case, site).location, scene_of(kept, site).location
    if here is None or there is None:
        return False
    return (here.district, here.sub_district, here.road) == (there.district, there.sub_district, there.road)
