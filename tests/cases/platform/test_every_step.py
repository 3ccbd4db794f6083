"""Whatever happens to cases, whoever did it: every line of their stories has its event, in the same order."""

import re
import tempfile
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import Site
from domain.case_order import CaseAct
from domain.errors import OrderRefused
from domain.finding import Change
from domain.platform import PlatformEvent
from storage.case_store import CaseStore
from tests.cases.city import Town, bikes, charger, clock_ms, leaning, make_site, tree
from tests.cases.desks import Desk
from tests.cases.test_book_property import EVENTS, Event, happen

ROOT = Path(__file__).parents[3]
OURS = ("app", "cases", "config", "console", "domain", "ingest", "rules", "storage", "vision")


class ToldTown(Town):
    """A town whose platform is told of everything."""

    def __init__(self, site: Site, folder: Path) -> None:
        super().__init__(site, folder)
        self._told_at = f"sqlite:///{folder / 'cases.db'}"
        self._tell()

    def restart(self) -> None:
        """As after a crash between two transactions."""
        super().restart()
        self._tell()

    def _tell(self) -> None:
        self.store.close()
        self.store = CaseStore(self._told_at, platform=True)

    @property
    def told(self) -> list[PlatformEvent]:
        """All events, the oldest first."""
        return list(reversed(self.store.events(limit=10_000)))


def prove(town: ToldTown) -> None:
    """Each `case_…` line has its event, of the same case, time and person, and in the same order; each case's numbers
    have no gap; and the last event of a case tells it as it is."""
    lines = [
        (line.case_id, line.what, line.at_ms, line.who)
        for case in town.store.cases()
        for line in town.store.log(case_id=case.id)
        if line.what.startswith("case_")
    ]
    told = sorted(town.told, key=lambda event: event.case_id)
    events = [(event.case_id, event.what, event.body.at_ms, event.body.who) for event in told]
    assert sorted(lines, key=lambda line: str(line[0])) == [one for one in events if one[1] != "case_changed"]
    for case_id, of_case in groupby(told, key=lambda event: event.case_id):
        one_by_one = list(of_case)
        assert [event.sequence for event in one_by_one] == [*range(1, len(one_by_one) + 1)]
        assert one_by_one[-1].body.case == town.store.case(case_id)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("site"))


@settings(max_examples=12, deadline=None)
@given(events=EVENTS)
def test_whatever_happens_in_whatever_order(site: Site, events: list[Event]) -> None:
    """Invented days, with restarts and batches that come twice."""
    with tempfile.TemporaryDirectory() as folder:
        town = ToldTown(site, Path(folder))
        happen(town, events, rough=True)
        prove(town)
        town.store.close()


def test_a_day_on_which_much_happens(site: Site, tmp_path: Path) -> None:
    """A ladder that becomes a case, alarms that join it, get worse, are over, and come back."""
    town = ToldTown(site, tmp_path)
    town.record(bikes(Change.RAISED, clock_ms("10:00")), charger(Change.RAISED, clock_ms("10:00")))
    town.record(charger(Change.RAISED, clock_ms("10:01"), port=4), tree(Change.RAISED, clock_ms("10:01")))
    for minutes in range(5, 120, 5):
        now_ms = clock_ms("10:00") + minutes * 60_000
        town.record(bikes(Change.RENEWED, now_ms))
        town.tick(now_ms)
    town.record(bikes(Change.RESOLVED, clock_ms("13:00")), charger(Change.RESOLVED, clock_ms("13:00")))
    town.record(charger(Change.RESOLVED, clock_ms("13:01"), port=4))
    town.record(charger(Change.RAISED, clock_ms("13:30")))

    prove(town)
    told = {event.what for event in town.told}
    assert {"case_collected", "case_filed", "case_dispatched", "case_joined", "case_partly_over"} <= told
    assert {"case_reported_seen", "case_reported_read", "case_returned"} <= told
    assert "case_changed" not in told
    town.store.close()


@settings(max_examples=12, deadline=None)
@given(acts=st.lists(st.tuples(st.sampled_from(CaseAct), st.booleans()), max_size=25))
def test_whatever_people_do(site: Site, acts: list[tuple[CaseAct, bool]]) -> None:
    """Orders in any sequence, on two cases; those that cannot be do nothing, and nothing is told of them."""
    with tempfile.TemporaryDirectory() as folder:
        town = ToldTown(site, Path(folder))
        town.record(leaning(Change.RAISED, clock_ms("09:00")), charger(Change.RAISED, clock_ms("09:00")))
        desk, ids, now_ms = Desk(town), sorted(case.id for case in town.store.cases()), clock_ms("09:30")
        for act, first in acts:
            now_ms += 600_000
            more = {CaseAct.DEFER: {"until_ms": now_ms + 86_400_000}, CaseAct.RATE: {"rating": 4}}.get(act, {})
            with suppress(OrderRefused):
                desk.order(
                    act, ids[not first], now_ms, **more, **({"into": ids[first]} if act == CaseAct.MERGE else {})
                )
            town.tick(now_ms)
        prove(town)
        assert {event.body.who for event in town.told} <= {"book", "rules", desk.who}
        town.store.close()


def test_nothing_writes_cases_but_what_is_told() -> None:
    """Rows of cases are written where the transaction takes note of them, and nowhere else."""
    writes = re.compile(
        r"(?:\bcases\.insert\(|insert(?:_into)?\([^)]*\bcases\)|update\(t?\.?cases\)|delete\(t?\.?cases\))"
    )
    found = {
        str(path.relative_to(ROOT))
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        if writes.search(path.read_text(encoding="utf-8"))
    }

    assert found == {"storage/case_handling.py"}


def test_whoever_opens_a_site_s_book_tells_its_platform() -> None:
    """By `open_cases`, which knows whether there is one; only what makes a store of its own does not."""
    found = {
        str(path.relative_to(ROOT))
        for folder in OURS
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"(?<!class )\bCaseStore\(", path.read_text(encoding="utf-8"))
    }

    assert {name for name in found if not name.startswith(("app/bench/", "app/simulation/"))} == {
        "storage/case_opening.py"
    }
