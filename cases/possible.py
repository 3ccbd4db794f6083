"""What can be done with a case as it is now. Nothing is guessed: each order is tried, and none is carried out."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from cases.assignment import Assignment
from cases.belonging import standing
from cases.handling import Handling
from cases.merging import same_place
from cases.notices.letters import Letters
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm, Case, CaseState, ClosedReason
from domain.case_order import BEFORE_VERIFIED, CaseAct, CaseOrder, allowed
from domain.errors import OrderRefused

_SOMEBODY: Final = "-"
_SOON_MS: Final = 60_000
_REASONS: Final = (ClosedReason.FIXED, *sorted(BEFORE_VERIFIED))
_WITH_A_HAND: Final = frozenset({CaseState.RETURNED, CaseState.HANDLING})
"""What was begun stays with its unit until that sends it back."""


class Possible(Struct, frozen=True, kw_only=True):
    """The acts that are accepted now, and with what."""

    acts: tuple[CaseAct, ...] = ()
    reasons: tuple[ClosedReason, ...] = ()
    """With which it can be closed."""
    units: tuple[str, ...] = ()
    """To which it can be given; the first is the one that it would go to by itself."""
    into: tuple[Case, ...] = ()
    """Open cases of the same matter and place, into each of which it can be merged."""
    verify_needs_words: bool = False
    """Whether it can be verified only by somebody who says what they saw there."""
    standing: tuple[Alarm, ...] = ()
    """Its alarms that are not over; oldest first."""


class Possibilities:
    """Tries what a person could order. It remembers nothing."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._handling = Handling(site)
        self._assignment = Assignment(site, Letters(site))

    def of(self, tx: BookTransaction, case: Case, others: Iterable[Case], now_ms: int) -> Possible:
        """What can be done with a case. `others` are those that it may be the same as."""
        reasons = self._reasons(tx, case, now_ms)
        into = [other for other in others if self._can_be_merged(tx, case, other, now_ms)]
        verify = self._verify(tx, case, now_ms)
        by_more = {
            CaseAct.CLOSE: bool(reasons),
            CaseAct.MERGE: bool(into),
            CaseAct.VERIFY: verify is not None,
        }
        acts = tuple(
            act
            for act in allowed(case.state)
            if (by_more[act] if act in by_more else self._goes(tx, case, now_ms, act))
        )
        return Possible(
            acts=acts,
            reasons=reasons,
            units=self._units(case) if CaseAct.ASSIGN in acts else (),
            into=tuple(into),
            verify_needs_words=verify is True,
            standing=() if case.closed_ms is not None else tuple(standing(tx, case)),
        )

    def _goes(self, tx: BookTransaction, case: Case, now_ms: int, act: CaseAct, **more: Any) -> bool:
        if act is CaseAct.DEFER:
            more["until_ms"] = now_ms + _SOON_MS
        order = CaseOrder(case_id=case.id, act=act, who=_SOMEBODY, **more)
        try:
            self._handling.refuse(tx, case, order, now_ms)
        except OrderRefused:
            return False
        return True

    def _reasons(self, tx: BookTransaction, case: Case, now_ms: int) -> tuple[ClosedReason, ...]:
        if CaseAct.CLOSE not in allowed(case.state):
            return ()
        tried = ((reason, "" if reason is ClosedReason.FIXED else _SOMEBODY) for reason in _REASONS)
        return tuple(
            reason for reason, why in tried if self._goes(tx, case, now_ms, CaseAct.CLOSE, reason=reason, why=why)
        )

    def _verify(self, tx: BookTransaction, case: Case, now_ms: int) -> bool | None:
        """Whether it needs words; None if it can't be verified now."""
        if CaseAct.VERIFY not in allowed(case.state):
            return None
        if self._goes(tx, case, now_ms, CaseAct.VERIFY):
            return False
        return True if self._goes(tx, case, now_ms, CaseAct.VERIFY, why=_SOMEBODY) else None

    def _can_be_merged(self, tx: BookTransaction, case: Case, other: Case, now_ms: int) -> bool:
        if other.id == case.id or other.closed_ms is not None or other.matter != case.matter:
            return False
        near = CaseAct.MERGE in allowed(case.state) and same_place(case, other, self._site)
        return near and self._goes(tx, case, now_ms, CaseAct.MERGE, into=other.id, why=_SOMEBODY)

    def _units(self, case: Case) -> tuple[str, ...]:
        if case.state in _WITH_A_HAND:
            return (case.unit,)
        choices = self._assignment.choices(case)
        return choices if case.state is CaseState.PENDING_DISPATCH else tuple(dict.fromkeys((case.unit, *choices)))
