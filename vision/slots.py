"""How many visits go on at once, where one that waits long for its picture hardly counts."""

import math
from collections import OrderedDict
from typing import Final

SLOW_S: Final = 0.5
"""A visit that has waited so long for its picture no longer counts among `at_once`. A healthy one takes 0.01–0.3 s."""
SLOW_AT_ONCE: Final = 4
"""… until the slow ones are this many times `at_once`: open connections have to end somewhere."""


class Slots:
    """Visits by camera_id, each begun no earlier than those before it. Every call costs the same, however many."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._quick: OrderedDict[str, float] = OrderedDict()
        self._slow: set[str] = set()
        self._arrived: set[str] = set()

    def begin(self, camera_id: str, now: float) -> None:
        """A visit begins."""
        self._quick[camera_id] = now

    def arrived(self, camera_id: str) -> None:
        """Its picture is there. From now on it waits for us, and counts until it ends: more would only wait longer."""
        self.end(camera_id)
        self._arrived.add(camera_id)

    def end(self, camera_id: str) -> None:
        """It has ended."""
        self._quick.pop(camera_id, None)
        self._slow.discard(camera_id)
        self._arrived.discard(camera_id)

    def full(self, now: float) -> bool:
        """Whether no other may begin."""
        while self._quick:
            camera_id, began = next(iter(self._quick.items()))
            if now - began < SLOW_S:
                break
            del self._quick[camera_id]
            self._slow.add(camera_id)
        slow = max(len(self._slow) - SLOW_AT_ONCE * self._at_once, 0)
        return len(self._quick) + len(self._arrived) + slow >= self._at_once

    @property
    def free_at(self) -> float:
        """When the next of them becomes slow, if none ends before; infinity if all are."""
        return next(iter(self._quick.values()), math.inf) + SLOW_S
