"""The lanes go on whatever the store does to them: an outbox that ended in silence would look like a city in order."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cases.notices.channels.log import Log
from cases.notices.outbox import Outbox
from domain.clock import ManualClock
from storage.case_store import CaseStore
from tests.cases.notices.letter import letter, put
from tests.ingest.waiting import until


@contextmanager
def no_notice_is_marked(database: Path) -> Iterator[None]:
    """The store fails in a way that is not StoreUnavailable, as a damaged file does."""
    with closing(sqlite3.connect(database, timeout=10)) as other:
        other.execute("CREATE TRIGGER refused BEFORE UPDATE ON notices BEGIN SELECT RAISE(ABORT, 'damaged'); END")
        other.commit()
        try:
            yield
        finally:
            other.execute("DROP TRIGGER refused")
            other.commit()


async def test_an_unknown_error_of_the_store_ends_no_lane(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and when it is over the notice is marked after all, and what comes later goes out too."""
    store = CaseStore(f"sqlite:///{tmp_path / 'cases.db'}")
    channels = {"log": Log(tmp_path / "notices.jsonl")}
    outbox = Outbox(store, channels, ManualClock(10_000), random.Random(7), max_attempts=4)
    put(store, letter("first", channel="log"))

    with no_notice_is_marked(tmp_path / "cases.db"):
        running = asyncio.create_task(outbox.run())
        await asyncio.to_thread(until, lambda: "damaged" in caplog.text or running.done(), "the error was met")
    put(store, letter("second", channel="log"))
    try:
        assert not running.done()
        await asyncio.to_thread(until, lambda: store.counts().notices_sent == 2, "both went out")
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        store.close()
