"""The vision worker: visits cameras, looks, and hands each look to the publisher."""

import asyncio
import logging
import random
from collections.abc import Mapping
from typing import Protocol

from config.load import Site
from domain.clock import Clock
from domain.register import Camera
from domain.sighting import Sighting, ViewHealth
from vision.detectors import open_detector
from vision.look import Detector, Look, Visit
from vision.recall import MemoryStore, Recall
from vision.scheduler import Scheduler, Timing, Turn
from vision.sources import check_source, host_of
from vision.studio import EvidenceKeeper, Studio
from vision.tally import Tally, WatchStats
from vision.visitor import Visitor
from vision.wire import payload_of

log = logging.getLogger(__name__)

SAVE_EVERY_S = 5.0
APART_S = 1.0
"""Between the two pictures of a camera nothing is known of: only by comparing them is a frozen one seen."""


class Publisher(Protocol):
    """Who takes looks to the broker."""

    def publish(self, camera_id: str, payload: bytes) -> None:
        """Take one look; it is kept until the broker has it. Never blocks."""
        ...

    @property
    def published(self) -> int:
        """How many the broker has acknowledged."""
        ...


class Worker:
    """All cameras of a site. `detector` is the settings' own if none is given."""

    def __init__(
        self,
        site: Site,
        *,
        evidence: EvidenceKeeper,
        memories: MemoryStore,
        publisher: Publisher,
        clock: Clock,
        chance: random.Random,
        detector: Detector | None = None,
        skip_unchanged: bool = True,
    ) -> None:
        """Raises ConfigError for a source that cannot be read or a model that is none. Connects to nothing."""
        for camera in site.cameras.values():
            check_source(camera)
        self._cameras: Mapping[str, Camera] = site.cameras
        self._settings = site.settings.vision
        self._publisher = publisher
        self._clock = clock
        self._recall = Recall(memories)
        self._tally = Tally()
        chosen = detector or open_detector(self._settings)
        self._studio = Studio(site, chosen, evidence, skip_unchanged=skip_unchanged)
        self._scheduler = Scheduler(
            self._timings(),
            at_once=self._settings.visits_at_once,
            per_host=self._settings.visits_per_host,
            chance=chance,
        )
        self._changed = asyncio.Event()

    @property
    def stats(self) -> WatchStats:
        """The figures so far."""
        return self._tally.stats(self._publisher.published)

    async def run(self, stop: asyncio.Event) -> None:
        """Visit the cameras until `stop` is set; then finish the looks going on, and save every memory."""
        loop = asyncio.get_running_loop()
        self._scheduler.start(loop.time())
        visits: set[asyncio.Task[None]] = set()
        async with Visitor(self._settings) as visitor, asyncio.TaskGroup() as group:
            helpers = [group.create_task(self._save_now_and_then()), group.create_task(self._wake_at(stop))]
            while not stop.is_set():
                self._changed.clear()
                while turn := self._scheduler.take(loop.time()):
                    task = group.create_task(self._take_turn(turn, visitor), name=f"look at {turn.camera_id}")
                    visits.add(task)
                    task.add_done_callback(visits.discard)
                await self._sleep(self._scheduler.wait_s(loop.time()))
            visitor.give_up()
            await asyncio.gather(*visits, return_exceptions=True)
            for helper in helpers:
                helper.cancel()
        await self._studio.run(lambda: self._recall.save(everything=True))

    async def look_now(self, camera_id: str) -> None:
        """Look at this camera before all others. KeyError for one there is not."""
        self._scheduler.look_now(camera_id, asyncio.get_running_loop().time())
        self._changed.set()

    async def look_once(self, camera_id: str) -> Sighting:
        """One verdict outside the schedule, from two pictures: a frozen one is only seen by comparing.

        KeyError for a camera there is not.
        """
        camera = self._cameras[camera_id]
        async with Visitor(self._settings) as visitor:
            look = await self._look(camera, visitor, early=True)
            if look.sighting.view is not ViewHealth.OFFLINE:
                await asyncio.sleep(APART_S)
                look = await self._look(camera, visitor, early=True)
        await self._studio.run(self._recall.save)
        return look.sighting

    def close(self) -> None:
        """Let go of the threads."""
        self._studio.close()

    def _timings(self) -> dict[str, Timing]:
        return {
            camera_id: Timing(
                host=host_of(camera), interval_s=camera.interval_s, sooner_s=self._settings.confirm_interval
            )
            for camera_id, camera in self._cameras.items()
        }

    async def _take_turn(self, turn: Turn, visitor: Visitor) -> None:
        """One visit, whatever comes of it; the schedule goes on."""
        loop = asyncio.get_running_loop()
        self._tally.add_lag(loop.time() - turn.due)
        look: Look | None = None
        try:
            look = await self._look(self._cameras[turn.camera_id], visitor, early=turn.early)
        except Exception:  # an error of ours with one camera must not end the looking at all others
            log.exception("%s: the look failed", turn.camera_id)
            self._tally.add_fault()
        finally:
            failed = look is None or look.sighting.view is ViewHealth.OFFLINE
            sooner = look is not None and look.sooner
            self._scheduler.done(turn.camera_id, loop.time(), failed=failed, sooner=sooner)
            self._changed.set()

    async def _look(self, camera: Camera, visitor: Visitor, *, early: bool) -> Look:
        brought = await visitor.visit(camera)
        memory = await self._studio.run(lambda: self._recall.get(camera.camera_id))
        visit = Visit(camera=camera, brought=brought, taken_ms=self._clock.now_ms(), early=early)
        look = await self._studio.look(visit, memory)
        self._recall.put(camera.camera_id, look.memory)
        self._tally.add(look)
        self._publisher.publish(camera.camera_id, payload_of(look.sighting))
        return look

    async def _save_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY_S)
            try:
                await self._studio.run(self._recall.save)
            except Exception:  # looking goes on; what was not saved is tried again
                log.exception("the memories of the cameras are not saved")

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._changed.set()

    async def _sleep(self, wait_s: float) -> None:
        """Until something changes, at most so long."""
        try:
            async with asyncio.timeout(wait_s):
                await self._changed.wait()
        except TimeoutError:
            return
