"""The worker with real HTTP cameras, real pictures and the real detector."""

import asyncio
import dataclasses
import queue
import random
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from config.load import Site
from domain.clock import SystemClock
from domain.errors import ConfigError
from domain.picture import PictureFacts
from domain.register import Camera
from domain.sighting import ViewHealth
from tests.fakes.cameras import FakeCameras
from tests.fakes.invented_site import invented_site
from tests.vision.scenes import BIKES_ZONE, camera, street, zone
from vision.detectors.openvino import OpenVino
from vision.memory import from_bytes
from vision.worker import Worker

PATIENCE_S = 60.0


class Outlet:
    """Takes looks as a publisher does, and lets a test wait for them."""

    dropped = 0

    def __init__(self) -> None:
        self.looks: list[tuple[str, dict[str, Any]]] = []
        self._more = asyncio.Event()

    def publish(self, camera_id: str, payload: bytes) -> None:
        self.looks.append((camera_id, msgspec.json.decode(payload)))
        self._more.set()

    @property
    def published(self) -> int:
        return len(self.looks)

    def of(self, camera_id: str) -> list[dict[str, Any]]:
        """The looks of one camera."""
        return [look for name, look in self.looks if name == camera_id]

    async def until(self, enough: Callable[[], bool]) -> None:
        """Wait until the looks so far are enough."""
        async with asyncio.timeout(PATIENCE_S):
            while not enough():
                self._more.clear()
                await self._more.wait()


