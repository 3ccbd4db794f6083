"""Cases that are opened again, and cases that go on as one."""

from typing import Any

import pytest
from msgspec.structs import replace

from domain.case import CaseState, ClosedReason
from domain.case_order import CaseAct
from domain.errors import OrderRefused
from domain.finding import Change
from tests.cases.city import Town, bikes, clock_ms, leaning
from tests.cases.desks import Desk, own_lines, the_case

S, A = CaseState, CaseAct


def test_opened_again_it_reaches_who_had_it(desk: Desk) -> None:
    """The same unit, the same person, a new deadline by the calendar; and late again is told again."""
    town, case = desk.town, the_case(desk.town)
    desk.order(A.TAKE, case, clock_ms("23 10:00"))
    desk.order(A.CLOSE, case, clock_ms("23 10:30"), reason=ClosedReason.NOT_REPRODUCED, why="没有看到")
    again = desk.order(A.REOPEN, case, clock_ms("25 09:00"), who="李姐", why="市民再次反映")

    assert (again.state, again.unit, again.handler, again.reopened) == (S.RETURNED, case.unit, "王工", 1)
    assert (again.closed_ms, again.closed_reason) == (None, None)
    assert again.due_ms - clock_ms("25 09:00") == case.due_ms - case.opened_ms
    notice = town.notices()[-1]
    assert notice.step == "case_reopened"
    assert "处置人：王工）处置：市民再次反映" in str(notice.body["text_zh"])
    (line,) = [line for line in own_lines(town.store, case) if line.what == "case_reopened"]
    assert line.facts["closed_before_ms"] == clock_ms("23 10:30")
    assert line.facts["due_before_ms"] == case.due_ms
    assert town.tick(again.due_ms + 60_000)[-1] == "case_overdue"


def test_beside_a_new_case_none_is_opened_again(desk: Desk) -> None:
    """Of one matter at one place there is one open case."""
    town, case = desk.town, the_case(desk.town)
    desk.order(A.FORCE_CLOSE, case, clock_ms("23 10:00"))
    town.record(leaning(Change.RAISED, clock_ms("23 11:00")))
    with pytest.raises(OrderRefused, match=f"case {the_case(town).id} of the same matter and place is open"):
        desk.order(A.REOPEN, case, clock_ms("23 12:00"))


def test_merged_cases_go_on_as_one(town: Town) -> None:
    """What the other's alarm does counts for the case that was kept; it is over when both are."""
    town.record(bikes(Change.RAISED, clock_ms("23 09:00")), bikes(Change.RAISED, clock_ms("23 09:00"), zone="lane"))
    for at in ("23 09:15", "23 09:30", "23 09:45"):
        town.record(bikes(Change.RENEWED, clock_ms(at)), bikes(Change.RENEWED, clock_ms(at), zone="lane"))
    kept, same = sorted(town.store.cases(), key=lambda case: case.id)
    desk = Desk(town)
    closed = desk.order(A.MERGE, same, clock_ms("23 10:00"), into=kept.id, why="同一处")
    assert (closed.closed_reason, closed.duplicate_of) == (ClosedReason.DUPLICATE, kept.id)

    first = bikes(Change.RESOLVED, clock_ms("23 10:10"), zone=kept.subject.removeprefix("C1/"))
    assert "case_partly_over" in town.record(first)
    second = bikes(Change.RESOLVED, clock_ms("23 10:20"), zone=same.subject.removeprefix("C1/"))
    assert "case_reported_seen" in town.record(second)
    assert [case.state for case in town.store.cases()] == [S.PENDING_VERIFY, S.CLOSED]
    with pytest.raises(OrderRefused, match=f"case {kept.id} of the same matter and place is open"):
        desk.order(A.REOPEN, same, clock_ms("23 10:30"))


def test_merging_gives_nobody_time(town: Town) -> None:
    """The kept case is due when the first of both was, and as grave as the graver."""
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    desk = Desk(town)
    case = the_case(town)
    later = replace(case, id="202611233204000077", device_id="E1", subject="E1", due_ms=case.due_ms + 5_000)
    with town.store.transaction() as tx:
        tx.add_case(later)
    desk.order(A.MERGE, case, clock_ms("23 10:00"), into=later.id)
    kept = town.store.case(later.id)
    assert kept
    assert kept.due_ms == case.due_ms


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"matter": "09010"}, "is of matter 09010"),
        ({"state": S.CLOSED, "closed_ms": 1}, "is closed; a case is merged into one that is open"),
        ({"device_id": "X", "shop_id": None}, "is elsewhere"),
    ],
)
def test_what_is_not_the_same_is_not_merged(desk: Desk, other: dict[str, Any], says: str) -> None:
    """Another matter, another place, or over."""
    case = the_case(desk.town)
    with desk.town.store.transaction() as tx:
        tx.add_case(replace(case, id="1", **other))
    with pytest.raises(OrderRefused, match=says):
        desk.order(A.MERGE, case, clock_ms("23 11:00"), into="1")
    with pytest.raises(OrderRefused, match="there is no case 2"):
        desk.order(A.MERGE, case, clock_ms("23 11:00"), into="2")
