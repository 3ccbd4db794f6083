"""Long lists, a page at a time, on each database."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import pytest
from msgspec import Struct
from msgspec.structs import replace

from domain.case import Case, CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.choices import ContestChoice, LadderChoice, NoticeChoice, SilenceChoice, Waiting
from domain.errors import OrderRefused
from domain.finding import Severity
from domain.ground import Ground
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply
from domain.page import Page, cursor_of
from domain.silence import Silence
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, CASE, LADDER, NOTICE
from tests.fakes.case_pages import fits, in_order

Noun = TypeVar("Noun", bound=Struct)
NOW_MS = 1_000
SILENCE = Silence(id=0, rule_id="bike", who="王工", why="festival", from_ms=1, until_ms=9, given_ms=1)
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
    "states": CaseChoice(states=frozenset({CaseState.HANDLING, CaseState.RETURNED})),
    "states of both sides": CaseChoice(states=frozenset({CaseState.CLOSED, CaseState.RETURNED})),
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


HOLLOW = cursor_of("cases.newest", (0, 1, "2026\0"))  # PostgreSQL has no such text


@pytest.mark.parametrize(
    "cursor", ["", "x", "!!", "bnVsbA", "WzFd", "WyJjYXNlcy5kdWUiLDEsMiwieCJd", "A" * 2000, HOLLOW]
)
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


@dataclass
class Street:
    """A store with a shop of the keeper's, and one elsewhere, that were told and have contested."""

    store: CaseStore


@pytest.fixture
def street(store: CaseStore) -> Street:
    """Twelve ladders by turns at S1 (theirs), S2 (elsewhere) and at no shop before C1 (theirs) and C2 (elsewhere)."""
    spots = [("C1", "S1"), ("C1", "S2"), ("C1", None), ("C2", None)]
    with store.transaction() as tx:
        for number in range(12):
            camera_id, shop_id = spots[number % 4]
            place = {"subject": f"{camera_id}/{number}", "shop_id": shop_id}
            alarm = tx.add_alarm(replace(ALARM, device_id=camera_id, **place))
            ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id, camera_id=camera_id, **place))
            contest = ShopReply(
                id=0, ladder_id=ladder.id, shop_id=shop_id, matter="09010", kind=ReplyKind.CONTEST, given_ms=number
            )
            tx.add_reply(contest)
            tx.add_reply(replace(contest, kind=ReplyKind.CORRECTED))
            tx.add_notice(replace(NOTICE, key=f"l{number}", ladder_id=ladder.id, alarm_id=alarm.id))
            case = replace(CASE, id=str(number), alarm_id=alarm.id, ladder_id=ladder.id, device_id=camera_id)
            tx.add_case(replace(case, shop_id=None, sub_district="清源" if number == 3 else None))
            tx.add_notice(replace(NOTICE, key=f"c{number}", case_id=str(number), ladder_id=ladder.id))
            tx.add_silence(replace(SILENCE, sub_district="清源" if number % 2 else "新华"))
    return Street(store)


def every(turn: Callable[[str | None], Page[Noun]]) -> list[Noun]:
    """All that is on the pages, of which there are several."""
    found, cursor, pages = list[Noun](), None, 0
    while True:
        page = turn(cursor)
        found, cursor, pages = [*found, *page.items], page.next, pages + 1
        if cursor is None:
            assert page.total in {None, len(found)}
            assert pages > 1
            return found


def test_ladders_and_contests_of_a_keeper(street: Street) -> None:
    """Where their shop is, else where their camera is; newest first."""
    store = street.store
    ladders = every(lambda at: store.ladders_page(LadderChoice(ground=MINE), cursor=at, limit=4))
    assert [ladder.id for ladder in ladders] == [11, 9, 7, 5, 3, 1]
    contests = every(lambda at: store.contests_page(ContestChoice(ground=MINE), cursor=at, limit=4))
    assert [contest.ladder_id for contest in contests] == [11, 9, 7, 5, 3, 1]
    assert len(every(lambda at: store.contests_page(ContestChoice(), cursor=at, limit=5))) == 12
    with store.transaction() as tx:
        tx.save_ladder(replace(ladders[0], ended_ms=99, step=LadderStep.SELF_CORRECTED))
        tx.save_ladder(replace(ladders[1], step=LadderStep.CONFIRM))
        tx.save_ladder(replace(ladders[2], contested_ms=98))
    running = every(lambda at: store.ladders_page(LadderChoice(), cursor=at, limit=5))
    assert {ladder.id for ladder in running} == set(range(1, 13)) - {11}
    waiting = [store.ladders_page(LadderChoice(waiting=waits, open=False), limit=9).items for waits in Waiting]
    assert [[ladder.id for ladder in some] for some in waiting] == [[9], [7]]


