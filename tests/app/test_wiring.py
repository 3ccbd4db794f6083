"""`serve` in this process, without a broker: how it is put together, how it heals, and in which order it stops."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from app.readers.rules_reader import cursor_name
from app.readers.series_writer import SERIES
from app.stores import open_series
from app.wiring import serve
from config.load import Site
from domain.finding import AlarmState
from domain.message import RawMessage
from storage.case_store import CaseStore
from storage.journal import Journal
from storage.series.embedded import EmbeddedSeries
from storage.series.open import UnknownInflux
from tests.app.line import LEAK_MA, LEAK_RULE, NOON_MS, QUIET_MA, refused, residual, starter
from tests.fakes.brokers import free_port
from tests.ingest.waiting import until

PATIENCE_S = 60.0


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The starter site, whose broker is not there."""
    return starter(tmp_path, LONGCHENG_MQTT_URL=f"mqtt://127.0.0.1:{free_port()}", LONGCHENG_CONSOLE_PORT="0")


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[str]:
    """`serve` until the end of the block, and its console's address."""
    stop, address = asyncio.Event(), asyncio.get_running_loop().create_future()
    interval_s = sys.getswitchinterval()
    running = asyncio.create_task(serve(site, stop, address.set_result))
    try:
        await asyncio.wait({running, address}, timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED)
        yield address.result()
    finally:
        stop.set()
        await asyncio.wait_for(running, PATIENCE_S)
        sys.setswitchinterval(interval_s)


def beside(site: Site, *messages: RawMessage) -> None:
    """Put messages into the journal as another process would."""
    journal = Journal(site.settings.data_dir / "journal.db", max_bytes=64 << 20)
    journal.append(messages)
    journal.close()


def states(store: CaseStore) -> list[AlarmState]:
    """The states of what the leak has led to."""
    return [alarm.state for alarm in store.alarms(open_only=False) if alarm.rule_id == LEAK_RULE]


async def test_the_console_answers_before_the_broker_does(site: Site) -> None:
    """Whoever looks learns what is wrong from the page, not from a page that isn't there."""
    async with serving(site) as address, aiohttp.ClientSession() as session:
        async with session.get(address) as page:
            assert page.status == 200
        async with session.get(f"{address}ready") as ready:
            assert ready.status == 503


async def test_what_is_in_the_journal_at_the_stop_is_read_before_the_end(site: Site) -> None:
    """The readers come up with the journal, within bounds: a restart is not a detour for what was acknowledged."""
    async with serving(site):
        beside(site, residual(QUIET_MA))
        await asyncio.to_thread(until, lambda: read_to(site) == (1, 1), "both have begun: who has not may be ended")
        beside(site, *(residual(QUIET_MA, NOON_MS + number) for number in range(1, 300)))

    assert read_to(site) == (300, 300)


def read_to(site: Site) -> tuple[int, int]:
    """How far it is judged, and stored."""
    data = site.settings.data_dir
    journal = Journal(data / "journal.db", max_bytes=64 << 20)
    cases = CaseStore(f"sqlite:///{data / 'cases.db'}")
    judged, stored = cases.cursor(cursor_name(journal)), journal.cursor(SERIES)
    cases.close()
    journal.close()
    return judged, stored


async def test_after_a_failure_the_reader_begins_again_from_what_was_committed(
    site: Site, capfd: pytest.CaptureFixture[str]
) -> None:
    """The rule's memory of the repeated batch is saved too: after a crash the leak's end still ends the alarm."""
    data = site.settings.data_dir
    async with serving(site):
        store = CaseStore(f"sqlite:///{data / 'cases.db'}")
        told = ""

        def failed() -> bool:
            nonlocal told
            told += capfd.readouterr().err
            return "rules-reader failed" in told

        with refused(data, "cursors"):
            beside(site, residual(LEAK_MA))
            await asyncio.to_thread(until, failed, "the batch was tried")
        await asyncio.to_thread(until, lambda: states(store) == [AlarmState.FIRING], "the batch was tried again")
        saved = store.rule_states()
        store.close()

    assert (LEAK_RULE, "cs-001/3") in saved


def test_readings_go_to_influxdb_where_there_is_one(tmp_path: Path) -> None:
    """`series.influx_url` decides; nothing is connected to."""
    settings = {"INFLUX_URL": "http://127.0.0.1:1", "INFLUX_TOKEN": "t", "INFLUX_ORG": "o", "INFLUX_BUCKET": "b"}
    embedded, remote = open_series(starter(tmp_path)), open_series(starter(tmp_path, **settings))
    embedded.close()
    remote.close()

    assert (type(embedded), type(remote)) == (EmbeddedSeries, UnknownInflux)
