"""The worker while its cameras change, off duty, and in a sweep: real HTTP cameras; the detector sees nothing."""

import random
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from domain.clock import Clock, ManualClock, SystemClock, epoch_ms
from domain.errors import ConfigError
from domain.register import Camera
from domain.sighting import ViewHealth
from tests.fakes.cameras import FakeCameras
from tests.vision.scenes import BIKES_ZONE, camera, street, zone
from tests.vision.test_worker import Outlet, Shelf, running, site_of
from vision.memory import Detection, from_bytes
from vision.picture import Pixels
from vision.worker import Worker

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEVER_S = 3600.0


class SeesNothing:
    """A detector for tests of who is looked at, not of what is seen."""

    model = "nothing"
    model_sha256 = "0" * 64
    labels = frozenset({"bicycle"})
    input_size = (416, 416)

    def detect(self, pixels: Pixels) -> tuple[Detection, ...]:  # noqa: ARG002
        return ()


@pytest.fixture
async def cameras() -> AsyncIterator[FakeCameras]:
    """Local cameras."""
    async with FakeCameras(street()) as fakes:
        yield fakes


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., tuple[Worker, Outlet, Shelf]]:
    """A worker with its outlet and shelf."""

    def make(
        watched: list[Camera], *, clock: Clock | None = None, shelf: Shelf | None = None, **vision: object
    ) -> tuple[Worker, Outlet, Shelf]:
        outlet, kept = Outlet(), shelf or Shelf()
        worker = Worker(
            site_of(tmp_path, watched, **vision),
            evidence=kept,
            memories=kept,
            publisher=outlet,
            clock=clock or SystemClock(),
            chance=random.Random(1),
            detector=SeesNothing(),
        )
        return worker, outlet, kept

    return make


Build = Callable[..., tuple[Worker, Outlet, Shelf]]


def by_id(*cameras: Camera) -> dict[str, Camera]:
    """As a register has them."""
    return {one.camera_id: one for one in cameras}


async def test_a_sweep_looks_at_every_camera_exactly_once(cameras: FakeCameras, build: Build) -> None:
    """The dead ones too, and again the next time; it tells how long each visit took and where the time went."""
    healthy = [camera(camera_id=f"c{n}", source=cameras.url(f"good/{n}"), interval_s=1) for n in range(12)]
    dead = camera(camera_id="dead", source=cameras.black_hole, interval_s=1)
    worker, outlet, shelf = build([*healthy, dead], visits_per_host=4, visit_timeout=2.0)
    for sweep in (1, 2):
        took_s = await worker.sweep()
        assert sorted(name for name, _ in outlet.looks) == sorted([*took_s] * sweep)
        assert len(took_s) == 13
        assert took_s["dead"] >= 1.2
    stats = worker.stats
    assert stats.looks == 26
    assert stats.cameras_by_view[ViewHealth.OFFLINE] == 1
    assert stats.dead_hosts == 1
    assert stats.stages.fetch_s >= 2.4
    assert stats.stages.publish_s > 0
    assert "c0" in shelf.memories
    worker.close()


async def test_off_duty_a_camera_is_looked_at_only_when_asked(cameras: FakeCameras, build: Build) -> None:
    """The one beside it goes on; the look that was asked for is made, and none after it."""
    clock = ManualClock(epoch_ms(datetime(2026, 11, 23, 2, 0, tzinfo=SHANGHAI)))
    day = structs.replace(camera(camera_id="day", source=cameras.url("good/d"), interval_s=1), duty="06:00-23:00")
    always = camera(camera_id="always", source=cameras.url("good/a"), interval_s=1)
    worker, outlet, _ = build([day, always], clock=clock, visits_per_host=2)
    async with running(worker):
        await outlet.until(lambda: len(outlet.of("always")) >= 3)
        assert outlet.of("day") == []
        await worker.look_now("day")
        await outlet.until(lambda: len(outlet.of("day")) == 1)
        seen = len(outlet.of("always"))
        await outlet.until(lambda: len(outlet.of("always")) >= seen + 3)
    assert cameras.visits["d"] == 1