PLACES = [(camera, shop) for camera in ("C1", "C2", "E1") for shop in ("S1", "S2", "gone", "gone too", None)]
"""Cameras and shops of the keeper's, of others, and shops that no register has any more."""


def _ladders(store: CaseStore, choice: LadderChoice, cursor: str | None) -> Page[Ladder]:
    return store.ladders_page(choice, cursor=cursor, limit=3)


@pytest.mark.parametrize("ground", [MINE, replace(MINE, shops=frozenset()), replace(MINE, elsewhere=frozenset())])
def test_ladders_of_a_keeper_are_counted(store: CaseStore, ground: Ground) -> None:
    """As many as there are, over and running, of all matters and of one."""
    chance = random.Random(7)
    lying = [chance.choice(PLACES) for _ in range(120)]
    with store.transaction() as tx:
        for number, (camera_id, shop_id) in enumerate(lying):
            place = {"subject": f"{camera_id}/{number}", "shop_id": shop_id, "matter": ("09010", "05001")[number % 2]}
            alarm = tx.add_alarm(replace(ALARM, device_id=camera_id, **place))
            ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id, camera_id=camera_id, **place))
            if number % 3:
                tx.save_ladder(replace(ladder, ended_ms=99, step=LadderStep.SELF_CORRECTED))
    for matter in (None, "05001"):
        choice = LadderChoice(open=False, ground=ground, matter=matter)
        theirs = {
            number
            for number, (camera, shop) in enumerate(lying)
            if shop in ground.shops or (camera in ground.devices and shop not in ground.elsewhere)
        }
        found = every(partial(_ladders, store, choice))
        assert [ladder.id - 1 for ladder in found] == sorted(
            (number for number in theirs if matter is None or number % 2), reverse=True
        )
    assert store.ladders_page(
        LadderChoice(open=False, ground=replace(ground, devices=frozenset())), limit=1
    ).total == sum(shop in ground.shops for _, shop in lying)


def test_notices_and_silences_of_a_keeper(street: Street) -> None:
    """A notice lies where its case does, else where its ladder does."""
    store = street.store
    notices = every(lambda at: store.notices_page(NoticeChoice(ground=MINE), cursor=at, limit=4))
    of_ladders = {f"l{number}" for number in range(12) if number % 4 in {0, 2}}
    of_cases = {f"c{number}" for number in range(12) if number % 4 != 3 or number == 3}
    assert {notice.key for notice in notices} == of_ladders | of_cases
    assert [notice.id for notice in notices] == sorted((notice.id for notice in notices), reverse=True)
    one = every(lambda at: store.notices_page(NoticeChoice(case_id="3"), cursor=at, limit=1))
    assert [notice.key for notice in one] == ["c3", "l3"]
    assert len(every(lambda at: store.notices_page(NoticeChoice(), cursor=at, limit=5))) == 24
    silences = every(lambda at: store.silences_page(SilenceChoice(ground=MINE), 5, cursor=at, limit=4))
    assert [silence.id for silence in silences] == [12, 10, 8, 6, 4, 2]
    assert store.silences_page(SilenceChoice(), SILENCE.until_ms, limit=4).items == []


def test_notices_of_few_are_found_a_stretch_at_a_time(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may have none, and be followed by others."""
    monkeypatch.setattr("storage.list_pages._AT_ONCE", 3)
    some = every(lambda at: street.store.notices_page(NoticeChoice(ground=MINE), cursor=at, limit=4))
    monkeypatch.undo()
    assert some == list(street.store.notices_page(NoticeChoice(ground=MINE), limit=99).items)
