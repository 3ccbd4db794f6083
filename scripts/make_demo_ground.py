#!/usr/bin/env python3
"""Draws `config/sites/demo/ground.geojson` from the demo's registers: borders, roads, a canal, lakes. All is invented.

Made anew after the registers have been, by `.venv/bin/python scripts/make_demo_ground.py`; the same registers give the
same file.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from config.ground import Feature, Geometry, Ground, LineString, Point, Polygon, Properties
from config.load import Site, load_site
from console.outlines import hull

FILE: Final = Path(__file__).parent.parent / "config" / "sites" / "demo" / "ground.geojson"
_DEGREE_KM: Final = 111.32
_STRETCH: Final = math.cos(math.radians(31.7))
_REACH_KM: Final = 4.2
_CANAL: Final = ((119.20, 31.72), (119.42, 31.745), (119.63, 31.725), (119.80, 31.775), (119.93, 31.764),
                 (119.99, 31.772), (120.06, 31.742), (120.22, 31.722))  # fmt: skip
_RIVER: Final = ((119.86, 32.06), (119.90, 31.93), (119.935, 31.86), (119.925, 31.79), (119.91, 31.70), (119.93, 31.56))
_RAIL: Final = ((119.20, 31.80), (119.60, 31.80), (119.97, 31.812), (120.22, 31.735))
_LAKES: Final = (
    ("映月湖", "Moonlit Lake", (119.79, 31.62), (5.0, 8.5)),
    ("长塘湖", "Long Pond", (119.55, 31.6), (3.2, 5.2)),
)


def main() -> None:
    """Write the file."""
    site, chance = load_site("demo", {}), Random(8106)
    centres = _centres(site)
    features = [
        *(_lake(*lake, chance) for lake in _LAKES),
        *_parks(site, chance),
        *_borders(centres),
        _way(_buffered(_CANAL, 0.05), "water", "龙溪运河", "Longxi Canal"),
        _way(_buffered(_RIVER, 0.035), "water", "青杨河", "Qingyang River"),
        _line(_RAIL, Properties(kind="rail")),
        *_highways(list(centres.values()), chance),
        *_roads(site),
    ]
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(Ground(features=features)), indent=0) + b"\n")


def _centres(site: Site) -> dict[str, Point]:
    stand: dict[str, list[Point]] = defaultdict(list)
    for camera in site.cameras.values():
        stand[camera.location.sub_district].append((camera.location.lon_deg, camera.location.lat_deg))
    return {name: _middle(points) for name, points in sorted(stand.items())}


def _middle(points: Sequence[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def _km(a: Point, b: Point) -> float:
    return math.hypot((a[0] - b[0]) * _STRETCH, a[1] - b[1]) * _DEGREE_KM


def _around(centre: Point, wide_km: float, tall_km: float, turn: float) -> Point:
    wide, tall = wide_km / _DEGREE_KM / _STRETCH, tall_km / _DEGREE_KM
    return centre[0] + wide * math.cos(turn), centre[1] + tall * math.sin(turn)


def _borders(centres: dict[str, Point]) -> Iterator[Feature]:
    """Each sub-district reaches as far as it is the nearest, and not beyond some kilometres."""
    for name, centre in centres.items():
        cell = [_around(centre, _REACH_KM, _REACH_KM, math.tau * step / 28) for step in range(28)]
        for other in centres.values():
            if other != centre and _km(centre, other) < 2 * _REACH_KM:
                cell = _nearer(cell, centre, other)
        yield _surface(cell, Properties(kind="boundary", rank="sub_district", name=name))


def _nearer(cell: list[Point], centre: Point, other: Point) -> list[Point]:
    """What of a cell is nearer to its centre than to the other one."""

    def side(point: Point) -> float:
        return _km(point, other) ** 2 - _km(point, centre) ** 2

    out: list[Point] = []
    for a, b in zip(cell, [*cell[1:], cell[0]], strict=True):
        here, there = side(a), side(b)
        if here >= 0:
            out.append(a)
        if (here >= 0) != (there >= 0):
            share = here / (here - there)
            out.append((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share))
    return out


def _roads(site: Site) -> Iterator[Feature]:
    """Each through its cameras, from end to end."""
    along: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for camera in site.cameras.values():
        where = camera.location
        along[where.sub_district, where.road].append((where.lon_deg, where.lat_deg))
    ranks = {"路": "main", "街": "street", "巷": "lane"}
    for (_part, road), points in sorted(along.items()):
        properties = Properties(kind="road", rank=ranks.get(road[-1], "street"), name=road)  # type: ignore[arg-type]
        yield _line(_through(points), properties)


def _through(points: Sequence[Point]) -> list[Point]:
    """A bent line along the longer axis of some points."""
    x0, y0 = _middle(points)
    flat = [((x - x0) * _STRETCH, y - y0) for x, y in points]
    turn = 0.5 * math.atan2(2 * sum(x * y for x, y in flat), sum(x * x for x, _ in flat) - sum(y * y for _, y in flat))
    east, north = math.cos(turn), math.sin(turn)
    placed = sorted((x * east + y * north, (y * east - x * north) * 0.35) for x, y in flat)
    size = max(1, math.ceil(len(placed) / 4))
    bins = [placed[at : at + size] for at in range(0, len(placed), size)]
    spine = [_middle(part) for part in bins]
    ends = [(placed[0][0] - 0.0012, spine[0][1]), *spine, (placed[-1][0] + 0.0012, spine[-1][1])]
    return [(x0 + (s * east - t * north) / _STRETCH, y0 + s * north + t * east) for s, t in ends]


def _highways(centres: Sequence[Point], chance: Random) -> Iterator[Feature]:
    """From each sub-district to the three that are nearest."""
    pairs = set()
    for centre in centres:
        near = sorted((other for other in centres if other != centre), key=lambda other: _km(centre, other))
        pairs |= {tuple(sorted((centre, other))) for other in near[:3]}
    for a, b in sorted(pairs):
        bend = 0.06 * (chance.random() - 0.5)
        middle = ((a[0] + b[0]) / 2 + (b[1] - a[1]) * bend, (a[1] + b[1]) / 2 - (b[0] - a[0]) * bend)
        yield _line([a, middle, b], Properties(kind="road", rank="main"))


def _parks(site: Site, chance: Random) -> Iterator[Feature]:
    """One around every old tree, and some more."""
    trees = [one.location for one in site.devices.values() if one.kind == "tree"]
    for number, where in enumerate(trees, 1):
        ring = [
            _around((where.lon_deg, where.lat_deg), 0.16 + 0.06 * chance.random(), 0.13, math.tau * step / 18)
            for step in range(18)
        ]
        yield _surface(ring, Properties(kind="green", name=f"古木园{number}", name_en=f"Old Tree Park {number}"))


def _lake(zh: str, en: str, centre: Point, radii_km: tuple[float, float], chance: Random) -> Feature:
    phase = chance.random() * math.tau
    ring = []
    for step in range(48):
        turn = math.tau * step / 48
        wave = 1 + 0.13 * math.sin(3 * turn + phase) + 0.06 * math.sin(7 * turn)
        ring.append(_around(centre, radii_km[0] * wave, radii_km[1] * wave, turn))
    return _surface(ring, Properties(kind="water", name=zh, name_en=en))


def _buffered(line: Sequence[Point], half_km: float) -> list[Point]:
    """The banks of a river of this half width along a line."""
    left, right = [], []
    for at, here in enumerate(line):
        before, after = line[max(0, at - 1)], line[min(len(line) - 1, at + 1)]
        dx, dy = (after[0] - before[0]) * _STRETCH, after[1] - before[1]
        long = math.hypot(dx, dy)
        east, north = -dy / long * half_km / _DEGREE_KM / _STRETCH, dx / long * half_km / _DEGREE_KM
        left.append((here[0] + east, here[1] + north))
        right.append((here[0] - east, here[1] - north))
    return [*left, *reversed(right)]


def _way(ring: Sequence[Point], kind: str, zh: str, en: str) -> Feature:
    return _surface(ring, Properties(kind=kind, name=zh, name_en=en))  # type: ignore[arg-type]


def _surface(ring: Sequence[Point], properties: Properties) -> Feature:
    closed = _rounded([*ring, ring[0]]) if len(ring) > 2 else _rounded(hull(ring))
    return _feature(Polygon(coordinates=[closed]), properties)


def _line(points: Sequence[Point], properties: Properties) -> Feature:
    return _feature(LineString(coordinates=_rounded(points)), properties)


def _rounded(points: Iterable[Point]) -> list[Point]:
    return [(round(x, 5), round(y, 5)) for x, y in points]


def _feature(geometry: Geometry, properties: Properties) -> Feature:
    return Feature(geometry=geometry, properties=properties)


if __name__ == "__main__":
    main()
