"""What is offered for a case is exactly what is accepted: each is tried on the real book."""

from typing import Any

import pytest
from msgspec.structs import replace

from cases.possible import Possibilities, Possible
from domain.case import Case, CaseState, ClosedReason
from domain.case_order import BEFORE_VERIFIED, CaseAct
from domain.errors import OrderRefused
from domain.finding import Change
from tests.cases.city import Town, charger, clock_ms, leaning
from tests.cases.desks import Desk, first_case, other_case, put, the_case

S, A = CaseState, CaseAct
NOW = clock_ms("23 11:00")
MORE: dict[CaseAct, dict[str, Any]] = {A.DEFER: {"until_ms": clock_ms("27 09:00")}, A.RATE: {"rating": 4}}


@pytest.fixture
def desk(town: Town) -> Desk:
    """A tree that leaned, and is straight again."""
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    town.record(leaning(Change.RESOLVED, clock_ms("23 09:30")))
    return Desk(town)


def possible(desk: Desk, case: Case, *others: Case) -> Possible:
    """As a page asks."""
    with desk.town.store.glance() as tx:
        return Possibilities(desk.town.site).of(tx, case, others, NOW)


def accepted(desk: Desk, case: Case, act: CaseAct, **more: Any) -> bool:
    """Whether the book takes an order; it is undone."""

    with desk.town.store.glance() as tx:
        try:
            desk.in_hand(tx, act, case, NOW, **more)
        except OrderRefused:
            return False
    return True


@pytest.mark.parametrize("state", CaseState)
def test_what_is_offered_is_accepted_and_nothing_else_is(desk: Desk, state: CaseState) -> None:
    """Every act in every state, each with what it needs."""
    case, other = put(desk, state), other_case(desk)
    found = possible(desk, case, other)
    more = MORE | {A.MERGE: {"into": other.id}}
    for act in CaseAct:
        if act is A.CLOSE:
            continue
        assert (act in found.acts) is accepted(desk, case, act, **more.get(act, {})), (state, act)
    for reason in (ClosedReason.FIXED, *BEFORE_VERIFIED):
        assert (reason in found.reasons) is accepted(desk, case, A.CLOSE, reason=reason), (state, reason)
    assert (A.CLOSE in found.acts) is bool(found.reasons)
    for unit in (*found.units, "值班台", "红梅街道城管队"):
        if A.ASSIGN in found.acts:
            assert (unit in found.units) is accepted(desk, case, A.ASSIGN, unit=unit), (state, unit)


def test_the_usual_unit_stands_first(desk: Desk) -> None:
    """Of what nobody has; and what somebody has begun stays where it is."""
    assert possible(desk, put(desk, S.PENDING_DISPATCH)).units[0] == "天宁街道城管中队"
    case = replace(put(desk, S.HANDLING), unit="值班台")
    assert possible(desk, case).units == ("值班台",)


def test_what_stands_is_neither_verified_nor_closed_as_fixed(town: Town) -> None:
    """Until it is over; where nothing can see it, by somebody who says what they saw."""
    desk = Desk(town)
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    found = possible(desk, put(desk, S.PENDING_VERIFY))
    assert (A.VERIFY in found.acts, found.verify_needs_words) == (True, True)
    assert [alarm.device_id for alarm in found.standing] == ["T1"]

    town.record(leaning(Change.RENEWED, clock_ms("23 10:30")))
    assert A.VERIFY not in possible(desk, put(desk, S.PENDING_VERIFY)).acts
    reasons = sorted(BEFORE_VERIFIED - {ClosedReason.SELF_CORRECTED})
    assert possible(desk, put(desk, S.VERIFIED)).reasons == tuple(reasons)

    town.record(leaning(Change.RESOLVED, clock_ms("23 10:40")))
    found = possible(desk, put(desk, S.PENDING_VERIFY))
    assert (A.VERIFY in found.acts, found.verify_needs_words, found.standing) == (True, False, ())


def test_an_emergency_is_not_put_off(town: Town) -> None:
    """Lives depend on it."""
    town.record(charger(Change.RAISED, clock_ms("23 09:00")))
    found = possible(Desk(town), the_case(town))
    assert A.TAKE in found.acts
    assert A.DEFER not in found.acts


def test_a_second_of_the_same_is_not_opened_again(desk: Desk) -> None:
    """While another of the same matter and place is open."""
    closed = put(desk, S.CLOSED)
    assert A.REOPEN in possible(desk, closed).acts
    desk.town.record(leaning(Change.RAISED, clock_ms("23 10:30")))
    assert len(desk.town.store.cases()) == 2
    assert A.REOPEN not in possible(desk, first_case(desk)).acts


def test_only_what_is_of_the_same_is_offered_to_be_merged_into(desk: Desk) -> None:
    """Open, of the same matter, on the same road; with none there is nothing to merge."""
    case, other = put(desk, S.HANDLING), other_case(desk)
    assert possible(desk, case, other, case).into == (other,)
    for wrong in ({"matter": "09010"}, {"closed_ms": NOW}, {"device_id": "elsewhere"}):
        found = possible(desk, case, replace(other, **wrong))
        assert (found.into, A.MERGE in found.acts) == ((), False), wrong
