"""The product as people on duty have it: a broker, `serve`, `watch`, a street with a van in it, accounts, a browser."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from argon2 import PasswordHasher

from config.load import SHARED, load_site
from console.access.passwords import Passwords
from console.access.registry import Registry
from domain.clock import SystemClock
from domain.permission import Role
from storage.case_opening import open_accounts
from tests.e2e.product import publish
from tests.e2e.watched_street import PATIENCE_S, RULES, SITE, Street, running, with_van
from tests.fakes.brokers import Mosquitto, mosquitto
from tests.fakes.cameras import FakeCameras
from tests.fakes.person import Person

PASSWORD: Final = "long as the river"
MINE, THEIRS = "天宁街道", "红梅街道"
PEOPLE: Final = {"zhang": Role.ADMINISTRATOR, "li": Role.OPERATOR, "wang": Role.REVIEWER, "zhao": Role.KEEPER}
_HERE = f"天宁区,{MINE},双桂街,119.95,31.78"
_THERE = f"天宁区,{THEIRS},罗汉路,119.97,31.79"
_FILES: Final = {
    "rules.yaml": RULES,
    "shops.csv": f"shop_id,name,district,sub_district,road,lon_deg,lat_deg,contact\nS1,龙城车行,{_HERE},shop:S1\n",
    "devices.csv": "device_id,profile,name,district,sub_district,road,lon_deg,lat_deg,ports,baseline\n"
    f"cs-1,charging-station,双桂街充电站,{_HERE},10,\ncs-2,charging-station,罗汉路充电站,{_THERE},10,\n"
    f"cs-3,charging-station,桥头充电站,{_HERE},10,\n",
    "zones.csv": 'camera_id,zone,role,shop_id,polygon\nC1,lane,no_parking,S1,"0.80,0.05 1.0,0.05 1.0,0.22 0.80,0.22"\n',
}
LEAK: Final = {"port": 3, "metrics": {"residual_ma": 38.0, "voltage_v": 221.5}}
QUIET: Final = {"port": 3, "metrics": {"residual_ma": 2.0, "voltage_v": 221.5}}


class Duty:
    """What runs."""

    def __init__(self, broker: Mosquitto, street: Street, cameras: FakeCameras, site: Path) -> None:
        self.broker, self.street, self.cameras, self.site = broker, street, cameras, site
        self._processes = AsyncExitStack()

    async def begin(self) -> None:
        """Start the product; after `end`, on what it has kept, at another address."""
        await self._processes.enter_async_context(running(self.street, self.site))

    async def end(self) -> None:
        """Stop it."""
        await self._processes.aclose()

    def register(self, device: str) -> None:
        """One more station in the site's folder, known from the next start on."""
        with (self.site / "devices.csv").open("a", encoding="utf-8") as file:
            file.write(f"{device},charging-station,新装的充电站,{_HERE},10,\n")

    @property
    def address(self) -> str:
        """Of the console, without a slash at its end."""
        return self.street.address.rstrip("/")

    async def says(self, device: str, payload: object) -> None:
        """A station's message."""
        await asyncio.to_thread(publish, self.broker, f"longcheng/v1/charger/{device}/telemetry", payload)

    @asynccontextmanager
    async def as_(self, who: str) -> AsyncIterator[aiohttp.ClientSession]:
        """The API, in an account's own session."""
        async with aiohttp.ClientSession(self.address, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            async with session.post("/api/v1/session", json={"name": who, "password": PASSWORD}) as answer:
                assert answer.status < 300, await answer.text()
            yield session

    async def until(self, path: str, holds: Callable[[Any], bool], who: str = "zhang") -> Any:
        """The answer of the API at a path once it is so; asked again whenever the live stream says something."""
        async with asyncio.timeout(PATIENCE_S), self.as_(who) as session, session.get("/api/v1/live") as stream:
            async for line in stream.content:
                if line.strip():
                    async with session.get(path) as answer:
                        if holds(found := await answer.json()):
                            return found
        raise AssertionError(f"the live stream ended before {path} was as wanted")

    async def case_of(self, device: str) -> str:
        """The number of a station's case, once there is one."""
        found = await self.until("/api/v1/cases", lambda told: device in {one["device_id"] for one in told["items"]})
        return next(str(one["id"]) for one in found["items"] if one["device_id"] == device)

    async def sign_in(self, person: Person, who: str, path: str = "/") -> None:
        """By the form, to a page."""
        await person.tab.open(f"{self.address}/sign-in?next={path}", width=1440)
        await person.tab.run("document.getElementById('name').select()")
        await person.fill("Name", who)
        await person.fill("Password", PASSWORD)
        await person.press("Enter")
        await person.at(path.partition("?")[0])


@asynccontextmanager
async def on_duty(folder: Path) -> AsyncIterator[Duty]:
    """All of it, until the end of the block. What it keeps lies below `folder`."""
    with _broker(folder / "broker") as broker:
        async with FakeCameras(with_van()) as cameras:
            site = _write_site(folder, broker, cameras)
            await asyncio.to_thread(_add_people, site)
            street = Street()
            duty = Duty(broker, street, cameras, site)
            try:
                await duty.begin()
                yield duty
            finally:
                await duty.end()


@contextmanager
def _broker(folder: Path) -> Iterator[Mosquitto]:
    folder.mkdir()
    with mosquitto(folder) as broker:
        yield broker


def _write_site(folder: Path, broker: Mosquitto, cameras: FakeCameras) -> Path:
    site = folder / "site"
    site.mkdir()
    settings = SITE.format(data=folder / "data", broker=broker.url, webhook="")
    settings = settings.replace("ladder: {", "ladder: {confirm: person, confirm_patience: 900h, ")
    settings = settings.replace("console: {port: 0}", "console: {port: 0, open: none}")
    settings = settings.replace("rules: [rules.yaml]", f"rules: [rules.yaml, {SHARED}/rules/chargers.yaml]")
    looks = f"C1,双桂街1号,{cameras.url('good/C1')},{_HERE},2\nC2,罗汉路2号,{cameras.url('good/C2')},{_THERE},2\n"
    head = "camera_id,name,source,district,sub_district,road,lon_deg,lat_deg,interval_s\n"
    for name, text in {**_FILES, "site.yaml": settings, "cameras.csv": head + looks}.items():
        (site / name).write_text(text, encoding="utf-8")
    return site


def _add_people(folder: Path) -> None:
    site = load_site(str(folder))
    site.settings.data_dir.mkdir(parents=True, exist_ok=True)
    hashed = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)).hash_now(PASSWORD)
    store = open_accounts(site.settings)
    try:
        registry = Registry(store, site, SystemClock())
        for name, role in PEOPLE.items():
            streets = (MINE,) if role is Role.KEEPER else ()
            registry.add(name, role, sub_districts=streets, password_hash=hashed, language="en")
    finally:
        store.close()
