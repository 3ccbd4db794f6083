"""Curves in a real browser: drawn with their limits, over another range, read by keyboard."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.clock import ManualClock
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.desk import FakeDesk
from tests.fakes.person import Person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


async def test_a_curve_is_drawn_and_read(client: Client, tab: Tab, desk: FakeDesk, clock: ManualClock) -> None:
    """The limit stands below it with file and line, an arrow reads the value out, another range is asked for; no word
    of complaint at any width."""
    at_ms = int(await _browser_now(client, tab)) - 60_000
    desk.values = {("charger", "charger-01", 3): {"temp_c": (at_ms, 58.5)}}
    person = Person(tab)
    await tab.open(str(client.make_url("/devices/charger-01?port=3")), width=1440)
    await person.until("document.querySelector('.curve canvas') !== null")
    foot = await tab.run("document.querySelector('.curve .foot').innerText")
    assert "chargers.yaml:" in foot
    await tab.run("document.querySelector('.curve [role=slider]').focus()")
    await person.press("End")
    await person.until("document.querySelector('.curve [role=slider]').getAttribute('aria-valuetext').includes('58.5')")
    await tab.run("document.querySelector('.ranges button:nth-child(3)').click()")
    await person.until("document.querySelector('.ranges button:nth-child(3)').getAttribute('aria-pressed') === 'true'")
    await person.until("document.querySelector('.curve .foot .note') !== null")
    await tab.run("document.querySelector('.curve .tools button').click()")
    await person.until("document.querySelector('.curve table tbody tr') !== null")
    assert tab.complaints == []


async def _browser_now(client: Client, tab: Tab) -> float:
    await tab.open(str(client.make_url("/devices")), width=390)
    assert await tab.run("document.documentElement.scrollWidth") == 390
    return float(await tab.run("Date.now()"))


@pytest.mark.parametrize("width", [390, 1440, 1920])
async def test_how_an_alarm_came_about_leaves_its_title_room(
    client: Client, tab: Tab, desk: FakeDesk, width: int
) -> None:
    """What it is called stands in a line beside its time, and the story below them, from edge to edge."""
    alarm = next(one for one in desk.all_alarms if one.device_id == "charger-01")
    await tab.open(str(client.make_url(f"/devices/charger-01?alarm={alarm.id}")), width=width)
    row = f"document.getElementById('alarm-{alarm.id}')"
    boxes = "Array.from({0}.children, one => one.getBoundingClientRect().toJSON())"
    badge, title, time, *_below, how = await tab.run(boxes.format(row))
    assert await tab.run(f"{row}.lastElementChild.className") == "how"
    assert title["right"] <= time["left"]
    assert title["width"] > 100, (title, time)
    assert title["height"] < 4 * badge["height"], title
    assert how["width"] > 0.95 * (await tab.run(f"{row}.getBoundingClientRect().width"))
