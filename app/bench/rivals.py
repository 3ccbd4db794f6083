"""The same messages through what people write instead, into a real VictoriaMetrics."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
from msgspec import Struct

from app.bench.figures import PeerFigures
from app.bench.load import Order
from app.bench.peers import missing
from app.bench.phases import Sending, sending
from app.bench.probe import MEASURING, Probe, spent
from app.bench.rig import BenchError, Part, mosquitto, product, running, victoria
from app.bench.site import make_site
from app.bench.traffic import KIND, METRICS, Check, Traffic

_POLL_S = 0.1
_STALLED_S = 10.0
_DAY_S = 86_400


class _Row(Struct):
    metric: dict[str, str]
    values: list[float]
    timestamps: list[int]


class Place(Struct, frozen=True, kw_only=True):
    """Where a peer stands: between a fresh broker and a fresh VictoriaMetrics."""

    folder: Path
    broker_port: int
    store_url: str


Started = Callable[[Place], AbstractAsyncContextManager[Part]]
"""Starts what is measured, ready to take messages."""


def peer(name: str) -> Started:
    """One of PEERS. Raises BenchError when it is started and its library is missing."""

    @asynccontextmanager
    async def start(place: Place) -> AsyncIterator[Part]:
        if wanted := missing(name):
            raise BenchError(f"{name}: {wanted}")
        command = (sys.executable, "-m", "app.bench.peers", name, str(place.broker_port), place.store_url)
        async with running(await Part.start("peer", place.folder, *command)) as part:
            if (said := await part.line()) != "ready":
                raise BenchError(f"{name} says {said!r} instead of ready\n{part.tail()}")
            yield part

    return start


def ourselves(*, devices: int, ports: int) -> Started:
    """The product, with the same store as the peers."""

    @asynccontextmanager
    async def start(place: Place) -> AsyncIterator[Part]:
        site = make_site(
            place.folder / "site",
            broker_port=place.broker_port,
            devices=devices,
            ports=ports,
            victoria_url=place.store_url,
        )
        async with product(site) as (part, _address):
            yield part

    return start


async def measure_peer(
    name: str, start: Started, folder: Path, *, program: str, traffic: Traffic, tell: Callable[[int], None]
) -> PeerFigures:
    """Send everything through it. `program` is VictoriaMetrics'. Raises BenchError if something does not run."""
    async with mosquitto(folder) as (_, port), victoria(folder, program) as url:
        order = Order(broker_port=port, traffic=traffic)
        async with (
            start(Place(folder=folder, broker_port=port, store_url=url)) as part,
            sending(order, folder, sys.executable) as sender,
            aiohttp.ClientSession() as session,
        ):
            probe = Probe({"peer": part.pid})
            async with probe.sampling():
                before = probe.cpu_s()
                moved_s = await _pass(sender, session, url, traffic, tell)
                cpu = spent(before, probe.cpu_s())
            await part.stop()
            last = sender.last
            assert last is not None  # noqa: S101 it is set when `run` ends without an error
            lost = await _lost(session, url, traffic)
    seconds = moved_s - last.first_s
    return PeerFigures(
        name=name,
        msgs_per_s=round((traffic.messages - lost) / seconds),
        lost=lost,
        messages=traffic.messages,
        seconds=round(seconds, 2),
        cpu_s=round(sum(seconds for name, seconds in cpu.items() if name != MEASURING), 2),
        peak_rss_mb=round(probe.peak_pss_mb),
    )


async def _pass(
    sender: Sending, session: aiohttp.ClientSession, url: str, traffic: Traffic, tell: Callable[[int], None]
) -> float:
    """Send everything; when the store's count of rows last grew, at the latest when it has all."""
    going = asyncio.create_task(sender.run(), name="load")
    rows, moved_s = -1, time.monotonic()
    try:
        while rows < traffic.messages * len(METRICS) or not going.done():
            now_s, counted = time.monotonic(), await _rows(session, url)
            if counted > rows:
                rows, moved_s = counted, now_s
                tell(rows // len(METRICS))
            elif going.done() and now_s - moved_s > _STALLED_S:
                break
            await asyncio.sleep(_POLL_S)
        await going
    finally:
        going.cancel()
        await asyncio.gather(going, return_exceptions=True)
    return moved_s


async def _rows(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(f"{url}/metrics") as answer:
        text = await answer.text()
    lines = (line.split() for line in text.splitlines() if line.startswith('vm_rows_inserted_total{type="influx"}'))
    return next((int(float(value)) for _, value in lines), 0)


async def _lost(session: aiohttp.ClientSession, url: str, traffic: Traffic) -> int:
    """Messages without a point. One metric stands for all four: a point is written whole."""
    await session.get(f"{url}/internal/force_flush")
    check = Check(traffic)
    asked = {
        "match[]": f'{{__name__="{KIND}_{METRICS[1]}"}}',
        "start": str(traffic.first_ms // 1000 - _DAY_S),
        "end": str(traffic.key(traffic.messages - 1)[2] // 1000 + _DAY_S),
    }
    async with session.get(f"{url}/api/v1/export", params=asked) as answer:
        answer.raise_for_status()
        rows = msgspec.json.Decoder(_Row)
        async for line in answer.content:
            row = rows.decode(line)
            for value, at_ms in zip(row.values, row.timestamps, strict=True):
                check.one(row.metric.get("device_id", ""), row.metric.get("port", ""), at_ms, {METRICS[1]: value})
    return check.lost
