"""What the city has on its books: devices, cameras, shops, zones."""

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


class ZoneRole(StrEnum):
    """What a zone is there for."""

    FRONTAGE = "frontage"
    PAVEMENT = "pavement"
    NO_PARKING = "no_parking"
    BIKE_BAY = "bike_bay"  # bicycles must be inside
    FIRE_LANE = "fire_lane"
    MASK = "mask"  # nothing in it is looked at


class Zone(Struct, frozen=True, kw_only=True):
    """A named part of a camera's picture."""

    camera_id: str
    zone: str
    role: ZoneRole
    polygon: Polygon
    shop_id: str | None = None


class Camera(Struct, frozen=True, kw_only=True):
    """One camera and where its pictures come from. `source` is a URL: http(s)://, rtsp://, file://, folder://."""

    camera_id: str
    name: str
    source: str
    location: Location
    interval_s: float
    zones: tuple[Zone, ...] = ()
