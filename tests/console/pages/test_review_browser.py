"""The review in a real browser: a hundred by keys, two at once, a network that fails, and second thoughts."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace as site_with
from pathlib import Path
from typing import Any

import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from config.console import Console
from config.load import Site
from console.access.passwords import Passwords
from console.server import make_app
from domain.clock import ManualClock
from domain.permission import Role
from domain.review import Queue
from tests.console.access.people import QUICK as HASHER
from tests.console.access.people import People, people_in
from tests.console.conftest import QUICK
from tests.console.reader import TOKEN, Client
from tests.fakes.axe import grave
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import Invention
from tests.fakes.reviewing import waiting_case, waiting_finds

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]
KEYS = {" ": ("Space", 32), "ArrowRight": ("ArrowRight", 39), "Enter": ("Enter", 13), "Escape": ("Escape", 27)}
MOVED = "document.getElementById('review-item').hidden || !document.querySelector('[data-slot=over]').hidden"
LINK = "document.querySelector('[data-slot=alarm-link]').pathname"
READY = "!document.getElementById('review-item').hidden && document.getElementById('live').classList.contains('on')"


@pytest.fixture
def people(tmp_path: Path, site: Site, clock: ManualClock) -> Iterator[People]:
    found = people_in(tmp_path, site, clock)
    yield found
    found.store.close()


@pytest.fixture
def city(site: Site, clock: ManualClock, tmp_path: Path) -> Invention:
    return Invention(site, clock.now_ms(), tmp_path)


@asynccontextmanager
async def served(
    desk: FakeDesk, site: Site, clock: ManualClock, people: People, port: int = 0
) -> AsyncIterator[Client]:
    """The console, with accounts."""
    settings = site.settings.model_copy(update={"console": Console(api_token=TOKEN, open="none")})
    opened = site_with(site, settings=settings)
    app = make_app(desk, opened, clock, accounts=people.store, passwords=Passwords(HASHER), rhythm=QUICK)
    async with TestClient(TestServer(app, port=port or None), cookie_jar=DummyCookieJar()) as client:
        yield client


@pytest.fixture
async def door(desk: FakeDesk, site: Site, clock: ManualClock, people: People) -> AsyncIterator[Client]:
    async with served(desk, site, clock, people) as client:
        yield client


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


async def sign_in(tab: Tab, door: Client, people: People, role: Role) -> None:
    started = await people.started(role)
    url = str(door.make_url("/"))
    await tab.call("Network.setCookie", name="longcheng_session", value=started.secret, url=url)


async def until(tab: Tab, condition: str, seconds: float = 20) -> None:
    """Wait until a JavaScript expression is true."""
    async with asyncio.timeout(seconds):
        await tab.run(f"""new Promise(done => {{
            const look = () => ({condition}) ? done(true) : setTimeout(look, 5);
            look();
        }})""")


async def press(tab: Tab, key: str) -> None:
    """One key, down and up, as a keyboard sends it."""
    code, number = KEYS.get(key, (f"Key{key.upper()}" if key.isalpha() else f"Digit{key}", ord(key.upper()[0])))
    facts: dict[str, Any] = {"key": key, "code": code, "windowsVirtualKeyCode": number}
    if len(key) == 1 or key == "Enter":
        facts["text"] = "\r" if key == "Enter" else key
    await tab.call("Input.dispatchKeyEvent", type="keyDown", **facts)
    await tab.call("Input.dispatchKeyEvent", type="keyUp", key=key, code=code, windowsVirtualKeyCode=number)


async def shown(tab: Tab) -> str:
    """The key of what is on the screen, by the link to its alarm."""
    return str(int((await tab.run("document.querySelector('[data-slot=alarm-link]').pathname")).split("/")[-1]) - 1000)


async def shows(tab: Tab, key: str) -> None:
    """Wait until this one is on the screen."""
    await until(tab, f"{READY} && {LINK}.endsWith('/{1000 + int(key)}')")


async def open_review(tab: Tab, door: Client, width: int = 1440, query: str = "") -> None:
    await tab.open(str(door.make_url("/review")) + query, width=width)
    await until(tab, READY)


async def sent(tab: Tab, n: int) -> None:
    """All has left the page, and so many were taken."""
    await until(tab, f"review.dataset.unsent === '0' && review.dataset.sent === '{n}'")


async def test_a_hundred_by_keys(door: Client, tab: Tab, desk: FakeDesk, city: Invention, people: People) -> None:
    """Each find gets exactly the answer that was given to it, and its picture was there before it was shown."""
    judge = waiting_finds(desk, city, 100)
    await sign_in(tab, door, people, Role.OPERATOR)
    await open_review(tab, door)
    began, given, late = time.monotonic(), {}, []
    for n in range(100):
        key = await shown(tab)
        if not await tab.run("(p => p.complete && p.naturalWidth > 0)(document.querySelector('[data-slot=picture]'))"):
            late.append(key)
        given[key] = "confirmed" if n % 4 else "rejected"
        await press(tab, "y" if n % 4 else "n")
        if not n % 4:
            await press(tab, "3")
        if n < 99:
            await until(tab, f"!{LINK}.endsWith('/{1000 + int(key)}')")
    took = time.monotonic() - began
    await sent(tab, 100)
    print(f"\n100 finds by keyboard in {took:.1f} s, {len(late)} pictures late")  # noqa: T201 - how fast it went is what one wants to know
    assert {key: verdict for _, key, verdict, _ in judge.decided} == given
    assert len(judge.decided) == len(given) == 100
    assert {why for _, _, verdict, why in judge.decided if verdict == "rejected"} == {"路人、车辆经过"}
    assert len(late) <= 2, late  # the very first picture may still be on its way
    assert took < 60
    await until(tab, "!document.getElementById('review-none').hidden")
    assert "100" in await tab.run("document.querySelector('[data-slot=summary]').textContent")
    assert tab.complaints == []


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
    await press(tab, "n")
    await press(tab, "1")
    await shows(tab, "2")
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
    await until(tab, "document.querySelectorAll('.review-tray li.failed').length === 2", 30)
    assert (
        await tab.run("document.querySelector('[data-slot=unsent]').textContent") == "2 件还没有送出，请不要关掉这一页"
    )
    assert judge.decided == []
    async with served(desk, site, clock, people, port or 0):
        await sent(tab, 2)
    assert [key for _, key, _, _ in judge.decided] == ["1", "2"]


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


async def test_an_alarm_is_taken_on_by_two_keys(door: Client, tab: Tab, desk: FakeDesk, people: People) -> None:
    """From the overview: the button, and the first reason; then the page says that it is on its way."""
    await sign_in(tab, door, people, Role.OPERATOR)
    await tab.open(str(door.make_url("/")), width=1440)
    await until(tab, "document.getElementById('live').classList.contains('on')")
    await tab.run("document.querySelector('[data-ack=\"1\"]').focus()")
    await press(tab, "Enter")
    await until(tab, "document.getElementById('ack-dialog').open")
    await press(tab, "Enter")
    await until(tab, "!document.getElementById('ack-dialog').open")
    assert [(order.kind, order.alarm_id, order.who, order.why) for order in desk.orders] == [
        ("ack", 1, "operator-1", "已看到，正在处理")
    ]
    desk.touch()
    await until(tab, "document.querySelector('#alarms').textContent.includes('正在生效')")
    assert await tab.run("document.querySelector('[data-ack=\"1\"]')") is None


async def test_a_sub_district_is_silenced_and_the_silence_ended(
    door: Client, tab: Tab, desk: FakeDesk, people: People, clock: ManualClock
) -> None:
    """Only what was chosen is said: not the subject or the rule too, and nothing critical unless it is ticked."""
    clock.advance(seconds=time.time() - clock.now_ms() / 1000)  # the browser's own clock says until when
    await sign_in(tab, door, people, Role.OPERATOR)
    await tab.open(str(door.make_url("/alarms/3")), width=1440)
    await until(tab, "document.getElementById('live').classList.contains('on')")
    await tab.run("document.querySelector('[data-opens=silence-dialog]').click()")
    await tab.run("""(() => {
        const set = (id, value) => {
            const field = document.getElementById(id);
            field.value = value;
            field.dispatchEvent(new Event("input", { bubbles: true }));
        };
        set("silence-cover", "sub_district");
        set("silence-for", "480");
        set("silence-why", "检修");
        document.querySelector("form[data-silence]").requestSubmit();
    })()""")
    await until(tab, "!document.getElementById('silence-dialog').open")
    (silence,) = desk.all_silences
    assert (silence.subject, silence.rule_id, silence.even_critical) == (None, None, False)
    assert silence.sub_district
    assert silence.why == "检修"
    desk.all_alarms = [
        replace(alarm, silence_id=silence.id, silenced_until_ms=silence.until_ms, silenced_by="x", silenced_why="y")
        if alarm.id == 3
        else alarm
        for alarm in desk.all_alarms
    ]
    desk.touch()
    end = 'form[data-api="DELETE /api/v1/silences/1"] button'
    await until(tab, f"document.querySelector('{end}')")
    await tab.run(f"document.querySelector('{end}').click()")
    await until(tab, "document.getElementById('said-now').textContent === '静默已结束。'")
    assert desk.all_silences[0].ended_by == "operator-1"
