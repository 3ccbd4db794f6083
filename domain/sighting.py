"""What a camera saw in one look."""

from enum import StrEnum

from msgspec import Struct, field

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2; each 0–1 of the picture's width or height."""


class ViewHealth(StrEnum):
    """Whether a picture can count for or against anyone. Only `healthy` ones do."""

    HEALTHY = "healthy"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    COVERED = "covered"
    MOVED = "moved"
    FROZEN = "frozen"
    STALE = "stale"
    PLACEHOLDER = "placeholder"
    OFFLINE = "offline"


class SeenObject(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One thing standing in a zone, and for how long it has stood at that place."""

    label: str = field(name="class")
    score: float
    box: Box
    overlap: float
    """Share of the box that lies in the zone, 0–1."""
    stay_s: float
    looks: int
    onset: str | None = None
    """Name of the picture kept when it was first seen there."""
    context: str | None = None
    """Name of the picture of this view before it came."""


class SeenElsewhere(Struct, frozen=True, kw_only=True, gc=False):
    """One thing that speaks against no zone: it stands outside all of them, or where it may."""

    label: str = field(name="class")
    score: float
    box: Box


class ZoneSighting(Struct, frozen=True, kw_only=True, gc=False):
    """One zone in one look. No objects in a healthy look is the proof of a clear zone."""

    zone: str
    shop_id: str | None = None
    objects: tuple[SeenObject, ...] = ()
    unsure: bool = False
    """Something is hidden in it: what is listed is there, and what isn't may be there too."""


class Sighting(Struct, frozen=True, kw_only=True, gc=False):
    """One look of one camera."""

    camera_id: str
    look_id: str
    taken_ms: int
    received_ms: int
    view: ViewHealth
    zones: tuple[ZoneSighting, ...] = ()
    fault: str | None = None
    """For a view that is not healthy: the source's fault or the measured reason."""
    picture: str | None = None
    """Name of the evidence picture, if one was kept."""
    picture_sha256: str | None = None
    model: str | None = None
    model_sha256: str | None = None
    elsewhere: tuple[SeenElsewhere, ...] = ()
    """For whoever draws zones; no rule reads it. Masked things and people are not in it."""


class LookMark(Struct, frozen=True, kw_only=True):
    """A look by what it came to, for the line of a camera's day."""

    taken_ms: int
    view: ViewHealth
    things: int
    """In zones; one that is in two counts twice."""


class SeenToday(Struct, frozen=True, kw_only=True):
    """A thing that a camera has seen of late, in a zone or not, however often it was looked at."""

    label: str
    family: str
    lying: bool
    """Whether it hangs, or lies in heaps, so that zones take it by its area."""
    box: Box
    """In the newest look that showed it."""
    first_ms: int
    last_ms: int
    looks: int
