"""Whether the picture is news: not the same again, not an old one, not one that another camera gave too."""

import threading
from collections import OrderedDict
from functools import lru_cache

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from domain.sighting import ViewHealth
from vision.picture import Pixels
from vision.view_health.verdict import Arrival, Verdict
from vision.view_memory import ViewMemory

FROZEN_APART_MS = 500
"""The same bytes twice, this far apart: a living camera's noise and clock never repeat themselves."""
STALE_INTERVALS = 3.0
STALE_AT_LEAST_MS = 120_000
"""A source may put an older time on a picture than three visits ago, or two minutes: whichever is longer."""
EARLIER_PICTURES = 63
"""So long a loop of stored pictures is found out: an hour of it at a look a minute."""
SIDE = 64
"""Samples on each side of the picture."""
SAMPLES_APART_MS = 10_000
"""Pixels are compared with those of a picture at least so much earlier."""
PART = 4
"""Side, in samples, of the parts of the picture of which the most changed ones are left out: 16 × 16 parts."""
CLOCK_PARTS = 16
"""So many parts may be the camera's running clock, its date and its name."""
SAME_SAMPLES = 0.995
"""Share of the other samples that are exactly equal. The same frame with another clock: 1.000. A living camera whose
denoising leaves half a grey level: at quality 90 0.42, at 40 0.72, at 20 and at night 0.96."""
MOST_DUPLICATES = 4096


def old(pixels: Pixels, arrival: Arrival, memory: ViewMemory) -> Verdict | None:
    """The same bytes or the same pixels as before, an earlier picture again, or one that its source calls old."""
    apart_ms = abs(arrival.taken_ms - memory.picture_ms)
    if arrival.sha256 == memory.last and apart_ms >= FROZEN_APART_MS:
        return Verdict(view=ViewHealth.FROZEN, reason=f"the same bytes as {apart_ms / 1000:.1f} s ago")
    if short(arrival.sha256) in memory.earlier:
        return Verdict(view=ViewHealth.STALE, reason="an earlier picture was given again")
    allowed_ms = max(STALE_INTERVALS * arrival.interval_s * 1000, STALE_AT_LEAST_MS)
    if arrival.age_ms is not None and arrival.age_ms > allowed_ms:
        reason = f"the source says it is {arrival.age_ms / 1000:.0f} s old; at most {allowed_ms / 1000:.0f} s"
        return Verdict(view=ViewHealth.STALE, reason=reason)
    return _same_pixels(pixels, arrival, memory)


def _same_pixels(pixels: Pixels, arrival: Arrival, memory: ViewMemory) -> Verdict | None:
    """A frozen frame that some server encodes anew each time, perhaps with a clock that runs on."""
    apart_ms = abs(arrival.taken_ms - memory.samples_ms)
    if not memory.samples or apart_ms < SAMPLES_APART_MS or arrival.sha256 == memory.last:
        return None
    then = np.frombuffer(memory.samples, np.uint8).reshape(SIDE, SIDE)
    changed = (samples(pixels) != then).view(np.uint8)
    rows = np.asarray(sum(changed[row::PART] for row in range(PART)))
    parts = np.asarray(sum(rows[:, column::PART] for column in range(PART)))
    rest = np.sort(parts, axis=None)[:-CLOCK_PARTS]
    same = 1 - float(rest.sum()) / (rest.size * PART * PART)
    if same < SAME_SAMPLES:
        return None
    return Verdict(view=ViewHealth.FROZEN, reason=f"{same:.3f} of the pixels as {apart_ms / 1000:.1f} s ago")


def noted(memory: ViewMemory, arrival: Arrival) -> ViewMemory:
    """The memory with this picture as its last one."""
    others = [part for part in memory.earlier if part != short(arrival.sha256)]
    if memory.last:
        others.append(short(memory.last))
    return structs.replace(
        memory, last=arrival.sha256, earlier=tuple(others[-EARLIER_PICTURES:]), picture_ms=arrival.taken_ms
    )


def short(sha256: str) -> bytes:
    """What of a hash is remembered for long: among so few pictures no two will ever share it."""
    return bytes.fromhex(sha256[:16])


def samples(pixels: Pixels) -> NDArray[np.uint8]:
    """Pixels from all over the picture, exactly as they were decoded: what averages would hide counts here."""
    return np.asarray(pixels.reshape(-1)[_where(*pixels.shape[:2])], np.uint8)


@lru_cache(maxsize=16)
def _where(high: int, wide: int) -> NDArray[np.intp]:
    """Where the green of the samples lies among all bytes of a picture."""
    rows, columns = (np.linspace(0, size - 1, SIDE).astype(np.intp) for size in (high, wide))
    return np.asarray((rows[:, None] * wide + columns) * 3 + 1, np.intp)


class Duplicates:
    """Which source gave which bytes. Two cameras never see the same: what both give is a server's own picture.

    Safe to use from several threads.
    """

    def __init__(self, most: int = MOST_DUPLICATES) -> None:
        self._most = most
        self._sources: OrderedDict[str, str | None] = OrderedDict()
        self._lock = threading.Lock()

    def elsewhere(self, sha256: str, source: str) -> bool:
        """Whether another source has given these bytes. One camera under two names has one source, and is no other."""
        with self._lock:
            known = self._sources.pop(sha256, source)
            self._sources[sha256] = source if known == source else None
            if len(self._sources) > self._most:
                self._sources.popitem(last=False)
            return known != source
