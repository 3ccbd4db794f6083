"""What the city has on its books: devices, cameras, shops, zones."""

from datetime import date
from enum import StrEnum

from msgspec import Struct

Polygon = tuple[tuple[float, float], ...]
"""Corners (x, y), each 0–1 of the picture's width or height; at least 3."""


class Location(Struct, frozen=True, kw_only=True):
    """Where something stands. WGS-84 degrees."""

    district: str
    sub_district: str
    road: str
    lon_deg: float
    lat_deg: float


class Device(Struct, frozen=True, kw_only=True):
    """A sensor of any kind but a camera. `baseline` holds what was measured at its installation, by metric.

    `address` is its name where it comes from (a DevEUI, `group/node/device`, a serial number); its `device_id` unless
    the register says otherwise. `gateway` is the device it is heard through.
    """

    device_id: str
    kind: str
    profile: str
    name: str
    location: Location
    ports: int = 0
    baseline: dict[str, float] = {}
    address: str = ""
    gateway: str | None = None


class Shop(Struct, frozen=True, kw_only=True):
    """Who answers for a frontage. `contact` is an opaque address for notices; None means no contact is known."""

    shop_id: str
    name: str
    location: Location
    contact: str | None = None
    hours: str | None = None
    """`09:00-21:00` in the site's time zone: when somebody is there. None: nobody knows, so it counts as open."""


class Closure(Struct, frozen=True, kw_only=True):
    """Days on which a shop is closed, such as a holiday or while it is rebuilt."""

    shop_id: str
    first: date
    last: date
    """Its last day, which is part of it."""
    why: str

    def holds(self, day: date) -> bool:
        """Whether it covers a day of the site's calendar."""
        return self.first <= day <= self.last


class Permit(Struct, frozen=True, kw_only=True):
    """Leave for a shop to do for some days what else would be a matter, such as a stall at a festival."""

    shop_id: str
    matter: str
    first: date
    last: date
    """Its last day, which is part of it."""
    document: str
    """The number of the paper that says so."""

    def holds(self, day: date) -> bool:
        """Whether it covers a day of the site's calendar."""
        return self.first <= day <= self.last


class ZoneRole(StrEnum):
    """What a zone is there for."""

    FRONTAGE = "frontage"
    PAVEMENT = "pavement"
    NO_PARKING = "no_parking"
    BIKE_BAY = "bike_bay"  # bicycles must be inside
    FIRE_LANE = "fire_lane"
    MASK = "mask"  # nothing in it is looked at


class Anchor(StrEnum):
    """Which part of a thing's box decides whether it is in a zone."""

    FOOT = "foot"  # the middle of its lower edge: what stands on the ground
    OVERLAP = "overlap"  # the share of it that lies in the zone: what hangs, or is piled up


class Zone(Struct, frozen=True, kw_only=True):
    """A named part of a camera's picture."""

    camera_id: str
    zone: str
    role: ZoneRole
    polygon: Polygon
    shop_id: str | None = None
    anchor: Anchor | None = None
    """None: as is usual for the family of a thing, foot for what stands and overlap for what hangs or lies in heaps."""
    hours: str | None = None
    """`07:00-22:00` in the site's time zone: outside them it is not spoken of. None: always."""


class Camera(Struct, frozen=True, kw_only=True):
    """One camera and where its pictures come from.

    `source` is a URL: http(s)://, rtsp(s)://, onvif://, wvp://, file://, folder://.
    """

    camera_id: str
    name: str
    source: str
    location: Location
    interval_s: float
    zones: tuple[Zone, ...] = ()
    duty: str | None = None
    """`06:00-23:00` in the site's time zone: outside them it is not visited, unless somebody asks. None: always."""
