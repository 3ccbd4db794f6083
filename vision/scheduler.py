"""Which camera is visited next. Knows numbers of seconds only; who asks has the clock.

A camera is due an interval after its last visit, and not before. Of those that are due, the one that has had the
least of its share goes first: where there is time for half of the visits, each camera has half of its own, whatever
the intervals of the others. Early looks go before all others, but not without end. A host is visited by as many as
it is allowed, and the rest of its cameras step aside without holding up anyone else's. A visit that waits long
for its picture gives its slot back: dead hosts cost a moment of a slot, not the whole of their time limit.
"""

import heapq
import math
import random
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from vision.slots import Slots

BACK_OFF_CAP: Final = 10.0
"""A camera that fails is visited after 1, 2, 4, 8, and then every 10 of its intervals."""
JITTER: Final = 0.1
"""Of every waiting time of a failing camera, either way, so that cameras that fell together don't stay together."""
EARLY_IN_A_ROW: Final = 2
"""So many early looks, and one that is due has its turn: a flood of re-checks takes two thirds of the visits. On two
cores that leaves the 11 a second which 671 cameras at a look a minute need."""
LONGEST_WAIT_S: Final = 3600.0
FIRST_WITHIN_S: Final = 10.0
"""A camera that is added is looked at within this time: who added it is waiting to see it."""


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


class _Asked(Struct, frozen=True, order=True):
    """An early look that somebody waits for; the oldest first."""

    at: float
    camera_id: str


class _Due(Struct, frozen=True, order=True):
    """A visit that is due. `tag` is the share its camera has had: the sum of the waiting times it has lived through."""

    tag: float
    at: float
    camera_id: str


class _Visit(Struct, frozen=True):
    """One that is going on."""

    host: str
    early: bool


class _Host:
    """Who is at a host, and who waits for it."""

    __slots__ = ("asked", "due", "visits")

    def __init__(self) -> None:
        self.visits = 0
        self.asked: list[_Asked] = []
        self.due: list[_Due] = []


