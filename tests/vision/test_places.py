"""Following things from look to look."""

import numpy as np
import pytest

from tests.vision.scenes import Array, sensed, street
from vision.glance import Glance, likeness
from vision.memory import Detection, Place
from vision.places import UNSEEN_MS, Watch, follow, standing

BIKE = (0.18, 0.70, 0.345, 0.84)
WATCH = Watch(min_score=0.35, unseen_ms=UNSEEN_MS, counts_at=lambda _: True)
MINUTE_MS = 60_000


def thing(label: str = "bicycle", score: float = 0.6, box: tuple[float, float, float, float] = BIKE) -> Detection:
    """Something a detector found."""
    return Detection(label=label, score=score, box=box)


class Street:
    """Looks at the street, a minute apart, and tells of its bicycles."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.places: tuple[Place, ...] = ()
        self._seed = 0

    def look(self, *found: Detection, picture: Array | None = None, after_ms: int = MINUTE_MS) -> list[float]:
        """The stays, in seconds, of what stands there now."""
        self._seed += 1
        self.now_ms += after_ms
        glance = Glance.of(sensed(street() if picture is None else picture, seed=self._seed))
        self.places = follow(self.places, found, glance, self.now_ms, WATCH)
        return [place.stay_ms / 1000 for place in self.places if standing(place) and place.label == "bicycle"]


def test_a_stay_is_measured_on_look_times() -> None:
    """From the first look that showed it, not from when it came."""
    street_view = Street()
    stays = [street_view.look(thing()) for _ in range(3)]
    assert stays == [[0], [60], [120]]
    assert street_view.places[0].looks == 3


def test_boxes_and_scores_that_dance_are_the_same_thing() -> None:
    """A known thing is known again at a lower score, a little aside, and under another name of its family."""
    street_view = Street()
    street_view.look(thing())
    moved = (BIKE[0] + 0.02, BIKE[1] - 0.01, BIKE[2] + 0.02, BIKE[3])
    assert street_view.look(thing("motorcycle", 0.25, moved)) == [60]
    assert street_view.places[0].label == "bicycle"
    assert Street().look(thing(score=0.25)) == []


def test_one_thing_found_under_two_names_is_one() -> None:
    """A van is a car and a truck to the detector; a person at the same place is no part of it."""
    found = (thing("car", 0.48), thing("truck", 0.46), thing("person", 0.9))
    street_view = Street()
    street_view.look(*found)
    assert [place.label for place in street_view.places] == ["car"]


def test_another_cut_through_known_things_is_no_new_one() -> None:
    """Bicycles that lean on each other: a box around one of the two that are known already. One beside them is new."""
    street_view = Street()
    street_view.look(thing())
    assert street_view.look(thing(), thing(box=(0.26, 0.70, 0.345, 0.82))) == [60]
    assert street_view.look(thing(), thing(box=(0.34, 0.70, 0.42, 0.82))) == [120, 0]


def test_a_look_that_misses_it_does_not_end_the_stay() -> None:
    """The detector misses one of three; the place looks as before, so the thing counts as seen."""
    street_view = Street()
    stays = [street_view.look(*found) for found in ((thing(),), (thing(),), (), (thing(),))]
    assert stays == [[0], [60], [120], [180]]


def test_the_detector_is_not_overruled_for_ever() -> None:
    """What looks as before but is never found again is given up, after five held looks and three empty ones."""
    street_view = Street()
    street_view.look(thing())
    assert [len(street_view.look()) for _ in range(7)] == [1, 1, 1, 1, 1, 0, 0]
    street_view.look()
    assert street_view.places == ()


def test_a_thing_that_is_gone_is_gone_at_once_and_forgotten_after_three_looks() -> None:
    """The place looks different, so the first look without it is already a clear one."""
    street_view = Street()
    street_view.look(thing())
    assert [street_view.look(picture=street("clear")) for _ in range(2)] == [[], []]
    assert [place.missed for place in street_view.places] == [2]
    street_view.look(picture=street("clear"))
    assert street_view.places == ()


def test_a_passing_bus_does_not_end_a_stay() -> None:
    """While something stands before the place, the look says nothing about it."""
    street_view = Street()
    street_view.look(thing())
    bus = street().copy()
    bus[350:520, 50:500] = np.random.default_rng(1).integers(0, 255, (170, 450, 3), np.uint8)
    for _ in range(4):
        assert street_view.look(thing("bus", 0.9, (0.05, 0.6, 0.7, 0.92)), picture=bus) == []
        assert street_view.places[0].missed == 0
        assert street_view.places[0].hidden > 0
    assert street_view.look(thing()) == [300]


def test_another_thing_of_the_same_class_at_the_same_place_begins_its_own_stay() -> None:
    """One odd look may be a person in front; two are another bicycle, there since the first of them."""
    street_view = Street()
    for _ in range(5):
        street_view.look(thing())
    other = street().copy()
    other[380:480, 120:280] = street()[380:480, 120:280][:, ::-1][::-1]
    assert street_view.look(thing(), picture=other) == [300]
    assert street_view.look(thing(), picture=other) == [60]
    assert street_view.look(thing(), picture=other) == [120]


def test_one_odd_look_is_forgiven() -> None:
    """Somebody walked by."""
    street_view = Street()
    street_view.look(thing())
    street_view.look(thing(), picture=np.asarray(street()[::-1], np.uint8))
    assert street_view.look(thing()) == [120]


def test_a_clock_step_does_not_break_a_stay() -> None:
    """Back by an hour: that step counts as nothing. The stay never shrinks."""
    street_view = Street()
    street_view.now_ms = 10_000_000
    assert [street_view.look(thing(), after_ms=step)[0] for step in (0, MINUTE_MS, -3_600_000, MINUTE_MS)] == [
        0,
        60,
        60,
        120,
    ]


def test_after_a_long_gap_a_stay_begins_anew() -> None:
    """Nobody can say that it is the same bicycle."""
    street_view = Street()
    street_view.look(thing())
    assert street_view.look(thing(), after_ms=UNSEEN_MS) == [900]
    assert street_view.look(thing(), after_ms=UNSEEN_MS + 1) == [0]


def test_only_what_counts_where_it_stands_is_followed() -> None:
    """Outside every zone nothing begins."""
    watch = Watch(min_score=0.35, unseen_ms=UNSEEN_MS, counts_at=lambda found: found.box[0] > 0.5)
    assert follow((), [thing()], Glance.of(street()), 0, watch) == ()


@pytest.mark.parametrize("gain", [0.6, 1.3])
def test_likeness_ignores_light(gain: float) -> None:
    """The same place in other light is the same; the bicycle gone is not; a plain patch is like nothing."""
    there = Glance.of(street()).patch(BIKE)
    assert likeness(there, Glance.of(sensed(street(), seed=1, gain=gain)).patch(BIKE)) > 0.97
    assert likeness(there, Glance.of(street("clear")).patch(BIKE)) < 0.2
    assert likeness(bytes(256), bytes(256)) == 0


def test_a_patch_at_the_very_edge_is_still_one() -> None:
    """Boxes may touch the picture's edge or have no area."""
    for box in ((1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0)):
        assert len(Glance.of(street()).patch(box)) == 256
