"""Accounts of every role, a console that knows them, and a browser."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from config.load import Site
from domain.clock import ManualClock
from tests.console.access.people import People, people_in
from tests.console.pages.seated import served
from tests.console.reader import Client
from tests.fakes.chromium import Tab, chromium
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import Invention


@pytest.fixture
def people(tmp_path: Path, site: Site, clock: ManualClock) -> Iterator[People]:
    found = people_in(tmp_path, site, clock)
    yield found
    found.store.close()


@pytest.fixture
def city(site: Site, clock: ManualClock, tmp_path: Path) -> Invention:
    return Invention(site, clock.now_ms(), tmp_path)


@pytest.fixture
async def door(desk: FakeDesk, site: Site, clock: ManualClock, people: People) -> AsyncIterator[Client]:
    async with served(desk, site, clock, people) as client:
        yield client


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab
