"""Zone geometry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from domain.register import Anchor, Polygon, Zone, ZoneRole
from domain.sighting import Box
from tests.vision.scenes import zone
from vision.zones import LYING, likeness, masked, overlap, stands_in, zones_of

SQUARE: Polygon = ((0.2, 0.2), (0.6, 0.2), (0.6, 0.6), (0.2, 0.6))
# An L: the upper right quarter of the unit square's lower left part is missing
CONCAVE: Polygon = ((0.0, 0.0), (0.4, 0.0), (0.4, 0.4), (0.8, 0.4), (0.8, 0.8), (0.0, 0.8))


def names(box: Box, family: str, *zones: Zone) -> list[str]:
    """The zones that a thing belongs to."""
    return [found.zone for found, _ in zones_of(box, family, zones)]


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
    """Boxes end at exactly 1 there, and who draws a zone ends a little before it."""
    for edge in (1.0, 0.999, 0.992):
        reaching: Polygon = ((0.0, 0.8), (1.0, 0.8), (1.0, edge), (0.0, edge))
        assert stands_in((0.4, 0.7, 0.6, 1.0), reaching)
    assert not stands_in((0.4, 0.7, 0.6, 1.0), ((0.0, 0.6), (1.0, 0.6), (1.0, 0.9), (0.0, 0.9)))


def test_a_box_that_reaches_out_of_the_picture_is_judged_by_what_is_to_be_seen() -> None:
    """Half of the goods are beyond the edge; the other half lie in the zone."""
    edge = zone(((0.0, 0.4), (0.2, 0.4), (0.2, 0.8), (0.0, 0.8)))
    assert names((-0.2, 0.5, 0.2, 0.7), "goods", edge) == ["front"]
    assert zones_of((-0.2, 0.5, 0.2, 0.7), "goods", (edge,))[0][1] == pytest.approx(1)


def test_between_two_neighbours_the_foot_decides() -> None:
    """A bicycle across the border of two shops is one shop's, not both's."""
    left = zone(((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0)), name="left", shop_id="a")
    right = zone(((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)), name="right", shop_id="b")
    found = zones_of((0.4, 0.6, 0.62, 0.8), "bike", (left, right))
    assert [(zone.zone, round(share, 3)) for zone, share in found] == [("right", 0.545)]


def test_what_stands_is_where_its_foot_is() -> None:
    """A car before a frontage covers it for the eye, and stands on the road all the same."""
    frontage = zone(SQUARE, ZoneRole.FRONTAGE)
    assert zones_of((0.3, 0.3, 0.5, 0.65), "car", (frontage,)) == []
    assert names((0.3, 0.0, 0.5, 0.55), "car", frontage) == ["front"]


@pytest.mark.parametrize("family", sorted(LYING))
def test_what_hangs_or_lies_in_heaps_is_where_most_of_it_is(family: str) -> None:
    """Half is enough, wherever its lower edge ends; less is not."""
    frontage = zone(SQUARE, ZoneRole.FRONTAGE)
    assert names((0.3, 0.4, 0.5, 0.75), family, frontage) == ["front"]
    assert names((0.3, 0.0, 0.5, 0.35), family, frontage) == []


def test_a_zone_may_say_itself_what_decides() -> None:
    """Its anchor wins over what is usual for a thing, both ways."""
    by_foot, by_overlap = (structs.replace(zone(SQUARE), anchor=anchor) for anchor in Anchor)
    standing_in, lying_over = (0.3, 0.0, 0.5, 0.35), (0.3, 0.3, 0.5, 0.65)
    assert names(standing_in, "goods", by_foot) == ["front"]
    assert names(standing_in, "car", by_overlap) == []
    assert names(lying_over, "car", by_overlap) == ["front"]
    assert names(lying_over, "goods", by_foot) == []


def test_of_overlapping_zones_of_one_role_a_thing_is_in_one() -> None:
    """Two frontages drawn across each other: the one that holds more of it, and never both."""
    left = zone(((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)), ZoneRole.FRONTAGE, "left")
    right = zone(((0.3, 0.0), (1.0, 0.0), (1.0, 1.0), (0.3, 1.0)), ZoneRole.FRONTAGE, "right")
    lane = zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), ZoneRole.FIRE_LANE, "lane")
    assert names((0.2, 0.4, 0.5, 0.6), "bike", left, right, lane) == ["left", "lane"]
    assert names((0.32, 0.4, 0.6, 0.6), "bike", left, right, lane) == ["right", "lane"]
    assert names((0.3, 0.4, 0.5, 0.6), "bike", left, right) == ["left"]


def test_a_frontage_speaks_for_its_part_of_the_pavement() -> None:
    """One bicycle, one notice: the pavement around the frontage doesn't tell of it too."""
    whole = zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    front = zone(SQUARE, ZoneRole.FRONTAGE, "shop")
    assert names((0.3, 0.3, 0.5, 0.5), "bike", whole, front) == ["shop"]
    assert names((0.7, 0.3, 0.9, 0.5), "bike", whole, front) == ["front"]


def test_a_mask_hides_what_is_mostly_in_it() -> None:
    """A bicycle whose foot reaches into the caption at the picture's edge is still looked at."""
    mask = zone(((0.0, 0.9), (1.0, 0.9), (1.0, 1.0), (0.0, 1.0)), ZoneRole.MASK, "caption")
    assert not masked((0.3, 0.6, 0.5, 0.95), (mask,))
    assert masked((0.3, 0.85, 0.5, 1.0), (mask,))
    assert masked((0.3, 0.6, 0.5, 0.95), (structs.replace(mask, anchor=Anchor.FOOT),))


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
