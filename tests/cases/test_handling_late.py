"""What time does to a case that people work at: leave, lateness, and steps that wait too long."""

import pytest

from domain.case import CaseState, ClosedReason
from domain.case_choice import CaseChoice
from domain.case_order import CaseAct
from domain.errors import OrderRefused
from domain.finding import Change
from domain.overdue import overdue
from tests.cases.city import Town, charger, clock_ms
from tests.cases.desks import Desk, as_replayed, own_lines, replayed, the_case

S, A = CaseState, CaseAct


def test_leave_stops_the_clock_and_the_day_starts_it_again(desk: Desk) -> None:
    """It had seven working hours left when it was put off, and has them from the day it goes on: six on that Friday,
    one on Monday. Nothing is late meanwhile."""
    town, case = desk.town, the_case(desk.town)
    assert case.due_ms == clock_ms("24 09:00")
    desk.order(A.TAKE, case, clock_ms("23 09:40"))
    desk.order(A.DEFER, case, clock_ms("23 10:00"), until_ms=clock_ms("27 10:00"), why="等材料")
    town.tick(clock_ms("27 09:59"))
    assert not overdue(the_case(town), clock_ms("27 09:59"))

    assert town.tick(clock_ms("27 10:00"))[-1] == "case_resumed"
    case = the_case(town)
    assert (case.state, case.handler, case.deferred_until_ms) == (S.PENDING_HANDLE, "王工", None)
    assert case.due_ms == clock_ms("30 09:00")
    assert town.notices()[-1].step == "case_resumed"


def test_an_emergency_is_not_put_off(town: Town) -> None:
    """What lives depend on."""
    town.record(charger(Change.RAISED, clock_ms("23 09:00")))
    with pytest.raises(OrderRefused, match="is an emergency"):
        Desk(town).order(A.DEFER, the_case(town), clock_ms("23 09:10"), until_ms=clock_ms("27 10:00"))


def test_a_leave_has_an_end_that_somebody_will_see(desk: Desk) -> None:
    """Ninety days unless the site says otherwise; a case that sleeps for good is late for nobody."""
    case, now_ms, day_ms = the_case(desk.town), clock_ms("23 10:00"), 86_400_000
    for until_ms in (now_ms + 90 * day_ms + 1, 253_402_214_400_000, 10**17):
        with pytest.raises(OrderRefused, match=r"at most 90 days \(deadlines.longest_leave\), until 2027-02-21"):
            desk.order(A.DEFER, case, now_ms, until_ms=until_ms)
    assert desk.order(A.DEFER, case, now_ms, until_ms=now_ms + 90 * day_ms).state is S.DEFERRED


def test_late_is_a_fact_that_no_act_takes_away(desk: Desk) -> None:
    """Told once; it stays when the case is put off, closed, opened again and closed in time."""
    town, case = desk.town, the_case(desk.town)
    late_ms = case.due_ms + 60_000
    assert town.tick(late_ms)[-1] == "case_overdue"
    assert town.tick(late_ms + 60_000) == []
    assert the_case(town).overdue_ms == case.due_ms

    desk.order(A.DEFER, case, late_ms + 1, until_ms=late_ms + 86_400_000)
    resumed = desk.order(A.RESUME, case, late_ms + 2)
    assert (resumed.overdue_ms, resumed.due_ms) == (case.due_ms, case.due_ms)
    desk.order(A.CLOSE, case, late_ms + 3, reason=ClosedReason.NOT_REPRODUCED)
    again = desk.order(A.REOPEN, case, late_ms + 4, why="又倾斜了")
    assert again.due_ms > late_ms
    assert again.overdue_ms == case.due_ms
    done = desk.order(A.CLOSE, case, late_ms + 5, reason=ClosedReason.NOT_REPRODUCED)
    assert done.overdue_ms == case.due_ms
    assert overdue(done, late_ms + 6)


def test_closed_late_before_anybody_noticed_is_late(desk: Desk) -> None:
    """No process had marked it."""
    case = the_case(desk.town)
    closed = desk.order(A.CLOSE, case, case.due_ms + 1, reason=ClosedReason.NOT_REPRODUCED)
    assert closed.overdue_ms == case.due_ms
    assert desk.order(A.REOPEN, case, case.due_ms + 2).overdue_ms == case.due_ms


def test_what_was_reported_in_time_is_not_overdue_while_it_waits(desk: Desk) -> None:
    """The unit did what it had to; who has not looked is told of by the step. Sent back, what was not done is late."""
    town, case = desk.town, the_case(desk.town)
    desk.order(A.REPORT, case, case.due_ms - 17 * 60_000)
    late_ms = case.due_ms + 60_000
    assert "case_overdue" not in town.tick(late_ms)
    assert not overdue(the_case(town), late_ms)
    assert town.store.cases_page(CaseChoice(overdue=True), late_ms, limit=9).total == 0
    assert not any(overdue(one, late_ms) for one in town.store.standing_cases())

    desk.order(A.RETURN, case, late_ms, why="支撑没有装")
    assert town.tick(late_ms + 1)[-1] == "case_overdue"
    assert the_case(town).overdue_ms == case.due_ms


def test_what_was_reported_late_stays_overdue_while_it_waits(desk: Desk) -> None:
    """Whether a person reported it or a reading, before the clock had marked it."""
    case = the_case(desk.town)
    desk.order(A.REPORT, case, case.due_ms + 1)
    page = desk.town.store.cases_page(CaseChoice(overdue=True), case.due_ms + 2, limit=9)
    assert [one.overdue_ms for one in page.items] == [case.due_ms]
    assert [one.overdue_ms for one in desk.town.store.standing_cases()] == [case.due_ms]


def test_what_a_reading_ends_after_its_deadline_stays_overdue(town: Town) -> None:
    """No process had marked it, and its story says so."""
    town.record(charger(Change.RAISED, clock_ms("23 09:00")))
    case = the_case(town)
    town.record(charger(Change.RESOLVED, case.due_ms + 1))
    assert (the_case(town).state, the_case(town).overdue_ms) == (S.PENDING_VERIFY, case.due_ms)
    assert replayed(own_lines(town.store, case)) == as_replayed(the_case(town))


def test_a_step_that_waits_too_long_is_told_once(desk: Desk) -> None:
    """Half an hour to verify; the desk learns of it after that, and not again."""
    town, case = desk.town, the_case(desk.town)
    desk.order(A.REPORT, case, clock_ms("23 10:00"))
    assert town.tick(clock_ms("23 10:30")) == ["case_reported"]
    assert town.tick(clock_ms("23 10:31")) == ["case_step_late"]
    town.restart()
    assert town.tick(clock_ms("23 10:40")) == []
    assert [notice.step for notice in town.notices()].count("case_late_verify") == 1
    desk.order(A.RETURN, case, clock_ms("23 10:50"))
    desk.order(A.REPORT, case, clock_ms("23 11:00"))
    assert town.tick(clock_ms("23 11:31"))[-1] == "case_step_late"
