"""A bicycle bay tells of what is wrong with it: bicycles across its lines, and what is no bicycle."""

import pytest
from msgspec import structs

from domain.register import Anchor, Polygon, Zone, ZoneRole
from domain.sighting import Box
from tests.vision.scenes import zone
from vision.zones import zones_of

LINES: Polygon = ((0.3, 0.5), (0.6, 0.5), (0.6, 0.7), (0.3, 0.7))
BAY = zone(LINES, ZoneRole.BIKE_BAY, "bay")
PAVEMENT = zone(((0.0, 0.4), (1.0, 0.4), (1.0, 0.9), (0.0, 0.9)))

INSIDE: Box = (0.35, 0.45, 0.45, 0.65)
ACROSS: Box = (0.53, 0.5, 0.73, 0.68)
"""A third of its wheels is inside."""
BEFORE: Box = (0.35, 0.55, 0.45, 0.75)
"""It stands before the bay: most of its box covers the bay, a quarter of its wheels is inside."""
AWAY: Box = (0.7, 0.5, 0.8, 0.68)


def names(box: Box, family: str, *zones: Zone) -> list[str]:
    """The zones that a thing belongs to."""
    return [found.zone for found, _ in zones_of(box, family, zones)]


@pytest.mark.parametrize(("box", "told"), [(INSIDE, []), (ACROSS, ["bay"]), (BEFORE, ["bay"]), (AWAY, [])])
def test_a_bay_alone_tells_of_the_bicycles_across_its_lines(box: Box, told: list[str]) -> None:
    """Neither of those inside, nor of those that have nothing to do with it."""
    assert names(box, "bike", BAY) == told


@pytest.mark.parametrize(("box", "told"), [(INSIDE, []), (ACROSS, ["front"]), (BEFORE, ["front"]), (AWAY, ["front"])])
def test_where_there_is_a_pavement_a_bicycle_outside_the_lines_is_told_of_there(box: Box, told: list[str]) -> None:
    """And of the bay no more: one bicycle is one finding. Inside the lines it is in nobody's way."""
    assert names(box, "bike", PAVEMENT, BAY) == told


def test_half_of_the_wheels_is_inside() -> None:
    """In doubt for who parked it."""
    assert names((0.5, 0.5, 0.7, 0.65), "bike", BAY) == []
    assert names((0.51, 0.5, 0.71, 0.65), "bike", BAY) == ["bay"]


def test_a_bay_may_want_the_whole_bicycle_inside() -> None:
    """With `overlap` for its anchor the box counts, not the wheels alone: for a bay that is seen from above."""
    whole = structs.replace(BAY, anchor=Anchor.OVERLAP)
    assert names(BEFORE, "bike", whole) == []
    assert names((0.35, 0.2, 0.45, 0.55), "bike", whole) == ["bay"]
    assert names((0.35, 0.2, 0.45, 0.55), "bike", BAY) == ["bay"]


def test_bays_side_by_side_are_one() -> None:
    """A bicycle on the line between two of them is inside; beside both it is told of the one it touches more."""
    next_bay = zone(((0.6, 0.5), (0.9, 0.5), (0.9, 0.7), (0.6, 0.7)), ZoneRole.BIKE_BAY, "next")
    between = (0.5, 0.5, 0.7, 0.72)  # of its wheels, 36 % are in either
    assert names(between, "bike", BAY, next_bay) == []
    assert names(between, "bike", BAY) == ["bay"]
    assert names((0.5, 0.57, 0.72, 0.74), "bike", BAY, next_bay) == ["next"]


def test_what_is_no_bicycle_has_no_place_in_a_bay() -> None:
    """A car in it is told of in any case, and of the pavement too."""
    assert names(INSIDE, "car", BAY) == ["bay"]
    assert names(INSIDE, "car", PAVEMENT, BAY) == ["front", "bay"]


def test_a_fire_lane_tells_of_a_bicycle_across_the_lines_too() -> None:
    """Only a frontage or a pavement speaks instead of the bay."""
    lane = zone(((0.6, 0.0), (1.0, 0.0), (1.0, 1.0), (0.6, 1.0)), ZoneRole.FIRE_LANE, "lane")
    assert names(ACROSS, "bike", lane, BAY) == ["lane", "bay"]
    assert names(INSIDE, "bike", lane, BAY) == []
