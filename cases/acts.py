"""What each act of a person makes of a case. Pure: no store, no clock, no words."""

from typing import Any

from msgspec.structs import replace

from domain.case import Case, CaseState, ClosedReason, moved
from domain.case_order import MOVES, CaseAct, CaseOrder
from domain.overdue import overdue


def changed(case: Case, order: CaseOrder, now_ms: int, *, unit: str, due_ms: int) -> Case:
    """The case after an act that is allowed in its state.

    `unit` is who has it afterwards if it is assigned, `due_ms` its deadline if it goes on or is opened again.
    """
    after = replace(moved(case, MOVES[order.act][case.state], now_ms), overdue_ms=overdue_since(case, now_ms))
    return replace(after, **_fields(after, case, order, now_ms, unit=unit, due_ms=due_ms))


def _fields(after: Case, case: Case, order: CaseOrder, now_ms: int, *, unit: str, due_ms: int) -> dict[str, Any]:
    if after.state.is_closed and not case.state.is_closed:
        reason = _reason(order)
        return {"closed_ms": now_ms, "closed_reason": reason, "duplicate_of": order.into, "deferred_until_ms": None}
    by_act: dict[CaseAct, dict[str, Any]] = {
        CaseAct.ASSIGN: {"unit": unit, "handler": order.handler or (case.handler if unit == case.unit else None)},
        CaseAct.TAKE: {"handler": order.handler or order.who},
        CaseAct.RETURN: {"reworks": case.reworks + 1, "cleared": None},
        CaseAct.SEND_BACK: {"handler": None},
        CaseAct.DEFER: {"deferred_until_ms": order.until_ms},
        CaseAct.RESUME: {"deferred_until_ms": None, "due_ms": due_ms},
        CaseAct.REOPEN: _open_again(case) | {"due_ms": due_ms},
        CaseAct.RATE: {"rating": order.rating, "rated_by": order.who},
    }
    return by_act.get(order.act, {})


def overdue_since(case: Case, now_ms: int) -> int | None:
    """An act may come before the clock has marked that the deadline is past: that is not lost with it."""
    return case.due_ms if case.overdue_ms is None and overdue(case, now_ms) else case.overdue_ms


def _reason(order: CaseOrder) -> ClosedReason | None:
    """Why it is closed; one that was never accepted has no such reason."""
    match order.act:
        case CaseAct.CLOSE:
            return order.reason or ClosedReason.FIXED
        case CaseAct.FORCE_CLOSE:
            return ClosedReason.FORCED
        case CaseAct.MERGE:
            return ClosedReason.DUPLICATE
        case _:
            return None


def _open_again(case: Case) -> dict[str, Any]:
    """Who has it, how often it was, and that it was late stay; the log keeps the rest."""
    closed = ("closed_ms", "closed_reason", "duplicate_of", "rating", "rated_by", "cleared", "deferred_until_ms")
    return dict.fromkeys(closed) | {"reopened": case.reopened + 1}


def facts_of(before: Case, after: Case, order: CaseOrder) -> dict[str, str | int | None]:
    """What the story keeps of an act: from which state to which, and all that it changed."""
    facts: dict[str, str | int | None] = {
        "person": order.who,
        "why": order.why.strip() or None,
        "was": before.state.value,
        "state": after.state.value,
        "unit": after.unit,
        "handler": after.handler,
    }
    if after.overdue_ms != before.overdue_ms:
        facts["overdue_ms"] = after.overdue_ms
    closed: dict[str, str | int | None] = {
        "reason": after.closed_reason.value if after.closed_reason else None,
        "into": order.into,
    }
    by_act: dict[CaseAct, dict[str, str | int | None]] = {
        CaseAct.CLOSE: closed,
        CaseAct.FORCE_CLOSE: closed,
        CaseAct.MERGE: closed,
        CaseAct.RETURN: {"reworks": after.reworks},
        CaseAct.DEFER: {"until_ms": order.until_ms, "due_ms": after.due_ms},
        CaseAct.RESUME: {"due_ms": after.due_ms, "due_before_ms": before.due_ms},
        CaseAct.REOPEN: _round_before(before) | {"due_ms": after.due_ms, "reopened": after.reopened},
        CaseAct.RATE: {"rating": after.rating},
    }
    return facts | by_act.get(order.act, {})


def _round_before(before: Case) -> dict[str, str | int | None]:
    """How it had ended: figures count each of its deadlines."""
    return {
        "due_before_ms": before.due_ms,
        "closed_before_ms": before.closed_ms,
        "reason_before": before.closed_reason.value if before.closed_reason else None,
    }


LET_GO = frozenset({ClosedReason.FALSE_POSITIVE, ClosedReason.NOT_REPRODUCED, ClosedReason.FORCED})
"""Closed for these reasons, a case takes its alarms with it: a person's word stands against them."""
DONE = frozenset({ClosedReason.FIXED, ClosedReason.SELF_CORRECTED})
"""Closed for these, none of them may stand on what was seen: it would not be so."""


def lets_go(case: Case) -> bool:
    """Whether what still stands of a case that was just closed is to end with it."""
    return case.state is CaseState.NOT_ACCEPTED or case.closed_reason in LET_GO | DONE
