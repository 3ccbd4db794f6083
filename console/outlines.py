"""A ground for the map where the site has none: sub-districts and roads as the registers let one guess them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from config.ground import Feature, Ground, Point, PointAt, Polygon, Properties
from config.load import Site
from domain.register import Location

_AROUND_M: Final = 180.0
"""So far around what stands in it reaches the guess of a sub-district."""
_CORNERS: Final = 12
_DEGREE_M: Final = 111_320.0


def derived_ground(site: Site) -> Ground:
    """Hulls of what stands in each sub-district, and the name of each road in the middle of its cameras."""
    stand = [one.location for register in (site.cameras, site.devices, site.shops) for one in register.values()]
    parts: dict[str, list[Location]] = defaultdict(list)
    for location in stand:
        parts[location.sub_district].append(location)
    roads: dict[tuple[str, str], list[Location]] = defaultdict(list)
    for camera in site.cameras.values():
        roads[camera.location.sub_district, camera.location.road].append(camera.location)
    return Ground(
        features=[
            *(_surface(name, within) for name, within in sorted(parts.items())),
            *(_label(road, along) for (_part, road), along in sorted(roads.items())),
        ]
    )


def hull(points: Iterable[Point]) -> list[Point]:
    """The convex hull, counter-clockwise, its first corner again at the end. Of fewer than 3 points: these."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return [*ordered, *ordered[:1]]
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return [*lower[:-1], *upper[:-1], lower[0]]


def _chain(ordered: Sequence[Point]) -> list[Point]:
    out: list[Point] = []
    for point in ordered:
        while len(out) > 1 and _turn(out[-2], out[-1], point) <= 0:
            out.pop()
        out.append(point)
    return out


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _surface(name: str, within: Sequence[Location]) -> Feature:
    corners = [corner for one in within for corner in _around(one)]
    ring = [(round(lon, 6), round(lat, 6)) for lon, lat in hull(corners)]
    properties = Properties(kind="boundary", rank="sub_district", name=name, derived=True)
    return Feature(geometry=Polygon(coordinates=[ring]), properties=properties)


def _around(one: Location) -> list[Point]:
    tall = _AROUND_M / _DEGREE_M
    wide = tall / max(0.1, math.cos(math.radians(one.lat_deg)))
    turns = (2 * math.pi * step / _CORNERS for step in range(_CORNERS))
    return [(one.lon_deg + wide * math.cos(turn), one.lat_deg + tall * math.sin(turn)) for turn in turns]


def _label(road: str, along: Sequence[Location]) -> Feature:
    lon = sum(one.lon_deg for one in along) / len(along)
    lat = sum(one.lat_deg for one in along) / len(along)
    properties = Properties(kind="label", rank="street", name=road, derived=True)
    return Feature(geometry=PointAt(coordinates=(round(lon, 6), round(lat, 6))), properties=properties)
