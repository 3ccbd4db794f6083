"""Zones see boxes, never pixels. Polygons and boxes are in shares of the picture.

A thing belongs to at most one zone of each role: two neighbours never answer for the same bicycle.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from msgspec import structs

from domain.duty import Duty
from domain.register import Anchor, Polygon, Zone, ZoneRole
from domain.sighting import Box

MOSTLY = 0.5
"""Of what is judged by its area, the share that must lie in a zone: half is enough, less is not."""
WHEELS = 1 / 3
"""Lower part of a bicycle's box: what stands on the ground, and so inside a bay's lines or across them. The rest of the
box stands up before what lies behind it, or before the next bay."""
TOUCHES = 0.1
"""Share of the wheels from which on a bicycle stands across a bay's lines. Boxes dance by less from look to look."""
CUT_OFF = 0.99
"""A foot lower than this is not to be seen: the thing goes on below the picture. Zones that are drawn to the picture's
edge end a little short of it."""
BIKES = "bike"
"""The family of things that may stand in a bay."""
LYING = frozenset({"goods", "garbage", "laundry", "banner", "umbrella", "left_object"})
"""Families that hang, or lie in heaps: where the middle of their lower edge is says little. All others stand."""


def open_at(zones: tuple[Zone, ...], at_ms: int, timezone: ZoneInfo) -> tuple[Zone, ...]:
    """The zones whose hours hold at that moment. The first minute of the hours counts, the last one doesn't."""
    if all(zone.hours is None for zone in zones):
        return zones
    return tuple(zone for zone in zones if zone.hours is None or _hours(zone.hours, timezone).holds(at_ms))


@lru_cache(maxsize=256)
def _hours(hours: str, timezone: ZoneInfo) -> Duty:
    return Duty(hours, timezone)


def shifted(zones: tuple[Zone, ...], shift: tuple[float, float]) -> tuple[Zone, ...]:
    """The zones as they lie in a view that has moved by so much, right and down, as shares of the picture."""
    if shift == (0.0, 0.0):
        return zones
    return tuple(
        structs.replace(zone, polygon=tuple((x + shift[0], y + shift[1]) for x, y in zone.polygon)) for zone in zones
    )


def moved(box: Box, shift: tuple[float, float]) -> Box:
    """The box where it lies in a view that has moved by so much, right and down, as shares of the picture."""
    return (box[0] + shift[0], box[1] + shift[1], box[2] + shift[0], box[3] + shift[1])


def overlap(box: Box, polygon: Polygon) -> float:
    """Share of the box that lies in the polygon, 0–1; the polygon may be concave."""
    x1, y1, x2, y2 = box
    size = (x2 - x1) * (y2 - y1)
    if size <= 0:
        return 0.0
    corners: list[tuple[float, float]] = list(polygon)
    # Sutherland–Hodgman: cutting along four lines keeps the area right even where the polygon is concave, since
    # the bridges it leaves run along a cut and enclose nothing
    for axis, limit, sign in ((0, x1, 1.0), (0, x2, -1.0), (1, y1, 1.0), (1, y2, -1.0)):
        corners = _cut(corners, axis, limit, sign)
        if len(corners) < 3:
            return 0.0
    return min(_area(corners) / size, 1.0)


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
    """Whether the foot of the box (the middle of its lower edge) is in the polygon.

    On a border that two polygons share it is in exactly one of them.
    """
    x, y = (box[0] + box[2]) / 2, min(box[3], CUT_OFF)
    inside = False
    for start, end in pairwise((*polygon, polygon[0])):
        # From its upper end, whichever way round the polygon is drawn: both neighbours must find the same x
        (x1, y1), (x2, y2) = (start, end) if start[1] <= end[1] else (end, start)
        if y1 <= y < y2 and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
            inside = not inside
    return inside


def masked(box: Box, zones: Sequence[Zone]) -> bool:
    """Whether the box lies in a part of the picture that is not to be looked at: mostly, or by its foot if that is the
    mask's anchor.
    """
    seen = _in_picture(box)
    return any(_belongs(seen, zone, Anchor.OVERLAP) for zone in zones if zone.role is ZoneRole.MASK)


def zones_of(box: Box, family: str, zones: Sequence[Zone]) -> list[tuple[Zone, float]]:
    """The zones that a thing speaks against, each with its overlap. Masks are none.

    A bay holds the bicycles that stand across its lines, and all that is no bicycle. A bicycle inside the lines is in
    nobody's way, whatever else is drawn there; and one that stands on a frontage or a pavement is told of there only.
    A frontage is a part of the pavement that somebody answers for: what it holds, the pavement doesn't.
    """
    seen = _in_picture(box)
    usual = Anchor.OVERLAP if family in LYING else Anchor.FOOT
    bays = [zone for zone in zones if zone.role is ZoneRole.BIKE_BAY] if family == BIKES else []
    in_lines = [_in_lines(seen, bay) for bay in bays]
    if sum(in_lines) >= MOSTLY:  # bays that lie side by side are one
        return []
    held = [zone for zone in zones if zone not in bays and zone.role is not ZoneRole.MASK]
    held = _one_of_each_role(seen, [zone for zone in held if _belongs(seen, zone, usual)])
    roles = {zone.role for zone in held}
    if ZoneRole.FRONTAGE in roles:
        held = [zone for zone in held if zone.role is not ZoneRole.PAVEMENT]
    if bays and max(in_lines) >= TOUCHES and not roles & {ZoneRole.FRONTAGE, ZoneRole.PAVEMENT}:
        held.append(bays[in_lines.index(max(in_lines))])
    return [(zone, overlap(seen, zone.polygon)) for zone in held]


def _one_of_each_role(box: Box, zones: Sequence[Zone]) -> list[Zone]:
    """Of the zones of one role that which the foot is in; else that which holds the most; else the first."""
    best: dict[ZoneRole, tuple[tuple[bool, float], Zone]] = {}
    for zone in zones:
        rank = stands_in(box, zone.polygon), overlap(box, zone.polygon)
        if zone.role not in best or rank > best[zone.role][0]:
            best[zone.role] = rank, zone
    return [zone for _, zone in best.values()]


def _belongs(box: Box, zone: Zone, usual: Anchor) -> bool:
    if (zone.anchor or usual) is Anchor.FOOT:
        return stands_in(box, zone.polygon)
    return overlap(box, zone.polygon) >= MOSTLY


def _in_lines(box: Box, bay: Zone) -> float:
    """Share of a bicycle that is inside a bay's lines: of its wheels, or of all of it if that is the bay's anchor."""
    x1, y1, x2, y2 = box
    part = box if bay.anchor is Anchor.OVERLAP else (x1, y2 - WHEELS * (y2 - y1), x2, y2)
    return overlap(part, bay.polygon)


def _in_picture(box: Box) -> Box:
    """The part of a box that is to be seen: no zone reaches beyond the picture."""
    return max(box[0], 0.0), max(box[1], 0.0), min(box[2], 1.0), min(box[3], 1.0)


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
