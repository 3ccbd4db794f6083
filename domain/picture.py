"""Kept pictures: what they are called, and what is written down with each."""

import re
from datetime import UTC, datetime
from enum import StrEnum

from msgspec import Struct

from domain.clock import epoch_ms, utc
from domain.sighting import Box, ViewHealth

_NAME = re.compile(r"[^/]+/(\d{8})/[^/]*-(\d{10,15})", re.ASCII)


def picture_name(camera_id: str, look_id: str, taken_ms: int) -> str:
    """What the picture of a look is called if it is kept: `{camera_id}/{YYYYMMDD}/{look_id}`, with the UTC day."""
    return f"{camera_id}/{utc(taken_ms):%Y%m%d}/{look_id}"


def taken_ms_of(name: str) -> int | None:
    """When a picture was taken, as its name says: ours end in `-{epoch ms}`. None if it says nothing, or two things."""
    said = _NAME.fullmatch(name)
    if said is None:
        return None
    taken_ms = int(said[2])
    try:
        return taken_ms if f"{utc(taken_ms):%Y%m%d}" == said[1] else None
    except (ValueError, OverflowError):
        return None


def day_ms_of(name: str) -> int:
    """When the day began that a picture is of, in UTC. 0 for a name that has no such day."""
    try:
        return epoch_ms(datetime.strptime(name.split("/")[1], "%Y%m%d").replace(tzinfo=UTC))
    except (ValueError, IndexError):
        return 0


def look_id_of(name: str) -> str:
    """The look that a picture is of."""
    return name.rpartition("/")[2]


class SeenThing(Struct, frozen=True, kw_only=True):
    """One thing in a kept picture, and how long it had stood in its zone by then."""

    zone: str
    label: str
    score: float
    box: Box
    stay_s: float


class PictureFacts(Struct, frozen=True, kw_only=True):
    """All that is known of a picture besides its pixels."""

    name: str
    camera_id: str
    look_id: str
    taken_ms: int
    """When we received it, by our clock."""
    camera_ms: int | None = None
    """The time the camera itself put on it, if it did."""
    place: str = ""
    """Road and camera, as the register named them then."""
    zones_key: str = ""
    """Which drawing of the zones held: equal keys, equal polygons."""
    shift: tuple[float, float] = (0.0, 0.0)
    """By how much the view lay beside where they were drawn, right and down, as shares of the picture."""
    view: ViewHealth = ViewHealth.HEALTHY
    model: str | None = None
    model_sha256: str | None = None
    seen: tuple[SeenThing, ...] = ()
    size_px: tuple[int, int] = (0, 0)
    """Width and height of the original; its copy has words below it. Zeros where nobody wrote it down."""


class KeptPicture(Struct, frozen=True, kw_only=True):
    """A kept picture's record: what lies beside the original and its copy."""

    facts: PictureFacts
    sha256: str
    """Of the original."""
    copy_sha256: str
    size: int
    """Bytes of both together."""


class PictureState(StrEnum):
    """What became of what a picture shows."""

    NO_FINDING = "no_finding"
    SELF_CORRECTED = "self_corrected"  # over without a case
    CASE_CLOSED = "case_closed"
    OPEN = "open"  # an alarm, a ladder or a case refers to it and goes on


class PictureUse(Struct, frozen=True):
    """That something refers to a picture, and since when it is in its state."""

    state: PictureState
    since_ms: int
    case_id: str | None = None


class ViewFacts(Struct, frozen=True, kw_only=True):
    """What is known of a camera's last picture, which is no evidence and is overwritten by the next."""

    camera_id: str
    taken_ms: int
    view: ViewHealth
    zones_key: str = ""
    """The drawing of the zones that held: its masks cover the picture."""
    shift: tuple[float, float] = (0.0, 0.0)
    """By how much the view lay beside where zones are drawn, right and down, as shares of the picture."""
    size_px: tuple[int, int] = (0, 0)
