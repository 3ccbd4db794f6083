"""The review in a real browser: a hundred by keys, two at once, a network that fails, and second thoughts."""

import os
import time
from pathlib import Path

import psutil
import pytest

from config.load import Site
from domain.clock import ManualClock
from domain.permission import Role
from domain.review import Queue
from tests.console.access.people import People
from tests.console.pages.seated import (
    LINK,
    MOVED,
    open_review,
    press,
    sent,
    served,
    shown,
    shows,
    sign_in,
    until,
)
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import Invention
from tests.fakes.reviewing import ReviewJudge, waiting_contest, waiting_finds

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]
NOTE_WHAT_IS_FETCHED_AHEAD = (
    "const Made = Image; window.ahead = [];"
    " window.Image = function () { const one = new Made(); ahead.push(one); return one; };"
)


async def test_a_hundred_by_keys(door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People) -> None:
    """Each find gets exactly the answer that was given to it, and the picture of the next one was fetched while the
    one before was looked at."""
    judge = waiting_finds(desk, city, 100)
    await tab.call("Page.enable")
    await tab.call("Page.addScriptToEvaluateOnNewDocument", source=NOTE_WHAT_IS_FETCHED_AHEAD)
    await sign_in(tab, door, people, Role.OPERATOR)
    await open_review(tab, door)
    began, began_cpu_s, given, late = time.monotonic(), cpu_s(), {}, []
    for n in range(100):
        key = await shown(tab)
        if not await tab.run("(p => p.complete && p.naturalWidth > 0)(document.querySelector('[data-slot=picture]'))"):
            late.append(key)
        await until(tab, "ahead.length > 0 && ahead.every(one => one.complete)")  # so long it is looked at
        given[key] = "confirmed" if n % 4 else "rejected"
        await press(tab, "y" if n % 4 else "n")
        if not n % 4:
            await press(tab, "3")
        if n < 99:
            await until(tab, f"!{LINK}.endsWith('/{1000 + int(key)}')")
    took, took_cpu_s = time.monotonic() - began, cpu_s() - began_cpu_s
    await sent(tab, 100)
    print(f"\n100 finds by keyboard in {took:.1f} s, {took_cpu_s:.1f} s of processors, {len(late)} pictures late")  # noqa: T201 - how fast it went is what one wants to know
    assert {key: verdict for _, key, verdict, _ in judge.decided} == given
    assert len(judge.decided) == len(given) == 100
    assert {why for _, _, verdict, why in judge.decided if verdict == "rejected"} == {"路人、车辆经过"}
    assert len(late) <= 2, late  # the very first picture may still be on its way
    assert took_cpu_s < 60
    await until(tab, "!document.getElementById('review-none').hidden")
    assert "100" in await tab.run("document.querySelector('[data-slot=summary]').textContent")
    assert tab.complaints == []


def cpu_s() -> float:
    """What the console, which runs in this process, and the browser have taken of processors."""
    ours = psutil.Process()
    return sum(sum(one.cpu_times()[:2]) for one in (ours, *ours.children(recursive=True)))


async def test_second_thoughts(door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People) -> None:
    """U takes the last answer back while it waits, and puts its find on the screen again; what is put off comes back;
    Esc leaves the reasons."""
    judge = waiting_finds(desk, city, 3)
    await sign_in(tab, door, people, Role.OPERATOR)
    await open_review(tab, door)
    await shows(tab, "1")
    await press(tab, "y")
    await shows(tab, "2")
    await press(tab, "u")
    await shows(tab, "1")
    await press(tab, "n")
    await press(tab, "Escape")
    assert await tab.run("document.querySelector('[data-slot=reasons]').hidden")
    said = "document.getElementById('review-said').textContent"
    assert "已撤销" in await tab.run(said)
    await press(tab, "n")
    await press(tab, "1")
    await shows(tab, "2")
    assert await tab.run(said) == ""
    await press(tab, " ")
    await shows(tab, "3")
    await press(tab, "ArrowRight")
    await until(tab, "!document.querySelector('[data-act=again]').hidden")
    await press(tab, " ")
    await until(tab, "!document.getElementById('review-item').hidden")
    await shows(tab, "2")
    await press(tab, "y")
    await sent(tab, 3)
    assert sorted((key, verdict, why) for _, key, verdict, why in judge.decided) == [
        ("1", "rejected", "有许可"),
        ("2", "confirmed", ""),
        ("3", "confirmed", ""),
    ]


