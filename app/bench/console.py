"""How quick the console is for so many people while so much comes in; beside it, the same with nothing coming in."""

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from msgspec import Struct

from app.bench.audience import API, PAGE, Audience, delays_ms
from app.bench.ingest import checked
from app.bench.leftover import leftover
from app.bench.load import Order
from app.bench.phases import Passed, pass_through, sending, steady_traffic
from app.bench.probe import Probe, filesystem, machine_busy_s, percentile, spent
from app.bench.rig import BenchError, mosquitto, product
from app.bench.run import Progress
from app.bench.site import CLIENT_ID, make_site
from app.bench.traffic import Traffic
from storage.journal import Journal

TOKEN: Final = "bench console"  # noqa: S105 of a console on loopback that lives for a minute
TARGET_P95_MS: Final = 200.0
_ALARMS: Final = 60
_LAST_SHOWN_S: Final = 10.0
"""So long after the last message was judged what it led to may take to be on a page; what isn't by then was missed."""


class Asked(Struct, frozen=True, kw_only=True):
    """What to measure."""

    people: int = 50
    rate: float = 5000.0
    """Messages a second."""
    seconds: float = 20.0
    """Of each of the two phases."""
    devices: int = 5000
    within_s: float = 300.0


class Quickness(Struct, frozen=True, kw_only=True):
    """One phase. The API's times and those of pages, in milliseconds, as who asks sees them."""

    answers: int
    api_p50_ms: float
    api_p95_ms: float
    api_p99_ms: float
    page_p50_ms: float | None
    page_p95_ms: float | None
    """None where nobody opened a page meanwhile."""
    updates: int
    """Over all live pages together."""
    failed: int
    failures: list[str]
    """The first of them."""
    slowest_ms: dict[str, float]
    cpu_cores: dict[str, float]
    """By part, the mean number of cores that it kept busy."""
    others_cores: float


class ConsoleFigures(Struct, frozen=True, kw_only=True):
    """One run."""

    people: int
    rate: float
    messages: int
    lost: int
    """Messages that the broker had acknowledged to their sender and that are not in the store, or it still holds."""
    extra: int
    seconds: float
    """From the first message written to the last one judged and stored."""
    event_to_page_p50_ms: float
    """From writing a critical message to an open overview that shows its alarm. A page changes once a second."""
    event_to_page_p95_ms: float
    event_to_page_p99_ms: float
    events_seen: int
    events: int
    within: bool
    """Whether nothing was lost, nothing failed, and 95 of 100 answers of the API took 200 ms at most."""
    busy: Quickness
    idle: Quickness
    cores: int
    filesystem: str
    load_average: float