class Shelf:
    """Keeps pictures and memories as the stores do."""

    def __init__(self) -> None:
        self.pictures: dict[str, tuple[bytes, bytes]] = {}
        self.aside: dict[str, tuple[PictureFacts, bytes]] = {}
        self.memories: dict[str, bytes] = {}
        self.full = False

    def keep(self, facts: PictureFacts, original: bytes, shareable: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.pictures[facts.name] = (original, shareable)

    def set_aside(self, facts: PictureFacts, original: bytes) -> None:
        self.aside[facts.name] = (facts, original)

    def fetch_aside(self, name: str) -> tuple[PictureFacts, bytes] | None:
        return self.aside.get(name)

    def load(self, camera_id: str) -> bytes | None:
        return self.memories.get(camera_id)

    def save(self, memories: dict[str, bytes]) -> None:
        self.memories.update(memories)


def site_of(folder: Path, cameras: list[Camera], **vision: Any) -> Site:
    """The invented city with these cameras."""
    site = invented_site(folder, cameras=1)
    settings = site.settings.vision.model_copy(update={"confirm_interval": 0.1, "visit_timeout": 1.0} | vision)
    return dataclasses.replace(
        site,
        settings=site.settings.model_copy(update={"vision": settings}),
        cameras={one.camera_id: one for one in cameras},
    )


@pytest.fixture
async def cameras() -> AsyncIterator[FakeCameras]:
    """Local cameras that show the bicycles."""
    async with FakeCameras(street()) as fakes:
        yield fakes


@pytest.fixture
def build(detector: OpenVino, tmp_path: Path) -> Callable[..., tuple[Worker, Outlet, Shelf]]:
    """A worker with its outlet and shelf; `shelf` continues an earlier one's."""

    def make(
        watched: list[Camera], shelf: Shelf | None = None, beat: Callable[[], None] = lambda: None, **vision: Any
    ) -> tuple[Worker, Outlet, Shelf]:
        outlet, kept = Outlet(), shelf or Shelf()
        worker = Worker(
            site_of(tmp_path, watched, **vision),
            evidence=kept,
            memories=kept,
            publisher=outlet,
            clock=SystemClock(),
            chance=random.Random(1),
            detector=detector,
            beat=beat,
        )
        return worker, outlet, kept

    return make


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    """The worker at work; it stops in good order within its patience."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(stop))
        try:
            yield
        finally:
            stop.set()
    worker.close()


Build = Callable[..., tuple[Worker, Outlet, Shelf]]


async def test_bicycles_come_and_go(cameras: FakeCameras, build: Build) -> None:
    """Seen again and again, sooner than the interval; then the clear view; each step with its kept picture."""
    watched = camera(zone(BIKES_ZONE, shop_id="shop-001"), source=cameras.url("good/a"), interval_s=1)
    worker, outlet, shelf = build([watched])
    async with running(worker):
        await outlet.until(lambda: len(outlet.looks) >= 3)
        cameras.show("a", street("clear"))
        await outlet.until(lambda: not outlet.looks[-1][1]["zones"][0].get("objects"))
    looks = outlet.of("cam-1")
    first, last = looks[0], looks[-1]
    assert [seen["class"] for seen in first["zones"][0]["objects"]] == ["bicycle"] * 2
    assert first["zones"][0]["shop_id"] == "shop-001"
    assert {look["view"] for look in looks} == {"healthy"}
    assert first["picture"] in shelf.pictures
    assert last["picture"] in shelf.pictures
    original, shareable = shelf.pictures[first["picture"]]
    assert original != shareable
    assert len(first["picture_sha256"]) == 64
    stats = worker.stats
    assert stats.looks == stats.published == len(looks)
    assert stats.looks_by_view == {ViewHealth.HEALTHY: len(looks)}
    assert 3 <= stats.sightings < stats.looks
    assert stats.inferred + stats.skipped_unchanged == len(looks)
    assert stats.faults == 0


async def test_it_says_that_it_looks_from_a_thread_that_looks(build: Build) -> None:
    """Also with nobody to look at. A loop that hung, or threads that do, could not say it."""
    said: queue.Queue[str] = queue.Queue()
    worker, _, _ = build([], beat=lambda: said.put(threading.current_thread().name))
    async with running(worker):
        assert (await asyncio.to_thread(said.get, timeout=PATIENCE_S)).startswith("look")


async def test_dead_hosts_do_not_delay_a_healthy_camera(cameras: FakeCameras, build: Build) -> None:
    """Twenty black holes that may take an hour; the healthy camera is looked at again and again meanwhile."""
    dead = [camera(camera_id=f"dead-{n}", source=cameras.black_hole, interval_s=1) for n in range(20)]
    alive = camera(camera_id="alive", source=cameras.url("good/b"), interval_s=1)
    worker, outlet, _ = build([*dead, alive], visits_per_host=20, visit_timeout=3600.0)
    async with running(worker):
        await outlet.until(lambda: cameras.held == 20)
        seen = len(outlet.of("alive"))
        await outlet.until(lambda: len(outlet.of("alive")) >= seen + 4)
        assert cameras.held == 20
    assert len(outlet.looks) == len(outlet.of("alive"))


async def test_every_kind_of_bad_camera_is_offline_with_its_fault(cameras: FakeCameras, build: Build) -> None:
    """One look each; the worker goes on."""
    faults = {
        "status/401": "auth_failed",
        "status/404": "not_found",
        "cut-answer": "truncated",
        "cut-picture": "truncated",
        "html": "not_an_image",
        "slow": "timeout",
        "silent": "timeout",
    }
    sources = {name: cameras.url(name) for name in faults} | {"silent": cameras.black_hole}
    watched = [camera(camera_id=name, source=source, interval_s=1) for name, source in sources.items()]
    worker, outlet, _ = build(watched, visits_per_host=10)
    async with running(worker):
        await outlet.until(lambda: {name for name, _ in outlet.looks} == set(faults))
    assert {name: (look["view"], look["fault"], look["zones"]) for name, look in outlet.looks} == {
        name: ("offline", fault, []) for name, fault in faults.items()
    }


async def test_look_now_comes_long_before_the_interval(cameras: FakeCameras, build: Build) -> None:
    """A camera of an hour is looked at when a re-check asks for it, and the picture is kept."""
    watched = camera(zone(BIKES_ZONE), source=cameras.url("good/c"), interval_s=3600)
    worker, outlet, shelf = build([watched])
    async with running(worker):
        await worker.look_now("cam-1")
        await outlet.until(lambda: len(outlet.looks) == 1)
    assert outlet.looks[0][1]["picture"] in shelf.pictures
    with pytest.raises(KeyError):
        await worker.look_now("unknown")


async def test_stays_survive_a_restart(cameras: FakeCameras, build: Build) -> None:
    """Another worker carries on from the memory of the first."""
    watched = camera(zone(BIKES_ZONE), source=cameras.url("good/d"), interval_s=1)
    first, before, shelf = build([watched])
    async with running(first):
        await before.until(lambda: len(before.looks) == 2)
    second, after, _ = build([watched], shelf)
    async with running(second):
        await after.until(lambda: len(after.looks) >= 1)
    assert after.looks[0][1]["zones"][0]["objects"][0]["looks"] == 3
    assert from_bytes(shelf.memories["cam-1"]).looks >= 3


async def test_visits_to_one_host_are_one_at_a_time(cameras: FakeCameras, build: Build) -> None:
    """Eight channels of one recorder."""
    watched = [camera(camera_id=f"ch-{n}", source=cameras.url(f"good/{n}"), interval_s=1) for n in range(8)]
    worker, outlet, _ = build(watched, visits_per_host=1)
    async with running(worker):
        await outlet.until(lambda: {name for name, _ in outlet.looks} == {one.camera_id for one in watched})
    assert cameras.most_at_once == 1


async def test_a_full_disk_costs_the_picture_not_the_look(cameras: FakeCameras, build: Build) -> None:
    """The sighting goes out and names no picture."""
    shelf = Shelf()
    shelf.full = True
    watched = camera(zone(BIKES_ZONE), source=cameras.url("good/e"), interval_s=1)
    worker, outlet, _ = build([watched], shelf)
    async with running(worker):
        await outlet.until(lambda: len(outlet.looks) == 1)
    assert "picture" not in outlet.looks[0][1]
    assert len(outlet.looks[0][1]["zones"][0]["objects"]) == 2


async def test_an_error_of_ours_with_one_camera_does_not_stop_the_others(cameras: FakeCameras, build: Build) -> None:
    """A store that cannot read one memory: that camera is a counted fault, the other is looked at."""

    class Torn(Shelf):
        def load(self, camera_id: str) -> bytes | None:
            if camera_id == "torn":
                raise OSError(5, "Input/output error")
            return super().load(camera_id)

    watched = [camera(camera_id=name, source=cameras.url(f"good/{name}"), interval_s=1) for name in ("torn", "whole")]
    worker, outlet, _ = build(watched, Torn(), visits_per_host=2)
    async with running(worker):
        await outlet.until(lambda: len(outlet.looks) >= 3 and worker.stats.faults >= 1)
    assert {name for name, _ in outlet.looks} == {"whole"}


@pytest.mark.parametrize(("name", "view"), [("living", "healthy"), ("frozen", "frozen"), ("dark", "dark")])
async def test_a_verdict_on_one_camera_compares_two_pictures(
    cameras: FakeCameras, build: Build, name: str, view: str
) -> None:
    """Only so a frozen camera is seen, whatever is remembered of it; both looks are published."""
    cameras.freeze("frozen")
    cameras.show("dark", np.zeros_like(street()))
    worker, outlet, shelf = build([camera(zone(BIKES_ZONE), source=cameras.url(f"good/{name}"))])
    looks = await worker.look_once("cam-1")
    assert len(looks) == 2
    assert looks[-1].view == view
    assert len(outlet.looks) == 2
    assert from_bytes(shelf.memories["cam-1"]).looks == 2
    assert (await worker.look_once("cam-1"))[-1].view == view
    assert len(outlet.looks) == 4
    worker.close()


def test_a_source_that_cannot_be_read_stops_the_start(build: Build) -> None:
    """Before anything is connected to."""
    with pytest.raises(ConfigError, match="this version reads http, https, rtsp"):
        build([camera(source="ftp://192.0.2.1/main")])