async def test_two_at_once(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People, tmp_path: Path
) -> None:
    """They do not look at the same find, and what one has decided is not shown to the other as undecided."""
    judge = waiting_finds(desk, city, 12)
    async with chromium(tmp_path / "second") as other:
        await sign_in(tab, door, people, Role.OPERATOR)
        await sign_in(other, door, people, Role.REVIEWER)
        await open_review(tab, door)
        await open_review(other, door)
        seen: dict[str, list[str]] = {"one": [], "other": []}
        while any([await tab.run("review.dataset.left > 0"), await other.run("review.dataset.left > 0")]):
            for name, at in (("one", tab), ("other", other)):
                if await at.run("document.getElementById('review-item').hidden"):
                    continue
                if not await at.run("document.querySelector('[data-slot=over]').hidden"):
                    await press(at, " ")
                    continue
                seen[name].append(await shown(at))
                await press(at, "y")
                await until(
                    at,
                    f"{MOVED} || !{LINK}.endsWith('/{1000 + int(seen[name][-1])}')",
                )
        await until(tab, "review.dataset.unsent === '0'")
        await until(other, "review.dataset.unsent === '0'")
    assert sorted(int(key) for _, key, _, _ in judge.decided) == list(range(1, 13))
    assert set(seen["one"]) & set(seen["other"]) == set()
    assert len(seen["other"]) > 2
    assert len(seen["one"]) > 2


async def test_somebody_else_was_faster(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People
) -> None:
    """It says who and how, and no key decides anything until the next one is asked for."""
    judge = waiting_finds(desk, city, 2)
    await sign_in(tab, door, people, Role.OPERATOR)
    await open_review(tab, door)
    judge.reject(1, who="李姐", why="有许可")
    await until(tab, "!document.querySelector('[data-slot=over]').hidden")
    assert await tab.run("document.querySelector('[data-slot=over-words]').textContent") == "李姐已判：不属实"
    await press(tab, "y")
    assert await shown(tab) == "1"
    await press(tab, " ")
    await until(tab, "document.querySelector('[data-slot=over]').hidden")
    await shows(tab, "2")
    assert len(judge.decided) == 1


async def test_an_answer_that_cannot_be_sent_is_kept(
    desk: FakeDesk, site: Site, clock: ManualClock, city: Invention, people: People, tab: Tab
) -> None:
    """While the service is away it stands on the screen as not sent; when it is back it is sent, once."""
    judge = waiting_finds(desk, city, 3)
    async with served(desk, site, clock, people) as door:
        await sign_in(tab, door, people, Role.OPERATOR)
        await open_review(tab, door)
        port = door.server.port
        await press(tab, "y")
        await shows(tab, "2")
    await press(tab, "y")
    await until(tab, "document.querySelectorAll('.review-tray li.failed').length === 2")
    assert (
        await tab.run("document.querySelector('[data-slot=unsent]').textContent") == "2 件还没有送出，请不要关掉这一页"
    )
    assert judge.decided == []
    async with served(desk, site, clock, people, port or 0):
        await sent(tab, 2)
    assert sorted(key for _, key, _, _ in judge.decided) == ["1", "2"]


async def test_leaving_the_page_sends_what_waits(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People
) -> None:
    """An answer that was given a moment before is not lost with the page, and is not given twice."""
    judge = waiting_finds(desk, city, 3)
    await sign_in(tab, door, people, Role.OPERATOR)
    await open_review(tab, door)
    await press(tab, "y")
    await open_review(tab, door)
    await until(tab, "review.dataset.unsent === '0'")
    assert [(key, verdict) for _, key, verdict, _ in judge.decided] == [("1", "confirmed")]
    await shows(tab, "2")


async def test_a_contest_with_a_photo_is_decided_by_keys(
    door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People
) -> None:
    """The photo stands beside the shop's words, B makes it large, and who saw it is written down; a digit decides."""
    waiting_contest(desk, city, 1)
    desk.pictures, desk.photo = city.pictures, next(iter(city.pictures.values())).read_bytes()
    judge = desk.judged = ReviewJudge(desk, city.now_ms)
    await sign_in(tab, door, people, Role.REVIEWER)
    await open_review(tab, door, query=f"?queue={Queue.CONTEST}")
    photo = "document.querySelector('[data-slot=photo-picture]')"
    await until(tab, f"{photo}.complete && {photo}.naturalWidth > 0")
    assert await tab.run(f"{photo}.getAttribute('src')") == "/shop-photos/1.jpg"
    assert await tab.run(f"{photo}.alt")
    assert {line[:3] for line in desk.seen} == {("shop:somewhere", "reviewer-1", "reply 1")}
    large = "document.querySelector('[data-slot=picture]')"
    for _ in range(3):
        await press(tab, "b")
    assert await tab.run(f"{large}.getAttribute('src')") == "/shop-photos/1.jpg"
    await press(tab, "b")
    assert "/evidence/" in await tab.run(f"{large}.getAttribute('src')")
    await press(tab, "n")
    await press(tab, "1")
    await sent(tab, 1)
    assert judge.decided == [("contest", "1", "dismissed", "画面清楚，确在门前")]
    assert tab.complaints == []
