"""The only place that knows everyone. `serve`, read top to bottom, is the start; the stop is the same, backwards."""

import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from app.called import called
from app.channels import EscalationWatch, build_outbox
from app.desk.cameras import CameraSights
from app.desk.city import CityDesk
from app.desk.parts import Parts
from app.duty_loops import start_duty
from app.lifecycle import Lifecycle, Loop
from app.looking import looker, prune_views, with_live_cameras
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
from app.stores import Stores, open_stores
from app.upkeep import CaughtUp, EvidenceUpkeep, JournalUpkeep
from app.wellbeing.dropped_rows import DroppedRows
from app.wellbeing.selfwatch import Selfwatch
from app.wellbeing.system_alarms import SystemAlarms
from cases.platform.sender import Sender
from config.load import Site, load_site
from console.first_views import FirstViews
from console.keys import PAGES
from console.server import make_app
from domain.clock import SystemClock
from domain.errors import ChannelError, ConfigError
from ingest.commands import Commands
from ingest.decode import Decoder
from ingest.decoded import Reply
from rules.files import load_rules
from rules.rule import Rule
from storage.case_opening import open_accounts

log = logging.getLogger(__name__)

_COLLECTED_S = 3.0
"""For what the collectors have to be journalled and acknowledged. What isn't by then, the broker sends again."""
_LAST_SEND_S = 1.5
"""For the notice that is just going out. One that takes longer goes out again, with the same key."""
_UPKEEP_AFTER_S = 300.0
"""Looking through everything that shows a picture takes seconds of a large city, and after a start people come back."""
_THREADS = 16
"""Most wait for a disk or a server most of the time; Python's own number, by the cores, is six on a small machine."""
_SWITCH_INTERVAL_S = 0.00005
"""SQLite lets go of Python's lock at every row; beside a busy thread it waits so long for it each time. At Python's own
5 ms, or a tenth of that, a list of a few hundred rows stood still for a quarter of a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Everything that runs, put together. Nothing of it is started."""

    site: Site
    clock: SystemClock
    reads_by: str
    """The version of what reads messages."""
    stores: Stores
    collectors: Collectors
    commands: Commands
    judge: JudgeProcess
    writer: WriterProcess
    in_force: RulesInForce
    files: RulesReloader
    selfwatch: Selfwatch
    dropped: DroppedRows
    platform: Sender | None
    """The way to the city's, where the site has one."""


async def serve(site: Site, stop: asyncio.Event, announce: Callable[[str], None]) -> None:
    """Run everything but the cameras until `stop`. `announce` is told the console's address once it answers."""
    _share_the_machine()
    site, redraw = with_live_cameras(site)
    rules = load_rules(site.rule_files, site)
    # What cannot be read, or connected to, stops the start before anything is opened.
    reads_by = Decoder(site).version
    life = Lifecycle()
    try:
        running = await _put_together(site, rules, redraw, reads_by, life)
        desk = _desk_of(running)
        address = await _start_console(running, desk, life)
        await _start_outbox(running, life)
        if running.platform:
            start_platform(running.platform, life)
        _start_readers(running, life)
        _start_upkeep(running, life)
        _start_watching(running, desk, life)
        _start_collecting(running.collectors, life)
        _follow(running.files, desk, life)
        with on_hangup(running.files.ask):
            announce(address)
            await stop.wait()
    finally:
        await life.stop()


def _share_the_machine() -> None:
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, thread_name_prefix="serve"))


async def _put_together(
    site: Site, rules: Sequence[Rule], redraw: Callable[[Site], None], reads_by: str, life: Lifecycle
) -> Running:
    settings, clock = site.settings, SystemClock()
    collectors = Collectors(settings)
    commands = Commands(settings.mqtt, f"{client_id(settings)}-commands")
    stores = open_stores(site, clock, life)
    life.on_stop("announcement", Announced(settings.data_dir, reads_by).withdraw)
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
    return Running(
        site=site,
        clock=clock,
        reads_by=reads_by,
        stores=stores,
        collectors=collectors,
        commands=commands,
        judge=judge,
        writer=WriterProcess(site, stores.journal),
        in_force=in_force,
        files=RulesReloader(site, in_force, read=lambda: load_site(str(site.folder)), taken=redraw),
        selfwatch=Selfwatch(high_water=settings.journal.high_water),
        dropped=DroppedRows.of(stores.series, clock),
        platform=await platform_of(site, stores.cases, clock, stores.evidence.shareable, life),
    )


