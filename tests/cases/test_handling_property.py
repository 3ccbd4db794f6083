"""Whatever people order in whatever order: a case is never torn, and its lines alone say how it is."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import Site
from domain.case import Case, CaseState, ClosedReason
from domain.case_order import MOVES, CaseAct
from domain.errors import OrderRefused
from domain.finding import Change
from tests.cases.city import Town, clock_ms, leaning, make_site
from tests.cases.desks import Desk, as_replayed, own_lines, replayed

EVENTS = st.lists(
    st.tuples(
        st.sampled_from([1, 20, 240, 1500]),
        st.sampled_from([*CaseAct, *CaseAct, "tick", Change.RAISED, Change.RENEWED, Change.RESOLVED, Change.STALE]),
        st.sampled_from([None, *ClosedReason]),
        st.sampled_from([None, "园林所"]),
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One town for all examples."""
    return make_site(tmp_path_factory.mktemp("town"))


def words_of(act: CaseAct, reason: ClosedReason | None, unit: str | None, now_ms: int) -> dict[str, Any]:
    """What an act needs."""
    by_act: dict[CaseAct, dict[str, Any]] = {
        CaseAct.CLOSE: {"reason": reason},
        CaseAct.ASSIGN: {"unit": unit},
        CaseAct.DEFER: {"until_ms": now_ms + 3 * 86_400_000},
        CaseAct.RATE: {"rating": 3},
        CaseAct.MERGE: {"into": "202611233204009999"},
    }
    return by_act.get(act, {})


def give(desk: Desk, case: Case, act: CaseAct, now_ms: int, more: dict[str, Any]) -> None:
    """Done as the table says, or refused without a trace."""
    before = len(own_lines(desk.town.store, case))
    try:
        after = desk.order(act, case, now_ms, **more)
    except OrderRefused:
        assert desk.town.store.case(case.id) == case
        assert len(own_lines(desk.town.store, case)) == before
        return
    assert after.state is MOVES[act][case.state]
    assert len(own_lines(desk.town.store, case)) > before


@settings(max_examples=40, deadline=None)
@given(EVENTS)
def test_random_orders(site: Site, events: list[tuple[int, Any, ClosedReason | None, str | None]]) -> None:
    """Between them the tree leans and stands, and the clock goes on."""
    with tempfile.TemporaryDirectory() as folder:
        town = Town(site, Path(folder))
        town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
        desk, now_ms, versions = Desk(town), clock_ms("23 09:00"), dict[str, int]()
        late = dict[str, int]()
        for minutes, what, reason, unit in events:
            now_ms += minutes * 60_000
            if isinstance(what, CaseAct):
                case = max(town.store.cases(), key=lambda one: one.id)
                give(desk, case, what, now_ms, words_of(what, reason, unit, now_ms))
                town.obey(now_ms)
            elif isinstance(what, Change):
                town.record(leaning(what, now_ms))
            else:
                town.tick(now_ms)
            for case in town.store.cases():
                check(town, case, versions, late)
        town.store.close()


def check(town: Town, case: Case, versions: dict[str, int], late: dict[str, int]) -> None:
    """What always holds."""
    assert case.version >= versions.get(case.id, 0)
    versions[case.id] = case.version
    assert (case.closed_ms is not None) is case.state.is_closed
    assert (case.deferred_until_ms is not None) is (case.state is CaseState.DEFERRED)
    if case.id in late:
        assert case.overdue_ms == late[case.id]
    elif case.overdue_ms is not None:
        late[case.id] = case.overdue_ms
    assert replayed(own_lines(town.store, case)) == as_replayed(case)
