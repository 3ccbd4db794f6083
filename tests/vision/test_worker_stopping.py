"""A worker that is told to stop stops between looks, however many pictures wait for theirs."""

import asyncio
import random
import threading
from pathlib import Path

from domain.clock import SystemClock
from tests.fakes.cameras import FakeCameras
from tests.vision.scenes import camera, street
from tests.vision.test_worker import PATIENCE_S, Outlet, Shelf, site_of
from tests.vision.test_worker_changes import NEVER_S, SeesNothing
from vision.memory import Detection
from vision.picture import Pixels
from vision.studio import THREADS
from vision.worker import Worker

CAMERAS = 12
TURNS = 100
"""Of the loop: a stop comes through in some of them."""


class Slow(SeesNothing):
    """Takes until it is let go."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()

    def detect(self, pixels: Pixels) -> tuple[Detection, ...]:
        self.begun.release()
        self.go_on.wait(PATIENCE_S)
        return super().detect(pixels)


async def test_looks_that_were_begun_end_and_no_other_begins(tmp_path: Path) -> None:
    """On a busy machine a dozen pictures may wait for a thread: what they would show is not worth waiting for."""
    outlet, shelf, detector, stop = Outlet(), Shelf(), Slow(), asyncio.Event()
    async with FakeCameras(street()) as cameras:
        watched = [
            camera(camera_id=f"cam-{n}", source=cameras.url(f"good/{n}"), interval_s=NEVER_S) for n in range(CAMERAS)
        ]
        worker = Worker(
            site_of(tmp_path, watched, visits_per_host=CAMERAS, visit_timeout=PATIENCE_S),
            evidence=shelf,
            memories=shelf,
            publisher=outlet,
            clock=SystemClock(),
            chance=random.Random(1),
            detector=detector,
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(worker.run(stop))
            for one in watched:
                await worker.look_now(one.camera_id)
            for _ in range(THREADS):
                assert await asyncio.to_thread(detector.begun.acquire, timeout=PATIENCE_S)
            async with asyncio.timeout(PATIENCE_S):
                while cameras.visits.total() < CAMERAS or cameras.at_once:  # noqa: ASYNC110  turns, no time
                    await asyncio.sleep(0)
            stop.set()
            for _ in range(TURNS):
                await asyncio.sleep(0)
            detector.go_on.set()
    worker.close()
    assert len(outlet.looks) == THREADS
    assert worker.stats.faults == 0
