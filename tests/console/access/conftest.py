"""The invented city's console with accounts of every role."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import DummyCookieJar
from aiohttp.test_utils import TestClient, TestServer

from config.console import Console
from config.load import Site
from console.access.passwords import Passwords
from console.server import make_app
from console.watch import Rhythm
from domain.clock import ManualClock
from tests.console.access.people import QUICK as HASHER
from tests.console.access.people import People, people_in
from tests.console.conftest import QUICK
from tests.console.reader import TOKEN, Client
from tests.fakes.desk import FakeDesk


@pytest.fixture
def people(tmp_path: Path, site: Site, clock: ManualClock) -> Iterator[People]:
    found = people_in(tmp_path, site, clock)
    yield found
    found.store.close()


@pytest.fixture
def console() -> Console:
    """The settings; a test file may have its own."""
    return Console(api_token=TOKEN)


@pytest.fixture
def rhythm() -> Rhythm:
    """How often pages are looked after; a test file may have its own."""
    return QUICK


@pytest.fixture
async def door(
    site: Site, clock: ManualClock, desk: FakeDesk, people: People, console: Console, rhythm: Rhythm
) -> AsyncIterator[Client]:
    """A client that keeps no cookies: a test sends what it means to."""
    settings = site.settings.model_copy(update={"console": console})
    app = make_app(
        desk,
        replace(site, settings=settings),
        clock,
        accounts=people.store,
        passwords=Passwords(HASHER),
        rhythm=rhythm,
    )
    async with TestClient(TestServer(app), cookie_jar=DummyCookieJar()) as client:
        yield client
