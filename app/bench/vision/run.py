"""The vision measurement: cameras, broker and worker, each in a process of its own on the same machine."""

import asyncio
import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import psutil
from msgspec import Struct, structs

from app.bench.probe import machine_busy_s, percentile
from app.bench.rig import BenchError, Part, mosquitto, running
from app.bench.vision import brought, predicting, streams
from app.bench.vision.figures import Asked, PeerFigures, Progress, Stages, VisionFigures
from app.bench.vision.peers import SAME_FILE
from app.bench.vision.pictures import picture_path, render
from app.bench.vision.product import Named, Order, Swept
from app.bench.vision.site import make_site

WARM_UPS = 1
SETTLING = 8
"""Gated sweeps before the ones that count: what stands in a zone is looked at closely until it is sure."""
GATED = 5
WITH_DEAD = 3
TIMEOUT_S = 10
_SWEEP_WITHIN_S = 900.0


class _Phases(Struct, frozen=True, kw_only=True):
    """What the worker's sweeps came to."""

    named: Named
    warmed_up: Swept
    every: list[Swept]
    """Every frame inferred."""
    every_dead: list[Swept]
    """The same with dead hosts among the cameras."""
    gated: list[Swept]
    """Unchanged views skipped."""
    gated_dead: list[Swept]
    others_cores: float


async def bench_vision(asked: Asked, tell: Progress, data: Path | None = None) -> VisionFigures:
    """Measure, in a folder below `data` that is removed afterwards.

    Raises BenchError if something that is needed won't run, or it all takes longer than asked.
    """
    with tempfile.TemporaryDirectory(dir=data, prefix="longcheng-bench-") as scratch:
        try:
            async with asyncio.timeout(asked.within_s):
                return await _measure(asked, Path(scratch), tell)
        except TimeoutError:
            raise BenchError(f"the measurement is not over after {asked.within_s:g} s; use fewer cameras") from None


async def _measure(asked: Asked, folder: Path, tell: Progress) -> VisionFigures:
    load_average = os.getloadavg()[0]
    pictures = folder / "pictures"
    pictures.mkdir()
    await asyncio.to_thread(render, pictures, asked.cameras, lambda done, total: tell("pictures", done, total))
    command = (sys.executable, "-m", "app.bench.vision.cameras", str(pictures), str(asked.cameras))
    async with running(await Part.start("cameras", folder, *command)) as cameras:
        port = int((await cameras.line()).removeprefix("ready "))
        phases = await _sweeps(asked, folder, cameras, port, tell)
        peers, without = await predicting.measure_peers(asked, folder, port, tell)
        own = await brought.measure(asked, folder, port, tell)
    figures = _figures(asked, phases, peers, [picture_path(pictures, n, 0) for n in range(asked.cameras)])
    figures = structs.replace(figures, peers_missing=without, yolo11n=own, load_average=round(load_average, 2))
    return await _with_streams(figures, asked, folder, tell)


async def _sweeps(asked: Asked, folder: Path, cameras: Part, port: int, tell: Progress) -> _Phases:
    """All of the worker's phases. What others did meanwhile is told for the one with every frame inferred."""
    (folder / "broker").mkdir()
    async with mosquitto(folder / "broker") as (broker, broker_port):
        site = make_site(
            folder / "site",
            broker_port=broker_port,
            camera_port=port,
            cameras=asked.cameras,
            timeout_s=TIMEOUT_S,
            model=asked.model,
        )
        command = (sys.executable, "-m", "app.bench.vision.product", str(site))
        async with running(await Part.start("watch", folder, *command)) as product:
            named = msgspec.json.decode(await product.line(), type=Named)
            sweeps = _Sweeps(product, cameras, asked, tell)
            warmed_up = (await sweeps.take("warming up", WARM_UPS, infer_all=True))[-1]
            busy_s, began_s, spent_s = machine_busy_s(), time.monotonic(), _cpu_s(cameras, product, broker)
            every = await sweeps.take("every frame inferred", asked.sweeps, infer_all=True)
            others_s = machine_busy_s() - busy_s - (_cpu_s(cameras, product, broker) - spent_s)
            others_cores = max(0.0, others_s / (time.monotonic() - began_s))
            with_dead = WITH_DEAD if asked.dead else 0
            every_dead = await sweeps.take("the same, with dead hosts", with_dead, infer_all=True, dead=asked.dead)
            await sweeps.take("settling", SETTLING, infer_all=False)
            gated = await sweeps.take("unchanged views skipped", GATED, infer_all=False)
            gated_dead = await sweeps.take("the same, skipping", with_dead, infer_all=False, dead=asked.dead)
            await sweeps.take("all alive again", 0, infer_all=False)
    return _Phases(
        named=named,
        warmed_up=warmed_up,
        every=every,
        every_dead=every_dead,
        gated=gated,
        gated_dead=gated_dead,
        others_cores=others_cores,
    )


class _Sweeps:
    """Orders sweeps one by one, so that it can be told how far they are."""

    def __init__(self, product: Part, cameras: Part, asked: Asked, tell: Progress) -> None:
        self._product = product
        self._cameras = cameras
        self._dead = asked.dead
        self._tell = tell

    async def take(self, title: str, sweeps: int, *, infer_all: bool, dead: int = 0) -> list[Swept]:
        """So many sweeps, the last `dead` cameras saying nothing."""
        await self._cameras.say(f"dead {dead}".encode())
        await self._cameras.line()
        taken = []
        for done in range(sweeps):
            self._tell(title, done, sweeps)
            await self._product.say(msgspec.json.encode(Order(infer_all=infer_all)))
            swept = msgspec.json.decode(await self._product.line(_SWEEP_WITHIN_S), type=Swept)
            if swept.stats.faults:
                raise BenchError(f"{swept.stats.faults} looks failed\n{self._product.tail()}")
            taken.append(swept)
        self._tell(title, sweeps, sweeps)
        return taken


