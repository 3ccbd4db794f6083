"""What somebody may do with a case now: the table of moves, the permissions, and what the book would accept."""

from typing import Final

from msgspec import Struct

from cases.possible import Possible
from console.access.caller import Caller
from console.permits import PERMITS
from console.words import Words
from domain.case import Case, CaseState, ClosedReason
from domain.case_order import CaseAct
from domain.permission import MAY, Permission, Role

_NEXT: Final[dict[CaseState, tuple[CaseAct, ...]]] = {
    CaseState.PENDING_CHECK: (CaseAct.ACCEPT,),
    CaseState.PENDING_DISPATCH: (CaseAct.ASSIGN,),
    CaseState.PENDING_HANDLE: (CaseAct.TAKE,),
    CaseState.RETURNED: (CaseAct.TAKE,),
    CaseState.HANDLING: (CaseAct.REPORT,),
    CaseState.DEFERRED: (CaseAct.RESUME,),
    CaseState.PENDING_VERIFY: (CaseAct.VERIFY, CaseAct.RETURN),
    CaseState.VERIFIED: (CaseAct.CLOSE,),
    CaseState.CLOSED: (CaseAct.RATE,),
    CaseState.FORCE_CLOSED: (CaseAct.RATE,),
}
"""What usually comes next, the likeliest first."""
AT_ONCE: Final = frozenset({CaseAct.ACCEPT, CaseAct.TAKE})
"""One click and it is done: nothing is to be said, and nothing is lost by it."""
GRAVE: Final = frozenset({CaseAct.REFUSE, CaseAct.FORCE_CLOSE})


class Offer(Struct, frozen=True, kw_only=True):
    """One button."""

    act: str
    at_once: bool
    grave: bool
    only: str
    """The choices that are open now, by spaces, of a field that has more; empty for all."""
    field: str
    """The name of that field."""
    words_needed: bool


class Offers(Struct, frozen=True, kw_only=True):
    """All buttons of a case for somebody."""

    first: Offer | None
    """The obvious next one."""
    more: tuple[Offer, ...]
    waits: str
    """Who does what comes next, where it is not for whoever looks; empty if it is, or nothing is next."""


def needs(act: CaseAct) -> Permission:
    """The permission for an act: that of its address."""
    permit = PERMITS[f"POST /api/v1/cases/{{case_id}}/{act}"]
    if not isinstance(permit, Permission):
        raise TypeError(f"{act} is open to {permit}")
    return permit


def theirs(caller: Caller | None) -> tuple[CaseAct, ...]:
    """The acts that somebody may do at all."""
    return tuple(act for act in CaseAct if caller is not None and caller.may(needs(act)))


def offers(case: Case, possible: Possible, caller: Caller | None, words: Words) -> Offers:
    """The buttons, the obvious next one apart."""
    mine = theirs(caller)
    shown = [_offer(act, possible) for act in possible.acts if act in mine]
    usual = [act for act in _NEXT.get(case.state, ()) if act in possible.acts]
    first = next((one for act in usual for one in shown if one.act == act), None)
    if first is not None and first.act == CaseAct.CLOSE and ClosedReason.FIXED not in possible.reasons:
        first = None  # an alarm has come again: that it is done is not what comes next
    waits = ""
    if first is None and usual and caller is not None and usual[0] not in mine:
        roles = [words.term("role", role) for role in Role if needs(usual[0]) in MAY[role]]
        joined = words.say("case.roles_joint").join(roles)
        waits = words.say("case.waits", act=words.say(f"case.act.{usual[0]}"), roles=joined)
    return Offers(first=first, more=tuple(one for one in shown if one is not first), waits=waits)


def _offer(act: CaseAct, possible: Possible) -> Offer:
    only = {
        CaseAct.CLOSE: ("reason", " ".join(possible.reasons)),
        CaseAct.ASSIGN: ("unit", possible.units[0] if len(possible.units) == 1 else ""),
    }
    field, choices = only.get(act, ("", ""))
    return Offer(
        act=act.value,
        at_once=act in AT_ONCE,
        grave=act in GRAVE,
        only=choices,
        field=field if choices else "",
        words_needed=act is CaseAct.VERIFY and possible.verify_needs_words,
    )
