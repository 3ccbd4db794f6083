"""Zone geometry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.register import Polygon, ZoneRole
from domain.sighting import Box
from tests.vision.scenes import zone
from vision.zones import likeness, masked, overlap, stands_in, zones_of

SQUARE: Polygon = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
# An L: the upper right quarter of the unit square's lower left part is missing
CONCAVE: Polygon = ((0.0, 0.0), (0.4, 0.0), (0.4, 0.4), (0.8, 0.4), (0.8, 0.8), (0.0, 0.8))


@pytest.mark.parametrize(
    ("box", "polygon", "share"),
    [
        ((0.3, 0.3, 0.5, 0.5), SQUARE, 1.0),
        ((0.0, 0.0, 0.1, 0.1), SQUARE, 0.0),
        ((0.1, 0.3, 0.3, 0.5), SQUARE, 0.5),
        ((0.1, 0.1, 0.3, 0.3), SQUARE, 0.25),
        ((0.0, 0.0, 1.0, 1.0), SQUARE, 0.16),
        ((0.3, 0.3, 0.5, 0.5), CONCAVE, 0.75),
        ((0.5, 0.0, 0.7, 0.3), CONCAVE, 0.0),
        ((0.3, 0.3, 0.3, 0.5), SQUARE, 0.0),
    ],
)
def test_overlap_is_the_share_of_the_box_inside(box: Box, polygon: Polygon, share: float) -> None:
    """Boxes inside, outside, across an edge, around the polygon, in its notch, and without area."""
    assert overlap(box, polygon) == pytest.approx(share)
    assert overlap(box, polygon[::-1]) == pytest.approx(share)


side = st.floats(0, 1)


@given(st.tuples(side, side, side, side), st.integers(0, 5))
def test_overlap_of_a_concave_polygon_is_the_sum_of_its_parts(box: tuple[float, ...], turn: int) -> None:
    """The L is its upper and its lower rectangle, wherever one begins to go round it."""
    x1, x2 = sorted((box[0], box[2]))
    y1, y2 = sorted((box[1], box[3]))
    if x2 - x1 < 0.01 or y2 - y1 < 0.01:
        return
    upper: Polygon = ((0.0, 0.0), (0.4, 0.0), (0.4, 0.4), (0.0, 0.4))
    lower: Polygon = ((0.0, 0.4), (0.8, 0.4), (0.8, 0.8), (0.0, 0.8))
    whole = (x1, y1, x2, y2)
    turned = CONCAVE[turn:] + CONCAVE[:turn]
    assert overlap(whole, turned) == pytest.approx(overlap(whole, upper) + overlap(whole, lower), abs=1e-9)


def test_the_foot_of_a_thing_decides() -> None:
    """A tall thing whose foot is in the zone stands in it; one that only leans over it does not."""
    assert stands_in((0.3, 0.0, 0.5, 0.5), SQUARE)
    assert not stands_in((0.3, 0.3, 0.5, 0.9), SQUARE)
    assert not stands_in((0.5, 0.0, 0.7, 0.3), CONCAVE)


def test_a_thing_cut_off_by_the_lower_edge_of_the_picture_stands_in_a_zone_that_reaches_it() -> None:
    """Boxes end at exactly 1 there."""
    assert stands_in((0.4, 0.7, 0.6, 1.0), ((0.0, 0.8), (1.0, 0.8), (1.0, 1.0), (0.0, 1.0)))


def test_between_two_neighbours_the_foot_decides() -> None:
    """A bicycle across the border of two shops is one shop's, not both's."""
    left = zone(((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0)), name="left", shop_id="a")
    right = zone(((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)), name="right", shop_id="b")
    found = zones_of((0.4, 0.6, 0.62, 0.8), "bike", (left, right))
    assert [(zone.zone, round(share, 3)) for zone, share in found] == [("right", 0.545)]


def test_a_box_mostly_in_a_zone_belongs_to_it_though_its_foot_is_outside() -> None:
    """Half is enough; less is not."""
    pavement = zone(SQUARE)
    assert zones_of((0.3, 0.4, 0.5, 0.75), "bike", (pavement,)) != []
    assert zones_of((0.3, 0.4, 0.5, 0.85), "bike", (pavement,)) == []


def test_a_bicycle_inside_its_bay_is_in_nobodys_way() -> None:
    """A bay on the pavement takes bicycles out of the pavement; a car in it stays on the pavement."""
    pavement = zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    bay = zone(SQUARE, ZoneRole.BIKE_BAY, "bay")
    inside, half_out = (0.3, 0.3, 0.5, 0.5), (0.5, 0.3, 0.75, 0.5)
    assert [zone.zone for zone, _ in zones_of(inside, "bike", (pavement, bay))] == ["bay"]
    assert [zone.zone for zone, _ in zones_of(half_out, "bike", (pavement, bay))] == ["front"]
    assert [zone.zone for zone, _ in zones_of(inside, "car", (pavement, bay))] == ["front", "bay"]


def test_a_mask_hides_and_holds_nothing() -> None:
    """What lies in a mask is not looked at, and a mask is never reported as a zone."""
    mask = zone(SQUARE, ZoneRole.MASK, "window")
    assert masked((0.3, 0.3, 0.5, 0.5), (mask,))
    assert not masked((0.7, 0.7, 0.8, 0.8), (mask,))
    assert zones_of((0.3, 0.3, 0.5, 0.5), "bike", (mask,)) == []


def test_likeness_of_boxes() -> None:
    """Intersection over union; none for boxes without area."""
    assert likeness((0, 0, 0.2, 0.2), (0, 0, 0.2, 0.2)) == pytest.approx(1)
    assert likeness((0, 0, 0.2, 0.2), (0.1, 0, 0.3, 0.2)) == pytest.approx(1 / 3)
    assert likeness((0, 0, 0, 0), (0, 0, 0, 0)) == 0
