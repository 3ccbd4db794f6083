"""What the API tells of one camera, and may be told of its zones."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from console.api import asks
from console.api.bodies import Order, Who
from console.api.shapes import CameraOut, Out
from domain.register import Anchor, ZoneRole

Share = Annotated[float, Meta(description="of the picture's width or height, 0–1")]
CameraName = Annotated[str, Meta(min_length=1, max_length=200)]


class AskCamera(asks.Ask, frozen=True, kw_only=True):
    """One camera."""

    camera_id: CameraName


class AskCameraLooks(AskCamera, frozen=True, kw_only=True):
    """The last looks of one camera."""

    limit: Annotated[int, Meta(ge=1, le=400, description="how many at most")] = 50
    before: Annotated[datetime, Meta(tz=True, description="RFC 3339; only older ones")] | None = None


class ZoneBody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A zone as it is to be. `was` is what it was called in the file as it was seen; left out for a new one."""

    zone: Annotated[str, Meta(max_length=400)]
    role: ZoneRole
    polygon: Annotated[tuple[tuple[Share, Share], ...], Meta(max_length=500, description="corners, in order")]
    shop_id: Annotated[str, Meta(max_length=200)] | None = None
    anchor: Anchor | None = None
    hours: Annotated[str, Meta(max_length=20, description="such as 07:00-22:00; left out: always")] | None = None
    was: Annotated[str, Meta(max_length=400)] | None = None


Bodies = Annotated[tuple[ZoneBody, ...], Meta(max_length=200)]


class OrderZonesCheck(Order, frozen=True, kw_only=True):
    """All zones of the camera as they would be."""

    zones: Bodies


class OrderZones(Order, frozen=True, kw_only=True):
    """All zones of the camera as they are to be."""

    who: Who
    zones: Bodies


class OrderLook(Order, frozen=True, kw_only=True):
    """A look that somebody asks for."""

    who: Who


class ZoneOut(Out, frozen=True, kw_only=True):
    """One zone of a camera."""

    zone: str
    role: ZoneRole
    polygon: tuple[tuple[float, float], ...]
    shop_id: str | None
    anchor: Anchor | None
    hours: str | None


class LastPictureOut(Out, frozen=True, kw_only=True):
    """A camera's last picture, blurred; where it is served."""

    taken_at: datetime
    view: str
    url: str
    thumb_url: str
    width_px: int
    height_px: int


class CameraFullOut(Out, frozen=True, kw_only=True):
    """One camera, the zones that are in force, and its last picture. `source` is only the kind of its address."""

    camera: CameraOut
    source: str
    duty: str | None
    zones: list[ZoneOut]
    picture: LastPictureOut | None


class SeenThingOut(Struct, frozen=True, kw_only=True):
    """One thing in a zone."""

    label: str
    score: float
    box: tuple[float, float, float, float]
    stay_s: float


class LookZoneOut(Struct, frozen=True, kw_only=True):
    """What a look tells of a zone."""

    zone: str
    unsure: bool
    things: list[SeenThingOut]


class BesideOut(Struct, frozen=True, kw_only=True):
    """One thing that stands in no zone, or where it may."""

    label: str
    score: float
    box: tuple[float, float, float, float]


class LookOut(Out, frozen=True, kw_only=True):
    """One look. `picture` is where its evidence is served, if it was kept."""

    look_id: str
    taken_at: datetime
    view: str
    fault: str | None
    picture: str | None
    zones: list[LookZoneOut]
    elsewhere: list[BesideOut]


class LooksOut(Out, frozen=True, kw_only=True):
    """The last looks, the newest first. Older ones: ask again with the last one's `taken_at` as `before`."""

    items: list[LookOut]


class ZonesOut(Out, frozen=True, kw_only=True):
    """A camera's zones as the site's file has them. `in_force` is whether the rules judge by these already."""

    tag: str
    path: str
    writable: bool
    in_force: bool
    zones: list[ZoneOut]

    @property
    def etag(self) -> str:
        """Of the file: every change of it is another."""
        return self.tag


class ZoneChangeOut(Struct, frozen=True, kw_only=True):
    """One thing that changes: `added`, `removed`, `renamed`, `redrawn`, or the name of a column. `corners`: of borders,
    how many lie elsewhere than before."""

    what: str
    zone: str
    before: str
    after: str
    corners: int | None


class ZoneProblemOut(Struct, frozen=True, kw_only=True):
    """What keeps the zones from being saved; `line` is that of the file as it would be."""

    zone: str
    line: int | None
    problem: str


class ZoneCountOut(Struct, frozen=True, kw_only=True):
    """What a zone would have held of the things of the last 24 hours."""

    zone: str
    things: int
    classes: dict[str, int]


class ZonesDraftOut(Out, frozen=True, kw_only=True):
    """What would come of it, or has come of it. `diff` is unified; empty where nothing changes. `problems` and `doubts`
    are sentences: in English, or for who asks on a page in their language."""

    tag: str
    saved: bool
    diff: str
    changes: list[ZoneChangeOut]
    problems: list[ZoneProblemOut]
    doubts: list[str]
    counts: list[ZoneCountOut]
    seen: int
    """Things of the last 24 hours."""


class AskedOut(Out, frozen=True, kw_only=True):
    """A look was asked for."""

    camera_id: str
    asked_at: datetime
