"""Somebody signed in at a browser, before the pages of the review and of alarms."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace as site_with
from typing import Any

from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from config.console import Console
from config.load import Site
from console.access.passwords import Passwords
from console.server import make_app
from domain.clock import ManualClock
from domain.permission import Role
from tests.console.access.people import QUICK as HASHER
from tests.console.access.people import People
from tests.console.conftest import QUICK
from tests.console.reader import TOKEN, Client
from tests.fakes.chromium import Tab
from tests.fakes.desk import FakeDesk

KEYS = {" ": ("Space", 32), "ArrowRight": ("ArrowRight", 39), "Enter": ("Enter", 13), "Escape": ("Escape", 27)}
MOVED = "document.getElementById('review-item').hidden || !document.querySelector('[data-slot=over]').hidden"
LINK = "document.querySelector('[data-slot=alarm-link]').pathname"
READY = "!document.getElementById('review-item').hidden && document.getElementById('live').classList.contains('on')"

_RHYTHM = replace(QUICK, beat_s=60.0)
"""Beats so seldom that a page which is kept busy does not take the connection for lost, and dims."""


@asynccontextmanager
async def served(
    desk: FakeDesk, site: Site, clock: ManualClock, people: People, port: int = 0
) -> AsyncIterator[Client]:
    """The console, with accounts."""
    settings = site.settings.model_copy(update={"console": Console(api_token=TOKEN, open="none")})
    opened = site_with(site, settings=settings)
    app = make_app(desk, opened, clock, accounts=people.store, passwords=Passwords(HASHER), rhythm=_RHYTHM)
    async with TestClient(TestServer(app, port=port or None), cookie_jar=DummyCookieJar()) as client:
        yield client


async def sign_in(tab: Tab, door: Client, people: People, role: Role) -> None:
    started = await people.started(role)
    url = str(door.make_url("/"))
    await tab.call("Network.setCookie", name="longcheng_session", value=started.secret, url=url)


async def until(tab: Tab, condition: str, seconds: float = 60) -> None:
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
