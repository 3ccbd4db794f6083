"""Who has what in hand. In memory: after a restart everybody just claims anew."""

import threading
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from domain.review import Queue

LEASE_MS: Final = 30_000
"""A browser claims again every ten seconds; one that is gone keeps nothing for longer than this."""


class _Claim(Struct, frozen=True, kw_only=True):
    seat: str
    who: str
    until_ms: int


class Claims:
    """Who has what in hand. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: dict[tuple[Queue, str], _Claim] = {}

    def claim(self, queue: Queue, keys: Sequence[str], *, seat: str, who: str, now_ms: int) -> dict[str, str]:
        """Keep what is free for a seat, let go what it had else; returns those that others have, by key, and who."""
        with self._lock:
            self._forget(now_ms)
            for at in [at for at, one in self._claims.items() if one.seat == seat and at not in _at(queue, keys)]:
                del self._claims[at]
            others: dict[str, str] = {}
            for key in keys:
                held = self._claims.get((queue, key))
                if held is not None and held.seat != seat:
                    others[key] = held.who
                else:
                    self._claims[queue, key] = _Claim(seat=seat, who=who, until_ms=now_ms + LEASE_MS)
            return others

    def held(self, queue: Queue, *, seat: str, now_ms: int) -> Mapping[str, str]:
        """What others have in hand, by key, and who."""
        with self._lock:
            self._forget(now_ms)
            return {key: one.who for (of, key), one in self._claims.items() if of is queue and one.seat != seat}

    def _forget(self, now_ms: int) -> None:
        for at in [at for at, one in self._claims.items() if one.until_ms <= now_ms]:
            del self._claims[at]


def _at(queue: Queue, keys: Sequence[str]) -> set[tuple[Queue, str]]:
    return {(queue, key) for key in keys}