def _desk_of(running: Running) -> CityDesk:
    site, clock, stores, platform = running.site, running.clock, running.stores, running.platform
    return CityDesk(
        Parts(
            site=site,
            store=stores.cases,
            reader=running.judge,
            writer=running.writer,
            journal=stores.journal,
            deadletters=stores.deadletters,
            series=stores.series,
            evidence=stores.evidence,
            collector=running.collectors,
            clock=clock,
            selfwatch=running.selfwatch,
            dropped=running.dropped,
            rules_problem=lambda: running.files.problem,
            in_force=running.in_force,
            platform=(lambda: platform.status) if platform else None,
            sights=CameraSights(site, clock, looks=stores.looks, look_now=looker(site, running.commands)),
        )
    )


def _follow(files: Follower, desk: CityDesk, life: Lifecycle) -> None:
    life.on_stop("replay", desk.rulebook.stop_replay)
    life.on_stop("rule tests", desk.rulebook.stop_tests)
    task = asyncio.create_task(files.run(), name="settings")

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    life.on_stop("settings", end)


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


async def _start_console(running: Running, desk: CityDesk, life: Lifecycle) -> str:
    site = running.site
    accounts = open_accounts(site.settings)
    life.on_stop("accounts", accounts.close)
    app = make_app(desk, site, running.clock, accounts=accounts, called=called())
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


async def _start_outbox(running: Running, life: Lifecycle) -> None:
    session, stores, commands = aiohttp.ClientSession(), running.stores, running.commands
    life.on_stop("notices' session", session.close)
    outbox = build_outbox(
        running.site, stores.cases, commands.publish, session, running.clock, pictures=stores.evidence.shareable
    )
    commands.start()
    life.on_stop("commands", commands.stop)
    task = asyncio.create_task(outbox.run(), name="outbox")

    async def end() -> None:
        await outbox.stop(_LAST_SEND_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    life.on_stop("outbox", end, within_s=_LAST_SEND_S + 0.5)


def _start_readers(running: Running, life: Lifecycle) -> None:
    """A stop lets both come up with the journal first, within bounds, and at the same time."""
    judge, writer = running.judge, running.writer
    running.stores.claim.release()  # from now on the process that judges has it
    judge.start()
    life.on_stop("judge", judge.stop, within_s=JUDGED_S + 2.5)
    writer.start()
    life.on_stop("series writer", writer.stop, within_s=STORED_S + 2.5)
    life.on_stop("judge told", judge.release)


def _start_upkeep(running: Running, life: Lifecycle) -> None:
    stores = running.stores
    _start_loop(Loop("journal-upkeep", JournalUpkeep(stores.journal, stores.births).step), life)
    _start_loop(_evidence_upkeep(running), life)


def _evidence_upkeep(running: Running) -> Loop:
    site, stores, clock = running.site, running.stores, running.clock
    upkeep = EvidenceUpkeep(
        stores.evidence,
        stores.cases,
        site.settings.evidence,
        clock,
        caught_up=CaughtUp(head=stores.journal.head, read_to=lambda: running.judge.status.cursor),
        named=lambda: remembered_pictures(site.settings.data_dir, site.settings.evidence, clock.now_ms()),
        photos=ShopPhotos(site.settings.data_dir),
        views=lambda before_ms: prune_views(site, before_ms),
    )
    return Loop("evidence-upkeep", upkeep.step, rests_first_s=_UPKEEP_AFTER_S)


def _start_watching(running: Running, desk: CityDesk, life: Lifecycle) -> None:
    """What tells of trouble, ours or the city's."""
    site, clock, cases = running.site, running.clock, running.stores.cases
    start_duty(desk, site, running.stores, in_force=running.in_force, reads_by=running.reads_by, clock=clock, life=life)
    alarms = SystemAlarms(site=site, store=cases, selfwatch=running.selfwatch, health=desk.health, clock=clock)
    _start_loop(Loop("dropped-rows", running.dropped.step), life)
    _start_loop(Loop("selfwatch", alarms.step), life)
    _start_loop(Loop("escalation", EscalationWatch(site, cases, clock).step), life)


def _start_collecting(collectors: Collectors, life: Lifecycle) -> None:
    collectors.start()
    life.on_stop("collectors", lambda: collectors.stop(_COLLECTED_S), within_s=_COLLECTED_S + 1)


def _start_loop(loop: Loop, life: Lifecycle) -> None:
    loop.start()
    life.on_stop(loop.name, loop.stop)
