"""Every page for people who don't see it, see it badly, or have no mouse: axe, the Tab key, dialogs."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from console.watch import Rhythm
from domain.permission import Role
from tests.console.access.people import People
from tests.console.conftest import QUICK
from tests.console.every_page import FRAGMENTS, pages
from tests.console.reader import Client
from tests.fakes.axe import grave, unreadable
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.person import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]

LANGUAGES = ("zh-CN", "en")
WIDTHS_PX = (390, 768, 1440, 1920)
"""A phone, a tablet, a desk, a wall."""
_CALM = "document.getAnimations().forEach(one => one.finish())"
_WATCH = """(() => {
    const seen = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
    window.stops = seen.filter(one => one.tabIndex >= 0 && !one.disabled && !one.closest("[inert]")
        && one.checkVisibility({ visibilityProperty: true }) && !(one.type === "radio" && !one.checked));
    const ringed = (one) => {
        const style = one && getComputedStyle(one);
        const outlined = style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
        return outlined || (style && style.boxShadow !== "none");
    };
    window.been = new Set();
    window.unseen = new Set();
    document.addEventListener("focusin", ({ target }) => {
        been.add(target);
        const shown = ringed(target) || ringed(target.parentElement);
        if (!shown || !target.getBoundingClientRect().width) unseen.add(target);
    });
    const dates = stops.filter(one => one.type?.startsWith("date") || one.type === "time").length;
    return stops.length && stops.length + 8 * dates; // each of a date's parts is a stop, too
})()"""
"""Remember each place that the focus comes to, and where nothing shows that it is there."""
_BEEN = """(() => {
    const what = (one) => one.outerHTML.slice(0, 160);
    return [...[...unseen].filter(one => stops.includes(one)).map(one => `no ring around ${what(one)}`),
            ...stops.filter(one => !been.has(one) && one.isConnected).map(one => `never reached: ${what(one)}`)];
})()"""
_OPENERS = "[...document.querySelectorAll('[data-opens]')].map(one => one.checkVisibility())"


@pytest.fixture
def rhythm() -> Rhythm:
    """Beats so seldom that a page which axe keeps busy does not take the connection for lost, and dims."""
    return msgspec.structs.replace(QUICK, beat_s=60.0)


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


@pytest.fixture
async def paths(door: Client, people: People, tab: Tab) -> list[str]:
    """All pages; the browser is signed in as an administrator, who is shown every button."""
    started = await people.started(Role.ADMINISTRATOR)
    await tab.call("Network.setCookie", name="longcheng_session", value=started.secret, url=str(door.make_url("/")))
    invitation = people.registry.invite(people.accounts[Role.WALL].id)
    no_pages = ("/sign-in", *FRAGMENTS)  # who is signed in is led on
    return [path.replace("/none", f"/{invitation}") for path in pages(door) if not path.startswith(no_pages)]


async def _open(door: Client, tab: Tab, path: str, language: str = "zh-CN") -> None:
    await tab.call("Network.setCookie", name="lang", value=language, url=str(door.make_url("/")))
    await tab.open(str(door.make_url(path)), width=1440)
    assert await tab.run("document.documentElement.lang") == language
    await tab.run(_CALM)


async def _darken(tab: Tab) -> None:
    await tab.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    await tab.run(_CALM)


async def _too_wide(tab: Tab) -> list[str]:
    """The page that is open at every width, without loading it anew."""
    found = []
    for width in WIDTHS_PX:
        await tab.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        across = await tab.run("document.documentElement.scrollWidth")
        found += [f"{across} px wide on {width}"] if across > width else []
    return found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_is_read_by_everyone(door: Client, tab: Tab, paths: list[str], language: str) -> None:
    """Axe finds nothing grave on a page or in its dialogs, by day or by night; nothing scrolls sideways."""
    found = []
    for path in paths:
        await _open(door, tab, path, language)
        wrong = await grave(tab)
        await _darken(tab)
        wrong += [f"dark: {line}" for line in await unreadable(tab)]
        wrong += await _too_wide(tab)
        found += [f"{path}: {line}" for line in wrong]
    assert "\n".join(found) == ""
    assert tab.complaints == []


async def test_the_way_in_is_as_good(door: Client, tab: Tab) -> None:
    """Where nobody is signed in yet, and where something is refused."""
    for path in ("/sign-in", "/no-such-page"):
        for language in LANGUAGES:
            await _open(door, tab, path, language)
            assert await grave(tab) == [], path
            await _darken(tab)
            assert await unreadable(tab) == [], path
            assert await _too_wide(tab) == [], path


async def test_every_page_goes_by_keyboard(door: Client, tab: Tab, paths: list[str]) -> None:
    """Tab reaches everything, with a ring around it, first a way past the rail; dialogs hold the focus."""
    person, wrong = Person(tab), []
    for path in paths:
        await _open(door, tab, path)
        found = [*(await _past_the_rail(tab, person)), *(await _by_tab(tab)), *(await _dialogs(tab, person))]
        wrong += [f"{path}: {line}" for line in found]
    assert "\n".join(wrong) == ""


async def _past_the_rail(tab: Tab, person: Person) -> list[str]:
    await tab.run("document.activeElement.blur()")
    await person.press("Tab")
    if await tab.run("document.activeElement.className") != "skip":
        return []  # a form has the focus from the beginning
    await person.press("Enter")
    there = await tab.run("document.activeElement.id")
    await tab.run("document.activeElement.blur()")
    return [] if there == "main" else [f"the way past the rail leads to {there!r}"]


async def _tabs(tab: Tab, times: int) -> None:
    """Press Tab, many times at once: the browser does one after the other."""
    facts = {"type": "rawKeyDown", "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    await asyncio.gather(*(tab.call("Input.dispatchKeyEvent", **facts) for _ in range(times)))


async def _by_tab(tab: Tab) -> list[str]:
    stops = await tab.run(_WATCH)
    assert stops, "a page without a link"
    await _tabs(tab, 2 * stops)  # two rounds: what scrolls is a stop, too, and a page that moves on begins anew
    return list(await tab.run(_BEEN))


async def _dialogs(tab: Tab, person: Person) -> list[str]:
    """Opened by Enter, closed by Escape; Tab never leads to the page behind. Four of a page are enough."""
    wrong = []
    openers = await tab.run(_OPENERS)
    for number in [n for n, shown in enumerate(openers) if shown][:4]:
        opener = f"document.querySelectorAll('[data-opens]')[{number}]"
        await tab.run(f"{opener}.focus()")
        await person.press("Enter")
        if not await tab.run("document.querySelector('dialog[open]') !== null"):
            wrong.append(f"Enter opens nothing: {await tab.run(opener + '.outerHTML.slice(0, 120)')}")
            continue
        await tab.run("been.clear()")
        await _tabs(tab, 8)
        if not await tab.run("[...been].every(one => one.closest('dialog[open]'))"):
            wrong.append(f"Tab leads out of the dialog of {number}")
        await person.press("Escape")
        if not await tab.run(f"!document.querySelector('dialog[open]') && document.activeElement === {opener}"):
            wrong.append(f"Escape does not lead back to opener {number}")
    return wrong
