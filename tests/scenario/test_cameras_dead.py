"""Dead hosts beside healthy cameras: real sockets, real pictures, the whole way of a look but the detector."""

import random
import time
from collections.abc import Sequence
from pathlib import Path

from domain.clock import SystemClock
from domain.register import Camera
from tests.fakes.cameras import FakeCameras
from tests.vision.scenes import camera, street
from tests.vision.test_worker import Outlet, Shelf, site_of
from tests.vision.test_worker_changes import SeesNothing
from vision.worker import Worker

HEALTHY, DEAD, ROUNDS = 60, 20, 4
NOISE_S = 0.3
"""What a busy machine may add to the best of the rounds. Waiting for one dead host alone would cost five times that."""


class Timed(Outlet):
    """Notes when each camera's look came out."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[str, float] = {}

    def publish(self, camera_id: str, payload: bytes) -> None:
        self.at[camera_id] = time.monotonic()
        super().publish(camera_id, payload)


async def sweep(folder: Path, watched: Sequence[Camera], *, at_once: int) -> dict[str, float]:
    """One look at each, all due at once: how long after the beginning each came out, in seconds."""
    outlet, shelf = Timed(), Shelf()
    worker = Worker(
        site_of(folder, list(watched), visit_timeout=2.0, visits_per_host=200, visits_at_once=at_once),
        evidence=shelf,
        memories=shelf,
        publisher=outlet,
        clock=SystemClock(),
        chance=random.Random(1),
        detector=SeesNothing(),
    )
    began = time.monotonic()
    await worker.sweep()
    worker.close()
    return {name: at - began for name, at in outlet.at.items()}


async def test_twenty_black_holes_do_not_delay_sixty_healthy_cameras(tmp_path: Path) -> None:
    """All due at once: the healthy ones' looks come out as early as without the dead ones, which take two seconds."""
    alone, beside = [], []
    async with FakeCameras(street()) as fakes:
        healthy = [camera(camera_id=f"c{n}", source=fakes.url(f"good/{n}"), interval_s=60) for n in range(HEALTHY)]
        dead = [camera(camera_id=f"{n:02}-dead", source=fakes.black_hole, interval_s=60) for n in range(DEAD)]
        for number in range(ROUNDS):  # by turns, so that what else the machine does meets both
            alone.append(p95(await sweep(tmp_path / f"alone-{number}", healthy, at_once=24), healthy))
            all_at = await sweep(tmp_path / f"beside-{number}", [*dead, *healthy], at_once=24)
            beside.append(p95(all_at, healthy))
            assert min(all_at[one.camera_id] for one in dead) > 1.0
    assert min(beside) <= 1.1 * min(alone) + NOISE_S, (alone, beside)


async def test_more_dead_hosts_than_slots_still_let_everyone_through(tmp_path: Path) -> None:
    """Twelve that hang, in line before the healthy ones, and four visits at once: no healthy look waits for their end.

    Every four of them cost the half second after which a visit is counted as slow.
    """
    async with FakeCameras(street()) as fakes:
        dead = [camera(camera_id=f"{n:02}-dead", source=fakes.black_hole, interval_s=60) for n in range(12)]
        healthy = [camera(camera_id=f"c{n}", source=fakes.url(f"good/{n}"), interval_s=60) for n in range(10)]
        at = await sweep(tmp_path, [*dead, *healthy], at_once=4)
    assert max(at[one.camera_id] for one in healthy) < 1.5 + 3.0  # for the end of all of them: six seconds
    assert len(at) == 22


def p95(at_s: dict[str, float], of: Sequence[Camera]) -> float:
    """When 95 % of these had come out."""
    times = sorted(at_s[one.camera_id] for one in of)
    return times[int(0.95 * (len(times) - 1))]
