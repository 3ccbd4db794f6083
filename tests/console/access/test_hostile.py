"""A script in a name, a topic, a payload or a reason: every page shows it as the text that it is."""

import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer
from msgspec import structs

from config.console import Console
from config.load import Site
from console.access.passwords import Passwords
from console.server import make_app
from domain.account import Audit, Outcome
from domain.clock import ManualClock
from domain.permission import Permission, Role
from tests.console.access.people import QUICK as HASHER
from tests.console.access.people import People
from tests.console.conftest import QUICK
from tests.console.every_page import FRAGMENTS, pages
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, chromium
from tests.fakes.desk import FakeDesk
from tests.fakes.hostile import SCRIPT, hostile_site, spoil
from tests.fakes.person import Person

RUNS = ("<script>alert", "<img src=x", "'\"><script")


@pytest.fixture
async def hostile_door(site: Site, clock: ManualClock, desk: FakeDesk, people: People) -> AsyncIterator[Client]:
    """A console of a city in which everything is called like a script, people too."""
    spoil(desk)
    for account in people.accounts.values():
        people.store.save(structs.replace(account, display_name=SCRIPT), end_sessions=False)
    people.token(Role.ADMINISTRATOR, Permission.READ)
    people.store.add_token(structs.replace(people.store.tokens()[0], name=SCRIPT, hash="another"))
    people.store.note(
        Audit(id=0, at_ms=1, who=SCRIPT, address=SCRIPT, what=SCRIPT, about=SCRIPT, outcome=Outcome.REFUSED)
    )
    settings = site.settings.model_copy(update={"console": Console()})
    spoilt = hostile_site(replace(site, settings=settings))
    app = make_app(desk, spoilt, clock, accounts=people.store, passwords=Passwords(HASHER), rhythm=QUICK)
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield client


async def test_every_page_shows_a_script_as_text(hostile_door: Client, people: People) -> None:
    """In both languages; and it does show it."""
    started = await people.started(Role.ADMINISTRATOR)
    shown = set()
    for path in pages(hostile_door):
        for language in ("zh-CN", "en"):
            headers = {"Cookie": f"longcheng_session={started.secret}; lang={language}", "Accept": "text/html"}
            async with hostile_door.get(path, headers=headers) as answer:
                assert answer.status == 200 or path.startswith("/set-password"), (path, answer.status)
                page = await answer.text()
            for sign in RUNS:
                assert sign not in page, (path, language, page[max(0, page.find(sign) - 300) : page.find(sign) + 80])
            if "&lt;script&gt;alert(1)" in page:
                shown.add(path)
            assert "49>" not in page, path  # a template in a name is no template
    assert {"/", "/account", "/accounts", "/audit"} <= shown


async def test_what_an_address_asks_is_text(hostile_door: Client, people: People) -> None:
    """Whatever the query says, taken or refused."""
    started = await people.started(Role.ADMINISTRATOR)
    headers = {"Cookie": f"longcheng_session={started.secret}", "Accept": "text/html"}
    for path in pages(hostile_door):
        for name in ("q", "state", "before", "rule", "who", "day", "next", SCRIPT):
            async with hostile_door.get(path, params={name: SCRIPT}, headers=headers) as answer:
                assert answer.status < 500, (path, name, answer.status)
                page = await answer.text()
            assert not [sign for sign in RUNS if sign in page], (path, name)


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed")
async def test_no_browser_runs_it(hostile_door: Client, people: People, tmp_path: Path) -> None:
    """Neither as a page comes nor when it is brought up to date nor by what a script of ours draws of it."""
    started = await people.started(Role.ADMINISTRATOR)
    async with chromium(tmp_path / "profile") as tab:
        url = str(hostile_door.make_url("/"))
        await tab.call("Network.setCookie", name="longcheng_session", value=started.secret, url=url)
        person = Person(tab)
        for path in pages(hostile_door):
            if path.startswith(("/sign-in", "/set-password", *FRAGMENTS)):
                continue
            await tab.open(str(hostile_door.make_url(path)), width=1440)
            if await tab.run("!!document.body.dataset.live"):
                await person.is_live()
            assert await tab.run("document.querySelectorAll('img[src=x], main script').length") == 0, path
            assert tab.complaints == [], path
