"""How long something has stood there, whatever walks by, is missed, or is done to the clocks, at any rate of looks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vision.places_scenes import LEFT, NEXT_TREE, RATES_S, RIGHT, Pavement, aside, found
from vision.places import DOUBTED_LOOKS, GONE_LOOKS, HELD_LOOKS

WALKER = (130, 370, 168, 490)
SLIM = (185, 370, 197, 490)
BUS = (100, 330, 380, 500)
PARCEL = (137, 404, 163, 473)
LORRY = (0, 200, 420, 563)
rates = pytest.mark.parametrize("every_s", RATES_S)


@rates
@pytest.mark.parametrize("looks", [1, 2, 3])
@pytest.mark.parametrize("walker", [WALKER, SLIM], ids=["half of it", "a fifth of it"])
def test_somebody_who_stands_before_it_ends_no_stay(
    every_s: int, looks: int, walker: tuple[int, int, int, int]
) -> None:
    """For one to three looks; meanwhile no look says that the place is clear, and afterwards nothing is missing."""
    pavement = Pavement(every_s)
    for _ in range(4):
        pavement.look({"A": LEFT})
    for _ in range(looks):
        pavement.look({"A": LEFT}, before={walker: "person"})
        assert not pavement.cleared
        assert pavement.unknown or pavement.stays()
    assert pavement.look({"A": LEFT}) == [(4 + looks) * every_s]
    assert len(pavement.places) == 1


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), every_s=st.sampled_from(RATES_S))
def test_a_detector_that_misses_one_look_of_three_breaks_no_stay(seed: int, every_s: int) -> None:
    """Whatever looks it misses: two bicycles stay two, no look clears one, and no stay is off by more than a look."""
    pavement = Pavement(every_s, misses=1 / 3, seed=seed)
    pavement.look({"A": LEFT, "B": RIGHT}, also=(found(LEFT), found(RIGHT)))
    for number in range(1, 40):
        stays = pavement.look({"A": LEFT, "B": RIGHT})
        assert len(pavement.places) == 2
        assert not pavement.cleared
        assert all(abs(stay_s - number * every_s) <= every_s for stay_s in stays)


@rates
def test_a_bus_that_passes_before_three_bicycles_ends_none_of_their_stays(every_s: int) -> None:
    """For a few looks nothing can be said; then all three are still there, and for as long as before."""
    three = {"A": LEFT, "B": RIGHT}
    third = found(NEXT_TREE)
    pavement = Pavement(every_s)
    for _ in range(3):
        pavement.look(three, also=(third,))
    for _ in range(4):
        assert pavement.look(three, before={BUS: "bus"}) == []
        assert pavement.unknown
        assert not pavement.cleared
    assert pavement.look(three, also=(third,)) == [7 * every_s] * 3


@rates
def test_what_a_lorry_stands_before_for_an_hour_is_not_clear(every_s: int) -> None:
    """Nobody can see the bicycle, so no look says that it is gone; what stands there afterwards has a new stay."""
    pavement = Pavement(every_s)
    pavement.look({"A": LEFT})
    for _ in range(3600 // every_s):
        pavement.look({"A": LEFT}, before={BUS: "truck"})
        assert pavement.unknown
        assert not pavement.cleared
    assert pavement.look({"A": LEFT})[0] <= 900 + every_s


@rates
def test_what_is_gone_is_gone_at_once(every_s: int) -> None:
    """The first look at the empty place is a clear one; it does not wait for a second."""
    pavement = Pavement(every_s)
    for _ in range(3):
        pavement.look({"A": LEFT, "B": RIGHT})
    assert pavement.look({"B": RIGHT}) == [3 * every_s]
    assert pavement.cleared
    for _ in range(GONE_LOOKS - 1):
        pavement.look({"B": RIGHT})
    assert len(pavement.places) == 1


@rates
def test_seen_by_turns_as_car_and_lorry_it_is_one_thing(every_s: int) -> None:
    """And a bicycle is a motorcycle now and then."""
    pavement = Pavement(every_s)
    for number in range(8):
        names = ("bicycle", "car") if number % 2 == 0 else ("motorcycle", "truck")
        pavement.look({}, also=(found(LEFT, names[0]), found(BUS, names[1])))
    # the picture shows neither, so this rests on boxes and families alone
    assert sorted((place.label, place.stay_ms) for place in pavement.places) == [
        ("bicycle", 7000 * every_s),
        ("car", 7000 * every_s),
    ]


@rates
def test_boxes_that_flicker_around_a_cluster_make_no_third_bicycle(every_s: int) -> None:
    """Each for itself, both, both and each: the stays go on, and nothing new begins."""
    both = found((138, 393, 260, 473), score=0.58)
    pavement = Pavement(every_s, misses=0.5, seed=4)
    pavement.look({"A": LEFT, "B": RIGHT}, also=(found(LEFT), found(RIGHT), both))
    for number in range(1, 20):
        pavement.look({"A": LEFT, "B": RIGHT}, also=(both,) if number % 3 else ())
        assert len(pavement.places) == 2
    assert pavement.look({"A": LEFT, "B": RIGHT}, also=(found(LEFT), found(RIGHT))) == [20 * every_s] * 2


def test_a_box_around_both_confirms_each() -> None:
    """For longer than a thing may be held without being found: the box says that something of the kind is there."""
    both = found((138, 393, 260, 473), score=0.58)
    pavement = Pavement(60)
    pavement.look({"A": LEFT, "B": RIGHT})
    pavement.misses = 1.0
    for _ in range(3 * HELD_LOOKS):
        stays = pavement.look({"A": LEFT, "B": RIGHT}, also=(both,))
    assert stays == [180 * HELD_LOOKS] * 2


def test_a_box_around_a_group_is_still_a_thing_if_nothing_else_is_found() -> None:
    """Three bicycles leaning on each other may be one box: one is reported, not none."""
    pavement = Pavement(60)
    assert pavement.look({}, also=(found((138, 393, 260, 473)),)) == [0]


@rates
def test_a_restart_ends_no_stay(every_s: int) -> None:
    """A few minutes later another worker goes on from what was stored; a night later nobody can say that."""
    pavement = Pavement(every_s)
    for _ in range(3):
        pavement.look({"A": LEFT})
    pavement.restart()
    assert pavement.look({"A": LEFT}, after_s=300) == [2 * every_s + 300]
    pavement.restart()
    assert pavement.look({"A": LEFT}, after_s=8 * 3600) == [0]


def test_a_doubt_about_what_hardly_was_seen_does_not_last() -> None:
    """A car that drove by, a shadow: what looks neither so nor otherwise leaves a zone open for so many looks."""
    pavement = Pavement(60)
    pavement.look({"A": LEFT})
    states = []
    for _ in range(DOUBTED_LOOKS + GONE_LOOKS):
        pavement.look({"A": LEFT}, behind=PARCEL)
        states.append((pavement.unknown, pavement.cleared))
    assert states == [(True, False)] * DOUBTED_LOOKS + [(False, True)] * (GONE_LOOKS - 1) + [(False, False)]


@pytest.mark.parametrize("thing", [PARCEL, LORRY], ids=["a parcel", "a lorry"])
def test_what_the_detector_has_no_word_for_hides_for_as_long_as_it_stands(thing: tuple[int, int, int, int]) -> None:
    """A lorry is no empty pavement: the ground is not to be seen either. When it has left, the stay goes on."""
    pavement = Pavement(20)
    for _ in range(5):
        pavement.look({"A": LEFT, "B": RIGHT})
    for _ in range(4 * DOUBTED_LOOKS):
        pavement.look({"A": LEFT, "B": RIGHT}, behind=thing)
        assert pavement.unknown or len(pavement.stays()) == 2
        assert not pavement.cleared
    assert pavement.look({"A": LEFT, "B": RIGHT})[0] == 25 * 20
    assert pavement.look({}) == []
    assert pavement.cleared


@pytest.mark.parametrize("label", ["umbrella", "stall", "chair", "goods", "bench"])
def test_whatever_is_found_before_it_may_hide_it(label: str) -> None:
    """It need not pass."""
    pavement = Pavement(60)
    for _ in range(5):
        pavement.look({"A": LEFT})
    for _ in range(10):
        pavement.look({}, before={LEFT: label})
        assert pavement.unknown
        assert not pavement.cleared


def test_a_bus_before_a_car_hides_it() -> None:
    """Both are vehicles, but two."""
    pavement = Pavement(60)
    for _ in range(5):
        pavement.look({}, also=(found(NEXT_TREE, "car"),), before={})
    for _ in range(5):
        pavement.look({}, before={BUS: "bus"})
        assert not any(place.missed for place in pavement.places)


@pytest.mark.parametrize("count", [2, 6])
def test_a_row_that_goes_at_once_is_gone_at_once(count: int) -> None:
    """A lorry takes them all: that their neighbours are gone hides none of them."""
    row = {("A", "B")[number % 2] * (number + 1): aside(LEFT, 62 * number) for number in range(count)}
    pavement = Pavement(60)
    for _ in range(4):
        assert len(pavement.look(row)) == count
    pavement.look({})
    assert pavement.cleared
    assert not pavement.unknown


def test_well_known_things_outlive_a_gap() -> None:
    """After an hour without a picture nobody knows of them, until a look shows the empty place."""
    pavement = Pavement(60)
    for _ in range(4):
        pavement.look({"A": LEFT})
    pavement.look({"A": LEFT}, behind=LORRY, after_s=3600)
    assert pavement.unknown
    pavement.look({})
    assert pavement.cleared


def test_a_model_without_the_word_clears_nothing() -> None:
    """It was found by another one: that this one misses it, and the place looks empty to it, says nothing."""
    pavement = Pavement(60)
    for _ in range(4):
        pavement.look({"A": LEFT})
    pavement.unknown_words = frozenset({"bicycle"})
    for _ in range(10):
        pavement.look({})
        assert pavement.unknown
        assert not pavement.cleared


def test_a_detector_that_goes_blind_at_dusk_clears_nothing() -> None:
    """It found the bicycle for some minutes; now it never does, and the place looks as before. That is not known to be
    clear, however long it lasts; when the place itself is empty, it is at once.
    """
    pavement = Pavement(60)
    for _ in range(5):
        pavement.look({"A": LEFT})
    pavement.misses = 1.0
    for _ in range(100):
        pavement.look({"A": LEFT})
        assert not pavement.cleared
    assert pavement.unknown
    pavement.look({})
    assert pavement.cleared
