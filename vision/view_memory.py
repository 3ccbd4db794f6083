"""What is remembered of a camera's view: how it should look by day and by night, and which pictures came last."""

from msgspec import Struct


class Reference(Struct, frozen=True, kw_only=True):
    """How the view looks in one kind of light. 22 kB."""

    thumb: bytes
    """The view as it should be: the thumb, averaged over healthy looks, each laid where the first one lay."""
    anchor: bytes
    """The outlines of the first of them, a bit for each pixel: what a slowly turning camera is measured against."""
    fine: bytes
    """How much fine detail each block usually has: 48 half-precision floats."""
    at_ms: int
    """When a look was last worked in."""
    looks: int = 1
    """How many looks have agreed with it."""


class ViewMemory(Struct, frozen=True, kw_only=True):
    """What `view_health` compares a picture with. 48 kB at most."""

    last: str = ""
    """Hash of the last picture."""
    earlier: tuple[bytes, ...] = ()
    """The first bytes of the hashes of others before it, newest last."""
    picture_ms: int = 0
    """When the last picture was taken."""
    samples: bytes = b""
    """Pixels of an earlier picture, as they were decoded."""
    samples_ms: int = 0
    by_day: Reference | None = None
    by_night: Reference | None = None
    """In infrared, or where lamps are all the light there is."""
