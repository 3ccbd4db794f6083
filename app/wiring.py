"""The only place that knows everyone. `serve`, read top to bottom, is the start; the stop is the same, backwards."""

import asyncio
import logging
import random
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import aiohttp
from aiohttp import web

from app.desk import CityDesk
from app.lifecycle import Lifecycle, Loop
from app.pipeline import RulesReader, SeriesWriter
from cases.notices.channels import Channel
from cases.notices.channels.command import Command
from cases.notices.channels.log import Log
from cases.notices.channels.webhook import Webhook
from cases.notices.letters import Letters
from cases.notices.outbox import Outbox
from config.load import Site
from console.server import make_app
from domain.clock import SystemClock
from domain.errors import ConfigError
from ingest.collector import Collector
from ingest.commands import Commands
from ingest.decode import Decoder
from rules.files import load_rules
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.evidence_store import EvidenceStore
from storage.journal import Journal
from storage.series.embedded import EmbeddedSeries
from storage.series.influx import InfluxSeries
from storage.series.store import SeriesStore

log = logging.getLogger(__name__)

_DRAIN_S = 2.0
_LAST_SEND_S = 1.5
"""For the notice that is just going out. One that takes longer goes out again, with the same key."""
_SWITCH_INTERVAL_S = 0.0005
"""SQLite lets go of Python's lock at every step; beside a busy thread it would wait 5 ms for it each time."""


async def serve(site: Site, stop: asyncio.Event, announce: Callable[[str], None]) -> None:
    """Run everything but the cameras until `stop`. `announce` is told the console's address once it answers."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    settings, clock = site.settings, SystemClock()
    rules = load_rules(site.rule_files, site)
    decoder = Decoder(site)
    data = open_data(settings.data_dir)
    life = Lifecycle()
    try:
        journal = Journal(data / "journal.db", max_bytes=settings.journal.max_size)
        life.on_stop("journal", journal.close)
        deadletters = DeadLetters(data / "deadletters.db")
        life.on_stop("dead letters", deadletters.close)
        store = CaseStore(f"sqlite:///{data / 'cases.db'}")
        life.on_stop("case store", store.close)
        series = open_series(site)
        life.on_stop("series store", series.close)
        evidence = EvidenceStore(data / "evidence")

        client_id = settings.mqtt.client_id or f"longcheng-{settings.site}"
        collector = Collector(
            settings.mqtt,
            client_id=client_id,
            journal=journal,
            clock=clock,
            group=settings.journal.group,
            group_wait_s=settings.journal.group_wait,
        )
        reader = RulesReader(
            site=site,
            rules=rules,
            journal=journal,
            decoder=decoder,
            store=store,
            deadletters=deadletters,
            clock=clock,
            hearing=lambda: collector.status.connected and not collector.status.paused,
        )
        writer = SeriesWriter(site=site, journal=journal, decoder=decoder, store=series, deadletters=deadletters)
        desk = CityDesk(
            store=store,
            reader=reader,
            writer=writer,
            journal=journal,
            deadletters=deadletters,
            series=series,
            evidence=evidence,
            collector=collector,
            clock=clock,
        )

        address = await _start_console(make_app(desk, site, clock), site, life)
        await _start_outbox(site, store, f"{client_id}-commands", clock, life)
        _start_readers(reader, writer, journal, life)
        collector.start()
        life.on_stop("collector", lambda: collector.stop(2.0), within_s=3.0)
        announce(address)
        await stop.wait()
    finally:
        await life.stop()


def open_data(folder: Path) -> Path:
    """The data folder, made if need be. Raises ConfigError if it can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise ConfigError(f"data_dir is {folder}, and it cannot be made: {wrong.strerror}") from None
    return folder


def open_series(site: Site) -> SeriesStore:
    """InfluxDB where `series.influx_url` is set, else the embedded store in the data folder."""
    settings = site.settings.series
    if settings.influx_url:
        return InfluxSeries(settings)
    return EmbeddedSeries(site.settings.data_dir / "series.db")


async def _start_console(app: web.Application, site: Site, life: Lifecycle) -> str:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    life.on_stop("console", runner.cleanup)
    listener = web.TCPSite(runner, site.settings.console.host, site.settings.console.port)
    try:
        await listener.start()
    except OSError as wrong:
        where = f"{site.settings.console.host}:{site.settings.console.port}"
        raise ConfigError(
            f"the console cannot listen on {where} (console.host, console.port): {wrong.strerror}"
        ) from None
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/"


async def _start_outbox(site: Site, store: CaseStore, client_id: str, clock: SystemClock, life: Lifecycle) -> None:
    notices = site.settings.notices
    session = aiohttp.ClientSession()
    life.on_stop("webhook session", session.close)
    commands = Commands(site.settings.mqtt, client_id)
    commands.start()
    life.on_stop("commands", commands.stop)
    channels: dict[str, Channel] = {
        "log": Log(site.settings.data_dir / "notices.jsonl"),
        "command": Command(commands.publish, root=site.settings.mqtt.root),
    }
    if notices.webhook_url:
        channels["webhook"] = Webhook(session, notices.webhook_url, secret=notices.webhook_secret)
    outbox = Outbox(
        store,
        channels,
        clock,
        random.Random(),  # noqa: S311 jitter
        max_attempts=notices.max_attempts,
        not_before=Letters(site).not_before,
    )
    task = asyncio.create_task(outbox.run(), name="outbox")

    async def end() -> None:
        await outbox.stop(_LAST_SEND_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    life.on_stop("outbox", end, within_s=_LAST_SEND_S + 0.5)


def _start_readers(reader: RulesReader, writer: SeriesWriter, journal: Journal, life: Lifecycle) -> None:
    """Both readers in threads of their own. A stop lets them come up with the journal first, within bounds."""
    loops = (
        Loop("rules-reader", reader.step, recover=reader.restore),
        Loop("series-writer", writer.step),
        Loop("journal-pruner", lambda: prune(journal)),
    )
    for loop in loops:
        loop.start()
        life.on_stop(loop.name, loop.stop)
    caught_up = threading.Event()

    def drain() -> None:
        waited_s = 0.0
        while min(reader.cursor, writer.cursor) < journal.head() and waited_s < _DRAIN_S:
            caught_up.wait(0.05)
            waited_s += 0.05

    life.on_stop("readers catching up", drain, within_s=_DRAIN_S + 1)


def prune(journal: Journal) -> float:
    """Remove what every reader has passed; again in a minute."""
    removed = journal.prune()
    if removed:
        log.debug("journal: removed %d records that every reader has passed", removed)
    return 60.0
