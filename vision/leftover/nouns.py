"""What is remembered of a view between two looks, what else is known of a look, and what comes of it."""

from msgspec import Struct

from domain.register import Zone
from domain.sighting import Box

Span = tuple[int, int, int, int]
"""x1, y1, x2, y2 in pixels of the thumb; the last two are not part of it."""


class Thing(Struct, frozen=True, kw_only=True):
    """One region that differs from the empty view and stays so."""

    span: Span
    mask: bytes
    """One bit for each pixel of the span, row by row."""
    looks_like: bytes
    """Luma of the span grown by the margin, with the thing in it."""
    born_ms: int
    seen_ms: int
    stay_ms: int
    looks: int
    claims: int = 0
    """Looks in which the detector had a name for what is there: a person, a vehicle, a class of its own."""
    missed: int = 0
    """Looks in a row in which the empty view was seen in its place."""
    hidden: bool = False
    """Whether the last look could not tell."""
    relit: bool = False
    """Whether it has not been seen yet since the light changed altogether."""


class Known(Struct, frozen=True, kw_only=True, gc=False):
    """Where the detector lately had a name for something."""

    box: Box
    seen_ms: int


class Backgrounds(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is remembered of how a view looks when nothing stands in it: 106 KB, and less than 1 KB for a thing.

    The slow one is kept to 1/128 of a grey level: an hour's rate moves it by 0.003 of the difference in ten seconds,
    which whole grey levels would round away for ever.
    """

    taken_ms: int = 0
    """When the last look was taken."""
    slow_luma: bytes = b""
    slow_chroma: bytes = b""
    quick_luma: bytes = b""
    quick_chroma: bytes = b""
    ages: bytes = b""
    """For how many looks each pixel has differed from the empty view, and stayed so; 255 is many."""
    things: tuple[Thing, ...] = ()
    known: tuple[Known, ...] = ()
    upset: int = 0
    """Looks in a row in which most of the view was another one."""
    relearnt: int = 0
    """How often it began anew because the light had changed altogether."""


class Surroundings(Struct, frozen=True, kw_only=True):
    """What else is known of the look: when it was, where things count, and what the detector has an answer for."""

    taken_ms: int
    zones: tuple[Zone, ...]
    people: tuple[Box, ...]
    """People, and vehicles that pass: nothing near them is judged."""
    known: tuple[Box, ...]
    """Things that have a class: they are somebody else's to report."""


class Leftover(Struct, frozen=True, kw_only=True, gc=False):
    """One thing of no known class, standing for so long."""

    key: str
    """Its identity while it stands: where and since when."""
    box: Box
    score: float
    """How surely it is a thing that was put there, 0–1."""
    stay_ms: int
    looks: int
    hidden: bool = False
    """Whether this look could not tell: it is neither seen nor gone, and a zone with it is not clear."""


def weight(backgrounds: Backgrounds) -> tuple[object, ...]:
    """What a crash must not lose: a memory in which this has changed is to be written soon."""
    return (backgrounds.relearnt, *((thing.span, thing.born_ms, thing.missed) for thing in backgrounds.things))
