"""Zones that are edited, cameras that are turned and memories that are lost: no look says that what stands has gone."""

from itertools import count

import cv2
import numpy as np
import pytest
from msgspec import structs

from domain.register import Anchor, Camera
from domain.sighting import ViewHealth
from tests.fakes.cameras import jpeg
from tests.vision.scenes import BIKES_ZONE, NOON_MS, Array, camera, road, sensed, shifted, street, zone
from vision.look import Look, Terms, Visit, look
from vision.memory import CameraMemory, Detection, from_bytes, to_bytes
from vision.picture import Picture, Pixels
from vision.redrawn import DOUBTED_MS, LEARNING_LOOKS

FRONT = zone(BIKES_ZONE)
WIDER = structs.replace(FRONT, polygon=((0.10, 0.72), (0.42, 0.68), (0.42, 0.86), (0.10, 0.92)))
ELSEWHERE = zone(((0.6, 0.8), (0.9, 0.8), (0.9, 0.95), (0.6, 0.95)), name="elsewhere")
BICYCLE = Detection(label="bicycle", score=0.7, box=(0.185, 0.707, 0.339, 0.841))


class Sees:
    """A detector that finds what it is told to."""

    model, model_sha256, input_size = "told", "0" * 64, (416, 416)
    labels = frozenset({"bicycle", "car", "person"})

    def __init__(self) -> None:
        self.found: tuple[Detection, ...] = ()

    def detect(self, pixels: Pixels) -> tuple[Detection, ...]:  # noqa: ARG002
        return self.found


class Post:
    """A camera whose zones can be changed; looked at every 30 s."""

    def __init__(self, *found: Detection) -> None:
        self.camera: Camera = camera(FRONT)
        self.detector = Sees()
        self.detector.found = found
        self.memory = to_bytes(CameraMemory())
        self._seeds = count()
        self._now_ms = NOON_MS

    def sees(self, *pictures: Array) -> list[Look]:
        """One look at each."""
        looks = []
        for picture in pictures:
            self._now_ms += 30_000
            brought = Picture(data=jpeg(sensed(picture, seed=next(self._seeds))))
            visit = Visit(camera=self.camera, brought=brought, taken_ms=self._now_ms)
            looks.append(look(visit, from_bytes(self.memory), self.detector, Terms(min_score=0.35)))
            self.memory = to_bytes(looks[-1].memory)
        return looks


def clears(taken: Look) -> bool:
    """Whether the look proves the one zone clear."""
    return any(not (found.objects or found.unsure) for found in taken.sighting.zones)


def with_carton() -> Array:
    """The clear street, and a carton in the zone."""
    out = street("clear").copy()
    y, x = int(0.76 * out.shape[0]), int(0.22 * out.shape[1])
    out[y : y + 44, x : x + 56] = (70, 120, 180)
    cv2.rectangle(out, (x, y), (x + 55, y + 43), (30, 50, 90), 3)
    cv2.line(out, (x, y + 14), (x + 55, y + 14), (220, 230, 240), 5)
    return np.asarray(out, np.uint8)


@pytest.mark.parametrize(
    "edited",
    [
        structs.replace(FRONT, shop_id="shop-8", hours="00:00-23:59", anchor=Anchor.OVERLAP),
        structs.replace(FRONT, zone="another name"),
        WIDER,
    ],
    ids=["owner", "name", "polygon"],
)
def test_what_stands_is_known_after_an_edit(edited: object) -> None:
    """A bicycle that the detector misses after the zones were edited, and a stay that goes on."""
    post = Post(BICYCLE)
    post.sees(*[street()] * 6)
    post.camera = camera(edited)  # type: ignore[arg-type]
    post.detector.found = ()
    missed = post.sees(street(), street())
    assert not any(clears(taken) for taken in missed)
    post.detector.found = (BICYCLE,)
    assert [seen.stay_s for seen in post.sees(street())[0].sighting.zones[0].objects] == [240.0]


def test_a_thing_of_no_class_is_known_after_an_edit() -> None:
    """And when it goes, that is seen too."""
    post = Post()
    looks = post.sees(*[street("clear")] * 4, *[with_carton()] * 6)
    assert [seen.label for seen in looks[-1].sighting.zones[0].objects] == ["left_object"]
    post.camera = camera(WIDER)
    still = post.sees(*[with_carton()] * 3)
    assert [seen.label for taken in still for seen in taken.sighting.zones[0].objects] == ["left_object"] * 3
    assert clears(post.sees(*[street("clear")] * 4)[-1])


def test_zones_drawn_on_a_view_that_leans_lie_where_they_were_drawn() -> None:
    """From then on that is where the view belongs, and what stands there has not moved."""
    lean = (7, 4)
    leaning = Detection(label="bicycle", score=0.7, box=moved_by(BICYCLE.box, lean))
    post = Post(BICYCLE)
    post.sees(*[street()] * 6)
    post.detector.found = (leaning,)
    assert post.sees(shifted(street(), *lean))[0].shift != (0.0, 0.0)
    post.camera = camera(WIDER)
    taken = post.sees(*[shifted(street(), *lean)] * 2)
    assert [each.shift for each in taken] == [(0.0, 0.0)] * 2
    assert [seen.stay_s for seen in taken[-1].sighting.zones[0].objects] == [240.0]


def moved_by(box: tuple[float, float, float, float], by: tuple[int, int]) -> tuple[float, float, float, float]:
    """The box so many pixels of the street further."""
    high, wide = street().shape[:2]
    return (box[0] + by[0] / wide, box[1] + by[1] / high, box[2] + by[0] / wide, box[3] + by[1] / high)


def test_another_view_is_accepted_when_it_stays() -> None:
    """By new zones only, when two looks have found it; and no zone of it is clear before it is known a little."""
    post = Post()
    post.sees(*[street()] * 6)
    assert {taken.sighting.view for taken in post.sees(*road()[:2])} == {ViewHealth.MOVED}
    post.camera = camera(WIDER)
    accepted = post.sees(*road()[:5])
    assert {taken.sighting.view for taken in accepted} == {ViewHealth.HEALTHY}
    assert [clears(taken) for taken in accepted] == [False] * LEARNING_LOOKS + [True] * 2


def test_a_thing_of_no_class_is_not_told_gone_by_another_view() -> None:
    """For a day its zone is not told clear: in the new view it would be a part of the street. Other zones are."""
    post = Post()
    post.camera = camera(FRONT, ELSEWHERE)
    post.sees(*[street("clear")] * 4, *[with_carton()] * 6)
    post.sees(*road()[:2])
    post.camera = camera(WIDER, ELSEWHERE)
    after = post.sees(*road()[:5])[-1]
    assert [(told.zone, told.unsure) for told in after.sighting.zones] == [("front", True), ("elsewhere", False)]
    post.memory = aged(post.memory, DOUBTED_MS)
    assert [told.unsure for told in post.sees(road()[5])[0].sighting.zones] == [False, False]


def aged(memory: bytes, by_ms: int) -> bytes:
    """The memory so much later."""
    known = from_bytes(memory)
    return to_bytes(structs.replace(known, time=structs.replace(known.time, own_ms=known.time.own_ms + by_ms)))


def test_one_odd_look_after_new_zones_forgets_nothing() -> None:
    """Something stood before the lens at that moment."""
    post = Post(BICYCLE)
    post.sees(*[street()] * 6)
    post.camera = camera(WIDER)
    assert post.sees(road()[0])[0].sighting.view is ViewHealth.MOVED
    after = post.sees(street())[0]
    assert after.sighting.view is ViewHealth.HEALTHY
    assert [seen.stay_s for seen in after.sighting.zones[0].objects] == [210.0]


def test_without_a_memory_the_first_looks_prove_nothing() -> None:
    """What the detector misses in one look, or has no class, may have stood there before."""
    looks = Post().sees(*[street("clear")] * (LEARNING_LOOKS + 1))
    assert [clears(taken) for taken in looks] == [False] * LEARNING_LOOKS + [True]
