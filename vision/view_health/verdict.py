"""What is asked of a picture, and what is answered."""

from enum import StrEnum

from msgspec import Struct

from domain.sighting import Box, ViewHealth


class Light(StrEnum):
    """By which light a picture was taken. A camera that switches to infrared shows another picture of the same view."""

    DAY = "day"
    NIGHT = "night"


class Verdict(Struct, frozen=True, kw_only=True):
    """What a picture is good for, and the figures that say so if it is good for nothing."""

    view: ViewHealth
    reason: str | None = None
    shift: tuple[float, float] = (0.0, 0.0)
    """How far a healthy view lies from where it was, right and down, as shares of the picture: zones follow. In
    whole pixels of a thumb, so that whatever is kept for a set of zones need not be made anew for each breath of wind.
    """
    offset: tuple[float, float] = (0.0, 0.0)
    """The same as it was measured, in pixels of a thumb."""
    hidden: tuple[Box, ...] = ()
    """Parts of a healthy view that cannot be seen now: `hidden.hides` says which zones lie behind them."""
    light: Light = Light.DAY
    measured: bool = False
    """Of a moved view: whether its shift, turn or zoom could be measured."""
    unsettled: bool = False
    """Whether it goes against a reference on which too few looks have agreed: that one is begun anew."""


class Arrival(Struct, frozen=True, kw_only=True):
    """When a picture came, what it is known by, and how old its source says it is."""

    taken_ms: int
    sha256: str
    age_ms: int | None
    interval_s: float
    elsewhere: bool = False
    """Whether another camera has given these very bytes."""
