"""A platform, a session to reach it, and a store of a site that has one."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from storage.case_store import CaseStore
from tests.cases.platform.receiver import Platform, open_platform


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    """It takes everything, until told otherwise."""
    async with open_platform() as platform:
        yield platform


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The sender's."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    """An empty case store that writes for the platform."""
    store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}", platform=True)
    yield store
    store.close()
