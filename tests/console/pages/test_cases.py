"""Cases on the page: in time, late, and closed late."""

import pytest
from msgspec.structs import replace

from config.load import Site
from console.city import overdue_of
from console.pages.case_tiles import Tiles
from console.pages.cases import CaseCard, case_card
from console.pages.pictures import Pictures
from console.words import Words
from domain.case import Case, CaseState, CaseStep
from domain.clock import ManualClock
from tests.console.reader import Client
from tests.fakes.cases import standing_of
from tests.fakes.desk import FakeDesk


def card_of(case: Case, desk: FakeDesk, site: Site, clock: ManualClock) -> CaseCard:
    """The case in words, now."""
    return case_card(case, [], site, Words(site, "en", clock.now_ms()), Pictures(desk))


@pytest.mark.parametrize(("closed_after_ms", "late"), [(-60_000, False), (0, False), (60_000, True)])
def test_a_case_that_was_closed_late_stays_late(
    desk: FakeDesk, site: Site, clock: ManualClock, closed_after_ms: int, late: bool
) -> None:
    """However long ago."""
    closed = next(case for case in desk.all_cases if case.step is CaseStep.CLOSED)
    late_ms = closed.due_ms if late else None
    case = replace(closed, closed_ms=closed.due_ms + closed_after_ms, overdue_ms=late_ms)
    assert card_of(case, desk, site, clock).late is late
    clock.advance(seconds=365 * 86_400)
    assert card_of(case, desk, site, clock).late is late


def test_an_open_case_is_late_from_its_deadline_on(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Not at it."""
    case = replace(desk.all_cases[0], due_ms=clock.now_ms())
    assert not card_of(case, desk, site, clock).late
    clock.advance(seconds=0.001)
    assert card_of(case, desk, site, clock).late


@pytest.mark.parametrize(
    ("state", "due_min", "marked", "late", "said"),
    [
        ("pending_verify", -3, False, False, "还剩 7 分钟"),
        ("pending_verify", -3, True, True, "已超期 · 还剩 7 分钟"),
        ("handling", -3, True, True, "已超期 3 分钟"),
        ("handling", 7, True, True, "已超期 · 还剩 7 分钟"),  # opened again, with a deadline anew
        ("verified", -3, False, False, "已核实"),
    ],
)
def test_a_row_and_a_page_say_overdue_where_it_is_counted(
    desk: FakeDesk, site: Site, clock: ManualClock, state: str, due_min: int, marked: bool, late: bool, said: str
) -> None:
    """Reported 17 minutes before its deadline it is overdue nowhere; its step has half an hour of its own."""
    now_ms, minute = clock.now_ms(), 60_000
    case = replace(
        desk.all_cases[2],
        state=CaseState(state),
        state_ms=now_ms - 23 * minute,
        due_ms=now_ms + due_min * minute,
        overdue_ms=now_ms - 3 * minute if marked else None,
    )
    words = Words(site, "zh-CN", now_ms)
    tile = Tiles(site, words, Pictures(desk)).of([case])[0]
    card = case_card(case, [], site, words, Pictures(desk))
    assert (tile.left, tile.overdue, tile.late) == (said, late, late)
    assert (card.left, card.late) == (said, late)
    assert overdue_of([standing_of(case)], now_ms) == late


async def test_the_page_of_a_case_says_so(client: Client, desk: FakeDesk) -> None:
    """Beside why it was closed."""
    at = next(n for n, case in enumerate(desk.all_cases) if case.step is CaseStep.CLOSED)
    case = desk.all_cases[at]
    async with client.get(f"/cases/{case.id}") as answer:
        assert "超期结案" not in await answer.text()
    desk.all_cases[at] = replace(case, closed_ms=case.due_ms + 1, overdue_ms=case.due_ms)
    async with client.get(f"/cases/{case.id}") as answer:
        assert "已结案 · 已解决 · 超期结案" in await answer.text()


async def test_what_was_reported_as_done_waits_to_be_verified(client: Client, desk: FakeDesk) -> None:
    """No first advice and no countdown of what is over: until when somebody has to have seen it."""
    case = next(case for case in desk.all_cases if case.state is CaseState.PENDING_VERIFY)
    async with client.get(f"/cases/{case.id}") as answer:
        text = await answer.text()
    assert '<p class="awaits"><b>待核实：请于 ' in text
    assert '<p class="advice">' not in text


def test_until_when_it_has_to_be_verified(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Half an hour from the report, not the deadline it was handled by; of one that is put off nothing presses."""
    now_ms = clock.now_ms()
    case = replace(desk.all_cases[0], state=CaseState.PENDING_VERIFY, state_ms=now_ms, due_ms=now_ms + 1)
    assert card_of(case, desk, site, clock).due_ms == now_ms + 1_800_000
    assert card_of(replace(case, state_ms=0), desk, site, clock).due_ms == now_ms + 1
    deferred = card_of(replace(case, state=CaseState.DEFERRED), desk, site, clock)
    assert (deferred.left, deferred.advice) == ("Put off with leave", None)


async def test_a_page_tells_who_has_it_and_how_often_it_came_back(client: Client, desk: FakeDesk) -> None:
    """State, person, re-work, second opening, and that it was late."""
    desk.all_cases[1] = replace(desk.all_cases[1], handler="赵六", reworks=2, reopened=1, overdue_ms=1_700_000_000_000)
    async with client.get(f"/cases/{desk.all_cases[1].id}") as answer:
        text = await answer.text()
    for said in ("处置中", "赵六", "返工 2 次，重新打开 1 次", "超期起点"):
        assert said in text
