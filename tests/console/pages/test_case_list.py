"""All cases: the board by who has to do something, the list, and what both are narrowed to by their address."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from console.pages.case_list import GROUPS, AskCasesPage, LookAs
from domain.case import CaseState, ClosedReason
from domain.case_choice import CaseSort
from domain.clock import ManualClock
from domain.finding import Severity
from domain.said import LONGEST_WHO
from tests.console.reader import Client, text_of
from tests.fakes.desk import FakeDesk

S = CaseState


def fill(desk: FakeDesk, clock: ManualClock, states: dict[CaseState, int]) -> None:
    """So many cases in each state, every third one late."""
    base, desk.all_cases = desk.all_cases[2], []
    for state, n in states.items():
        for one in range(n):
            number = len(desk.all_cases)
            desk.all_cases.append(
                replace(
                    base,
                    id=f"20260822320400{number:04}",
                    state=state,
                    title_zh=f"{state.value} {one}",
                    state_ms=clock.now_ms(),
                    due_ms=clock.now_ms() + (3_600_000 if one % 3 else -3_600_000),
                    overdue_ms=None if one % 3 else clock.now_ms() - 3_600_000,
                    opened_ms=clock.now_ms() - number * 1000,
                    closed_ms=clock.now_ms() - one * 1000 if state.is_closed else None,
                    closed_reason=ClosedReason.FIXED if state.is_closed else None,
                )
            )


def columns(page: str) -> dict[str, tuple[int, list[str]]]:
    """By their names: the number in each head, and the cases that are shown."""
    found = {}
    for part in page.split('data-key="column-')[1:]:
        name = part.partition('"')[0]
        total = re.search(r'class="count">([\d,]+)<', part)
        assert total
        shown = re.findall(r'data-key="case-(\d+)"', part.partition("</section>")[0])
        found[name] = (int(total[1].replace(",", "")), shown)
    return found


def test_every_state_has_its_column() -> None:
    """And only one."""
    assert sorted(state for group in GROUPS.values() for state in group) == sorted(CaseState)


async def test_the_board_counts_all_and_shows_thirty(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """Of each column; what is left out is one click away."""
    fill(desk, clock, {S.PENDING_CHECK: 20, S.PENDING_DISPATCH: 25, S.HANDLING: 3, S.CLOSED: 40})
    page = await text_of(client, "/cases")
    found = columns(page)
    assert {name: (total, len(shown)) for name, (total, shown) in found.items()} == {
        "dispatch": (45, 30),
        "hand": (3, 3),
        "verify": (0, 0),
        "deferred": (0, 0),
        "over": (40, 30),
    }
    links = [html.unescape(one) for one in re.findall(r'class="all-of"><a href="([^"]+)"', page)]
    assert len(links) == 2
    whole = await text_of(client, links[0])
    assert "共 45 起" in whole
    assert re.search(r"<h1>案件 <span class=\"count\">48</span>", page)


async def test_lately_closed_ones_stand_by_when_they_were_closed(
    client: Client, desk: FakeDesk, clock: ManualClock
) -> None:
    """Whenever they were opened."""
    fill(desk, clock, {S.CLOSED: 5})
    shown = columns(await text_of(client, "/cases"))["over"][1]
    by_closing = sorted(desk.all_cases, key=lambda case: -(case.closed_ms or 0))
    assert shown == [case.id for case in by_closing]


async def test_worst_first_and_late_in_red(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """With by how much."""
    fill(desk, clock, {S.HANDLING: 4})
    desk.all_cases[2] = replace(desk.all_cases[2], severity=Severity.CRITICAL)
    page = await text_of(client, "/cases?sort=worst")
    shown = columns(page)["hand"][1]
    assert shown[0] == desk.all_cases[2].id
    assert page.count('class="tile-due late"') == 2
    assert "已超期 1 小时" in page
    assert "2 起超期" in page


@pytest.mark.parametrize(
    ("query", "n"),
    [
        ("", 14),
        ("state=any", 20),
        ("state=over", 6),
        ("state=hand", 9),
        ("state=returned", 5),
        ("state=closed", 6),
        ("text=handling", 4),
        ("text=closed", 6),  # who looks for words means all that ever was
        ("overdue=1", 6),
        ("severity=critical", 0),
        ("unit=红梅街道城管队", 14),
        ("unit=nobody", 0),
        ("matter=09010", 14),
        ("text=nothing of the kind", 0),
    ],
)
async def test_the_list_holds_what_its_address_asks(
    client: Client, desk: FakeDesk, clock: ManualClock, query: str, n: int
) -> None:
    """On a board the same are counted."""
    fill(desk, clock, {S.HANDLING: 4, S.RETURNED: 5, S.PENDING_VERIFY: 5, S.CLOSED: 6})
    page = await text_of(client, f"/cases?look=list&{query}")
    assert len(re.findall(r'<tr data-key="case-', page)) == n
    assert f"共 {n} 起" in page
    assert f'<h1>案件 <span class="count">{n}</span>' in await text_of(client, f"/cases?{query}")


async def test_pages_follow_each_other(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """Every case once; and from any page back to the first."""
    fill(desk, clock, {S.HANDLING: 120})
    seen: list[str] = []
    path = "/cases?look=list&sort=due&state=handling"
    while path:
        page = await text_of(client, path)
        seen += re.findall(r'<tr data-key="case-(\d+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = html.unescape(following[1]) if following else ""
        if path:
            asked = parse_qs(urlsplit(path).query)
            assert (asked["look"], asked["sort"], asked["state"]) == (["list"], ["due"], ["handling"])
    assert len(seen) == len(set(seen)) == 120
    assert 'rel="first"' in page


@pytest.mark.parametrize(
    "query", ["state=lost", "look=cube", "sort=best", "after=x", "look=list&after=x", "severity=bad", "colour=red"]
)
async def test_what_cannot_be_asked_is_said(client: Client, query: str) -> None:
    """As wrong, not as nothing there; a cursor only where there are pages."""
    async with client.get(f"/cases?{query}", headers={"Accept": "text/html"}) as answer:
        assert answer.status == (200 if query == "after=x" else 400), await answer.text()


async def test_words_of_strangers_stay_words(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """In a title, and in what is looked for."""
    fill(desk, clock, {S.HANDLING: 1})
    desk.all_cases[0] = replace(desk.all_cases[0], title_zh="<script>alert(1)</script>", handler="x" * LONGEST_WHO)
    for look in LookAs:
        page = await text_of(client, f"/cases?look={look}&text=%3Cscript%3E")
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_an_address_says_only_what_differs() -> None:
    """So that it can be read, and shared."""
    asked = AskCasesPage(text="阿福 & 手机", overdue=True, sort=CaseSort.DUE, after="abc")
    assert asked.where() == "/cases?overdue=1&text=%E9%98%BF%E7%A6%8F+%26+%E6%89%8B%E6%9C%BA&sort=due"
    assert AskCasesPage().where() == "/cases"
    assert asked.where(overdue=False, text="", sort=CaseSort.WORST) == "/cases"
