"""The only place that knows everyone. `serve`, read top to bottom, is the start; the stop is the same, backwards."""

import asyncio
import logging
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web

from app.channels import EscalationWatch, build_outbox
from app.desk.cameras import CameraSights
from app.desk.city import CityDesk
from app.desk.parts import Parts
from app.duty_loops import start_duty
from app.lifecycle import Lifecycle, Loop
from app.lock import Lock
from app.looking import looker, open_looks, prune_views, with_live_cameras
from app.platform import platform_of, start_platform
from app.processes.collectors import Collectors, client_id
from app.processes.judge_process import JudgeProcess
from app.processes.judging import DRAIN_S as JUDGED_S
from app.processes.storing import DRAIN_S as STORED_S
from app.processes.writer_process import WriterProcess
from app.reloading import Follower, on_hangup
from app.retention import remembered_pictures
from app.rules_in_force import RulesInForce
from app.rules_reloading import RulesReloader
from app.running import Announced
from app.shop_photos import ShopPhotos
from app.upkeep import CaughtUp, EvidenceUpkeep, JournalUpkeep
from app.wellbeing.dropped_rows import DroppedRows
from app.wellbeing.selfwatch import Selfwatch
from app.wellbeing.system_alarms import SystemAlarms
from config.load import Site, load_site
from console.first_views import FirstViews
from console.keys import PAGES
from console.server import make_app
from domain.clock import Clock, SystemClock
from domain.errors import ChannelError, ConfigError
from ingest.commands import Commands
from ingest.decode import Decoder
from ingest.decoded import Reply
from rules.files import load_rules
from storage.births import Births
from storage.case_claim import Claim
from storage.case_opening import open_accounts, open_cases
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.evidence_store import EvidenceStore
from storage.journal import Journal
from storage.looks import Looks
from storage.series.open import open_store
from storage.series.store import SeriesStore

log = logging.getLogger(__name__)

_COLLECTED_S = 3.0
"""For what the collectors have to be journalled and acknowledged. What isn't by then, the broker sends again."""
_LAST_SEND_S = 1.5
"""For the notice that is just going out. One that takes longer goes out again, with the same key."""
_THREADS = 16
"""Most wait for a disk or a server most of the time; Python's own number, by the cores, is six on a small machine."""
_SWITCH_INTERVAL_S = 0.00005
"""SQLite lets go of Python's lock at every row; beside a busy thread it waits so long for it each time. At Python's own
5 ms, or a tenth of that, a list of a few hundred rows stood still for a quarter of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Everything that is kept on disk, or on the series server."""

    journal: Journal
    births: Births
    deadletters: DeadLetters
    cases: CaseStore
    claim: Claim
    """That nobody else judged for `cases` when we started."""
    series: SeriesStore
    evidence: EvidenceStore
    looks: Looks


async def serve(site: Site, stop: asyncio.Event, announce: Callable[[str], None]) -> None:
    """Run everything but the cameras until `stop`. `announce` is told the console's address once it answers."""
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="serve"))
    (site, redraw), settings, clock = with_live_cameras(site), site.settings, SystemClock()
    rules = load_rules(site.rule_files, site)
    # What cannot be read, or connected to, stops the start before anything is opened.
    decoder_version = Decoder(site).version
    life = Lifecycle()
    try:
        collectors = Collectors(settings)
        commands = Commands(settings.mqtt, f"{client_id(settings)}-commands")
        stores = _open_stores(site, clock, life)
        life.on_stop("announcement", Announced(settings.data_dir, decoder_version).withdraw)
        judge = JudgeProcess(
            site=site,
            rules=rules,
            journal=stores.journal,
            store=stores.cases,
            clock=clock,
            hearing=lambda: collectors.status.connected and not collectors.status.paused,
            reply=replier(commands, asyncio.get_running_loop()),
        )
        in_force = RulesInForce(rules, site, clock, judge)
        files = RulesReloader(site, in_force, read=lambda: load_site(str(site.folder)), taken=redraw)
        writer = WriterProcess(site, stores.journal)
        selfwatch, dropped = Selfwatch(high_water=settings.journal.high_water), DroppedRows.of(stores.series, clock)
        platform = await platform_of(site, stores.cases, clock, stores.evidence.shareable, life)
        desk = CityDesk(
            Parts(
                site=site,
                store=stores.cases,
                reader=judge,
                writer=writer,
                journal=stores.journal,
                deadletters=stores.deadletters,
                series=stores.series,
                evidence=stores.evidence,
                collector=collectors,
                clock=clock,
                selfwatch=selfwatch,
                dropped=dropped,
                rules_problem=lambda: files.problem,
                in_force=in_force,
                platform=(lambda: platform.status) if platform else None,
                sights=CameraSights(site, clock, looks=stores.looks, look_now=looker(site, commands)),
            )
        )
        accounts = open_accounts(settings)
        life.on_stop("accounts", accounts.close)
        address = await _start_console(make_app(desk, site, clock, accounts=accounts), site, life)
        await _start_outbox(site, stores, commands, clock, life)
        if platform:
            start_platform(platform, life)
        _start_readers(judge, writer, stores, life)
        _start_loop(Loop("journal-upkeep", JournalUpkeep(stores.journal, stores.births).step), life)
        _start_loop(_evidence_upkeep(site, stores, judge, clock), life)
        start_duty(desk, site, stores, in_force=in_force, reads_by=decoder_version, clock=clock, life=life)
        alarms = SystemAlarms(site=site, store=stores.cases, selfwatch=selfwatch, health=desk.health, clock=clock)
        for name, step in (
            ("dropped-rows", dropped.step),
            ("selfwatch", alarms.step),
            ("escalation", EscalationWatch(site, stores.cases, clock).step),
        ):
            _start_loop(Loop(name, step), life)
        collectors.start()
        life.on_stop("collectors", lambda: collectors.stop(_COLLECTED_S), within_s=_COLLECTED_S + 1)
        _follow(files, desk, life)
        with on_hangup(files.ask):
            announce(address)
            await stop.wait()
    finally:
        await life.stop()


