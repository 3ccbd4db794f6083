"""`longcheng watch`: the vision worker as a process of its own."""

import asyncio
import dataclasses
import random
import sys
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import msgspec
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from app.demo.standin import demo_cameras
from app.lifecycle import Lifecycle
from app.occasions import occasions_of
from app.reloading import POLL_S, Reloader, on_hangup
from app.retention import CAMERAS
from app.stores import open_data
from app.watch_note import WatchNote
from app.watch_progress import State, show
from config.load import Site, load_site
from console.desk.vitals import ModelInUse
from domain.clock import SystemClock
from domain.errors import ConfigError
from domain.sighting import Sighting
from rules.files import load_rules
from storage.camera_memory import CameraMemories
from storage.evidence_store import EvidenceStore
from storage.last_views import FOLDER as VIEWS
from storage.last_views import LastViews
from vision.detecting import Detector
from vision.detectors.faces import Faces
from vision.publish import SightingPublisher
from vision.tally import WatchStats
from vision.wire import payload_of
from vision.worker import Publisher, Worker


def choose(site: Site, camera_ids: Sequence[str]) -> Site:
    """The site with only these cameras; all of them if none is named. Raises ConfigError for an unknown one."""
    for camera_id in camera_ids:
        if camera_id not in site.cameras:
            raise ConfigError(
                f"there is no camera {camera_id!r}; the first of {len(site.cameras)} is {next(iter(site.cameras))!r}",
                path=site.folder / "cameras.csv",
            )
    if not camera_ids:
        return site
    return dataclasses.replace(site, cameras={camera_id: site.cameras[camera_id] for camera_id in camera_ids})


async def watch(
    site: Site, stop: asyncio.Event, *, out: Console, as_json: bool, only: Sequence[str] = (), poll_s: float = POLL_S
) -> None:
    """Look at every camera at its interval until `stop`; then print what was done.

    When the site's files change they are read again; with `only`, of the cameras only these.
    """
    life = Lifecycle()
    loop = asyncio.get_running_loop()
    client_id = f"{site.settings.mqtt.client_id or f'longcheng-{site.settings.site}'}-watch"
    publisher = SightingPublisher(
        site.settings.mqtt,
        client_id=client_id,
        chance=random.Random(),  # noqa: S311 jitter
        on_look_now=lambda camera_id: _ask(loop, worker, camera_id),
    )
    worker = _worker(site, publisher, life, beat=lambda: note.beat())  # noqa: PLW0108  there is none yet
    publisher.start()
    life.on_stop("publisher", lambda: publisher.stop(2.0), within_s=3.0)
    note = WatchNote(site.settings.data_dir, client_id)
    life.on_stop("note", note.withdraw)

    def tell(problem: str | None) -> None:
        publisher.tell(problem)
        note.tell(problem)

    model = _model(client_id, worker.detector)
    note.uses(model)
    read = partial(_read_again, site, only, note, model)
    reloader = Reloader(site, worker, read=read, tell=tell, poll_s=poll_s)

    def state() -> State:
        return State(stats=worker.stats, broker=publisher.status, cameras=len(worker.cameras), problem=reloader.problem)

    try:
        await _look(worker, stop, reloader, show(state, out, live=out.is_terminal and not as_json))
    finally:
        await life.stop()
    _print_done(worker.stats, out, as_json=as_json)


async def _look(worker: Worker, stop: asyncio.Event, reloader: Reloader, progress: Coroutine[Any, Any, None]) -> None:
    """Until `stop`; beside it the site's files are looked after, and it is shown how far the looks have come."""
    beside = [
        asyncio.create_task(reloader.run(), name="settings"),
        asyncio.create_task(progress, name="progress"),
    ]
    try:
        with on_hangup(reloader.ask):
            await worker.run(stop)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


def _read_again(site: Site, only: Sequence[str], note: WatchNote, model: ModelInUse) -> Site:
    """The site as its files are now; the note says whether they still name the model that is in use."""
    found = load_site(str(site.folder))
    wanted, used = found.settings.vision, site.settings.vision
    note.uses(replace(model, named=(wanted.model, wanted.engine) == (used.model, used.engine)))
    return choose(found, only)


