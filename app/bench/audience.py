"""People at the console: each has a page open that keeps itself up to date, and clicks now and then."""

import asyncio
import json
import random
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from app.bench.traffic import METRICS, device_id
from console.pages.live_views import LIVE
from console.pages.rail import RAIL
from domain.permission import Permission

_THINKING_S: Final = (2.0, 6.0)
"""Between two clicks of one person."""
_COME_IN_S: Final = 120.0
"""For all of them to get their first pages at once, however busy the machine is."""
_STREAM_BYTES: Final = 1 << 24
_STATION: Final = re.compile(r"(\d+) 号充电站")
PAGE: Final = "page"
API: Final = "api"


def open_views() -> Sequence[str]:
    """The live pages that whoever may read may open, in the order of the rail."""
    return [stop.name for stop in RAIL if stop.name in LIVE and LIVE[stop.name].needs is Permission.READ]


class Audience:
    """So many people on one console. Times are of the monotonic clock."""

    def __init__(self, address: str, *, people: int, devices: int, token: str, seed: int = 1) -> None:
        self._address, self._people, self._devices, self._token = address, people, devices, token
        self._chance = random.Random(seed)  # noqa: S311 which page somebody opens is no secret
        self.took_ms: dict[str, list[float]] = {API: [], PAGE: []}
        """Of each answer, by whether it was one of the API or a page."""
        self.slowest_ms: dict[str, float] = {}
        """By address, its slowest answer."""
        self.failed: list[str] = []
        """Answers that were none, and streams that ended."""
        self.updates = 0
        self.seen_s: dict[int, list[float]] = {}
        """By station: when each open overview first showed an alarm of it."""
        self._alarms: list[int] = []

    @asynccontextmanager
    async def there(self) -> AsyncIterator[None]:
        """All of them, from when each has got its page until the end of the block."""
        views = open_views()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=_STREAM_BYTES) as session:
            here = [asyncio.Event() for _ in range(self._people)]
            tasks = [
                asyncio.create_task(self._watch(session, views[n % len(views)], here[n])) for n in range(self._people)
            ]
            try:
                async with asyncio.timeout(_COME_IN_S):
                    await asyncio.gather(*(one.wait() for one in here))
                tasks += [asyncio.create_task(self._click(session, n)) for n in range(self._people)]
                yield
            finally:
                for task in tasks:
                    task.cancel()
                ended = await asyncio.gather(*tasks, return_exceptions=True)
                self.failed += [repr(one) for one in ended if isinstance(one, Exception)]

    async def _watch(self, session: aiohttp.ClientSession, view: str, here: asyncio.Event) -> None:
        shown: set[int] = set()
        async with session.get(f"{self._address}live", params={"view": view, "lang": "zh-CN"}) as stream:
            stream.raise_for_status()
            name = ""
            async for raw in stream.content:
                if raw.startswith(b"event: "):
                    name = raw[7:].strip().decode()
                elif raw.startswith(b"data: ") and name == "update":
                    self.updates += 1
                    here.set()
                    if view == "overview":
                        self._note(json.loads(raw[6:])["fragments"].get("alarms", ""), shown)
        self.failed.append(f"the stream of {view} ended")

    def _note(self, alarms: str, shown: set[int]) -> None:
        now_s = time.monotonic()
        fresh = {int(number) for number in _STATION.findall(alarms)} - shown
        shown |= fresh
        for station in fresh:
            self.seen_s.setdefault(station, []).append(now_s)

    async def _click(self, session: aiohttp.ClientSession, person: int) -> None:
        await asyncio.sleep(self._chance.uniform(0, _THINKING_S[1]))
        while True:
            kind, method, path = self._choose(person)
            began_s = time.monotonic()
            headers = {"Authorization": f"Bearer {self._token}"} if method == "POST" else {}
            body = json.dumps({"who": "bench", "why": "seen"}) if method == "POST" else None
            async with session.request(method, self._address + path, headers=headers, data=body) as answer:
                told = await answer.read()
                taken_ms = (time.monotonic() - began_s) * 1000
                if answer.status not in {200, 202, 404, 409}:
                    self.failed.append(f"{method} {path}: {answer.status} {told[:200]!r}")
            self.took_ms[kind].append(taken_ms)
            place = path.partition("?")[0]
            self.slowest_ms[place] = max(self.slowest_ms.get(place, 0.0), round(taken_ms, 1))
            if path.startswith("api/v1/alarms?"):
                self._alarms = [one["id"] for one in json.loads(told)["items"]]
            await asyncio.sleep(self._chance.uniform(*_THINKING_S))

    def _choose(self, person: int) -> tuple[str, str, str]:
        """What somebody does next: mostly looks, now and then acknowledges."""
        station = device_id(self._chance.randrange(self._devices))
        about = f"kind=charger&device_id={station}&port=1"
        if self._alarms and self._chance.random() < 0.05:
            return API, "POST", f"api/v1/alarms/{self._chance.choice(self._alarms)}/ack"
        return self._chance.choice(
            [
                (API, "GET", "api/v1/overview"),
                (API, "GET", "api/v1/alarms?limit=50"),
                (API, "GET", "api/v1/alarms?limit=50"),
                (API, "GET", "api/v1/cases?limit=50"),
                (API, "GET", "api/v1/cases?limit=50&open=true"),
                (API, "GET", "api/v1/ladders?limit=50"),
                (API, "GET", "api/v1/deadletters?limit=50"),
                (API, "GET", "api/v1/notices?limit=50"),
                (API, "GET", "api/v1/kpi"),
                (API, "GET", f"api/v1/readings/latest?{about}"),
                (API, "GET", f"api/v1/series?{about}&metric={METRICS[person % len(METRICS)]}&every=1m"),
                (PAGE, "GET", self._chance.choice([one.href for one in RAIL if one.name in open_views()]).lstrip("/")),
            ]
        )


def delays_ms(audience: Audience, written_s: Mapping[int, float]) -> list[float]:
    """From writing the critical message of a station to each open overview that showed its alarm."""
    return [
        (seen_s - written_s[station]) * 1000
        for station, times in audience.seen_s.items()
        if station in written_s
        for seen_s in times
    ]
