"""Every page for people who don't see it, see it badly, or have no mouse: axe, the Tab key, dialogs."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.permission import Role
from tests.console.access.people import People
from tests.console.every_page import FRAGMENTS, pages
from tests.console.reader import Client
from tests.fakes.axe import grave
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.person import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]

LANGUAGES = ("zh-CN", "en")
_CALM = "document.getAnimations().forEach(one => one.finish())"
_STOPS = """(() => {
    const seen = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")];
    window.stops = seen.filter(one => one.tabIndex >= 0 && !one.disabled && !one.closest("[inert]")
        && one.checkVisibility({ visibilityProperty: true }) && !(one.type === "radio" && !one.checked));
    return stops.map(one => one.outerHTML.slice(0, 160));
})()"""
_HERE = """(() => {
    const ringed = (one) => {
        const style = one && getComputedStyle(one);
        const outlined = style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
        return outlined || (style && style.boxShadow !== "none");
    };
    const one = document.activeElement;
    return { stop: stops.indexOf(one), what: one.outerHTML.slice(0, 160),
             seen: (ringed(one) || ringed(one.parentElement)) && one.getBoundingClientRect().width > 0 };
})()"""


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


async def _open(door: Client, tab: Tab, path: str, language: str = "zh-CN", *, width: int = 1440, dark: bool) -> None:
    url = str(door.make_url("/"))
    await tab.call("Network.setCookie", name="lang", value=language, url=url)
    await tab.open(str(door.make_url(path)), width=width, dark=dark)
    assert await tab.run("document.documentElement.lang") == language
    await tab.run(_CALM)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing_grave(door: Client, tab: Tab, paths: list[str], language: str, dark: bool) -> None:
    """On no page, nor in any of its dialogs."""
    found = []
    for path in paths:
        await _open(door, tab, path, language, dark=dark)
        found += [f"{path}: {line}" for line in await grave(tab)]
        for number in range(await tab.run("document.querySelectorAll('dialog').length")):
            one = f"document.querySelectorAll('dialog')[{number}]"
            if await tab.run(f"!{one}.open && ({one}.showModal(), true)"):
                found += [f"{path}, dialog {number}: {line}" for line in await grave(tab, one)]
                await tab.run(f"{one}.close()")
    assert "\n".join(found) == ""
    assert tab.complaints == []


@pytest.mark.parametrize("width", [390, 768, 1440, 1920])
async def test_no_page_scrolls_sideways(door: Client, tab: Tab, paths: list[str], width: int) -> None:
    """Not on a phone, a tablet, a desk or a wall."""
    wide = {}
    for path in paths:
        await _open(door, tab, path, "en", width=width, dark=False)
        if (across := await tab.run("document.documentElement.scrollWidth")) > width:
            wide[path] = across
    assert wide == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_way_in_is_as_good(door: Client, tab: Tab, dark: bool) -> None:
    """Where nobody is signed in yet, and where something is refused."""
    for path in ("/sign-in", "/no-such-page"):
        for language in LANGUAGES:
            await _open(door, tab, path, language, dark=dark)
            assert await grave(tab) == [], path


async def test_everything_is_reached_by_tab_and_seen_to_be(door: Client, tab: Tab, paths: list[str]) -> None:
    """In turn, each with a ring around it; the first one leads past the rail to the page itself."""
    person, wrong = Person(tab), []
    for path in paths:
        await _open(door, tab, path, dark=False)
        await tab.run("document.activeElement.blur()")
        stops = await tab.run(_STOPS)
        assert stops, path
        await person.press("Tab")
        if await tab.run("document.activeElement.className") == "skip":
            await person.press("Enter")
            assert await tab.run("document.activeElement.id") == "main", path
            await tab.run("document.querySelector('.skip').focus()")
        reached = set()
        for _ in range(len(stops) + 3):
            here = await tab.run(_HERE)
            reached.add(here["stop"])
            if here["stop"] >= 0 and not here["seen"]:
                wrong.append(f"{path}: no ring around {here['what']}")
            await person.press("Tab")
        wrong += [f"{path}: never reached: {what}" for n, what in enumerate(stops) if n not in reached]
    assert "\n".join(wrong) == ""


async def test_dialogs_hold_the_focus_and_give_it_back(door: Client, tab: Tab, paths: list[str]) -> None:
    """Opened by Enter, closed by Escape; Tab never leads to the page behind."""
    person, wrong = Person(tab), []
    for path in paths:
        await _open(door, tab, path, dark=False)
        openers = await tab.run("[...document.querySelectorAll('[data-opens]')].map(one => one.checkVisibility())")
        for number in [n for n, shown in enumerate(openers) if shown][:4]:
            opener = f"document.querySelectorAll('[data-opens]')[{number}]"
            await tab.run(f"{opener}.focus()")
            await person.press("Enter")
            if not await tab.run("document.querySelector('dialog[open]') !== null"):
                wrong.append(f"{path}: Enter opens nothing: {await tab.run(opener + '.outerHTML.slice(0, 120)')}")
                continue
            inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog[open]')"
            for _ in range(8):
                await person.press("Tab")
                if not await tab.run(inside):
                    wrong.append(f"{path}: Tab leads out of the dialog of {number}")
                    break
            await person.press("Escape")
            back = f"!document.querySelector('dialog[open]') && document.activeElement === {opener}"
            if not await tab.run(back):
                wrong.append(f"{path}: Escape does not lead back to opener {number}")
    assert "\n".join(wrong) == ""
