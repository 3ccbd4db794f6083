"""Geometry against a picture of it: random concave polygons, drawn point by point."""

import math
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from domain.clock import epoch_ms, utc
from domain.register import Polygon, Zone, ZoneRole
from domain.sighting import Box
from rules.schedule import Schedule
from tests.vision.scenes import NOON_MS, zone
from vision.zones import open_at, overlap, shifted, stands_in, zones_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
CELLS = 200
side = st.floats(0, 1)
step = st.floats(-0.3, 0.3)


@st.composite
def stars(draw: st.DrawFn) -> Polygon:
    """Polygons with dents: corners at random distances around a middle, in order of their angle."""
    middle = draw(st.floats(0.3, 0.7)), draw(st.floats(0.3, 0.7))
    reach = draw(st.lists(st.floats(0.05, 0.3), min_size=5, max_size=12))
    return tuple(
        (
            middle[0] + far * math.cos(2 * math.pi * index / len(reach)),
            middle[1] + far * math.sin(2 * math.pi * index / len(reach)),
        )
        for index, far in enumerate(reach)
    )


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Boxes of some size."""
    x, y = draw(st.floats(0, 0.8)), draw(st.floats(0, 0.8))
    return x, y, x + draw(st.floats(0.05, 0.2)), y + draw(st.floats(0.05, 0.2))


def drawn_overlap(box: Box, polygon: Polygon) -> float:
    """Share of the box in the polygon, by asking point after point on which side of how many edges it lies."""
    x1, y1, x2, y2 = box
    across, down = ((np.arange(CELLS) + 0.5) / CELLS * (end - start) + start for start, end in ((x1, x2), (y1, y2)))
    x, y = np.meshgrid(across, down)
    inside = np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if ay != by:
            inside ^= ((ay > y) != (by > y)) & (x < ax + (y - ay) / (by - ay) * (bx - ax))
    return float(inside.mean())


def moved(box: Box, by: tuple[float, float]) -> Box:
    return box[0] + by[0], box[1] + by[1], box[2] + by[0], box[3] + by[1]


@given(boxes(), stars())
def test_overlap_is_that_of_the_drawn_polygon(box: Box, polygon: Polygon) -> None:
    """However concave, and whichever way round."""
    assert overlap(box, polygon) == pytest.approx(drawn_overlap(box, polygon), abs=0.02)
    assert overlap(box, polygon[::-1]) == pytest.approx(overlap(box, polygon), abs=1e-9)


@given(boxes(), stars(), st.tuples(step, step))
def test_a_zone_that_follows_its_view_keeps_what_it_holds(box: Box, polygon: Polygon, by: tuple[float, float]) -> None:
    """What moves with the picture stays inside, or outside, by the same share."""
    [own] = shifted((zone(polygon),), by)
    assert overlap(moved(box, by), own.polygon) == pytest.approx(overlap(box, polygon), abs=1e-6)
    whole = (-1.0, -1.0, 3.0, 3.0)
    assert overlap(whole, own.polygon) == pytest.approx(overlap(whole, polygon), abs=1e-9)


@given(boxes(), stars(), st.integers(0, 11), st.sampled_from([1, -1]))
def test_where_a_polygon_begins_and_which_way_it_goes_decides_nothing(
    box: Box, polygon: Polygon, turn: int, way: int
) -> None:
    """A foot is in it, or it is not."""
    turned = polygon[turn % len(polygon) :] + polygon[: turn % len(polygon)]
    assert stands_in(box, turned[::way]) == stands_in(box, polygon)


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[Zone, Zone]:
    """Two frontages on either side of a crooked line down the picture."""
    heights = [0.0, *sorted(draw(st.sets(st.floats(0.05, 0.95), min_size=1, max_size=4))), 1.0]
    border = [(draw(st.floats(0.3, 0.7)), height) for height in heights]
    left = ((0.0, 0.0), *border, (0.0, 1.0))
    right = ((1.0, 1.0), *reversed(border), (1.0, 0.0))
    return zone(left, ZoneRole.FRONTAGE, "left", "a"), zone(right, ZoneRole.FRONTAGE, "right", "b")


@given(neighbours(), boxes(), st.sampled_from(["bike", "car", "goods"]), st.sampled_from([1, -1]))
def test_between_two_neighbours_nothing_is_told_twice(
    pair: tuple[Zone, Zone], box: Box, family: str, order: int
) -> None:
    """A thing belongs to one of them or, if it hangs before neither by half, to none; in whichever order they stand."""
    found = zones_of(box, family, pair[::order])
    assert len(found) <= 1
    if family != "goods":
        assert len(found) == 1
        assert found == zones_of(box, family, pair)


@given(neighbours(), st.floats(0, 1), st.integers(0, 3))
def test_a_foot_on_the_border_is_on_one_side_of_it(pair: tuple[Zone, Zone], share: float, edge: int) -> None:
    """Exactly on the line that both zones share: one of them, always the same."""
    border = pair[0].polygon[1:-1]
    (x1, y1), (x2, y2) = border[edge % (len(border) - 1)], border[edge % (len(border) - 1) + 1]
    x, y = x1 + share * (x2 - x1), min(y1 + share * (y2 - y1), 0.99)
    box = (x - 0.0625, y - 0.125, x + 0.0625, y)
    assert stands_in(box, pair[0].polygon) != stands_in(box, pair[1].polygon)


@given(st.integers(0, 24 * 60 - 1), st.integers(0, 24 * 60 - 1), st.integers(0, 14 * 24 * 60))
def test_a_zones_hours_are_those_of_a_rule(begin: int, end: int, minute: int) -> None:
    """Both read `07:00-22:00` alike, across midnight as well, in the site's time zone."""
    if begin == end:
        return
    hours = f"{begin // 60:02}:{begin % 60:02}-{end // 60:02}:{end % 60:02}"
    at_ms = NOON_MS + minute * 60_000
    timed = structs.replace(zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))), hours=hours)
    assert (open_at((timed,), at_ms, SHANGHAI) == (timed,)) == Schedule(hours, SHANGHAI).holds(at_ms)


def test_only_zones_with_hours_close() -> None:
    """The others, masks among them, are always open; without any hours nothing is computed anew."""
    day = structs.replace(zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), name="day"), hours="07:00-22:00")
    always = zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), ZoneRole.MASK, "always")
    night_ms = epoch_ms(utc(NOON_MS).replace(hour=15))  # 23:00 in Shanghai
    assert open_at((day, always), NOON_MS, SHANGHAI) == (day, always)
    assert open_at((day, always), night_ms, SHANGHAI) == (always,)
    alone = (always,)
    assert open_at(alone, night_ms, SHANGHAI) is alone
