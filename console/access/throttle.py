"""How soon one may try a password again. Time is passed, memory is bounded."""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final

from msgspec import Struct

from domain.clock import Clock

_MOST: Final = 10_000
"""Tracks of each kind; the longest untouched goes first."""
_FORGOTTEN_MS: Final = 3_600_000
_SITE_BITS: Final = 64


class Bound(Struct, frozen=True, kw_only=True):
    """So many tries are free; each further one doubles the wait, from a second up to the longest."""

    free: int
    longest_s: float


PAIR: Final = Bound(free=5, longest_s=900.0)
"""One account from one address."""
ADDRESS: Final = Bound(free=30, longest_s=900.0)
"""Any accounts from one address: a bureau behind one address mistypes more often."""
ACCOUNT: Final = Bound(free=50, longest_s=60.0)
"""One account from anywhere, but where its owner last signed in from: nobody is locked out by strangers."""


class _Track(Struct):
    tries: int = 0
    until_ms: int = 0
    at_ms: int = 0


class Throttle:
    """Counts tries. Each is counted as wrong when it begins, so that many at once are not free, until it was right."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tracks: dict[Bound, OrderedDict[tuple[str, ...], _Track]] = {
            bound: OrderedDict() for bound in (PAIR, ADDRESS, ACCOUNT)
        }

    def begin(self, address: str, name: str, *, at_home: bool) -> float:
        """Count a try; what it returns is 0, or the seconds to wait: then it is not made, and not counted.

        `at_home`: whether the account last signed in from this address.
        """
        now_ms, keys = self._clock.now_ms(), self._keys(address, name, at_home=at_home)
        found = [(bound, self._track(bound, key, now_ms)) for bound, key in keys.items()]
        wait_ms = max(track.until_ms - now_ms for _, track in found)
        if wait_ms > 0:
            return wait_ms / 1000
        for bound, track in found:
            track.tries += 1
            track.at_ms = now_ms
            over = track.tries - bound.free
            if over >= 0:
                track.until_ms = now_ms + round(1000 * min(bound.longest_s, 2.0 ** min(over, 30)))
        return 0.0

    def right(self, address: str, name: str) -> None:
        """The password was right: the pair and the account begin anew, and the address gets its try back."""
        pair, place = (_place(address), name), (_place(address),)
        self._tracks[PAIR].pop(pair, None)
        self._tracks[ACCOUNT].pop((name,), None)
        track = self._tracks[ADDRESS].get(place)
        if track is not None:
            track.tries = max(0, track.tries - 1)
            track.until_ms = 0 if track.tries < ADDRESS.free else track.until_ms

    @property
    def size(self) -> int:
        """How many tracks are kept."""
        return sum(map(len, self._tracks.values()))

    def _keys(self, address: str, name: str, *, at_home: bool) -> dict[Bound, tuple[str, ...]]:
        place = _place(address)
        keys: dict[Bound, tuple[str, ...]] = {PAIR: (place, name), ADDRESS: (place,)}
        return keys if at_home else keys | {ACCOUNT: (name,)}

    def _track(self, bound: Bound, key: tuple[str, ...], now_ms: int) -> _Track:
        tracks = self._tracks[bound]
        track = tracks.get(key)
        if track is None or now_ms - max(track.at_ms, track.until_ms) > _FORGOTTEN_MS:
            track = tracks[key] = _Track(at_ms=now_ms)
        tracks.move_to_end(key)
        while len(tracks) > _MOST:
            tracks.popitem(last=False)
        return track


def _place(address: str) -> str:
    """An address or, of IPv6, the network of 64 bits that one customer has."""
    try:
        at = ip_address(address)
    except ValueError:
        return address
    if isinstance(at, IPv6Address):
        return f"{IPv6Address(int(at) >> _SITE_BITS << _SITE_BITS)}/{_SITE_BITS}"
    return str(at)
