"""`longcheng demo`: a small city on this machine, and the whole product running on top of it.

In this process: the broker, the sensors, the cameras' picture server, the shopkeepers, and the accounts. In two child
processes the product itself, by the same commands as anywhere: `longcheng serve` and `longcheng watch`.
"""

import asyncio
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import aiohttp
from msgspec import Struct
from rich.console import Console
from rich.live import Live

from app.called import command
from app.demo.accounts import Accounts
from app.demo.broker import Broker
from app.demo.cameras import SnapshotServer
from app.demo.child import Child
from app.demo.firsts import Firsts
from app.demo.fleet import Fleet
from app.demo.frames import PICTURES, Frames
from app.demo.ledger import Ledger
from app.demo.ports import BROKER, CAMERAS, SEED, SILENT, free, free_or_any
from app.demo.scenes import read_scenes
from app.demo.shopkeepers import Shopkeepers
from app.demo.summary import Summary, live_table, summary_table
from app.demo.welcome import way_in
from app.lifecycle import Lifecycle
from config.load import Site, find_site, load_site
from domain.clock import SystemClock
from domain.errors import LongchengError

_READY_WITHIN_S = 60.0
_LOOK_EVERY_S = 1.0
_STOP_CHILD_S = 10.0  # the memories of a city are 100 MB, and all of them are written


class DemoFailed(LongchengError):
    """A part of the demo did not come up, or ended by itself."""


class _World(Struct, frozen=True, kw_only=True):
    """Everything outside the product."""

    broker: Broker
    cameras: SnapshotServer
    shopkeepers: Shopkeepers
    ledger: Ledger


class Demo:
    """One run. `summary` is there once `run` has returned."""

    def __init__(self, *, data: Path | None, port: int, minutes: float, out: Console, live: bool) -> None:
        """`minutes` 0: until told to stop. `data` None: a temporary folder. `live`: draw a table while it runs."""
        self._kept = data
        self._port = port
        self._seconds = minutes * 60 or None
        self._out = out
        self._live = live
        self._clock = SystemClock()
        self.summary: Summary | None = None

    @property
    def nothing_lost(self) -> bool:
        """Whether every message and every value that was acknowledged is where it belongs."""
        return self.summary is not None and self.summary.lost == 0

    async def run(self, stop: asyncio.Event) -> None:
        """Start the city, let it live until `stop` or the time is over, stop it, and draw the balance.

        Raises DemoFailed if a part does not come up.
        """
        data = (self._kept or Path(tempfile.mkdtemp(prefix="longcheng-demo-"))).resolve()
        data.mkdir(parents=True, exist_ok=True)
        self._port = free(self._port)  # notices name it
        try:
            folder = await asyncio.to_thread(own_site, data)
            self.summary = await self._live_and_balance(load_site(str(folder), _environment(data, self._port)), stop)
        finally:
            if self._kept is None:
                shutil.rmtree(data, ignore_errors=True)

    async def _live_and_balance(self, site: Site, stop: asyncio.Event) -> Summary:
        data = site.settings.data_dir
        life = Lifecycle()
        try:
            world = await self._start_world(site, life)
            environment = _environment(data, self._port) | _addresses(world)
            serve = await Child.start("serve", site.folder, data, environment)
            life.on_stop("serve", lambda: serve.stop(_STOP_CHILD_S), within_s=_STOP_CHILD_S + 1)
            address = await self._wait_until_ready(serve, stop)
            self._out.print(f"console: {address}", soft_wrap=True, highlight=False)
            line = shell_line(site.folder, data, world.broker.url)
            said = f"in another shell: {line}; then for example: {command('cases list')}"
            self._out.print(said, soft_wrap=True, highlight=False, markup=False)
            welcome = await asyncio.to_thread(way_in, site, address)
            self._out.print(welcome, soft_wrap=True, highlight=False, markup=False)
            accounts = Accounts(site, world.ledger)
            watch = await Child.start("watch", site.folder, data, environment, "--json")
            fleet = Fleet(site, (world.broker.host, world.broker.port), world.ledger, self._clock, seed=SEED)
            await fleet.start()

            async def fall_silent() -> None:
                await asyncio.gather(fleet.stop(), watch.stop(_STOP_CHILD_S))

            life.on_stop("sensors and cameras", fall_silent, within_s=_STOP_CHILD_S + 1)

            await self._let_live(address, (serve, watch), accounts, world.shopkeepers, stop)
        finally:
            await life.stop()
        return await asyncio.to_thread(accounts.balance, watch.last_line, world.shopkeepers.received)

    async def _start_world(self, site: Site, life: Lifecycle) -> _World:
        scenes = read_scenes(site.folder / "scenes.csv")
        broker = Broker(port=free_or_any(BROKER))
        await asyncio.to_thread(broker.start)
        life.on_stop("broker", broker.stop)
        frames = await asyncio.to_thread(lambda: Frames(seed=SEED, timezone=site.timezone))
        cameras = SnapshotServer(scenes, frames, self._clock)
        await cameras.start(port=free_or_any(CAMERAS), silent_port=free_or_any(SILENT))
        life.on_stop("cameras", cameras.stop)
        photo = await asyncio.to_thread((PICTURES / "street-clear.jpg").read_bytes)
        shopkeepers = Shopkeepers(scenes, cameras.clear_up, seed=SEED, photo=photo)
        await shopkeepers.start()
        life.on_stop("shopkeepers", shopkeepers.stop)
        return _World(broker=broker, cameras=cameras, shopkeepers=shopkeepers, ledger=Ledger())

    async def _wait_until_ready(self, serve: Child, stop: asyncio.Event) -> str:
        """The console's address, once the product takes messages: what is sent before belongs to nobody."""
        async with asyncio.timeout(_READY_WITHIN_S), aiohttp.ClientSession() as session:
            while not stop.is_set():
                serve.check()
                address = serve.said("console: ")
                if address and await _is_ready(session, address):
                    return address
                await asyncio.sleep(0.1)
        raise DemoFailed("stopped before it was ready")

    async def _let_live(
        self,
        address: str,
        children: tuple[Child, ...],
        accounts: Accounts,
        shopkeepers: Shopkeepers,
        stop: asyncio.Event,
    ) -> None:
        loop = asyncio.get_running_loop()
        ends_s = None if self._seconds is None else loop.time() + self._seconds
        firsts = Firsts(
            lambda: f"a shop's page: {shopkeepers.first_link}" if shopkeepers.first_link else "",
            lambda: f"finds wait for a person's word: {address}review" if accounts.finds_wait() else "",
        )
        table = Live(console=self._out, auto_refresh=False) if self._live else None
        async with aiohttp.ClientSession() as session:
            if table:
                table.start()
            try:
                while not stop.is_set() and (ends_s is None or loop.time() < ends_s):
                    for child in children:
                        child.check()
                    await asyncio.to_thread(accounts.settle)
                    for line in await asyncio.to_thread(firsts.come):
                        self._out.print(line, soft_wrap=True, highlight=False, markup=False)
                    if table:
                        table.update(live_table(address, await _overview(session, address), ends_s, loop.time()))
                        table.refresh()
                    await _rest(stop, _LOOK_EVERY_S)
            finally:
                if table:
                    table.stop()

    def print_summary(self, *, as_json: bool) -> None:
        """The balance: one JSON object on the last line, or a table."""
        if self.summary is None:
            return
        if as_json:
            sys.stdout.write(self.summary.as_json() + "\n")
        else:
            self._out.print(summary_table(self.summary))


