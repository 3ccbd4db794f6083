"""A row of figures as a small line."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from console.desk.vitals import Beat

WIDTH: Final = 240
HEIGHT: Final = 36
_POINTS: Final = 120


class Spark(Struct, frozen=True, kw_only=True):
    """A line on a field of WIDTH × HEIGHT, and the most that it shows."""

    points: str
    most: float
    last: float


def spark(values: Sequence[float]) -> Spark | None:
    """Oldest first; None for fewer than two."""
    if len(values) < 2:
        return None
    most = max(values)
    step, scale = WIDTH / (len(values) - 1), (HEIGHT - 2) / (most or 1)
    points = " ".join(f"{n * step:.1f},{HEIGHT - 1 - value * scale:.1f}" for n, value in enumerate(values))
    return Spark(points=points, most=most, last=values[-1])


def rates(beats: Sequence[Beat], name: str) -> list[float]:
    """How many a second came between beats, by a count that runs; after a restart of what counts, none."""
    some = _thinned(beats)
    out = []
    for before, after in pairwise(some):
        seconds = (after.at_ms - before.at_ms) / 1000
        more = getattr(after, name) - getattr(before, name)
        if seconds > 0:
            out.append(max(0.0, more / seconds))
    return out


def levels(beats: Sequence[Beat], name: str) -> list[float]:
    """What a figure was."""
    return [float(getattr(beat, name)) for beat in _thinned(beats)]


def _thinned(beats: Sequence[Beat]) -> Sequence[Beat]:
    every = max(1, len(beats) // _POINTS)
    return beats[len(beats) % every :: every] if every > 1 else beats