def _cpu_s(*parts: Part) -> float:
    """Processor seconds of these processes so far."""
    times = [psutil.Process(part.pid).cpu_times() for part in parts]
    return sum(each.user + each.system for each in times)


async def _with_streams(figures: VisionFigures, asked: Asked, folder: Path, tell: Progress) -> VisionFigures:
    if not asked.streams:
        return figures
    if wanted := await streams.missing():
        return structs.replace(figures, peers_missing=[*figures.peers_missing, f"RTSP: {wanted}"])
    tell("RTSP streams", 0, 1)
    measured = await streams.measure_streams(folder, asked.streams)
    tell("RTSP streams", 1, 1)
    return structs.replace(figures, streams=measured)


def _figures(asked: Asked, phases: _Phases, peers: Sequence[PeerFigures], pictures: Sequence[Path]) -> VisionFigures:
    every = phases.every
    sweep_s = statistics.median(swept.seconds for swept in every)
    cpu_ms = sum(swept.cpu_s for swept in every) / len(every) / asked.cameras * 1000
    healthy_count = asked.cameras - asked.dead
    alive_ms, dead_ms = _p95_ms(every, healthy_count), _p95_ms(phases.every_dead, healthy_count)
    gated_ms, gated_dead_ms = _p95_ms(phases.gated, healthy_count), _p95_ms(phases.gated_dead, healthy_count)
    looks_per_s = asked.cameras / sweep_s
    rates = {peer.name: peer.looks_per_s for peer in peers}
    return VisionFigures(
        cameras=asked.cameras,
        sweep_s=round(sweep_s, 2),
        sweep_gated_s=round(statistics.median(swept.seconds for swept in phases.gated), 2),
        looks_per_s=round(looks_per_s, 1),
        stages_ms=_stages(phases.warmed_up, every[-1]),
        dead_hosts_ratio=round(max(dead_ms / alive_ms, gated_dead_ms / gated_ms), 3) if asked.dead else None,
        peak_rss_mb=round(every[-1].peak_rss_mb),
        rss_growth_mb=round(every[-1].rss_mb - every[0].rss_mb, 1),
        peers=[structs.replace(peer, ratio=_over(looks_per_s, peer.looks_per_s)) for peer in peers],
        ratio=_over(looks_per_s, rates.get(SAME_FILE)),
        ratio_best=_over(looks_per_s, max(rates.values(), default=None)),
        model=phases.named.model,
        model_sha256=phases.named.model_sha256,
        sweeps_s=[round(swept.seconds, 2) for swept in every],
        sweeps_gated_s=[round(swept.seconds, 2) for swept in phases.gated],
        skipped_share=_skipped(phases.gated),
        cpu_ms_per_look=round(cpu_ms, 1),
        dead_hosts=asked.dead,
        visit_p95_ms=[round(alive_ms, 1), round(gated_ms, 1)],
        visit_p95_dead_ms=[round(dead_ms, 1), round(gated_dead_ms, 1)] if asked.dead else [],
        picture_bytes=round(statistics.mean(path.stat().st_size for path in pictures)),
        looks_by_view={str(view): count for view, count in every[-1].stats.looks_by_view.items()},
        sightings=every[-1].stats.sightings - every[-2].stats.sightings
        if len(every) > 1
        else every[-1].stats.sightings,
        pictures_kept=every[-1].stats.pictures_kept - phases.warmed_up.stats.pictures_kept,
        published=(phases.gated_dead or phases.gated)[-1].stats.published,
        others_cores=round(phases.others_cores, 2),
        cores=os.cpu_count() or 0,
        load_average=0.0,
    )


def _over(ours: float, theirs: float | None) -> float | None:
    return round(ours / theirs, 2) if theirs else None


def _p95_ms(sweeps: Sequence[Swept], healthy: int) -> float:
    """Of the visits of the cameras that live in every phase."""
    took_s = [swept.visits_s[camera_id] for swept in sweeps for camera_id in sorted(swept.visits_s)[:healthy]]
    return percentile(took_s, 0.95) * 1000


def _skipped(sweeps: Sequence[Swept]) -> float:
    first, last = sweeps[0].stats, sweeps[-1].stats
    looks = sum(last.looks_by_view.values()) - sum(first.looks_by_view.values())
    return round((last.skipped_unchanged - first.skipped_unchanged) / looks, 3) if looks else math.nan


def _stages(before: Swept, after: Swept) -> Stages:
    """Means of the looks in between."""
    looks = after.stats.looks - before.stats.looks
    first, last = before.stats.stages, after.stats.stages
    return Stages(
        fetch=round((last.fetch_s - first.fetch_s) / looks * 1000, 2),
        decode=round((last.decode_s - first.decode_s) / looks * 1000, 2),
        health=round((last.health_s - first.health_s) / looks * 1000, 2),
        detect=round((last.detect_s - first.detect_s) / looks * 1000, 2),
        places=round((last.places_s - first.places_s) / looks * 1000, 2),
        publish=round((last.publish_s - first.publish_s) / looks * 1000, 2),
    )
