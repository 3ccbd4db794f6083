"""Cases on the page: in time, late, and closed late."""

import pytest
from msgspec.structs import replace

from config.load import Site
from console.pages.cases import CaseCard, case_card
from console.pages.pictures import Pictures
from console.words import Words
from domain.case import Case, CaseStep
from domain.clock import ManualClock
from tests.console.reader import Client
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
    case = replace(closed, closed_ms=closed.due_ms + closed_after_ms)
    assert card_of(case, desk, site, clock).late is late
    clock.advance(seconds=365 * 86_400)
    assert card_of(case, desk, site, clock).late is late


def test_an_open_case_is_late_from_its_deadline_on(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Not at it."""
    case = replace(desk.all_cases[0], due_ms=clock.now_ms())
    assert not card_of(case, desk, site, clock).late
    clock.advance(seconds=0.001)
    assert card_of(case, desk, site, clock).late


async def test_the_page_of_a_case_says_so(client: Client, desk: FakeDesk) -> None:
    """Beside why it was closed."""
    at = next(n for n, case in enumerate(desk.all_cases) if case.step is CaseStep.CLOSED)
    case = desk.all_cases[at]
    async with client.get(f"/cases/{case.id}") as answer:
        assert "超时办结" not in await answer.text()
    desk.all_cases[at] = replace(case, closed_ms=case.due_ms + 1)
    async with client.get(f"/cases/{case.id}") as answer:
        assert "已结案 · 已解决 · 超时办结" in await answer.text()
