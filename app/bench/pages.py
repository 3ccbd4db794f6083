"""How long each view of the console takes in a large city: what the server takes, and what a browser waits."""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Final

import aiohttp
from msgspec import Struct

from app.bench.browser import Browser, Opened, chromium
from app.bench.pages_site import NAME, make_site
from app.bench.probe import Probe, spent
from app.bench.rig import BenchError, mosquitto, product
from app.bench.run import Progress
from console.pages.rail import RAIL

TARGET_MS: Final = 1000.0
TARGET_SCRIPT_BYTES: Final = 200_000
_COOKIE: Final = "longcheng_session"
_DRAWN: Final = {"map": "'mapReady' in document.documentElement.dataset"}
"""When a view that draws by itself has drawn; all others are drawn with their document."""
VIEWS: Final = {**{stop.name: stop.href for stop in RAIL}, "alarms": "/alarms"}
"""The places of the rail, and the list of alarms."""


class ViewFigures(Struct, frozen=True, kw_only=True):
    """One view, milliseconds, the median of each. `cold` is a browser that has never been here, `warm` one that has."""

    name: str
    first_ms: float
    """The server's whole answer to the first one who asks after its start, one view after the other."""
    server_ms: float
    """To those who ask later."""
    server_cpu_ms: float
    """Processor time of the server's process for one of these."""
    html_bytes: int
    cold: Opened | None
    warm: Opened | None
    """None without a browser."""


class PagesFigures(Struct, frozen=True, kw_only=True):
    """One run."""

    cases: int
    open_cases: int
    rounds: int
    views: list[ViewFigures]
    too_slow: list[str]
    """Views whose first answer, or whose cold view, took more than a second."""
    too_much_script: list[str]
    """Views that load more than 200 kB of script, packed."""
    cores: int
    load_average: float
    """Of the last minute, before the run."""


class _Asker:
    """Somebody who is signed in."""

    def __init__(self, session: aiohttp.ClientSession, address: str, probe: Probe) -> None:
        self._session, self.address, self._probe = session, address.rstrip("/"), probe
        self.cookies: dict[str, str] = {}

    async def sign_in(self, password: str) -> None:
        """As an administrator."""
        body = {"name": NAME, "password": password}
        async with self._session.post(f"{self.address}/api/v1/session", json=body) as answer:
            if answer.status != 200:
                raise BenchError(f"signing in: {answer.status} {await answer.text()}")
            self.cookies = {_COOKIE: answer.cookies[_COOKIE].value}

    async def open_cases(self) -> int:
        """How many the product says there are."""
        async with self._session.get(f"{self.address}/api/v1/overview", cookies=self.cookies) as answer:
            return int((await answer.json())["cases_open"])

    async def ask(self, path: str) -> tuple[float, float, int]:
        """Milliseconds by the clock and of the server's processor, and bytes."""
        before, began_s = self._probe.cpu_s(), time.monotonic()
        headers = {"Accept": "text/html", "Cookie": f"{_COOKIE}={self.cookies[_COOKIE]}"}
        async with self._session.get(self.address + path, headers=headers) as answer:
            body = await answer.read()
            if answer.status != 200:
                raise BenchError(f"{path}: {answer.status} {body[:300]!r}")
        took_s = time.monotonic() - began_s
        return took_s * 1000, spent(before, self._probe.cpu_s())["serve"] * 1000, len(body)


async def bench_pages(cases: int, rounds: int, tell: Progress, data: Path | None = None) -> PagesFigures:
    """Measure, in a folder below `data` that is removed afterwards. Raises BenchError if something won't run."""
    load_average = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=data, prefix="longcheng-bench-") as scratch:
        folder = Path(scratch)
        (folder / "broker").mkdir()
        async with AsyncExitStack() as stack:
            _broker, port = await stack.enter_async_context(mosquitto(folder / "broker"))
            tell("a city", 0, 1)
            site, password = await asyncio.to_thread(make_site, folder / "site", broker_port=port, cases=cases)
            tell("a city", 1, 1)
            serve, address = await stack.enter_async_context(product(site))
            session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
            asker = _Asker(session, address, Probe({"serve": serve.pid}))
            await asker.sign_in(password)
            first = await _first(asker, tell)
            later = await _later(asker, rounds, tell)
            browser = await stack.enter_async_context(chromium(folder / "browser"))
            opened = await _opened(browser, asker, rounds, tell) if browser else {}
            open_cases = await asker.open_cases()
    views = [_view(name, first[name], later[name], opened.get(name)) for name in VIEWS]
    return PagesFigures(
        cases=cases,
        open_cases=open_cases,
        rounds=rounds,
        views=views,
        too_slow=[one.name for one in views if max(one.first_ms, one.cold.usable_ms if one.cold else 0) > TARGET_MS],
        too_much_script=[one.name for one in views if one.cold and one.cold.script_bytes > TARGET_SCRIPT_BYTES],
        cores=os.cpu_count() or 0,
        load_average=round(load_average, 2),
    )


async def _first(asker: _Asker, tell: Progress) -> dict[str, float]:
    found = {}
    for n, (name, path) in enumerate(VIEWS.items(), 1):
        found[name] = (await asker.ask(path))[0]
        tell("first after the start", n, len(VIEWS))
    return found


async def _later(asker: _Asker, rounds: int, tell: Progress) -> dict[str, list[tuple[float, float, int]]]:
    found: dict[str, list[tuple[float, float, int]]] = {}
    for n, (name, path) in enumerate(VIEWS.items(), 1):
        found[name] = [await asker.ask(path) for _ in range(rounds)]
        tell("the server alone", n, len(VIEWS))
    return found


async def _opened(
    browser: Browser, asker: _Asker, rounds: int, tell: Progress
) -> dict[str, tuple[list[Opened], list[Opened]]]:
    found = {}
    for n, (name, path) in enumerate(VIEWS.items(), 1):
        cold, warm = [], []
        for _ in range(rounds):
            async with browser.profile(asker.address, asker.cookies) as profile:
                cold.append(await profile.open(asker.address + path, _DRAWN.get(name, "true")))
                warm.append(await profile.open(asker.address + path, _DRAWN.get(name, "true")))
        found[name] = (cold, warm)
        tell("in a browser, cold and warm", n, len(VIEWS))
    return found


def _view(
    name: str,
    first_ms: float,
    later: Sequence[tuple[float, float, int]],
    opened: tuple[Sequence[Opened], Sequence[Opened]] | None,
) -> ViewFigures:
    took_ms, cpu_ms, size = zip(*later, strict=True)
    return ViewFigures(
        name=name,
        first_ms=round(first_ms, 1),
        server_ms=round(median(took_ms), 1),
        server_cpu_ms=round(sum(cpu_ms) / len(cpu_ms), 1),  # a clock of 10 ms: its mean tells more than its median
        html_bytes=max(size),
        cold=_median(opened[0]) if opened else None,
        warm=_median(opened[1]) if opened else None,
    )


def _median(times: Sequence[Opened]) -> Opened:
    return Opened(
        paint_ms=round(median(one.paint_ms for one in times), 1),
        usable_ms=round(median(one.usable_ms for one in times), 1),
        script_bytes=max(one.script_bytes for one in times),
        bytes=max(one.bytes for one in times),
    )
