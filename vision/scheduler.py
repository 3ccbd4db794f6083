"""Which camera is visited next. Knows numbers of seconds only; who asks has the clock.

Cameras wait in a heap by the time they are due, so whoever waits longest goes first and no camera starves. Early
looks go before all others. A host is visited by as many as it is allowed, and the rest of its cameras step aside
without holding up anyone else's. A visit that takes long gives its slot back: dead hosts cost a moment of a slot,
not the whole of their time limit.
"""

import heapq
import random
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

SLOW_S: Final = 0.5
"""A visit older than this no longer counts among `at_once`. A healthy snapshot takes 0.01–0.3 s."""
SLOW_AT_ONCE: Final = 4
"""… until the slow ones are this many times `at_once`: open connections have to end somewhere."""
BACK_OFF_CAP: Final = 10.0
"""A camera that fails is visited after 1, 2, 4, 8, and then every 10 of its intervals."""
JITTER: Final = 0.1
"""Of every waiting time of a failing camera, either way, so that cameras that fell together don't stay together."""


class Turn(Struct, frozen=True, kw_only=True):
    """One visit that may begin. `due` is when it should have."""

    camera_id: str
    due: float
    early: bool


class Timing(Struct, frozen=True, kw_only=True):
    """How one camera is visited. Seconds."""

    host: str
    interval_s: float
    sooner_s: float


class Scheduler:
    """Hands out turns. Not thread-safe."""

    def __init__(self, timings: Mapping[str, Timing], *, at_once: int, per_host: int, chance: random.Random) -> None:
        self._timings = timings
        self._at_once = at_once
        self._per_host = per_host
        self._chance = chance
        self._due: list[tuple[float, str]] = []
        self._next: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self._aside: dict[str, list[tuple[float, str]]] = {}
        self._running: dict[str, float] = {}
        self._at_host: dict[str, int] = {}
        self._failures: dict[str, int] = {}

    def start(self, now: float) -> None:
        """From now on cameras become due, the first time spread over their interval: not all of a city at once."""
        for camera_id, timing in self._timings.items():
            self._put(camera_id, now + self._chance.random() * timing.interval_s)

    def look_now(self, camera_id: str, now: float) -> None:
        """Visit this camera before all others; after the visit that is going on, if one is. KeyError if unknown."""
        if camera_id not in self._timings:
            raise KeyError(camera_id)
        self._asked.setdefault(camera_id, now)

    def take(self, now: float) -> Turn | None:
        """The next visit that may begin now, if there is one. Who takes it must call `done`."""
        if self._slots_taken(now) >= self._at_once:
            return None
        for camera_id, asked in self._asked.items():
            if camera_id not in self._running and self._host_is_free(camera_id):
                del self._asked[camera_id]
                return self._begin(Turn(camera_id=camera_id, due=asked, early=True), now)
        while self._due and self._due[0][0] <= now:
            due, camera_id = heapq.heappop(self._due)
            if camera_id in self._running or self._next[camera_id] != due:
                continue  # an early look has taken its place
            if not self._host_is_free(camera_id):
                heapq.heappush(self._aside.setdefault(self._timings[camera_id].host, []), (due, camera_id))
                continue
            return self._begin(Turn(camera_id=camera_id, due=due, early=False), now)
        return None

    def done(self, camera_id: str, now: float, *, failed: bool, sooner: bool) -> None:
        """A visit has ended: `failed` brought no picture, `sooner` asks for the next one before its interval."""
        timing = self._timings[camera_id]
        del self._running[camera_id]
        self._at_host[timing.host] -= 1
        self._failures[camera_id] = self._failures.get(camera_id, 0) + 1 if failed else 0
        self._put(camera_id, now + self._wait_s(timing, self._failures[camera_id], sooner))
        self._let_in(timing.host)

    def wait_s(self, now: float) -> float:
        """How long from now nothing can become possible but by `done` or `look_now`."""
        waits = [self._due[0][0] - now] if self._due else []
        if self._slots_taken(now) >= self._at_once:
            waits = [SLOW_S - (now - began) for began in self._running.values() if now - began < SLOW_S]
        return max(min(waits, default=3600.0), 0.0)

    def _begin(self, turn: Turn, now: float) -> Turn:
        host = self._timings[turn.camera_id].host
        self._running[turn.camera_id] = now
        self._at_host[host] = self._at_host.get(host, 0) + 1
        return turn

    def _let_in(self, host: str) -> None:
        """One of the cameras that stepped aside for their host comes back, unless an early look served it already."""
        waiting = self._aside.get(host, [])
        while waiting:
            due, camera_id = heapq.heappop(waiting)
            if self._next[camera_id] == due:
                heapq.heappush(self._due, (due, camera_id))
                return

    def _put(self, camera_id: str, due: float) -> None:
        self._next[camera_id] = due
        heapq.heappush(self._due, (due, camera_id))

    def _wait_s(self, timing: Timing, failures: int, sooner: bool) -> float:
        if failures:
            times = min(2.0 ** (failures - 1), BACK_OFF_CAP)
            return timing.interval_s * times * (1 + JITTER * (2 * self._chance.random() - 1))
        return min(timing.sooner_s, timing.interval_s) if sooner else timing.interval_s

    def _host_is_free(self, camera_id: str) -> bool:
        return self._at_host.get(self._timings[camera_id].host, 0) < self._per_host

    def _slots_taken(self, now: float) -> int:
        slow = sum(now - began >= SLOW_S for began in self._running.values())
        return len(self._running) - min(slow, SLOW_AT_ONCE * self._at_once)
