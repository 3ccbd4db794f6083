"""The cameras that a worker has now: how each is visited, when it is on duty, and what changes with new settings."""

import math
import random
from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Final

from msgspec import Struct, structs

from domain.duty import Duty
from domain.register import Camera
from domain.sighting import ViewHealth
from vision.scheduler import Timing
from vision.sources import check_source, host_of

REST_S: Final = 600.0
"""Off duty, a camera is thought of this often at least: clocks are set, and summer time begins."""


class Changes(Struct, frozen=True, kw_only=True):
    """What new settings mean for the cameras, each named once."""

    added: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    """Their pictures come from elsewhere."""
    retimed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Only other things: zones, duty, name, place."""
    removed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """For a log: `2 added (a, b), 1 removed (c)`."""
        told = {
            "added": self.added,
            "changed": (*self.moved, *self.retimed, *self.changed),
            "removed": self.removed,
        }
        return ", ".join(f"{len(names)} {word} ({_some(names)})" for word, names in told.items() if names) or "none"


class Roster:
    """Not thread-safe."""

    def __init__(self, cameras: Mapping[str, Camera], *, timezone: tzinfo, sooner_s: float) -> None:
        """Raises ConfigError for a source that cannot be read."""
        self._timezone = timezone
        self._sooner_s = sooner_s
        self.cameras: Mapping[str, Camera] = {}
        self._duties: dict[str, Duty] = {}
        self._hosts: dict[str, str] = {}
        self.replace(cameras)

    def replace(self, cameras: Mapping[str, Camera]) -> Changes:
        """From now on these. Raises ConfigError for a source that cannot be read; then nothing is changed."""
        for camera in cameras.values():
            check_source(camera)
        before, self.cameras = self.cameras, dict(cameras)
        self._hosts = {camera_id: host_of(camera) for camera_id, camera in cameras.items()}
        self._duties = {
            camera_id: Duty(camera.duty, self._timezone)
            for camera_id, camera in cameras.items()
            if camera.duty is not None
        }
        return _compared(before, cameras)

    def timing(self, camera_id: str) -> Timing:
        """How this camera is visited."""
        camera = self.cameras[camera_id]
        return Timing(host=self._hosts[camera_id], interval_s=camera.interval_s, sooner_s=self._sooner_s)

    def timings(self, *, once: bool = False) -> dict[str, Timing]:
        """How each camera is visited; `once`: and then never again."""
        timings = {camera_id: self.timing(camera_id) for camera_id in self.cameras}
        if not once:
            return timings
        return {
            camera_id: structs.replace(timing, interval_s=math.inf, sooner_s=math.inf)
            for camera_id, timing in timings.items()
        }

    def rest_s(self, camera_id: str, now_ms: int, chance: random.Random) -> float:
        """How long this camera is not to be visited, 0 on duty.

        When the duty of a city begins, its cameras are spread over their interval.
        """
        duty = self._duties.get(camera_id)
        if duty is None or duty.holds(now_ms):
            return 0.0
        begins_s = (duty.begins_ms(now_ms) - now_ms) / 1000
        if begins_s > REST_S:
            return REST_S * (0.5 + 0.5 * chance.random())
        return begins_s + chance.random() * self.cameras[camera_id].interval_s

    def dead_hosts(self, views: Mapping[str, ViewHealth]) -> int:
        """How many hosts last gave no picture of any of their cameras."""
        tried: set[str] = set()
        alive: set[str] = set()
        for camera_id, view in views.items():
            if camera_id in self._hosts:
                (tried if view is ViewHealth.OFFLINE else alive).add(self._hosts[camera_id])
        return len(tried - alive)


def _compared(before: Mapping[str, Camera], after: Mapping[str, Camera]) -> Changes:
    differ = [camera_id for camera_id, camera in after.items() if before.get(camera_id, camera) != camera]
    moved = [camera_id for camera_id in differ if before[camera_id].source != after[camera_id].source]
    retimed = [camera_id for camera_id in differ if before[camera_id].interval_s != after[camera_id].interval_s]
    return Changes(
        added=tuple(camera_id for camera_id in after if camera_id not in before),
        moved=tuple(moved),
        retimed=tuple(camera_id for camera_id in retimed if camera_id not in moved),
        changed=tuple(camera_id for camera_id in differ if camera_id not in {*moved, *retimed}),
        removed=tuple(camera_id for camera_id in before if camera_id not in after),
    )


def _some(names: Iterable[str], most: int = 5) -> str:
    shown = list(names)
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")
