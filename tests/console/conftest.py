"""The invented city at 03:12 on a summer night, and a browser's end of the console."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiohttp.test_utils import TestClient, TestServer

from config.load import Site
from console.server import make_app
from console.watch import Rhythm
from domain.clock import ManualClock, epoch_ms
from tests.console.reader import TOKEN, Client
from tests.fakes.desk import FakeDesk, busy_desk
from tests.fakes.invented_site import invented_site

NIGHT = datetime(2026, 8, 22, 3, 12, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
QUICK = Rhythm(poll_s=0.01, gap_s=0.05, known_s=0.0, refresh_s=30.0, beat_s=0.2)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return invented_site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(epoch_ms(NIGHT))


@pytest.fixture
def desk(site: Site, clock: ManualClock, tmp_path: Path) -> FakeDesk:
    return busy_desk(site, clock.now_ms(), tmp_path)


@pytest.fixture
async def client(site: Site, clock: ManualClock, desk: FakeDesk) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(desk, site, clock, rhythm=QUICK))) as client:
        yield client


@pytest.fixture
async def keyed(site: Site, clock: ManualClock, desk: FakeDesk) -> AsyncIterator[Client]:
    """A client of a console that has a token in its settings."""
    console = site.settings.console.model_copy(update={"api_token": TOKEN})
    opened = replace(site, settings=site.settings.model_copy(update={"console": console}))
    async with TestClient(TestServer(make_app(desk, opened, clock))) as client:
        yield client
