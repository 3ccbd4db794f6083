"""What people order about a case, and which move each order is from which state."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from domain.case import CaseState, ClosedReason
from domain.said import wrong_words


class CaseAct(StrEnum):
    """What a person can do with a case."""

    ACCEPT = "accept"  # it is one (受理)
    REFUSE = "refuse"  # it is none (不予受理)
    ASSIGN = "assign"  # a unit, or a person of it, is to handle it (派遣)
    TAKE = "take"  # a person of the unit begins
    REPORT = "report"  # the unit says that it is done (处置反馈)
    RETURN = "return"  # it is not done: back to the same unit (返工)
    SEND_BACK = "send-back"  # the unit says that it is not theirs (退回)
    DEFER = "defer"  # put off with leave (缓办)
    RESUME = "resume"
    VERIFY = "verify"  # somebody has seen that it is done (核实)
    CLOSE = "close"
    FORCE_CLOSE = "force-close"
    MERGE = "merge"  # it is the same as another that is open
    REOPEN = "reopen"
    RATE = "rate"


_S = CaseState
MOVES: Final[Mapping[CaseAct, Mapping[CaseState, CaseState]]] = {
    CaseAct.ACCEPT: {_S.PENDING_CHECK: _S.PENDING_DISPATCH},
    CaseAct.REFUSE: {_S.PENDING_CHECK: _S.NOT_ACCEPTED, _S.PENDING_DISPATCH: _S.NOT_ACCEPTED},
    CaseAct.ASSIGN: {
        _S.PENDING_DISPATCH: _S.PENDING_HANDLE,
        _S.PENDING_HANDLE: _S.PENDING_HANDLE,
        _S.RETURNED: _S.RETURNED,
        _S.HANDLING: _S.HANDLING,
    },
    CaseAct.TAKE: {_S.PENDING_HANDLE: _S.HANDLING, _S.RETURNED: _S.HANDLING, _S.HANDLING: _S.HANDLING},
    CaseAct.REPORT: {
        _S.PENDING_HANDLE: _S.PENDING_VERIFY,
        _S.RETURNED: _S.PENDING_VERIFY,
        _S.HANDLING: _S.PENDING_VERIFY,
    },
    CaseAct.RETURN: {_S.PENDING_VERIFY: _S.RETURNED, _S.VERIFIED: _S.RETURNED},
    CaseAct.SEND_BACK: {
        _S.PENDING_HANDLE: _S.PENDING_DISPATCH,
        _S.RETURNED: _S.PENDING_DISPATCH,
        _S.HANDLING: _S.PENDING_DISPATCH,
    },
    CaseAct.DEFER: {_S.PENDING_HANDLE: _S.DEFERRED, _S.RETURNED: _S.DEFERRED, _S.HANDLING: _S.DEFERRED},
    CaseAct.RESUME: {_S.DEFERRED: _S.PENDING_HANDLE},
    CaseAct.VERIFY: {_S.PENDING_VERIFY: _S.VERIFIED},
    CaseAct.CLOSE: {
        _S.PENDING_DISPATCH: _S.CLOSED,
        _S.PENDING_HANDLE: _S.CLOSED,
        _S.RETURNED: _S.CLOSED,
        _S.HANDLING: _S.CLOSED,
        _S.DEFERRED: _S.CLOSED,
        _S.PENDING_VERIFY: _S.CLOSED,
        _S.VERIFIED: _S.CLOSED,
    },
    CaseAct.FORCE_CLOSE: {state: _S.FORCE_CLOSED for state in _S if not state.is_closed},
    CaseAct.MERGE: {state: _S.CLOSED for state in _S if not state.is_closed},
    CaseAct.REOPEN: {
        _S.NOT_ACCEPTED: _S.PENDING_CHECK,
        _S.CLOSED: _S.RETURNED,
        _S.FORCE_CLOSED: _S.RETURNED,
        _S.RATED: _S.RETURNED,
    },
    CaseAct.RATE: {_S.CLOSED: _S.RATED, _S.FORCE_CLOSED: _S.RATED},
}
"""The one table: by act, from which state it leads to which. What does not stand here cannot be."""

BEFORE_VERIFIED: Final = frozenset(
    {ClosedReason.SELF_CORRECTED, ClosedReason.NOT_REPRODUCED, ClosedReason.FALSE_POSITIVE, ClosedReason.TRANSFERRED}
)
"""What a case may be closed as that nobody has verified: there was nothing to be handled, or not by us."""
_REASONS: Final = BEFORE_VERIFIED | {ClosedReason.FIXED}
_NEEDS_WHY: Final = frozenset(CaseAct) - {CaseAct.ACCEPT, CaseAct.ASSIGN, CaseAct.TAKE, CaseAct.VERIFY, CaseAct.RATE}


class CaseOrder(Struct, frozen=True, kw_only=True):
    """A person's order about one case. Of its last seven fields each is for some acts only."""

    case_id: str
    act: CaseAct
    who: str
    why: str = ""
    """The reason, or what was done. Needed for all acts but accept, assign, take, verify, rate and close as fixed."""
    version: int | None = None
    """The version that the person saw; None: whatever it is now."""
    unit: str | None = None
    """Of `assign`: to whom; None: to the unit that has it, or the one it belongs to by the register."""
    handler: str | None = None
    """Of `assign` and `take`: the person; who takes it, unless somebody else is named."""
    reason: ClosedReason | None = None
    """Of `close`; None: fixed."""
    into: str | None = None
    """Of `merge`: the case that is kept."""
    until_ms: int | None = None
    """Of `defer`: the day on which it goes on."""
    rating: int | None = None
    """Of `rate`: 1 (bad) to 5 (good)."""


def allowed(state: CaseState) -> tuple[CaseAct, ...]:
    """What can be done with a case in this state."""
    return tuple(act for act, moves in MOVES.items() if state in moves)


def wrong_case_order(order: CaseOrder, now_ms: int) -> str | None:
    """Why there can't be such an order, whatever its case is like; None if there can."""
    act = order.act
    fixed = act is CaseAct.CLOSE and order.reason in {None, ClosedReason.FIXED}
    as_it_cannot = act is CaseAct.CLOSE and order.reason is not None and order.reason not in _REASONS
    past = order.until_ms is None or order.until_ms <= now_ms
    problems = (
        (not order.who.strip(), "say who orders it"),
        (act in _NEEDS_WHY and not fixed and not order.why.strip(), f"{act} needs a reason"),
        (as_it_cannot, f"no case is closed as {order.reason}; there is {', '.join(sorted(_REASONS))}"),
        (act is CaseAct.DEFER and past, "say until when it is put off: a time to come"),
        (act is CaseAct.MERGE and order.into in {None, order.case_id}, "say into which other case"),
        (act is CaseAct.RATE and order.rating not in range(1, 6), f"the rating is {order.rating}; 1 (bad) to 5 (good)"),
    )
    words = {"who": order.who, "why": order.why, "unit": order.unit, "handler": order.handler}
    return next((said for wrong, said in problems if wrong), None) or wrong_words(words) or _superfluous(order)


def _superfluous(order: CaseOrder) -> str | None:
    """What is said that this act does nothing with: whoever says it thinks of another."""
    given = {
        "a unit": (order.unit, {CaseAct.ASSIGN}),
        "a handler": (order.handler, {CaseAct.ASSIGN, CaseAct.TAKE}),
        "a reason to close": (order.reason, {CaseAct.CLOSE}),
        "another case": (order.into, {CaseAct.MERGE}),
        "a time": (order.until_ms, {CaseAct.DEFER}),
        "a rating": (order.rating, {CaseAct.RATE}),
    }
    for name, (value, acts) in given.items():
        if value is not None and order.act not in acts:
            return f"{order.act} takes no {name.partition(' ')[2]}; {name} is for {', '.join(sorted(acts))}"
    return None
