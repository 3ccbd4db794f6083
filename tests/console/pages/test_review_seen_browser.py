"""What the review shows of what waits, in a real browser: who said what, how it is now, on screens of all widths."""

import json
import os

import pytest

from cases.precision import Precision, Standing
from domain.case import LogEntry
from domain.ladder import NoticeRight
from domain.permission import Role
from domain.review import Done, Queue, Waiting
from tests.console.access.people import People
from tests.console.api.test_review_now import of_a_station
from tests.console.pages.seated import (
    READY,
    open_review,
    press,
    sent,
    sign_in,
    until,
)
from tests.console.reader import Client
from tests.fakes.axe import grave
from tests.fakes.chromium import BINARY, Tab
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import Invention
from tests.fakes.reviewing import waiting_case, waiting_finds

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


async def test_a_case_says_who_called_it_done_and_how_it_is_now(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People
) -> None:
    """One glance: within its limit or not, the reading and the limit, and the words of who reported it."""
    case = of_a_station(desk, city)
    desk.values[("charger", "charger-01", 3)] = {"residual_ma": (city.ago(1), 2.5)}
    facts: dict[str, str | float | int | None] = {"person": "赵工", "why": "换了线"}
    line = LogEntry(id=9, at_ms=city.ago(20), who="desk", what="case_reported", facts=facts, case_id=case.id)
    desk.review.all_done[case.id] = Done(reported=line)
    await sign_in(tab, door, people, Role.REVIEWER)
    await open_review(tab, door, query=f"?queue={Queue.VERIFY}")
    now = "document.querySelector('[data-slot=now]')"
    said = await tab.run(f"{now}.textContent")
    assert "在限值以内" in said
    assert "漏电流 2.5 mA" in said
    assert "限值 15 mA" in said
    assert "赵工" in await tab.run("document.querySelector('[data-slot=done]').textContent")
    assert await tab.run("document.querySelector('[data-slot=done-words]').textContent") == "换了线"
    assert await grave(tab) == []
    desk.values[("charger", "charger-01", 3)] = {"residual_ma": (city.ago(1), 38.0)}
    await open_review(tab, door, query=f"?queue={Queue.VERIFY}")
    assert await tab.run(f"{now}.classList.contains('bad')")
    assert tab.complaints == []


async def test_a_case_is_verified_and_closed(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People
) -> None:
    """With the version that was seen, and then with the one that came of it."""
    waiting_case(desk, city)
    await sign_in(tab, door, people, Role.REVIEWER)
    await open_review(tab, door, query=f"?queue={Queue.VERIFY}")
    await press(tab, "y")
    await sent(tab, 1)
    assert [(order.act, order.version) for order in desk.case_orders] == [("verify", 1), ("close", 2)]


@pytest.mark.parametrize("of_a_shop", [True, False])
async def test_only_of_a_shop_it_says_how_the_last_ones_ended(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People, of_a_shop: bool
) -> None:
    """Of a tree or a station nobody looked for others: it does not say that there were none."""
    alarm = next(one for one in desk.all_alarms if (one.shop_id is not None) is of_a_shop)
    since_ms, due_ms = city.ago(20), city.ago(-100)
    desk.review.all_waiting.append(
        Waiting(queue=Queue.LOOK, key=str(alarm.id), alarm=alarm, since_ms=since_ms, due_ms=due_ms)
    )
    await sign_in(tab, door, people, Role.ADMINISTRATOR)
    await open_review(tab, door, query=f"?queue={Queue.LOOK}")
    assert await tab.run("document.querySelector('.alike').checkVisibility()") is of_a_shop


@pytest.mark.parametrize(
    ("n", "judged", "wrong", "said"),
    [
        (0, 0, 0, "这一事项近期还没有人判过"),
        (22, 0, 0, "近期这一事项还没有人判过；已提醒 22 件，无人异议"),
        (24, 2, 1, "近期这一事项有人判过 2 件，其中 1 件不属实 · 另有 22 件已提醒，无人异议"),
    ],
)
async def test_it_says_what_people_judged_apart_from_what_was_told(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People, n: int, judged: int, wrong: int, said: str
) -> None:
    """Nobody objected is not that somebody said it is so."""
    judge = waiting_finds(desk, city, 1)
    measured = Precision(matter="09010", n=n, wrong=wrong, judged=judged, since_ms=0, enough=False, min_precision=0.8)
    judge.standings.append(Standing(right=NoticeRight(matter="09010"), precision=measured, confirm="auto"))
    await sign_in(tab, door, people, Role.OPERATOR)
    await open_review(tab, door)
    assert await tab.run("document.querySelector('[data-slot=right]').textContent") == said


@pytest.mark.parametrize("width", [390, 1440, 1920])
@pytest.mark.parametrize("dark", [False, True])
async def test_it_fits(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People, width: int, dark: bool
) -> None:
    """No sideways scrolling; on a phone every answer is as large as a thumb."""
    waiting_finds(desk, city, 3)
    await sign_in(tab, door, people, Role.OPERATOR)
    await tab.open(str(door.make_url("/review")), width=width, dark=dark)
    await until(tab, READY)
    assert await tab.run("document.documentElement.scrollWidth") == width
    if width == 390:
        seen = "[...document.querySelectorAll('.review-acts button')].filter(b => b.offsetWidth)"
        assert await tab.run(f"{seen}.filter(b => b.offsetHeight < 44).length") == 0
        await tab.run("document.querySelector('[data-act=no]').click()")
        small = "[...document.querySelectorAll('.reason-list button')].filter(b => b.offsetHeight < 44).length"
        assert await tab.run(small) == 0
        assert await tab.run("document.documentElement.scrollWidth") == width
    assert tab.complaints == []
    assert json.loads(await tab.run("review.dataset.words"))["yes"] == "属实"


@pytest.mark.parametrize("width", [390, 1440])
async def test_nothing_is_in_the_way_of_a_screen_reader(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People, width: int
) -> None:
    """With a find on the screen, with reasons to choose from, and with an alarm's dialog: axe finds nothing grave."""
    waiting_finds(desk, city, 3)
    await sign_in(tab, door, people, Role.ADMINISTRATOR)
    await open_review(tab, door, width)
    said = await tab.run("document.getElementById('review-live').textContent")
    assert said.startswith("非机动车乱停放，")
    assert said.endswith("还剩 2 件。")
    assert await grave(tab) == []
    await press(tab, "n")
    assert await tab.run("document.activeElement.dataset.reason") == "1"
    assert await grave(tab) == []
    await tab.open(str(door.make_url("/alarms/2")), width=width)
    await tab.run("document.querySelector('[data-opens=silence-dialog]').click()")
    assert await grave(tab) == []
