"""What maps and figures ask of the case store: open cases in short, and what it counts by place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.case import CaseState
from domain.finding import Change
from domain.notice import NoticeState
from domain.standing import StandingCase
from tests.cases.city import Town, bikes, charger, clock_ms, make_site

MORNING, NOON = clock_ms("09:00"), clock_ms("12:00")


@pytest.fixture
def town(url: str, tmp_path: Path) -> Iterator[Town]:
    """A morning: a shop told that corrects itself, and a charger's case that comes again."""
    town = Town(make_site(tmp_path / "site"), tmp_path, url)
    town.record(bikes(Change.RAISED, MORNING))
    town.record(bikes(Change.RESOLVED, MORNING + 900_000))
    town.record(charger(Change.RAISED, MORNING + 3_700_000))
    yield town
    town.store.close()


def test_open_cases_in_short_are_the_open_cases(town: Town) -> None:
    """All that are open, and of each what its whole says."""
    whole = [case for case in town.store.cases() if case.closed_ms is None]
    short = town.store.standing_cases()
    names = StandingCase.__struct_fields__
    assert short == [StandingCase(**{name: getattr(case, name) for name in names}) for case in whole]
    assert [case.device_id for case in short] == ["E1"]
    assert short[0].state in CaseState


def test_moments_are_of_cases_closed_in_the_time(town: Town) -> None:
    """Of an open case none."""
    assert town.store.case_moments(MORNING, NOON, {"case_filed", "case_dispatched"}) == []


def test_alarms_are_counted_by_rule_and_place(town: Town) -> None:
    """Those raised in the time, and how many are open; at its end nothing more."""
    found = {one.device_id: one for one in town.store.alarm_tallies(MORNING, NOON)}
    assert {device: (one.n, one.open) for device, one in found.items()} == {"C1": (1, 0), "E1": (1, 1)}
    assert found["C1"].shop_id == "S1"
    assert {one.device_id for one in town.store.alarm_tallies(MORNING, MORNING + 3_700_000)} == {"C1"}
    assert town.store.alarm_tallies(NOON, NOON + 1) == []


def test_notices_are_counted_by_channel_state_and_place(town: Town) -> None:
    """As many as there are, each at the place of what it is about."""
    found = town.store.notice_tallies(MORNING, NOON)
    people = [one for one in town.store.notices() if one.channel != "command"]
    assert sum(one.n for one in found) == len(people) > 0
    assert {one.state for one in found} <= set(NoticeState)
    assert {one.device_id for one in found} <= {"C1", "E1"}
    assert town.store.notice_tallies(NOON, NOON + 1) == []