async def test_duty_begins_with_a_look_at_every_camera(cameras: FakeCameras, build: Build) -> None:
    """A moment before six nobody is visited; then each, within its interval."""
    clock = ManualClock(epoch_ms(datetime(2026, 11, 23, 5, 59, 59, tzinfo=SHANGHAI)))
    watched = [
        structs.replace(
            camera(camera_id=f"c{n}", source=cameras.url(f"good/{n}"), interval_s=1),
            duty="06:00-23:00",
        )
        for n in range(5)
    ]
    always = camera(camera_id="always", source=cameras.url("good/a"), interval_s=1)
    worker, outlet, _ = build([*watched, always], clock=clock, visits_per_host=6)
    async with running(worker):
        await outlet.until(lambda: len(outlet.looks) >= 3)
        assert {name for name, _ in outlet.looks} == {"always"}
        clock.advance(seconds=1)
        await outlet.until(lambda: len({name for name, _ in outlet.looks}) == 6)


async def test_cameras_come_change_and_go_and_the_others_do_not_notice(cameras: FakeCameras, build: Build) -> None:
    """An added one is looked at soon, a moved one at its new address; a removed one is not looked at any more."""
    same = camera(zone(BIKES_ZONE), camera_id="same", source=cameras.url("good/same"), interval_s=NEVER_S)
    moves = camera(camera_id="moves", source=cameras.url("good/before"), interval_s=NEVER_S)
    goes = camera(camera_id="goes", source=cameras.url("good/goes"), interval_s=1)
    worker, outlet, _ = build([same, moves, goes], visits_per_host=5)
    async with running(worker):
        await outlet.until(lambda: len(outlet.of("goes")) >= 1)
        comes = camera(camera_id="comes", source=cameras.url("good/comes"), interval_s=2)
        moved = structs.replace(moves, source=cameras.url("good/after"), interval_s=2)
        changes = worker.take_over(by_id(same, moved, comes))
        assert (changes.added, changes.moved, changes.removed) == (("comes",), ("moves",), ("goes",))
        assert str(changes) == "1 added (comes), 1 changed (moves), 1 removed (goes)"
        gone = cameras.visits["goes"]
        await outlet.until(lambda: len(outlet.of("comes")) >= 2 and len(outlet.of("moves")) >= 2)
        with pytest.raises(KeyError):
            await worker.look_now("goes")
    assert cameras.visits["goes"] <= gone + 1  # one may have been going on
    assert cameras.visits["before"] == 0
    assert cameras.visits["after"] >= 2
    assert cameras.visits["same"] == 0  # not before its hour is over
    assert list(worker.cameras) == ["same", "moves", "comes"]


async def test_new_zones_hold_from_the_next_look_on_and_nothing_is_forgotten(
    cameras: FakeCameras, build: Build
) -> None:
    """It is the same view: what is known of it stays known."""
    one = camera(zone(BIKES_ZONE), camera_id="one", source=cameras.url("good/1"), interval_s=NEVER_S)
    two = camera(zone(BIKES_ZONE), camera_id="two", source=cameras.url("good/2"), interval_s=NEVER_S)
    worker, outlet, shelf = build([one, two], visits_per_host=2)
    async with running(worker):
        for _ in range(2):
            for name in ("one", "two"):
                seen = len(outlet.of(name))
                await worker.look_now(name)
                await outlet.until(lambda name=name, seen=seen: len(outlet.of(name)) > seen)  # type: ignore[misc]
        redrawn = structs.replace(one, zones=(zone(((0.1, 0.1), (0.5, 0.1), (0.5, 0.5)), name="new"),))
        assert worker.take_over(by_id(redrawn, two)).changed == ("one",)
        for name in ("one", "two"):
            await worker.look_now(name)
            await outlet.until(lambda name=name: len(outlet.of(name)) == 3)  # type: ignore[misc]
    assert [seen["zone"] for seen in outlet.of("one")[-1]["zones"]] == ["new"]
    one_now, two_now = (from_bytes(shelf.memories[name]) for name in ("one", "two"))
    assert one_now.zones_key != two_now.zones_key
    assert (one_now.looks, two_now.looks) == (3, 3)
    assert one_now.seen.by_day is not None
    assert one_now.seen.by_day.looks == 3