def own_site(data: Path) -> Path:
    """The demo's site as a folder of this run: whoever redraws its zones does not redraw those of the next."""
    shipped, own = find_site("demo"), data / "site"
    if not own.exists():
        fresh = data / f".site.{os.getpid()}"
        shutil.copytree(shipped, fresh, dirs_exist_ok=True)
        settings = fresh / "site.yaml"
        rules = f"{(shipped / '../../rules').resolve()}/"
        settings.write_text(settings.read_text(encoding="utf-8").replace("../../rules/", rules), encoding="utf-8")
        fresh.rename(own)
    return own


def shell_line(site: Path, data: Path, broker: str) -> str:
    """What makes the commands of another shell speak of this demo: its folder, most often one without a name."""
    values = {"LONGCHENG_SITE": str(site), "LONGCHENG_DATA": str(data), "LONGCHENG_MQTT_URL": broker}
    return f"export {' '.join(f'{name}={shlex.quote(value)}' for name, value in values.items())}"


def _environment(data: Path, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "LONGCHENG_DATA": str(data),
        "LONGCHENG_CONSOLE_PORT": str(port),
        "LONGCHENG_SHOP_URL": f"http://127.0.0.1:{port}",
        "LONGCHENG_MQTT_CLIENT_ID": f"longcheng-demo-{os.getpid()}",
        "LONGCHENG_MQTT_PROTOCOL": "3.1.1",  # all that the demo's broker speaks
    }


def _addresses(world: _World) -> dict[str, str]:
    return {
        "LONGCHENG_MQTT_URL": world.broker.url,
        "LONGCHENG_WEBHOOK_URL": world.shopkeepers.url,
        "LONGCHENG_CAMERAS": world.cameras.url,
        "LONGCHENG_CAMERAS_SILENT": world.cameras.silent_url,
    }


async def _is_ready(session: aiohttp.ClientSession, address: str) -> bool:
    try:
        async with session.get(f"{address}ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def _overview(session: aiohttp.ClientSession, address: str) -> dict[str, object]:
    try:
        async with session.get(f"{address}api/v1/overview") as answer:
            return dict(await answer.json())
    except aiohttp.ClientError:
        return {}


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass
