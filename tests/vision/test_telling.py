"""What a look tells of each zone when part of it cannot be seen, is masked, or lies elsewhere than it was drawn."""

import cv2
import numpy as np
import pytest

from domain.register import Polygon, Zone, ZoneRole
from domain.sighting import Box, ZoneSighting
from tests.fakes.cameras import jpeg
from tests.vision.scenes import NOON_MS, Array, camera, sensed, shifted, street, zone
from vision.album import Album
from vision.classes import FAMILIES
from vision.keeping import Kept
from vision.look import Look, Terms, Visit, look
from vision.memory import CameraMemory, Detection, from_bytes, to_bytes
from vision.picture import Picture
from vision.telling import by_zone

WIDE: Polygon = ((0.0, 0.6), (1.0, 0.6), (1.0, 0.99), (0.0, 0.99))
MIDDLE: Polygon = ((0.2, 0.4), (0.8, 0.4), (0.8, 0.6), (0.2, 0.6))
BICYCLE: Box = (0.18, 0.70, 0.34, 0.84)
BUS: Box = (0.10, 0.20, 0.44, 0.88)
CAR: Box = (0.40, 0.62, 0.80, 0.86)
WIDTH = street().shape[1]


class Named:
    """A detector that finds what it is told to find, of what it has a word for."""

    model, model_sha256, input_size = "told", "0", (416, 416)

    def __init__(self) -> None:
        self.labels = frozenset(FAMILIES)
        self.found: tuple[Detection, ...] = ()

    def detect(self, pixels: Array) -> tuple[Detection, ...]:  # noqa: ARG002
        return tuple(thing for thing in self.found if thing.label in self.labels)


class Lookout:
    """A camera over these zones, looked at each minute."""

    def __init__(self, *zones: Zone) -> None:
        self.detector = Named()
        self._camera = camera(*zones)
        self._memory = to_bytes(CameraMemory())
        self._now_ms = NOON_MS

    def sees(self, picture: Array, *found: Detection, looks: int = 1) -> list[ZoneSighting | None]:
        """What each look says of the zone `front`; None: nothing."""
        self.detector.found = found
        return [self._front(self._look(picture)) for _ in range(looks)]

    def _look(self, picture: Array) -> Look:
        self._now_ms += 60_000
        brought = Picture(data=jpeg(sensed(picture, seed=self._now_ms // 60_000)))
        visit = Visit(camera=self._camera, brought=brought, taken_ms=self._now_ms, elapsed_ms=60_000)
        taken = look(visit, from_bytes(self._memory), self.detector, Terms(min_score=0.35))
        self._memory = to_bytes(taken.memory)
        return taken

    @staticmethod
    def _front(taken: Look) -> ZoneSighting | None:
        assert taken.sighting.view == "healthy"
        return next((told for told in taken.sighting.zones if told.zone == "front"), None)


def thing(label: str, box: Box, right: float = 0.0) -> Detection:
    """Something found, so far to the right."""
    return Detection(label=label, score=0.8, box=(box[0] + right, box[1], box[2] + right, box[3]))


def with_vehicle(picture: Array, box: Box) -> Array:
    """The picture with something large in it that has windows."""
    high, wide = picture.shape[:2]
    x1, y1, x2, y2 = (round(share * side) for share, side in zip(box, (wide, high) * 2, strict=True))
    cells = np.random.default_rng(0).integers(60, 140, (6, 8, 3), np.uint8)
    out = picture.copy()
    out[y1:y2, x1:x2] = cv2.resize(cells, (x2 - x1, y2 - y1), interpolation=cv2.INTER_NEAREST)
    return out


@pytest.mark.parametrize("boxes", [[(0.2, 0.4, 0.5, 0.6), (0.5, 0.4, 0.78, 0.6)], [(0.1, 0.3, 0.7, 0.7)] * 2])
def test_things_side_by_side_hide_a_zone_together(boxes: list[Box]) -> None:
    """Each hides less than half of it, or both the same part."""
    assert by_zone(nothing(), (), boxes, (zone(MIDDLE),)) == ()


def test_what_lies_on_each_other_does_not_count_twice() -> None:
    """Three boxes around one car are one car."""
    boxes = [(0.2, 0.4, 0.4, 0.6)] * 3
    assert by_zone(nothing(), (), boxes, (zone(MIDDLE),)) == (ZoneSighting(zone="front"),)


def nothing() -> Kept:
    """Nothing stands anywhere."""
    return Kept(name="p", keep=False, spare=False, promote=(), places=(), album=Album(), clear_owed=0)


def test_what_passes_in_a_mask_still_hides() -> None:
    """The far side of the road is masked; the bus on it stands before the bicycle all the same."""
    far_side = zone(((0.0, 0.0), (1.0, 0.0), (1.0, 0.595), (0.0, 0.595)), ZoneRole.MASK, "far")
    lookout = Lookout(zone(WIDE), far_side)
    lookout.sees(street(), thing("bicycle", BICYCLE), looks=4)
    told = lookout.sees(with_vehicle(street(), BUS), thing("bus", BUS), looks=4)
    assert all(front is None or front.unsure for front in told)


@pytest.mark.parametrize("pixels", [-14, 6, 12, 14])
def test_a_leaning_pole_takes_nothing_out_of_its_zone(pixels: int) -> None:
    """A car at the very edge of its zone: zones follow the view, and so does where the car is kept."""
    lookout = Lookout(zone(((0.585, 0.70), (0.95, 0.70), (0.95, 0.97), (0.585, 0.97)), ZoneRole.NO_PARKING))
    parked = with_vehicle(street("clear"), CAR)
    lookout.sees(parked, thing("car", CAR), looks=6)
    leant = lookout.sees(shifted(parked, pixels), thing("car", CAR, pixels / WIDTH), looks=4)
    assert [front is not None and len(front.objects) for front in leant] == [1] * 4
    last = leant[-1]
    assert last is not None
    assert last.objects[0].box[0] == pytest.approx(CAR[0] + pixels / WIDTH, abs=1e-6)
    assert last.objects[0].stay_s == 540


def test_a_leaning_pole_does_not_bring_what_is_masked_into_view() -> None:
    """A mask follows too, and nothing behind it begins a stay."""
    window = zone(((0.3, 0.55), (0.595, 0.55), (0.595, 0.9), (0.3, 0.9)), ZoneRole.MASK, "window")
    lookout = Lookout(zone(WIDE, ZoneRole.NO_PARKING), window)
    parked = with_vehicle(street("clear"), (0.35, 0.62, 0.8, 0.86))
    box = (0.35, 0.62, 0.8, 0.86)
    for pixels in (0, 0, 12):
        (front,) = lookout.sees(shifted(parked, pixels), thing("car", box, pixels / WIDTH))
        assert front is None or front.objects == ()


def test_another_model_without_the_word_clears_nothing() -> None:
    """While it is used, the zone is unsure: even when the bicycle goes."""
    lookout = Lookout(zone(WIDE))
    lookout.sees(street(), thing("bicycle", BICYCLE), looks=4)
    lookout.detector.labels = frozenset({"car"})
    told = lookout.sees(street(), looks=12) + lookout.sees(street("clear"), looks=3)
    assert all(front is None or front.objects or front.unsure for front in told)
    lookout.detector.labels = frozenset({"bicycle"})
    (front,) = lookout.sees(street("clear"))
    assert front is not None
    assert not front.objects
    assert not front.unsure
