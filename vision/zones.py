"""Zones see boxes, never pixels. Polygons and boxes are in shares of the picture."""

from collections.abc import Sequence
from itertools import pairwise

from domain.register import Polygon, Zone, ZoneRole
from domain.sighting import Box

MOSTLY = 0.5
"""A box of which this share lies in a zone belongs to it, wherever its foot is."""


def overlap(box: Box, polygon: Polygon) -> float:
    """Share of the box that lies in the polygon, 0–1; the polygon may be concave."""
    x1, y1, x2, y2 = box
    area = (x2 - x1) * (y2 - y1)
    if area <= 0:
        return 0.0
    corners: list[tuple[float, float]] = list(polygon)
    # Sutherland–Hodgman: cutting along four lines keeps the area right even where the polygon is concave, since
    # the bridges it leaves run along a cut and enclose nothing
    for axis, limit, sign in ((0, x1, 1.0), (0, x2, -1.0), (1, y1, 1.0), (1, y2, -1.0)):
        corners = _cut(corners, axis, limit, sign)
        if len(corners) < 3:
            return 0.0
    return min(_area(corners) / area, 1.0)


def _cut(corners: Sequence[tuple[float, float]], axis: int, limit: float, sign: float) -> list[tuple[float, float]]:
    """The part of the polygon on one side of a line parallel to an axis."""
    kept: list[tuple[float, float]] = []
    for start, end in pairwise((*corners, corners[0])):
        from_line, to_line = sign * (start[axis] - limit), sign * (end[axis] - limit)
        if from_line >= 0:
            kept.append(start)
        if (from_line >= 0) != (to_line >= 0):
            at = from_line / (from_line - to_line)
            kept.append((start[0] + at * (end[0] - start[0]), start[1] + at * (end[1] - start[1])))
    return kept


def _area(corners: Sequence[tuple[float, float]]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise((*corners, corners[0])))) / 2


def stands_in(box: Box, polygon: Polygon) -> bool:
    """Whether the foot of the box (the middle of its lower edge) is in the polygon."""
    x, y = (box[0] + box[2]) / 2, min(box[3], 1 - 1e-6)  # a thing cut off by the picture's edge stands on it
    inside = False
    for (x1, y1), (x2, y2) in pairwise((*polygon, polygon[0])):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


def masked(box: Box, zones: Sequence[Zone]) -> bool:
    """Whether the box lies in a part of the picture that is not to be looked at."""
    return any(_belongs(box, zone) for zone in zones if zone.role is ZoneRole.MASK)


def zones_of(box: Box, family: str, zones: Sequence[Zone]) -> list[tuple[Zone, float]]:
    """The zones a thing belongs to, each with its overlap. Masks are none."""
    inside = [zone for zone in zones if zone.role is not ZoneRole.MASK and _belongs(box, zone)]
    bays = [zone for zone in inside if zone.role is ZoneRole.BIKE_BAY]
    if family == "bike" and bays:
        inside = bays  # where it should be, it is in nobody's way
    stood_on = {zone.role for zone in inside if stands_in(box, zone.polygon)}
    # between two neighbours the foot decides: nobody answers for what stands before the next door
    return [
        (zone, overlap(box, zone.polygon))
        for zone in inside
        if zone.role not in stood_on or stands_in(box, zone.polygon)
    ]


def _belongs(box: Box, zone: Zone) -> bool:
    if zone.role is ZoneRole.BIKE_BAY:  # inside the lines, not merely with a wheel on them
        return overlap(box, zone.polygon) >= MOSTLY
    return stands_in(box, zone.polygon) or overlap(box, zone.polygon) >= MOSTLY


def shared(first: Box, second: Box) -> float:
    """Area of both boxes' common part."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return max(width, 0.0) * max(height, 0.0)


def area(box: Box) -> float:
    """Area of a box, as a share of the picture."""
    return (box[2] - box[0]) * (box[3] - box[1])


def likeness(first: Box, second: Box) -> float:
    """Intersection over union, 0–1."""
    common = shared(first, second)
    union = area(first) + area(second) - common
    return common / union if union > 0 else 0.0