def _print_done(stats: WatchStats, out: Console, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(stats).decode() + "\n")
    else:
        out.print(_table("looks", msgspec.to_builtins(stats)))


def _model(watch: str, detector: Detector) -> ModelInUse:
    return ModelInUse(
        watch=watch,
        name=detector.model,
        sha256=detector.model_sha256,
        labels=tuple(sorted(detector.labels)),
        since_ms=SystemClock().now_ms(),
    )


async def look_once(site: Site, *, out: Console, as_json: bool) -> None:
    """One look through each camera of the site, printed and not published."""
    life = Lifecycle()
    try:
        async with demo_cameras(site):
            worker = _worker(site, _Unpublished(), life)
            for camera_id in site.cameras:
                _print(await worker.look_once(camera_id), out=out, as_json=as_json)
    finally:
        await life.stop()


def _worker(site: Site, publisher: Publisher, life: Lifecycle, *, beat: Callable[[], None] = lambda: None) -> Worker:
    data = open_data(site.settings.data_dir)
    memories = CameraMemories(data / CAMERAS)
    life.on_stop("camera memories", memories.close)
    worker = Worker(
        site,
        evidence=EvidenceStore(data / "evidence"),
        memories=memories,
        publisher=publisher,
        clock=SystemClock(),
        chance=random.Random(),  # noqa: S311 jitter
        occasions=occasions_of(load_rules(site.rule_files, site)),
        faces=Faces() if site.settings.evidence.faces else None,
        views=LastViews(data / VIEWS),
        beat=beat,
    )
    life.on_stop("worker", worker.close)
    return worker


def _ask(loop: asyncio.AbstractEventLoop, worker: Worker, camera_id: str) -> None:
    """Hand an order over from the connection's thread; it may be for a camera that another worker has."""
    if camera_id in worker.cameras and not loop.is_closed():
        asyncio.run_coroutine_threadsafe(worker.look_now(camera_id), loop)


class _Unpublished:
    """Takes looks nowhere."""

    published = 0
    dropped = 0

    def publish(self, camera_id: str, payload: bytes) -> None:
        """Let it go."""


def _print(looks: Sequence[Sighting], *, out: Console, as_json: bool) -> None:
    """The verdict; and what the first picture showed, if the second was no news of it."""
    first, last = looks[0], looks[-1]
    if as_json:
        look = {"camera_id": last.camera_id, **msgspec.json.decode(payload_of(last))}
        sys.stdout.write(msgspec.json.encode(look).decode() + "\n")
        return
    _print_look(last, out)
    if first.zones and not last.zones:
        out.print("In its first picture, a second before:")
        _print_look(first, out)


def _print_look(sighting: Sighting, out: Console) -> None:
    table = Table(title=f"{sighting.camera_id} · view: {sighting.view}", title_justify="left")
    for column in ("zone", "shop", "class", "score", "stays", "box (x1 y1 x2 y2)"):
        table.add_column(column)
    for zone in sighting.zones:
        for seen in zone.objects:
            box = " ".join(f"{edge:.3f}" for edge in seen.box)
            row = (zone.zone, zone.shop_id or "", seen.label, f"{seen.score:.2f}", f"{seen.stay_s:.0f} s", box)
            table.add_row(*row)
        if not zone.objects:
            table.add_row(zone.zone, zone.shop_id or "", "nothing", "", "", "")
    out.print(table if sighting.zones else f"{sighting.camera_id} · view: {sighting.view} · {sighting.fault or ''}")


def _table(title: str, figures: dict[str, object]) -> Table:
    table = Table(title=title, show_header=False, title_justify="left")
    for name, value in figures.items():
        table.add_row(name, _shown(value))
    return table


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(f"{name} {_shown(part)}" for name, part in value.items())
    return f"{value:.3f}" if isinstance(value, float) else str(value)
