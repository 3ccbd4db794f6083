"""The figures in a real browser: charts draw, and go by keyboard."""

import asyncio
import os
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.console.reader import Client
from tests.fakes.chromium import BINARY, Tab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


@pytest.mark.parametrize("width", [390, 1440])
async def test_charts_draw_and_are_read_by_keyboard(client: Client, tab: Tab, width: int) -> None:
    """At both widths without sideways scrolling; an arrow key says what stands at a time, with its n."""
    await tab.open(str(client.make_url("/figures?days=7")), width=width)
    async with asyncio.timeout(60):
        await tab.run("""new Promise(done => {
            const all = () => document.querySelectorAll(".chart canvas").length === 2;
            const look = () => all() ? done(true) : setTimeout(look, 50);
            look();
        })""")
    wide = "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth + 1)"
    found = await tab.run(f"{wide}.filter(one => !one.closest('.table-scroll')).map(one => one.outerHTML.slice(0, 90))")
    assert await tab.run("document.documentElement.scrollWidth") == width, found
    await tab.run("document.querySelector('.chart-sheet').focus()")
    for kind in ("keyDown", "keyUp"):
        await tab.call("Input.dispatchKeyEvent", type=kind, key="End")
    said = await tab.run("""new Promise(done => {
        const look = () => { const text = document.activeElement.getAttribute("aria-valuetext");
            text?.includes("n = ") ? done(text) : requestAnimationFrame(look); };
        look();
    })""")
    assert said.startswith("2026-08-22")
    assert "n = " in said
    assert tab.complaints == []


@pytest.mark.parametrize("width", [390, 1440, 1920])
async def test_days_under_a_chart_never_touch(client: Client, tab: Tab, width: int) -> None:
    """Thirty days begin in the middle of a week: its Monday stands two days after the first day."""
    await tab.open(str(client.make_url("/figures?days=30")), width=width)
    days = [1, 3, 10, 17, 24, 31]
    shown = await tab.run(f"""import("/static/chart.js").then(({{ spaced }}) =>
        spaced({days}, (Math.min({width}, 700) - 120) / 30))""")
    px = (min(width, 700) - 120) / 30
    assert shown[-1] == days[-1]
    assert all((after - before) * px >= 64 for before, after in pairwise(shown))
    assert not {1, 3} <= set(shown)