async def test_a_camera_removed_while_it_is_looked_at_harms_nobody(cameras: FakeCameras, build: Build) -> None:
    """Its visit ends without a word; coming back, it is looked at again."""
    slow = camera(camera_id="slow", source=cameras.black_hole, interval_s=NEVER_S)
    alive = camera(camera_id="alive", source=cameras.url("good/a"), interval_s=1)
    worker, outlet, _ = build([slow, alive], visits_per_host=5, visit_timeout=4.0)
    async with running(worker):
        await worker.look_now("slow")
        await outlet.until(lambda: cameras.held == 1)
        worker.take_over(by_id(alive))
        await outlet.until(lambda: cameras.held == 0)
        worker.take_over(by_id(alive, structs.replace(slow, source=cameras.url("good/s"), interval_s=1)))
        await outlet.until(lambda: len(outlet.of("slow")) >= 1)
    assert {look["view"] for look in outlet.of("slow")} == {"healthy"}
    assert worker.stats.faults == 0


async def test_a_look_by_settings_that_hold_no_longer_is_told_to_nobody(cameras: FakeCameras, build: Build) -> None:
    """The address changes while the old one is asked: nothing is told, or learnt, of what it came to."""
    slow = camera(zone(BIKES_ZONE), camera_id="slow", source=cameras.black_hole, interval_s=NEVER_S)
    alive = camera(camera_id="alive", source=cameras.url("good/a"), interval_s=0.2)
    worker, outlet, shelf = build([slow, alive], visits_per_host=5, visit_timeout=1.5)
    async with running(worker):
        await worker.look_now("slow")
        await outlet.until(lambda: cameras.held == 1)
        worker.take_over(by_id(alive, structs.replace(slow, source=cameras.url("good/s"), interval_s=1)))
        await outlet.until(lambda: len(outlet.of("slow")) >= 1)
    assert {look["view"] for look in outlet.of("slow")} == {"healthy"}
    assert from_bytes(shelf.memories["slow"]).looks == len(outlet.of("slow"))


async def test_a_source_that_cannot_be_read_changes_nothing(cameras: FakeCameras, build: Build) -> None:
    """Neither the camera it stands in, nor the one that came with it."""
    one = camera(camera_id="one", source=cameras.url("good/1"), interval_s=1)
    worker, outlet, _ = build([one])
    async with running(worker):
        with pytest.raises(ConfigError, match="this version reads"):
            worker.take_over(by_id(structs.replace(one, source="gopher://192.0.2.1/"), camera(camera_id="two")))
        assert list(worker.cameras) == ["one"]
        await outlet.until(lambda: len(outlet.of("one")) >= 2)


async def test_memories_that_cannot_be_saved_end_neither_the_looking_nor_the_stop(
    cameras: FakeCameras, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk for the whole life of a worker: all its looks go out."""

    class Full(Shelf):
        tried = 0

        def save(self, memories: dict[str, bytes]) -> None:  # noqa: ARG002
            self.tried += 1
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("vision.worker.SAVE_EVERY_S", 0.05)
    full = Full()
    worker, outlet, _ = build([camera(source=cameras.url("good/f"), interval_s=1)], shelf=full)
    async with running(worker):
        await outlet.until(lambda: full.tried >= 2 and len(outlet.looks) >= 2)
    assert worker.stats.faults == 0
