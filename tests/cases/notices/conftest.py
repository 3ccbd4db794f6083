"""A gateway, a session to reach it, and a store with room for notices."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from storage.case_store import CaseStore
from tests.cases.notices.gateway import Gateway, open_gateway


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    """A gateway that says 200 to everything, until told otherwise."""
    async with open_gateway() as gateway:
        yield gateway


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The session that all webhooks of a process share."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    """An empty case store."""
    store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}")
    yield store
    store.close()