class Scheduler:
    """Hands out turns. Not thread-safe. Nothing costs more than the logarithm of the number of cameras."""

    def __init__(self, timings: Mapping[str, Timing], *, at_once: int, per_host: int, chance: random.Random) -> None:
        self._timings = dict(timings)
        self._slots = Slots(at_once)
        self._per_host = per_host
        self._chance = chance
        self._waiting: list[tuple[float, str]] = []
        self._due: list[_Due] = []
        self._early: list[_Asked] = []
        # Queues are never searched: what a queue holds counts only if these two say the same.
        self._next: dict[str, float] = {}
        self._asked: dict[str, float] = {}
        self._early_in_a_row = 0
        self._share = 0.0
        self._shares: dict[str, float] = {}
        self._failures: dict[str, int] = {}
        self._hosts: dict[str, _Host] = {}
        self._running: dict[str, _Visit] = {}

    def start(self, now: float, *, spread: bool = True) -> None:
        """From now on cameras become due, the first time spread over their interval: not all of a city at once."""
        for camera_id, timing in self._timings.items():
            wait_s = self._chance.random() * timing.interval_s if spread else 0.0
            self._shares[camera_id] = self._share + wait_s
            self._put(camera_id, now + wait_s)

    def add(self, camera_id: str, timing: Timing, now: float) -> None:
        """One more camera, or one with another source: its past is forgotten, and it is visited soon."""
        self.remove(camera_id)
        self._timings[camera_id] = timing
        self._put(camera_id, now + self._chance.random() * min(timing.interval_s, FIRST_WITHIN_S))

    def change(self, camera_id: str, timing: Timing, now: float) -> None:
        """Another interval for a camera, from its next visit on; that is not later than now and the new interval."""
        self._timings[camera_id] = timing
        if camera_id in self._next:
            self._put(camera_id, min(self._next[camera_id], now + timing.interval_s))

    def remove(self, camera_id: str) -> None:
        """No more visits to this camera. One that is going on ends with `done` as always."""
        for known in (self._timings, self._next, self._asked, self._shares, self._failures):
            known.pop(camera_id, None)

    def look_now(self, camera_id: str, now: float) -> None:
        """Visit this camera before all others; after the visit that is going on, if one is. KeyError if unknown."""
        if camera_id not in self._timings:
            raise KeyError(camera_id)
        if camera_id not in self._asked:
            self._asked[camera_id] = now
            heapq.heappush(self._early, _Asked(now, camera_id))

    def take(self, now: float) -> Turn | None:
        """The next visit that may begin now, if there is one. Who takes it must call `done`."""
        if self._slots.full(now):
            return None
        self._ripen(now)
        if self._early_in_a_row < EARLY_IN_A_ROW:
            turn = self._early_turn() or self._due_turn()
        else:
            turn = self._due_turn() or self._early_turn()
        if turn is not None:
            self._begin(turn, now)
        return turn

    def arrived(self, camera_id: str) -> None:
        """The visit has its picture; what is left of it is our own work."""
        self._slots.arrived(camera_id)

    def done(self, camera_id: str, now: float, *, failed: bool, sooner: bool) -> None:
        """A visit has ended: `failed` brought no picture, `sooner` asks for the next one before its interval."""
        timing = self._timings.get(camera_id)
        if camera_id in self._next:  # it was added again meanwhile
            self._put(camera_id, self._next[camera_id])
        elif timing is not None:  # or removed
            self._failures[camera_id] = self._failures.get(camera_id, 0) + 1 if failed else 0
            wait_s = self._wait_s(timing, self._failures[camera_id], sooner)
            self._put(camera_id, now + wait_s)
            if not self._running[camera_id].early:
                self._shares[camera_id] += wait_s
        self._end(camera_id)

    def put_off(self, camera_id: str, until: float) -> None:
        """The visit that was taken is not made: the camera's next one is due then."""
        if camera_id in self._timings:
            self._put(camera_id, self._next.get(camera_id, until))
        self._end(camera_id)

    def wait_s(self, now: float) -> float:
        """How long from now nothing can become possible but by `done`, `look_now` or a change of cameras."""
        due = self._waiting[0][0] if self._waiting else math.inf
        at = self._slots.free_at if self._slots.full(now) else due
        return min(max(at - now, 0.0), LONGEST_WAIT_S)

    def _ripen(self, now: float) -> None:
        """Those whose time has come are due."""
        while self._waiting and self._waiting[0][0] <= now:
            at, camera_id = heapq.heappop(self._waiting)
            if self._next.get(camera_id) == at and camera_id not in self._running:
                # what it has missed counts for one visit: who was away for hours doesn't keep all others waiting
                credit_s = self._timings[camera_id].interval_s
                tag = max(self._share - credit_s, self._shares.get(camera_id, 0.0))
                heapq.heappush(self._due, _Due(tag, at, camera_id))

    def _early_turn(self) -> Turn | None:
        while self._early:
            asked = heapq.heappop(self._early)
            if self._asked.get(asked.camera_id) != asked.at:
                continue
            host = self._host(asked.camera_id)
            if host.visits < self._per_host and asked.camera_id not in self._running:
                del self._asked[asked.camera_id]
                self._early_in_a_row += 1
                return Turn(camera_id=asked.camera_id, due=asked.at, early=True)
            heapq.heappush(host.asked, asked)
        return None

    def _due_turn(self) -> Turn | None:
        while self._due:
            due = heapq.heappop(self._due)
            if not self._still(due):
                continue
            host = self._host(due.camera_id)
            if host.visits < self._per_host:
                self._early_in_a_row = 0
                self._share = max(self._share, due.tag)
                self._shares[due.camera_id] = due.tag
                return Turn(camera_id=due.camera_id, due=due.at, early=False)
            heapq.heappush(host.due, due)
        return None

    def _still(self, due: _Due) -> bool:
        """Whether the visit is still to be made: an early look may have taken its place."""
        return self._next.get(due.camera_id) == due.at and due.camera_id not in self._running

    def _begin(self, turn: Turn, now: float) -> None:
        host = self._timings[turn.camera_id].host
        self._running[turn.camera_id] = _Visit(host, turn.early)
        self._next.pop(turn.camera_id, None)
        self._hosts[host].visits += 1
        self._slots.begin(turn.camera_id, now)

    def _end(self, camera_id: str) -> None:
        name = self._running.pop(camera_id).host
        self._slots.end(camera_id)
        host = self._hosts[name]
        host.visits -= 1
        self._let_in(host)
        if not (host.visits or host.asked or host.due):
            del self._hosts[name]

    def _let_in(self, host: _Host) -> None:
        """One of those that stepped aside for their host comes back, an early look before all others."""
        passed = []
        while host.asked:
            asked = heapq.heappop(host.asked)
            if self._asked.get(asked.camera_id) != asked.at:
                continue
            if asked.camera_id not in self._running:
                heapq.heappush(self._early, asked)
                break
            passed.append(asked)
        else:
            while host.due:
                if self._still(due := heapq.heappop(host.due)):
                    heapq.heappush(self._due, due)
                    break
        for asked in passed:
            heapq.heappush(host.asked, asked)

    def _put(self, camera_id: str, at: float) -> None:
        self._next[camera_id] = at
        heapq.heappush(self._waiting, (at, camera_id))

    def _wait_s(self, timing: Timing, failures: int, sooner: bool) -> float:
        if failures:
            times = min(2.0 ** (failures - 1), BACK_OFF_CAP)
            return timing.interval_s * times * (1 + JITTER * (2 * self._chance.random() - 1))
        return min(timing.sooner_s, timing.interval_s) if sooner else timing.interval_s

    def _host(self, camera_id: str) -> _Host:
        return self._hosts.setdefault(self._timings[camera_id].host, _Host())
