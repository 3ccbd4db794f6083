"""Long lists, a page at a time, on each database."""

import random
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from domain.case import Case, CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.errors import OrderRefused
from domain.finding import Severity
from domain.ground import Ground
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, CASE
from tests.fakes.case_pages import fits, in_order

NOW_MS = 1_000
MINE = Ground(
    sub_districts=frozenset({"清源"}),
    shops=frozenset({"S1"}),
    devices=frozenset({"C1", "E1"}),
    elsewhere=frozenset({"S2"}),
)
CHOICES = {
    "all": CaseChoice(),
    "open": CaseChoice(open=True),
    "closed": CaseChoice(open=False),
    "state": CaseChoice(state=CaseState.HANDLING),
    "severity": CaseChoice(severity=Severity.CRITICAL, open=True),
    "unit and handler": CaseChoice(unit="园林", handler="王工"),
    "street": CaseChoice(sub_district="清源"),
    "matter of a camera": CaseChoice(matter="09010", device_id="C1"),
    "shop": CaseChoice(shop_id="S1"),
    "span": CaseChoice(opened_from_ms=20, opened_to_ms=40),
    "number": CaseChoice(text="0007"),
    "title": CaseChoice(text="misPARKED"),
    "wildcards are letters": CaseChoice(text="_%"),
    "keeper": CaseChoice(ground=MINE),
    "keeper of nothing": CaseChoice(
        ground=Ground(sub_districts=frozenset(), shops=frozenset(), devices=frozenset(), elsewhere=frozenset({"S1"}))
    ),
}


@dataclass
class Shelf:
    """A store, and the cases that were put into it."""

    store: CaseStore
    cases: list[Case]


@pytest.fixture
def shelf(store: CaseStore) -> Shelf:
    """A hundred cases of all sorts; many were opened, and fall due, in the same moment."""
    chance = random.Random(7)
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        cases = [a_case(chance, number, alarm.id) for number in range(100)]
        for case in cases:
            tx.add_case(case)
    return Shelf(store, cases)


def a_case(chance: random.Random, number: int, alarm_id: int) -> Case:
    """Any; what is in a closed state has been closed."""
    state, opened_ms = chance.choice(list(CaseState)), chance.randrange(10, 50)
    return replace(
        CASE,
        id=f"20261122320400{number:04d}",
        alarm_id=alarm_id,
        ladder_id=None,
        title_en=chance.choice(["Misparked", "Rubbish", "100% full_"]),
        state=state,
        severity=chance.choice(list(Severity)),
        unit=chance.choice(["城管中队", "园林"]),
        handler=chance.choice([None, "王工"]),
        sub_district=chance.choice([None, "清源", "新华"]),
        device_id=chance.choice(["C1", "C2", "E1"]),
        shop_id=chance.choice([None, "S1", "S2", "gone"]),
        opened_ms=opened_ms,
        due_ms=opened_ms + chance.randrange(1, 20),
        closed_ms=opened_ms + 5 if state.is_closed else None,
    )


def turned(shelf: Shelf, choice: CaseChoice, sort: CaseSort, limit: int) -> list[Case]:
    """Every page, one after another."""
    found, cursor = list[Case](), None
    while True:
        page = shelf.store.cases_page(choice, NOW_MS, sort=sort, cursor=cursor, limit=limit)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next
        if cursor is None:
            assert page.total == len(found)
            return found
        assert len(page.items) == limit


@pytest.mark.parametrize("sort", list(CaseSort))
def test_pages_hold_what_fits_in_its_order(shelf: Shelf, sort: CaseSort) -> None:
    """Each case once, whatever is chosen and however long the pages are."""
    for name, choice in CHOICES.items():
        meant = in_order(shelf.cases, choice, sort)
        assert turned(shelf, choice, sort, 7) == meant, name
        assert turned(shelf, choice, sort, 1000) == meant, name


def test_some_are_in_each_choice(shelf: Shelf) -> None:
    """The choices above choose: some, and not all."""
    sizes = {name: sum(fits(case, choice) for case in shelf.cases) for name, choice in CHOICES.items()}
    assert {name for name, n in sizes.items() if n == 0} == {"keeper of nothing", "wildcards are letters"}
    assert {name for name, n in sizes.items() if n == len(shelf.cases)} == {"all"}


def test_registers_say_who_is_named(shelf: Shelf) -> None:
    """A text that no case has in it finds those of shops and cameras that are called so."""
    choice = CaseChoice(text="人民路", named_shops=frozenset({"S2"}), named_devices=frozenset({"E1"}))
    found = turned(shelf, choice, CaseSort.NEWEST, 1000)
    assert {case.id for case in found} == {
        case.id for case in shelf.cases if case.shop_id == "S2" or case.device_id == "E1"
    }


def test_late_ones_are_told_apart(shelf: Shelf) -> None:
    """Those that were ever past a deadline while open, and the others, are all there are."""
    late, others = (turned(shelf, CaseChoice(overdue=so), CaseSort.NEWEST, 9) for so in (True, False))
    assert len(late) + len(others) == len(shelf.cases)
    assert all(case.closed_ms is None or case.due_ms < case.closed_ms for case in late)


def test_what_comes_meanwhile_moves_no_page(shelf: Shelf) -> None:
    """A newer case neither repeats one of the page before nor hides one of the next."""
    first = shelf.store.cases_page(CaseChoice(), NOW_MS, sort=CaseSort.NEWEST, limit=10)
    with shelf.store.transaction() as tx:
        tx.add_case(replace(shelf.cases[0], id="20261122320499999", opened_ms=999))
    second = shelf.store.cases_page(CaseChoice(), NOW_MS, sort=CaseSort.NEWEST, cursor=first.next, limit=10)
    meant = in_order(shelf.cases, CaseChoice(), CaseSort.NEWEST)[:20]
    assert [*first.items, *second.items] == meant


@pytest.mark.parametrize("cursor", ["", "x", "!!", "bnVsbA", "WzFd", "WyJjYXNlcy5kdWUiLDEsMiwieCJd", "A" * 2000])
def test_a_cursor_of_another_list_is_refused(shelf: Shelf, cursor: str) -> None:
    """And what is none at all."""
    with pytest.raises(OrderRefused, match="cursor"):
        shelf.store.cases_page(CaseChoice(), NOW_MS, sort=CaseSort.NEWEST, cursor=cursor, limit=10)


def test_states_are_counted(shelf: Shelf) -> None:
    """Of those that fit."""
    for name, choice in CHOICES.items():
        counted = shelf.store.cases_by_state(choice, NOW_MS)
        meant = [case.state for case in shelf.cases if fits(case, choice)]
        assert counted == {state: meant.count(state) for state in meant}, name
