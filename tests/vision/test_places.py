"""Following things from look to look."""

import numpy as np

from tests.vision.scenes import Array, sensed, street
from vision.glance import Glance
from vision.look_time import UNSEEN_MS
from vision.memory import Detection, Place
from vision.places import follow, standing
from vision.shown import Shown, Watch

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
        self.places = follow(self.places, Shown(glance=glance, found=found, at_ms=self.now_ms), WATCH)
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
    """What looks as before but is never found again counts for five looks more; then it is unknown for five, so that
    nothing is cleared; then it is given up.
    """
    street_view = Street()
    street_view.look(thing())
    assert [len(street_view.look()) for _ in range(5)] == [1] * 5
    assert [street_view.look() for _ in range(5)] == [[]] * 5
    assert [place.hidden for place in street_view.places] == [5]
    for _ in range(3):
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


def test_one_odd_look_is_forgiven() -> None:
    """Somebody walked by."""
    street_view = Street()
    street_view.look(thing())
    street_view.look(thing(), picture=np.asarray(street()[::-1], np.uint8))
    assert street_view.look(thing()) == [120]


def test_after_a_long_gap_a_stay_begins_anew() -> None:
    """Nobody can say that it is the same bicycle."""
    street_view = Street()
    street_view.look(thing())
    assert street_view.look(thing(), after_ms=UNSEEN_MS) == [900]
    assert street_view.look(thing(), after_ms=UNSEEN_MS + 1) == [0]


def test_only_what_counts_where_it_stands_is_followed() -> None:
    """Outside every zone nothing begins."""
    watch = Watch(min_score=0.35, unseen_ms=UNSEEN_MS, counts_at=lambda found: found.box[0] > 0.5)
    assert follow((), Shown(glance=Glance.of(street()), found=[thing()], at_ms=0), watch) == ()
