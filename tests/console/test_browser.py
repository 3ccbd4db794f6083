"""The page in a real browser: what only a browser can tell."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.console.reader import Client
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.desk import FakeDesk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


async def _until(tab: Tab, condition: str) -> None:
    """Wait until a JavaScript expression is true."""
    async with asyncio.timeout(60):
        await tab.run(f"""new Promise(done => {{
            const look = () => ({condition}) ? done(true) : requestAnimationFrame(look);
            look();
        }})""")


async def test_pages_fit_and_nothing_is_refused(client: Client, tab: Tab) -> None:
    """For who is not signed in, too: no sideways scrolling, nothing refused by the policy, no script error."""
    for path in ("/", "/cases/202608223204000003"):
        for width in (390, 768, 1440):
            await tab.open(str(client.make_url(path)), width=width, dark=width == 768)
            await _until(tab, "document.getElementById('live').classList.contains('on')")
            assert await tab.run("innerWidth") == width
            assert await tab.run("document.documentElement.scrollWidth") == width
    assert tab.complaints == []


async def test_updates_leave_the_reader_alone(client: Client, tab: Tab, desk: FakeDesk) -> None:
    """A new alarm comes in on top; opened stories, focus and scroll position stay as they are."""
    await tab.open(str(client.make_url("/")), width=1440)
    await _until(tab, "document.getElementById('live').classList.contains('on')")
    await tab.run("""(() => {
        const story = document.querySelector("#cases details");
        story.open = true;
        story.querySelector("summary").focus();
        scrollTo(0, 500);
    })()""")
    desk.all_alarms.append(replace(desk.all_alarms[0], id=99, subject="charger-04/1", device_id="charger-04"))
    desk.touch()
    await _until(tab, "document.querySelector('[data-key=alarm-99]')")
    assert await tab.run("document.querySelector('#cases details').open")
    assert await tab.run("document.activeElement === document.querySelector('#cases summary')")
    assert await tab.run("scrollY") >= 500
    assert (await tab.run("document.title")).startswith("（3 紧急）")


async def test_resolved_things_go_away(client: Client, tab: Tab, desk: FakeDesk) -> None:
    """What is over leaves the page; what is left is not drawn anew."""
    await tab.open(str(client.make_url("/")), width=1440)
    await _until(tab, "document.getElementById('live').classList.contains('on')")
    await tab.run("window.kept = document.querySelector('[data-key=alarm-2]')")
    desk.all_alarms = [alarm for alarm in desk.all_alarms if alarm.id != 1]
    desk.touch()
    await _until(tab, "!document.querySelector('[data-key=alarm-1]')")
    assert await tab.run("window.kept === document.querySelector('[data-key=alarm-2]')")


async def test_a_lost_connection_is_said(client: Client, tab: Tab) -> None:
    """When the server goes, the page says since when, and dims what may be out of date."""
    await tab.open(str(client.make_url("/")), width=1440)
    await _until(tab, "document.getElementById('live').classList.contains('on')")
    await client.server.close()
    await _until(tab, "!document.getElementById('lost').hidden")
    assert "失去连接" in await tab.run("document.getElementById('lost').innerText")
    assert await tab.run("document.body.classList.contains('is-lost')")