def _follow(files: Follower, desk: CityDesk, life: Lifecycle) -> None:
    life.on_stop("replay", desk.rulebook.stop_replay)
    life.on_stop("rule tests", desk.rulebook.stop_tests)
    task = asyncio.create_task(files.run(), name="settings")

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    life.on_stop("settings", end)


def _open_stores(site: Site, clock: Clock, life: Lifecycle) -> Stores:
    data, bounds = open_data(site.settings.data_dir), site.settings.journal
    life.on_stop("lock", Lock(data).release)
    journal = Journal(data / "journal.db", max_bytes=bounds.max_size, max_age_s=bounds.max_age, clock=clock)
    life.on_stop("journal", journal.close)
    births = Births(data / "births.db", journal.identity)
    life.on_stop("births", births.close)
    deadletters = DeadLetters(data / "deadletters.db")
    life.on_stop("dead letters", deadletters.close)
    claim = Claim(site.settings)
    life.on_stop("claim", claim.release)
    claim.take()
    cases = open_cases(site.settings, serves=True)
    life.on_stop("case store", cases.close)
    series = open_series(site)
    life.on_stop("series store", series.close)
    evidence = EvidenceStore(data / "evidence")
    return Stores(
        journal=journal,
        births=births,
        deadletters=deadletters,
        cases=cases,
        claim=claim,
        series=series,
        evidence=evidence,
        looks=open_looks(data, life),
    )


def replier(commands: Commands, loop: asyncio.AbstractEventLoop) -> Callable[[Reply], None]:
    """Sends what a sender must be told, from any thread. One that does not get through is asked for again."""

    async def send(reply: Reply) -> None:
        try:
            await commands.publish(reply.topic, reply.payload)
        except ChannelError as problem:
            log.debug("not told: %s: %s", reply.topic, problem)

    def reply(said: Reply) -> None:
        asyncio.run_coroutine_threadsafe(send(said), loop)

    return reply


def open_data(folder: Path) -> Path:
    """The data folder, made if need be. Raises ConfigError if it can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise ConfigError(f"data_dir is {folder}, and it cannot be made: {wrong.strerror}") from None
    return folder


def open_series(site: Site) -> SeriesStore:
    """The server that `series` names, else the embedded store in the data folder."""
    return open_store(site.settings.series, site.settings.data_dir / "series.db")


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
    _start_loop(Loop("first-views", FirstViews(app[PAGES], site.settings.language).step), life)
    host, port = runner.addresses[0][:2]
    return f"http://{host}:{port}/"


async def _start_outbox(site: Site, stores: Stores, commands: Commands, clock: SystemClock, life: Lifecycle) -> None:
    session = aiohttp.ClientSession()
    life.on_stop("notices' session", session.close)
    pictures = stores.evidence.shareable
    outbox = build_outbox(site, stores.cases, commands.publish, session, clock, pictures=pictures)
    commands.start()
    life.on_stop("commands", commands.stop)
    task = asyncio.create_task(outbox.run(), name="outbox")

    async def end() -> None:
        await outbox.stop(_LAST_SEND_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    life.on_stop("outbox", end, within_s=_LAST_SEND_S + 0.5)


def _evidence_upkeep(site: Site, stores: Stores, judge: JudgeProcess, clock: Clock) -> Loop:
    upkeep = EvidenceUpkeep(
        stores.evidence,
        stores.cases,
        site.settings.evidence,
        clock,
        caught_up=CaughtUp(head=stores.journal.head, read_to=lambda: judge.status.cursor),
        named=lambda: remembered_pictures(site.settings.data_dir, site.settings.evidence, clock.now_ms()),
        photos=ShopPhotos(site.settings.data_dir),
        views=lambda before_ms: prune_views(site, before_ms),
    )
    return Loop("evidence-upkeep", upkeep.step)


def _start_readers(judge: JudgeProcess, writer: WriterProcess, stores: Stores, life: Lifecycle) -> None:
    """A stop lets both come up with the journal first, within bounds."""
    stores.claim.release()  # from now on the process that judges has it
    judge.start()
    life.on_stop("judge", judge.stop, within_s=JUDGED_S + 2.0)
    writer.start()
    life.on_stop("series writer", writer.stop, within_s=STORED_S + 2.0)


def _start_loop(loop: Loop, life: Lifecycle) -> None:
    loop.start()
    life.on_stop(loop.name, loop.stop)
