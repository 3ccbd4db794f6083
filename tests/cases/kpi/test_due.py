"""Deadlines of cases that were put off or opened again: each counts, none is washed away."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from cases.kpi.due import DueCase
from cases.kpi.facts import Facts, facts_of
from config.load import Site
from domain.case import Case, ClosedReason, LogEntry
from domain.history import History
from tests.cases.city import make_site
from tests.cases.kpi.rows import DAY, case, line

FIXED = ClosedReason.FIXED


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "site")


def said(number: int, what: str, day: float, **facts: Any) -> LogEntry:
    """A line of case `a`."""
    return replace(line(number, what, round(day * DAY), case_id="a"), facts=facts)


def counted(site: Site, one: Case, *lines: LogEntry, as_of: float = 100) -> Facts:
    return facts_of(History(cases=[one], lines=lines), site, round(as_of * DAY))


def short(facts: Facts) -> list[tuple[float, bool, bool, bool]]:
    """(day, closed, on time, put off) of each deadline."""

    def row(due: DueCase) -> tuple[float, bool, bool, bool]:
        return due.at_ms / DAY, due.closed, due.on_time, due.deferred

    return [row(due) for due in facts.due]


def test_opened_again_it_counts_at_both_deadlines(site: Site) -> None:
    """It was closed in time, opened again and closed late: the first month's figure stays as it was."""
    again = said(
        1, "case_reopened", 10, due_before_ms=5 * DAY, closed_before_ms=4 * DAY, reason_before="fixed", due_ms=12 * DAY
    )
    one = case("a", DAY, 12 * DAY, closed_ms=13 * DAY, reason=FIXED)
    facts = counted(site, one, again)
    assert short(facts) == [(5, True, True, False), (12, True, False, False)]
    assert [(event.at_ms / DAY, event.reason) for event in facts.closed] == [(4, FIXED), (13, FIXED)]

    assert short(counted(site, one, again, as_of=9)) == [(5, True, True, False)]
    assert short(counted(site, one, again, as_of=12.5)) == [(5, True, True, False), (12, False, False, False)]


def test_late_is_not_washed_away_by_opening_again(site: Site) -> None:
    """Closed late, opened again, and closed in time of the new deadline."""
    again = said(
        1, "case_reopened", 10, due_before_ms=5 * DAY, closed_before_ms=6 * DAY, reason_before=None, due_ms=12 * DAY
    )
    one = case("a", DAY, 12 * DAY, closed_ms=11 * DAY, reason=FIXED)
    assert short(counted(site, one, again)) == [(5, True, False, False), (12, True, True, False)]


def test_leave_excuses_the_deadline_it_covers_and_no_other(site: Site) -> None:
    """Put off before its deadline, it counts as such there, and as any other at the one it has afterwards."""
    leave = said(1, "case_deferred", 4, until_ms=20 * DAY, due_ms=5 * DAY)
    on = said(2, "case_resumed", 20, due_before_ms=5 * DAY, due_ms=21 * DAY)
    one = case("a", DAY, 21 * DAY, closed_ms=22 * DAY, reason=FIXED)
    assert short(counted(site, one, leave, on)) == [(5, False, False, True), (21, True, False, False)]
    assert short(counted(site, one, leave, on, as_of=6)) == [(5, False, False, True)]


def test_leave_that_ended_before_the_deadline_leaves_one(site: Site) -> None:
    """The old one was never reached."""
    leave = said(1, "case_deferred", 2, until_ms=3 * DAY, due_ms=5 * DAY)
    on = said(2, "case_resumed", 3, due_before_ms=5 * DAY, due_ms=6 * DAY)
    one = case("a", DAY, 6 * DAY, closed_ms=4 * DAY, reason=FIXED)
    assert short(counted(site, one, leave, on)) == [(6, True, True, False)]


def test_leave_after_the_deadline_excuses_nothing(site: Site) -> None:
    """It was late before."""
    leave = said(1, "case_deferred", 6, until_ms=20 * DAY, due_ms=5 * DAY)
    on = said(2, "case_resumed", 20, due_before_ms=5 * DAY, due_ms=5 * DAY)
    one = case("a", DAY, 5 * DAY, closed_ms=22 * DAY, reason=FIXED)
    assert short(counted(site, one, leave, on)) == [(5, True, False, False)]
    assert short(counted(site, replace(one, closed_ms=None), leave, as_of=7)) == [(5, False, False, False)]
