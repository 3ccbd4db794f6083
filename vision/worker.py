"""The vision worker: visits cameras, looks, and hands each look to the publisher."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from typing import Protocol

from config.load import Site
from domain.clock import Clock
from domain.register import Camera
from domain.sighting import Sighting, ViewHealth
from vision.archive import EvidenceKeeper
from vision.detecting import Detector
from vision.detectors import open_detector
from vision.evidence import Faces
from vision.keeping import Occasions
from vision.look import Look, Visit
from vision.recall import MemoryStore, Recall
from vision.roster import Changes, Roster
from vision.scheduler import Scheduler, Timing, Turn
from vision.stages import Stage, Stopwatch
from vision.studio import Studio
from vision.tally import Tally, WatchStats
from vision.views import ViewKeeper
from vision.visitor import Visitor
from vision.wire import payload_of

log = logging.getLogger(__name__)

SAVE_EVERY_S = 5.0
MOST_TOLD = 100
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

    @property
    def dropped(self) -> int:
        """How many were let go because the broker was away for too long."""
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
        occasions: Occasions | None = None,
        faces: Faces | None = None,
        views: ViewKeeper | None = None,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        """`occasions` is when pictures are kept; `faces` finds what else is hidden in their copies.

        `views` keeps the last picture of every camera. `beat` is called every few seconds by the threads that look, for
        as long as they and the loop take work.
        Raises ConfigError for a source that cannot be read or a model that is none. Connects to nothing.
        """
        self._settings = site.settings.vision
        self._roster = Roster(site.cameras, timezone=site.timezone, sooner_s=self._settings.confirm_interval)
        self._publisher = publisher
        self._clock = clock
        self._recall = Recall(memories)
        self._tally = Tally()
        self.detector = detector or open_detector(self._settings)
        self._studio = Studio(
            site, self.detector, evidence, skip_unchanged=skip_unchanged, occasions=occasions, faces=faces, views=views
        )
        self._chance = chance
        self._beat = beat
        self._scheduler = self._schedule(self._roster.timings())
        self._visitor = Visitor(self._settings)
        self._changed = asyncio.Event()
        self._told: set[str] = set()
        self._looked: dict[str, float] = {}

    @property
    def cameras(self) -> Mapping[str, Camera]:
        """Whom it looks at, by camera_id. Any thread may ask."""
        return self._roster.cameras

    @property
    def stats(self) -> WatchStats:
        """The figures so far."""
        return self._tally.stats(
            published=self._publisher.published,
            dropped=self._publisher.dropped,
            dead_hosts=self._roster.dead_hosts(self._tally.views),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Visit the cameras until `stop` is set; then end the looks that are begun, and save every memory."""
        loop = asyncio.get_running_loop()
        self._scheduler.start(loop.time())
        visits: set[asyncio.Task[None]] = set()
        async with self._visitor as visitor, asyncio.TaskGroup() as group:
            helpers = [group.create_task(self._save_now_and_then()), group.create_task(self._wake_at(stop))]
            while not stop.is_set():
                self._changed.clear()
                while turn := self._scheduler.take(loop.time()):
                    if self._rests(turn, loop.time()):
                        continue
                    camera = self._roster.cameras[turn.camera_id]
                    turn_taken = self._take_turn(turn, camera, visitor, self._scheduler)
                    task = group.create_task(turn_taken, name=f"look at {turn.camera_id}")
                    visits.add(task)
                    task.add_done_callback(visits.discard)
                await self._sleep(self._scheduler.wait_s(loop.time()))
            visitor.give_up()
            self._studio.give_up()
            await asyncio.gather(*visits, return_exceptions=True)
            for helper in helpers:
                helper.cancel()
        await self._save(everything=True)

    def take_over(self, cameras: Mapping[str, Camera]) -> Changes:
        """Go on with these cameras; those that stay the same don't notice.

        Raises ConfigError for a source that cannot be read; then everything stays as it is. On the event loop only.
        """
        changes = self._roster.replace(cameras)
        now = asyncio.get_running_loop().time()
        for camera_id in changes.removed:
            self._scheduler.remove(camera_id)
        for camera_id in (*changes.added, *changes.moved):
            self._scheduler.add(camera_id, self._roster.timing(camera_id), now)
        for camera_id in (*changes.retimed, *changes.changed):
            self._scheduler.change(camera_id, self._roster.timing(camera_id), now)
        for camera_id in (*changes.moved, *changes.removed):
            self._visitor.forget(camera_id)
        for camera_id in changes.removed:
            self._tally.forget(camera_id)
        self._changed.set()
        return changes

    async def sweep(self) -> dict[str, float]:
        """Look through every camera exactly once, all due now, as fast as the rules of the schedule allow.

        How long each visit took, in seconds, by camera_id. Not while `run` is running.
        """
        loop = asyncio.get_running_loop()
        once = self._schedule(self._roster.timings(once=True))
        once.start(loop.time(), spread=False)
        took_s: dict[str, float] = {}

        async def take(turn: Turn, visitor: Visitor) -> None:
            began = loop.time()
            await self._take_turn(turn, self._roster.cameras[turn.camera_id], visitor, once)
            took_s[turn.camera_id] = loop.time() - began

        async with Visitor(self._settings) as visitor, asyncio.TaskGroup() as group:
            while len(took_s) < len(self._roster.cameras):
                self._changed.clear()
                while turn := once.take(loop.time()):
                    group.create_task(take(turn, visitor), name=f"look at {turn.camera_id}")
                await self._sleep(once.wait_s(loop.time()))
        await self._studio.run(self._recall.save)
        return took_s

    async def look_now(self, camera_id: str) -> None:
        """Look at this camera before all others. KeyError for one there is not."""
        self._scheduler.look_now(camera_id, asyncio.get_running_loop().time())
        self._changed.set()

    async def look_once(self, camera_id: str) -> list[Sighting]:
        """One or two looks outside the schedule: a frozen camera is only seen by comparing. The last is the verdict.

        KeyError for a camera there is not.
        """
        camera = self._roster.cameras[camera_id]
        async with Visitor(self._settings) as visitor:
            looks = [await self._look(camera, visitor, early=True)]
            if looks[0].sighting.view is not ViewHealth.OFFLINE:
                await asyncio.sleep(APART_S)
                looks.append(await self._look(camera, visitor, early=True))
        await self._studio.run(self._recall.save)
        return [look.sighting for look in looks]

    def close(self) -> None:
        """Let go of the threads."""
        self._studio.close()

    def _schedule(self, timings: Mapping[str, Timing]) -> Scheduler:
        at_once, per_host = self._settings.visits_at_once, self._settings.visits_per_host
        return Scheduler(timings, at_once=at_once, per_host=per_host, chance=self._chance)

    def _rests(self, turn: Turn, now: float) -> bool:
        """Whether the camera is off duty, and nobody has asked for this look; then its visit is put off."""
        if turn.early or not (rest_s := self._roster.rest_s(turn.camera_id, self._clock.now_ms(), self._chance)):
            return False
        self._scheduler.put_off(turn.camera_id, now + rest_s)
        return True

    async def _take_turn(self, turn: Turn, camera: Camera, visitor: Visitor, schedule: Scheduler) -> None:
        """One visit, whatever comes of it; the schedule goes on."""
        loop = asyncio.get_running_loop()
        self._tally.add_lag(loop.time() - turn.due)
        look: Look | None = None
        try:
            look = await self._look(camera, visitor, early=turn.early, schedule=schedule)
        except Exception as wrong:  # noqa: BLE001  an error of ours with one camera must not end the looking at others
            self._tally.add_fault()
            self._complain(turn.camera_id, wrong)
        finally:
            failed = look is None or look.sighting.view is ViewHealth.OFFLINE
            sooner = look is not None and (look.sooner or self._is_another(camera))
            schedule.done(turn.camera_id, loop.time(), failed=failed, sooner=sooner)
            self._changed.set()

    async def _look(self, camera: Camera, visitor: Visitor, *, early: bool, schedule: Scheduler | None = None) -> Look:
        watch = Stopwatch()
        brought = await visitor.visit(camera)
        watch.lap(Stage.FETCH)
        if schedule is not None:
            schedule.arrived(camera.camera_id)
        memory = self._recall.known(camera.camera_id)
        if memory is None:
            memory = await self._studio.run(lambda: self._recall.get(camera.camera_id))
        now = asyncio.get_running_loop().time()
        visit = Visit(
            camera=camera,
            brought=brought,
            taken_ms=self._clock.now_ms(),
            elapsed_ms=self._elapsed_ms(camera.camera_id, now),
            early=early,
        )
        look = await self._studio.look(visit, memory, watch)
        if self._is_another(camera):
            return look  # of an old address, or by old zones: it is told to nobody, and nothing is learnt of it
        self._looked[camera.camera_id] = now
        self._recall.put(camera.camera_id, look.memory)
        watch.skip()
        self._publisher.publish(camera.camera_id, payload_of(look.sighting))
        watch.lap(Stage.PUBLISH)
        self._tally.add(look, watch)
        return look

    def _is_another(self, camera: Camera) -> bool:
        """Whether the camera was removed, or its settings changed, since its visit began."""
        return self._roster.cameras.get(camera.camera_id) != camera

    def _elapsed_ms(self, camera_id: str, now: float) -> int | None:
        """Since this worker's last look at the camera; None for the first. No clock that is set can change it."""
        then = self._looked.get(camera_id)
        return None if then is None else round((now - then) * 1000)

    async def _save_now_and_then(self) -> None:
        while True:
            await self._studio.run(self._beat)
            await asyncio.sleep(SAVE_EVERY_S)
            await self._save()

    async def _save(self, *, everything: bool = False) -> None:
        try:
            await self._studio.run(lambda: self._recall.save(everything=everything))
        except Exception:  # looking goes on; what was not saved is tried again
            log.exception("the memories of the cameras are not saved")

    def _complain(self, camera_id: str, wrong: Exception) -> None:
        """The first of its kind with its traceback; a city of cameras may fail in the same way every minute."""
        text = f"{type(wrong).__name__}: {wrong}"
        log.error("%s: the look failed: %s", camera_id, text, exc_info=None if text in self._told else wrong)
        if len(self._told) < MOST_TOLD:
            self._told.add(text)

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
