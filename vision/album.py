"""What is remembered of a camera's pictures: which were set aside, and which belong to things of no known class."""

from msgspec import Struct


class Spare(Struct, frozen=True, kw_only=True):
    """A picture of the view with nothing in any zone, set aside in case something comes."""

    name: str
    taken_ms: int
    kept: bool = False
    """Whether it has become evidence."""


class LeftMark(Struct, frozen=True, kw_only=True):
    """The pictures of one thing of no known class: `vision.leftover` knows where it stands, this what was kept."""

    key: str
    stay_ms: int
    looks: int
    hidden: bool = False
    marks: int = 0
    """How many of the stays that deserve a picture it has reached."""
    owed: int = 0
    """Pictures still to be kept of it."""
    onset: str | None = None
    context: str | None = None


class Album(Struct, frozen=True, kw_only=True):
    """Of one camera."""

    spares: tuple[Spare, ...] = ()
    """Oldest first."""
    left: tuple[LeftMark, ...] = ()
    """In the order in which the last look told of them."""
