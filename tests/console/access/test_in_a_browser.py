"""Signing in with a real browser: what only a browser can tell of cookies, policies and forms."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config.console import Console
from tests.console.access.people import PASSWORD
from tests.console.reader import TOKEN, Client
from tests.fakes.chromium import BINARY, PageLeft, Tab, chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


@pytest.fixture
def console() -> Console:
    return Console(api_token=TOKEN, open="none")


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


async def _until(tab: Tab, condition: str) -> None:
    """Ask until it is true; a page that is being left answers nothing."""
    async with asyncio.timeout(60):
        while True:
            try:
                if await tab.run(condition):
                    return
            except (AssertionError, PageLeft):
                continue


@pytest.mark.parametrize("width", [390, 1440])
async def test_in_by_keyboard_and_out_again(door: Client, tab: Tab, width: int) -> None:
    """The form is focused, Enter sends it, the page asked for comes, and a click signs out: with no script of ours."""
    await tab.open(str(door.make_url("/account")), width=width)
    assert await tab.run("location.pathname + location.search") == "/sign-in?next=/account"
    assert await tab.run("document.activeElement.id") == "name"
    await tab.call("Input.insertText", text="operator-1")
    await tab.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert await tab.run("document.activeElement.id") == "password"
    await tab.call("Input.insertText", text=PASSWORD)
    await tab.call(
        "Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r"
    )
    await _until(tab, "location.pathname === '/account' && document.readyState === 'complete'")
    assert await tab.run("document.querySelector('h1').textContent") == "operator-1"
    assert await tab.run("document.cookie") == ""
    assert await tab.run("document.documentElement.scrollWidth") == width
    await tab.run("document.querySelector('.who-nav button').click()")
    await _until(tab, "location.pathname === '/sign-in' && document.readyState === 'complete'")
    await tab.open(str(door.make_url("/account")), width=width)
    assert await tab.run("location.pathname") == "/sign-in"
    assert tab.complaints == []
