"""Deadlines on the page of a case: what had to be done until when, and whether it was."""

from typing import Any

import pytest
from msgspec.structs import replace

from config.load import Site
from console.pages.case_times import Times, times_of
from console.words import Words
from domain.case import Case, CaseState, LogEntry
from domain.clock import ManualClock
from tests.fakes.desk import FakeDesk

S = CaseState
MIN = 60_000


def line(case: Case, at_ms: int, state: CaseState, what: str = "case_said") -> LogEntry:
    """One that says where the case is from then on."""
    return LogEntry(id=at_ms, at_ms=at_ms, who="王工", what=what, facts={"state": state.value}, case_id=case.id)


@pytest.fixture
def case(desk: FakeDesk, clock: ManualClock) -> Case:
    """Opened an hour ago, due in an hour."""
    now_ms = clock.now_ms()
    return replace(desk.all_cases[2], opened_ms=now_ms - 60 * MIN, due_ms=now_ms + 60 * MIN, closed_ms=None)


def told(case: Case, lines: list[LogEntry], site: Site, clock: ManualClock) -> dict[str, tuple[str, str]]:
    """How each deadline stands."""
    return {limit.what: (limit.state, limit.said) for limit in times(case, lines, site, clock).limits}


def times(case: Case, lines: list[LogEntry], site: Site, clock: ManualClock) -> Times:
    return times_of(case, lines, site, Words(site, "en", clock.now_ms()))


def test_what_the_rules_filed_at_once_had_no_deadline_but_its_own(case: Case, site: Site, clock: ManualClock) -> None:
    """Collected, filed and dispatched in one breath: nobody had to be in time."""
    at = case.opened_ms
    lines = [line(case, at, state) for state in (S.PENDING_CHECK, S.PENDING_DISPATCH, S.PENDING_HANDLE)]
    now = replace(case, state=S.PENDING_HANDLE, state_ms=at)
    assert told(now, lines, site, clock) == {"handle": ("ahead", "1 h left")}


def test_each_step_is_kept_or_missed(case: Case, site: Site, clock: ManualClock) -> None:
    """Accepted in time (15 minutes), dispatched late, handled in time, and now too late to verify (30 minutes)."""
    at = case.opened_ms
    lines = [
        line(case, at, S.PENDING_CHECK),
        line(case, at + 5 * MIN, S.PENDING_DISPATCH),
        line(case, at + 25 * MIN, S.PENDING_HANDLE),
        line(case, at + 28 * MIN, S.PENDING_VERIFY),
    ]
    now = replace(case, state=S.PENDING_VERIFY, state_ms=at + 28 * MIN)
    found = told(now, lines, site, clock)
    assert {what: state for what, (state, _) in found.items()} == {
        "accept": "kept",
        "dispatch": "missed",
        "handle": "kept",
        "verify": "late",
    }
    assert found["dispatch"][1] == "5 min late"
    assert found["verify"][1] == "overdue by 2 min"


def test_a_case_that_is_opened_again_begins_anew(case: Case, site: Site, clock: ManualClock) -> None:
    """What was before is of another round."""
    at = case.opened_ms
    lines = [
        line(case, at, S.PENDING_CHECK),
        line(case, at + 5 * MIN, S.PENDING_VERIFY),
        line(case, at + 6 * MIN, S.CLOSED),
        line(case, at + 30 * MIN, S.RETURNED, "case_reopened"),
    ]
    found = times(replace(case, state=S.RETURNED), lines, site, clock)
    assert found.start_ms == at + 30 * MIN
    assert [limit.what for limit in found.limits] == ["handle"]
    assert found.limits[0].done_ms is None


@pytest.mark.parametrize(("late_min", "over"), [(-30, False), (0, False), (30, True)])
def test_the_bar_shows_what_was_past_the_deadline(
    case: Case, site: Site, clock: ManualClock, late_min: int, over: bool
) -> None:
    """And ends at the later of deadline and end."""
    closed = replace(case, state=S.CLOSED, closed_ms=case.due_ms + late_min * MIN)
    clock.advance(seconds=86_400)
    found = times(closed, [line(case, case.opened_ms, S.HANDLING)], site, clock)
    assert (found.over is not None) is over
    assert found.end_ms == max(case.due_ms, closed.closed_ms or 0)
    assert found.limits[-1].state == ("missed" if over else "kept")


def test_office_hours_are_told_apart_where_they_count(case: Case, site: Site, clock: ManualClock) -> None:
    """Of a limit in working hours; one that runs always has none."""
    day = 24 * 60 * MIN
    facts: dict[str, Any] = {"opened_ms": case.opened_ms, "due_ms": case.opened_ms + 3 * day}
    lines = [line(case, case.opened_ms, S.HANDLING)]
    working = times(replace(case, time_limit="4 working_hours", **facts), lines, site, clock)
    always = times(replace(case, time_limit="3 natural_days", **facts), lines, site, clock)
    assert working.working
    assert always.working == ()
    assert (working.limit_said, always.limit_said) == ("4 working hours", "3 natural days")
    assert times(replace(case, time_limit="soon"), lines, site, clock).limit_said == ""


def test_what_is_put_off_runs_out_of_no_time(case: Case, site: Site, clock: ManualClock) -> None:
    """Though its deadline has passed."""
    now = replace(case, state=S.DEFERRED, due_ms=clock.now_ms() - MIN)
    found = times(now, [line(case, case.opened_ms, S.DEFERRED)], site, clock)
    assert found.used is None
    assert [(limit.state, limit.said) for limit in found.limits] == [("ahead", "put off, not counted")]
