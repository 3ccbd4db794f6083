"""A street of six shops, and a phone's end of their page."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from config.load import Site
from console.server import make_app
from domain.clock import ManualClock
from tests.console.reader import Client
from tests.console.shop.street import AFTERNOON_MS, Street, street_site


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(AFTERNOON_MS)


@pytest.fixture
def scene(site: Site, tmp_path: Path) -> Street:
    return Street(street_site(site), tmp_path)


@pytest.fixture
async def phone(scene: Street, clock: ManualClock) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(scene.desk, scene.site, clock))) as client:
        yield client
