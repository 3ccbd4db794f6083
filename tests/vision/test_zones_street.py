"""Zones drawn on the ground of a real street, and what the shipped detector sees there."""

import pytest

from domain.register import Polygon, Zone, ZoneRole
from domain.sighting import Box
from tests.vision.scenes import street, zone
from vision.classes import FAMILIES
from vision.detectors.openvino import OpenVino
from vision.zones import shifted, zones_of

STRIP: Polygon = ((0.17, 0.79), (0.36, 0.76), (0.38, 0.82), (0.17, 0.87))
"""The strip of ground along the wall on which the bicycles stand."""
KERB: Polygon = ((0.0, 0.96), (0.26, 0.87), (0.4, 0.815), (0.56, 0.75), (0.6, 0.76), (0.5, 1.0), (0.0, 1.0))
"""The road before it."""
NOODLES: Polygon = ((0.0, 0.89), (0.135, 0.838), (0.27, 0.79), (0.33, 0.832), (0.253, 0.861), (0.0, 0.955))
FLOWERS: Polygon = ((0.27, 0.79), (0.52, 0.733), (0.56, 0.746), (0.4, 0.808), (0.33, 0.832))
"""Two frontages of docs/zones.md, which share a border."""
WHOLE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.fixture(scope="module")
def bikes(detector: OpenVino) -> list[Box]:
    """The bicycles of the street picture: two, and a box around both."""
    found = [thing.box for thing in detector.detect(street()) if thing.label == "bicycle" and thing.score >= 0.35]
    assert len(found) == 3
    return found


def names(box: Box, *zones: Zone) -> list[str]:
    """The zones that a bicycle belongs to."""
    return [found.zone for found, _ in zones_of(box, FAMILIES["bicycle"], zones)]


def test_each_bicycle_is_one_shops(bikes: list[Box]) -> None:
    """All stand before the noodle shop, though half of one box is before the flower shop."""
    noodles = zone(NOODLES, ZoneRole.FRONTAGE, "noodles", "S1")
    flowers = zone(FLOWERS, ZoneRole.FRONTAGE, "flowers", "S2")
    assert [names(box, flowers, noodles) for box in bikes] == [["noodles"]] * 3


def test_what_stands_along_the_wall_is_not_on_the_road(bikes: list[Box]) -> None:
    """Nor is it after the camera has swayed by a hundredth of the picture, zones and all."""
    strip, road = zone(STRIP, ZoneRole.FRONTAGE, "strip"), zone(KERB, ZoneRole.PAVEMENT, "road")
    for sway in ((0.0, 0.0), (0.01, 0.01), (-0.01, -0.01)):
        own = shifted((strip, road), sway)
        swayed = [(box[0] + sway[0], box[1] + sway[1], box[2] + sway[0], box[3] + sway[1]) for box in bikes]
        assert [names(box, *own) for box in swayed] == [["strip"]] * 3


def test_in_a_bay_on_their_ground_they_are_in_nobodys_way(bikes: list[Box]) -> None:
    """Though more of their boxes is above the lines than inside, and a pavement is drawn below it all."""
    bay, pavement = zone(STRIP, ZoneRole.BIKE_BAY, "bay"), zone(WHOLE, name="pavement")
    assert [names(box, bay, pavement) for box in bikes] == [[]] * 3


def test_beside_a_bay_they_are_outside_its_lines(bikes: list[Box]) -> None:
    """A bay a step further along the wall, whose line they stand across."""
    aside = tuple((x + 0.15, y - 0.02) for x, y in STRIP)
    bay = zone(aside, ZoneRole.BIKE_BAY, "bay")
    assert [names(box, bay) for box in bikes] == [["bay"], ["bay"], []]
    pavement = zone(WHOLE, name="pavement")
    assert [names(box, bay, pavement) for box in bikes] == [["pavement"]] * 3
