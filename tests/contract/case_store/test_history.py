"""The past as the case store gives it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cases.kpi.lines import TOLD_OF
from domain.finding import Change
from tests.cases.city import Town, bikes, charger, clock_ms, make_site

DAY = 86_400_000
MORNING, NOON = clock_ms("09:00"), clock_ms("12:00")


@pytest.fixture
def town(url: str, tmp_path: Path) -> Iterator[Town]:
    """A morning: a shop told that corrects itself, one that hears nothing, and a charger's case that comes again."""
    town = Town(make_site(tmp_path / "site"), tmp_path, url)
    town.record(bikes(Change.RAISED, MORNING))
    town.record(bikes(Change.RESOLVED, MORNING + 900_000))
    town.sending = False
    town.record(bikes(Change.RAISED, MORNING + 3_600_000, zone="door-2"))
    town.record(charger(Change.RAISED, MORNING + 3_700_000))
    town.record(charger(Change.RESOLVED, MORNING + 3_800_000))
    town.record(charger(Change.RAISED, MORNING + 3_900_000))
    yield town
    town.store.close()


def test_it_holds_what_figures_need(town: Town) -> None:
    """Episodes, when they were first told of, cases, and the lines that were asked for."""
    past = town.store.history(MORNING, NOON, TOLD_OF)

    first, second = past.ladders
    assert past.told == {first.id: MORNING}
    assert second.shop_id == "S2"
    assert [case.matter for case in past.cases] == ["01054"]
    assert [line.what for line in past.lines] == ["case_reported_read", "case_returned"]
    assert past.since_ms == MORNING


def test_a_stretch_of_time_has_its_own_rows_only(town: Town) -> None:
    """From its first moment, without its last; a case also by its deadline, or by what happened to it."""
    assert town.store.history(MORNING + 1, NOON, TOLD_OF).told == {}
    assert len(town.store.history(MORNING + 1, MORNING + 3_600_000, TOLD_OF).ladders) == 0
    assert len(town.store.history(MORNING + 1, MORNING + 3_600_001, TOLD_OF).ladders) == 1
    (case,) = town.store.history(MORNING, NOON, TOLD_OF).cases
    assert town.store.history(case.due_ms, case.due_ms + 1, ()).cases == [case]
    assert town.store.history(case.due_ms + 1, case.due_ms + 2, ()).cases == []
    assert town.store.history(case.opened_ms + 1, case.opened_ms + 2, TOLD_OF).cases == [case]


def test_cases_opened_can_be_asked_for(town: Town) -> None:
    """By time, matter and whether they are open."""
    store = town.store
    (case,) = store.cases_opened(MORNING, NOON, limit=10)

    assert store.cases_opened(MORNING, NOON, limit=10, matters=["01054"], open_only=True) == [case]
    assert store.cases_opened(MORNING, NOON, limit=10, open_only=False) == []
    assert store.cases_opened(MORNING, NOON, limit=10, matters=["09010"]) == []
    assert store.cases_opened(case.opened_ms + 1, NOON, limit=10) == []
