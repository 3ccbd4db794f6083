"""Who has what in hand. In memory: after a restart everybody just claims anew."""

import threading
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from domain.review import Queue

LEASE_MS: Final = 30_000
"""A browser claims again every ten seconds; one that is gone keeps nothing for longer than this."""
LONGEST_MS: Final = 600_000
"""Who has had a thing in hand for so long without deciding, on however many seats, keeps it from nobody any more."""


class _Claim(Struct, frozen=True, kw_only=True):
    seat: str
    who: str
    since_ms: int
    """Since when this person has had it, on whatever seat, without leaving it for as long as a claim lasts."""
    until_ms: int

    def keeps(self, seat: str, now_ms: int) -> bool:
        """Whether it is taken, for who sits elsewhere."""
        return self.seat != seat and now_ms - self.since_ms < LONGEST_MS


class Claims:
    """Who has what in hand. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._claims: dict[tuple[Queue, str], _Claim] = {}
        self._spells: dict[tuple[Queue, str, str], _Claim] = {}
        """By thing and person: their last claim, let go or not."""

    def claim(self, queue: Queue, keys: Sequence[str], *, seat: str, who: str, now_ms: int) -> dict[str, str]:
        """Keep what is free for a seat, let go what it had else; returns those that others have, by key, and who."""
        with self._lock:
            self._forget(now_ms)
            for at in [at for at, one in self._claims.items() if one.seat == seat and at not in _at(queue, keys)]:
                del self._claims[at]
            others: dict[str, str] = {}
            for key in keys:
                held = self._claims.get((queue, key))
                if held is not None and held.keeps(seat, now_ms):
                    others[key] = held.who
                    continue
                spell = self._spells.get((queue, key, who))
                since_ms = now_ms if spell is None else spell.since_ms
                mine = _Claim(seat=seat, who=who, since_ms=since_ms, until_ms=now_ms + LEASE_MS)
                self._claims[queue, key] = self._spells[queue, key, who] = mine
            return others

    def held(self, queue: Queue, *, seat: str, now_ms: int) -> Mapping[str, str]:
        """What others have in hand, by key, and who."""
        with self._lock:
            self._forget(now_ms)
            return {key: one.who for (of, key), one in self._claims.items() if of is queue and one.keeps(seat, now_ms)}

    def _forget(self, now_ms: int) -> None:
        for at in [at for at, one in self._claims.items() if one.until_ms <= now_ms]:
            del self._claims[at]
        for spell in [spell for spell, one in self._spells.items() if one.until_ms <= now_ms]:
            del self._spells[spell]


def _at(queue: Queue, keys: Sequence[str]) -> set[tuple[Queue, str]]:
    return {(queue, key) for key in keys}
