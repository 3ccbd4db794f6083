"""What ingest can take: a real broker, the product as it is shipped, real disk; and what people write, beside it."""

import asyncio
import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec import structs

from app.bench.figures import Asked, IngestFigures, PeerFigures
from app.bench.leftover import leftover
from app.bench.peers import PEERS, missing
from app.bench.phases import flood_traffic
from app.bench.probe import OURS, Probe, filesystem, percentile
from app.bench.rig import BenchError, binary, mosquitto, product
from app.bench.rivals import measure_peer, ourselves, peer
from app.bench.run import RATE, Phase, Progress, Run
from app.bench.site import CLIENT_ID, make_site
from app.bench.traffic import Check, Traffic
from storage.series.embedded import EmbeddedSeries

_DAY_MS = 86_400_000


async def bench_ingest(asked: Asked, tell: Progress, data: Path | None = None) -> IngestFigures:
    """Measure, in a folder below `data` that is removed afterwards.

    Raises BenchError if something that is needed won't run, or it all takes longer than asked.
    """
    with tempfile.TemporaryDirectory(dir=data, prefix="longcheng-bench-") as scratch:
        try:
            async with asyncio.timeout(asked.within_s):
                return await _measure(asked, Path(scratch), tell)
        except TimeoutError:
            raise BenchError(f"the measurement is not over after {asked.within_s:g} s; use fewer messages") from None


async def _measure(asked: Asked, folder: Path, tell: Progress) -> IngestFigures:
    figures = await _measure_product(asked, folder, tell)
    if not asked.peers:
        return figures
    peers, without = await _measure_peers(asked, folder, tell)
    return structs.replace(figures, peers=peers, peers_missing=without)


async def _measure_product(asked: Asked, folder: Path, tell: Progress) -> IngestFigures:
    load_average = os.getloadavg()[0]
    async with mosquitto(_made(folder / "broker")) as (broker, port):
        site = make_site(folder / "site", broker_port=port, devices=asked.devices, ports=asked.ports)
        async with product(site) as (serve, address):
            probe = Probe({"broker": broker.pid, "serve": serve.pid})
            async with probe.sampling():
                run = Run(folder=folder, port=port, address=address, probe=probe, tell=tell)
                phases = [await run.flood(asked)]
                if asked.latency_s:
                    phases.append(await run.steady(asked))
        unacknowledged = await asyncio.to_thread(leftover, port, CLIENT_ID)
    check = await asyncio.to_thread(checked, site / "data" / "series.db", [phase.traffic for phase in phases])
    return _figures(
        asked,
        phases,
        check,
        probe,
        unacknowledged=unacknowledged,
        where=filesystem(folder),
        load_average=load_average,
    )


async def _measure_peers(asked: Asked, folder: Path, tell: Progress) -> tuple[list[PeerFigures], list[str]]:
    """One after the other, each with a broker and a store of its own; and what is not installed."""
    program = binary("victoria-metrics")
    if program is None:
        return [], ["victoria-metrics: apt-get install victoria-metrics"]
    starts = {"longcheng": ourselves(devices=asked.devices, ports=asked.ports), **{name: peer(name) for name in PEERS}}
    without = {name: wanted for name in PEERS if (wanted := missing(name))}
    messages = min(asked.peer_messages or asked.messages, asked.messages)
    measured = []
    for number, name in enumerate(name for name in starts if name not in without):
        traffic = flood_traffic(messages=messages, devices=asked.devices, ports=asked.ports)
        through = partial(_tell_of, tell, name, messages)
        place = _made(folder / f"peer-{number}")
        measured.append(await measure_peer(name, starts[name], place, program=program, traffic=traffic, tell=through))
    return measured, [f"{name}: {wanted}" for name, wanted in without.items()]


def _tell_of(tell: Progress, name: str, messages: int, stored: int) -> None:
    tell(f"{name}, VictoriaMetrics", stored, messages)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def checked(path: Path, sent: Sequence[Traffic]) -> Check:
    """Everything the store holds against everything that was sent."""
    check = Check(*sent)
    store = EmbeddedSeries(path)
    try:
        check.points(store.export(sent[0].first_ms - _DAY_MS, sent[-1].key(sent[-1].messages - 1)[2] + _DAY_MS))
        check.extra += max(0, store.count() - check.values)
    finally:
        store.close()
    return check


def _figures(
    asked: Asked,
    phases: Sequence[Phase],
    check: Check,
    probe: Probe,
    *,
    unacknowledged: int,
    where: str,
    load_average: float,
) -> IngestFigures:
    flood, steady = phases[0], phases[-1] if len(phases) > 1 else None
    passed = flood.passed
    delays_ms = list(steady.delays_ms.values()) if steady else []
    seconds = max(passed.stored_s, passed.acked_s) - passed.first_s
    through = asked.messages - check.lost_of(flood.traffic)
    return IngestFigures(
        messages=asked.messages,
        seconds=round(seconds, 2),
        msgs_per_s=round(through / seconds),
        lost=check.lost,
        extra=check.extra,
        p50_ms=round(percentile(delays_ms, 0.5), 1),
        p99_ms=round(percentile(delays_ms, 0.99), 1),
        cpu_s=round(sum(flood.cpu.get(part, 0.0) for part in OURS), 2),
        peak_rss_mb=round(probe.peak_pss_mb),
        store="embedded",
        devices=asked.devices,
        ports=asked.ports,
        payload_bytes=len(flood.traffic.payload(asked.messages // 2)),
        taken_by_broker_s=round(passed.acked_s - passed.first_s, 2),
        journalled_s=round(passed.journalled_s - passed.first_s, 2),
        judged_s=round(passed.judged_s - passed.first_s, 2),
        alarms=len(steady.passed.critical) if steady else 0,
        alarms_missing=len(steady.passed.critical) - len(delays_ms) if steady else 0,
        steady_rate=RATE,
        steady_s=round(steady.passed.stored_s - steady.passed.first_s, 2) if steady else 0.0,
        cpu_by_part=flood.cpu,
        cpu_by_part_steady=steady.cpu if steady else {},
        unacknowledged=unacknowledged,
        others_cores=round(flood.others_cores, 2),
        cores=os.cpu_count() or 0,
        filesystem=where,
        load_average=round(load_average, 2),
    )
