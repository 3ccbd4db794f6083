"""When the last detections may count again."""

import pytest

from domain.register import Zone, ZoneRole
from tests.fakes.cameras import jpeg
from tests.vision.scenes import BIKES_ZONE, ROAD_ZONE, Array, road, sensed, street, zone
from vision.changes import unchanged
from vision.glance import Glance
from vision.picture import decode_for_look

STREET = (zone(BIKES_ZONE),)
ROAD = (zone(ROAD_ZONE),)


def still(before: Array, now: Array, zones: tuple[Zone, ...]) -> bool:
    """Whether nothing has changed from one picture to the next."""
    first, second = (Glance.of(decode_for_look(jpeg(picture, 80))).thumb for picture in (before, now))
    return unchanged(second, first.tobytes(), zones)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("gain", [0.9, 1.0, 1.05])
def test_vanished_bicycles_are_never_overlooked(seed: int, gain: float) -> None:
    """From the street with bicycles to the clear one and back, whatever noise and exposure do."""
    bikes, clear = sensed(street(), seed=seed, gain=gain), sensed(street("clear"), seed=seed + 99)
    assert not still(bikes, clear, STREET)
    assert not still(clear, bikes, STREET)


def test_one_bicycle_of_three_is_a_change() -> None:
    """The left one goes, the others stay."""
    fewer = street().copy()
    fewer[395:475, 135:205] = street("clear")[395:475, 135:205]
    assert not still(sensed(street(), seed=1), sensed(fewer, seed=2), STREET)


def test_noise_exposure_and_the_clock_are_no_change() -> None:
    """The clock runs outside the zones."""
    before = sensed(street(), seed=1, clock="2025-11-22 12:00:00")
    for gain in (0.97, 1.0, 1.03):
        assert still(before, sensed(street(), seed=2, gain=gain, clock="2025-11-22 12:34:56"), STREET)


def test_only_what_is_in_a_zone_matters() -> None:
    """People walk about the road; the parked van's zone stays as it is, with a mask too."""
    mask = zone(((0.0, 0.0), (0.2, 0.0), (0.2, 0.2)), ZoneRole.MASK, "sky")
    calm = [still(sensed(road()[0], seed=1), sensed(road()[number], seed=2), (*ROAD, mask)) for number in (1, 2)]
    assert calm == [True, True]
    assert not still(road()[0], road()[4], (zone(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),))


def test_a_camera_that_was_never_looked_at_has_changed() -> None:
    """There is nothing to count again."""
    assert not unchanged(Glance.of(street()).thumb, b"", STREET)
