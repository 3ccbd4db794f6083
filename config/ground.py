"""`ground.geojson`: what the map is drawn on. A small part of GeoJSON (RFC 7946), in WGS-84."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from domain.errors import ConfigError

MAX_BYTES: Final = 16 << 20
"""A browser has to draw it; a whole city's roads, simplified to ten metres, are a tenth of that."""

Point = tuple[float, float]
Line = list[Point]


class PointAt(Struct, frozen=True, tag="Point"):
    """One position (longitude, latitude)."""

    coordinates: Point


class LineString(Struct, frozen=True, tag="LineString"):
    """One line."""

    coordinates: Line


class MultiLineString(Struct, frozen=True, tag="MultiLineString"):
    """Several lines."""

    coordinates: list[Line]


class Polygon(Struct, frozen=True, tag="Polygon"):
    """A surface: its outer ring, and then its holes."""

    coordinates: list[Line]


class MultiPolygon(Struct, frozen=True, tag="MultiPolygon"):
    """Several surfaces."""

    coordinates: list[list[Line]]


Geometry = PointAt | LineString | MultiLineString | Polygon | MultiPolygon


class Properties(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a feature is."""

    kind: Literal["boundary", "road", "water", "green", "rail", "building", "label"]
    name: str = ""
    name_en: str = ""
    rank: Literal["district", "sub_district", "main", "street", "lane", ""] = ""
    """Of boundaries and roads: how soon they are drawn and named when one comes nearer."""
    derived: bool = False
    """It was worked out from where things stand, and nobody has surveyed it."""


class Feature(Struct, frozen=True, kw_only=True, tag="Feature"):
    """One thing of the ground."""

    geometry: Geometry
    properties: Properties


class Ground(Struct, frozen=True, kw_only=True, tag="FeatureCollection"):
    """All of it."""

    features: list[Feature] = []


def read_ground(folder: Path, files: Sequence[Path]) -> Ground:
    """All features of these files. Raises ConfigError, with the file and the place in it, for what cannot be."""
    found: list[Feature] = []
    for file in files:
        found += _read(folder / file).features
    return Ground(features=found)


def _read(path: Path) -> Ground:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"is larger than {MAX_BYTES >> 20} MiB; simplify it, browsers have to draw it", path=path)
        ground = msgspec.json.decode(path.read_bytes(), type=Ground)
    except FileNotFoundError:
        raise ConfigError("is named in map.ground and is not there", path=path) from None
    except OSError as wrong:
        raise ConfigError(f"can't be read: {wrong.strerror}", path=path) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise ConfigError(f"is no ground as docs/map.md has it: {wrong}", path=path) from None
    for number, feature in enumerate(ground.features):
        for lon, lat in positions(feature.geometry):
            if not (-180 <= lon <= 180 and -90 <= lat <= 90):
                raise ConfigError(f"features[{number}] has ({lon}, {lat}): longitude first, in degrees", path=path)
    return ground


def positions(geometry: Geometry) -> list[Point]:
    """Every corner of it."""
    match geometry:
        case PointAt(coordinates=one):
            return [one]
        case LineString(coordinates=line):
            return line
        case MultiLineString(coordinates=lines) | Polygon(coordinates=lines):
            return [point for line in lines for point in line]
        case MultiPolygon(coordinates=surfaces):
            return [point for rings in surfaces for line in rings for point in line]