class Meter:
    """What a stretch of time took of the machine."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._before, self._busy_s, self._began_s = probe.cpu_s(), machine_busy_s(), time.monotonic()

    def read(self, people: Audience) -> Quickness:
        """So far, with what people met."""
        seconds = time.monotonic() - self._began_s
        cpu_s = spent(self._before, self._probe.cpu_s())
        others_s = machine_busy_s() - self._busy_s - sum(cpu_s.values())
        api, pages = people.took_ms[API], people.took_ms[PAGE]
        return Quickness(
            answers=len(api) + len(pages),
            api_p50_ms=round(percentile(api, 0.5), 1),
            api_p95_ms=round(percentile(api, 0.95), 1),
            api_p99_ms=round(percentile(api, 0.99), 1),
            page_p50_ms=round(percentile(pages, 0.5), 1) if pages else None,
            page_p95_ms=round(percentile(pages, 0.95), 1) if pages else None,
            updates=people.updates,
            failed=len(people.failed),
            failures=people.failed[:5],
            slowest_ms=dict(sorted(people.slowest_ms.items(), key=lambda one: -one[1])),
            cpu_cores={part: round(each / seconds, 2) for part, each in cpu_s.items()},
            others_cores=round(max(0.0, others_s / seconds), 2),
        )


async def bench_console(asked: Asked, tell: Progress, data: Path | None = None) -> ConsoleFigures:
    """Measure, in a folder below `data` that is removed afterwards.

    Raises BenchError if something that is needed won't run, or it all takes longer than asked.
    """
    with tempfile.TemporaryDirectory(dir=data, prefix="longcheng-bench-") as scratch:
        try:
            async with asyncio.timeout(asked.within_s):
                return await _measure(asked, Path(scratch), tell)
        except TimeoutError:
            raise BenchError(f"the measurement is not over after {asked.within_s:g} s; use a lower rate") from None


async def _measure(asked: Asked, folder: Path, tell: Progress) -> ConsoleFigures:
    load_average = os.getloadavg()[0]
    (folder / "broker").mkdir()
    async with mosquitto(folder / "broker") as (broker, port):
        site = make_site(folder / "site", broker_port=port, devices=asked.devices, ports=2, token=TOKEN)
        async with product(site) as (serve, address):
            probe = Probe({"broker": broker.pid, "serve": serve.pid})
            idle_people = _people(asked, address)
            idle = await _idle(asked, idle_people, probe, tell)
            people = _people(asked, address)
            busy, traffic, passed = await _busy(asked, people, probe, tell, folder=folder, port=port)
        held = await asyncio.to_thread(leftover, port, CLIENT_ID)
    check = await asyncio.to_thread(checked, site / "data" / "series.db", [traffic])
    written_s = {traffic.key(number)[0]: at_s for number, at_s in passed.critical.items()}
    delays, lost = delays_ms(people, written_s), check.lost + held
    return ConsoleFigures(
        people=asked.people,
        rate=asked.rate,
        messages=traffic.messages,
        lost=lost,
        extra=check.extra,
        seconds=round(max(passed.stored_s, passed.judged_s) - passed.first_s, 2),
        event_to_page_p50_ms=round(percentile(delays, 0.5), 1),
        event_to_page_p95_ms=round(percentile(delays, 0.95), 1),
        event_to_page_p99_ms=round(percentile(delays, 0.99), 1),
        events_seen=len(written_s.keys() & people.seen_s.keys()),
        events=len(written_s),
        within=not (lost or busy.failed) and busy.api_p95_ms <= TARGET_P95_MS,
        busy=busy,
        idle=idle,
        cores=os.cpu_count() or 0,
        filesystem=filesystem(folder),
        load_average=round(load_average, 2),
    )


def _people(asked: Asked, address: str) -> Audience:
    return Audience(address, people=asked.people, devices=asked.devices, token=TOKEN)


async def _idle(asked: Asked, people: Audience, probe: Probe, tell: Progress) -> Quickness:
    async with people.there():
        meter = Meter(probe)
        for second in range(round(asked.seconds)):
            tell("nothing comes in", second, round(asked.seconds))
            await asyncio.sleep(1)
        return meter.read(people)


async def _busy(
    asked: Asked, people: Audience, probe: Probe, tell: Progress, *, folder: Path, port: int
) -> tuple[Quickness, Traffic, Passed]:
    traffic = steady_traffic(seconds=asked.seconds, rate=asked.rate, devices=asked.devices, ports=2, alarms=_ALARMS)
    order = Order(broker_port=port, traffic=traffic, rate=asked.rate)
    journal = Journal(folder / "site" / "data" / "journal.db", max_bytes=1)  # only to read its counts
    try:
        async with sending(order, folder, sys.executable) as sender, people.there():
            meter = Meter(probe)
            passed = await pass_through(
                sender, traffic, journal, lambda stored: tell("messages come in", stored, traffic.messages)
            )
            figures = meter.read(people)
            await _shown(people, {traffic.key(number)[0] for number in passed.critical})
            return figures, traffic, passed
    finally:
        journal.close()


async def _shown(people: Audience, stations: AbstractSet[int]) -> None:
    """Let the pages have what came last: an alarm of the last second has not been on any yet."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LAST_SHOWN_S):
            while stations - people.seen_s.keys():  # noqa: ASYNC110 pages come in by many streams, now and then
                await asyncio.sleep(0.05)
