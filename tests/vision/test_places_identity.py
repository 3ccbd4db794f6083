"""Which bicycle it is: the same one moved a little or in another light, or another one at its place."""

import cv2
import numpy as np
import pytest

from tests.vision.places_scenes import (
    LEFT,
    NEXT_TREE,
    RATES_S,
    RIGHT,
    Light,
    Pavement,
    as_it_is,
    aside,
    bicycle,
    shares,
)
from tests.vision.scenes import Array, blurred, sensed, shifted, street
from vision.appearance import appearance, compare, visible
from vision.glance import Glance

rates = pytest.mark.parametrize("every_s", RATES_S)


def dimmed(picture: Array) -> Array:
    """A cloud."""
    return (picture * 0.5).astype(np.uint8)


def infrared(picture: Array) -> Array:
    """The camera has switched to infrared: grey, and what is green or blue has other values than by day."""
    blue, green, red = (picture[..., channel].astype(np.float32) for channel in range(3))
    grey = np.clip(0.9 * red + 0.5 * green - 0.35 * blue + 25, 0, 255).astype(np.uint8)
    return np.asarray(cv2.merge([grey] * 3), np.uint8)


def half_shaded(picture: Array) -> Array:
    """The shadow of a house, its edge across the left bicycle."""
    across, down = np.meshgrid(np.arange(picture.shape[1]), np.arange(picture.shape[0]))
    shade = np.where(across + 0.6 * down < 430, 0.45, 1.0)
    return (picture * shade[..., np.newaxis]).astype(np.uint8)


def headlight(picture: Array) -> Array:
    """A car's lamps on the pavement, and less of all other light."""
    across, down = np.meshgrid(np.arange(picture.shape[1]), np.arange(picture.shape[0]))
    beam = np.exp(-((across - 230) ** 2 + (down - 430) ** 2) / (2 * 60**2))
    return np.clip(picture * (0.5 + 2.0 * beam[..., np.newaxis]), 0, 255).astype(np.uint8)


LIGHTS: dict[str, Light] = {
    "a cloud": dimmed,
    "infrared": infrared,
    "a shadow's edge": half_shaded,
    "headlights": headlight,
    "rain": lambda picture: blurred(picture, 1.5),
    "sway": lambda picture: shifted(picture, 3, 2),
}
lights = pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS.keys())


@rates
def test_another_one_at_the_same_place_begins_its_own_stay(every_s: int) -> None:
    """One left and another came between two looks. Two looks settle it; the new stay begins with the first of them."""
    pavement = Pavement(every_s)
    for _ in range(5):
        pavement.look({"A": LEFT})
    at_first = pavement.look({"B": aside(LEFT, 0)})
    assert at_first == [5 * every_s]
    assert [pavement.look({"B": LEFT}) for _ in range(2)] == [[every_s], [2 * every_s]]


@rates
def test_one_that_comes_after_a_clear_look_begins_its_own_stay(every_s: int) -> None:
    """The place was seen empty in between."""
    pavement = Pavement(every_s)
    for _ in range(5):
        pavement.look({"A": LEFT})
    pavement.look({})
    assert pavement.cleared
    assert [pavement.look({"B": LEFT}) for _ in range(2)][-1] == [every_s]


@rates
def test_two_that_change_places_both_begin_anew(every_s: int) -> None:
    """By looks, since by place and class nothing has happened."""
    pavement = Pavement(every_s)
    for _ in range(5):
        pavement.look({"A": LEFT, "B": RIGHT})
    for _ in range(2):
        pavement.look({"B": LEFT, "A": RIGHT})
    assert pavement.look({"B": LEFT, "A": RIGHT}) == [2 * every_s] * 2


def test_two_that_look_the_same_cannot_be_told_apart() -> None:
    """The limit: of two bicycles that look alike, the place has been taken all the while, and that is what counts."""
    pavement = Pavement(60)
    assert [pavement.look({name: LEFT}) for name in ("A", "A", "A")][-1] == [120]
    pavement.places = tuple(pavement.places)
    assert pavement.look({"A": aside(LEFT, 1)}) == [180]


@rates
@pytest.mark.parametrize("pixels", [-15, -8, 4, 8, 15])
def test_a_nudge_is_no_new_bicycle(every_s: int, pixels: int) -> None:
    """20 to 40 cm: the wind, or somebody who wanted to pass. At its new place it is known even when it is missed."""
    pavement = Pavement(every_s)
    for _ in range(3):
        pavement.look({"A": LEFT})
    moved = {"A": aside(LEFT, pixels)}
    assert [pavement.look(moved) for _ in range(4)][-1] == [6 * every_s]
    pavement.misses = 1.0
    assert pavement.look(moved) == [7 * every_s]
    assert len(pavement.places) == 1


@rates
def test_nudged_again_and_again_it_is_still_known(every_s: int) -> None:
    """By and by it has moved by half its length, is known there even when it is missed, and leaves no trace behind."""
    pavement = Pavement(every_s)
    for step in (0, 8, 16, 24, 32):
        stays = pavement.look({"A": aside(LEFT, step)})
    assert stays == [4 * every_s]
    pavement.misses = 1.0
    assert pavement.look({"A": aside(LEFT, 32)}) == [5 * every_s]
    assert pavement.look({}) == []
    assert pavement.cleared


@rates
def test_at_the_next_tree_it_is_a_new_one(every_s: int) -> None:
    """Whose it is nobody can say: the first place is clear, and the stay at the second begins."""
    pavement = Pavement(every_s)
    for _ in range(5):
        pavement.look({"A": LEFT})
    assert pavement.look({"A": NEXT_TREE}) == [0]
    assert pavement.cleared
    assert pavement.look({"A": NEXT_TREE}) == [every_s]


@rates
@lights
def test_another_light_is_no_other_bicycle(every_s: int, light: Light) -> None:
    """It changes between two looks and stays so, or is over after one; both stays go on."""
    both = {"A": LEFT, "B": RIGHT}
    for lasting in (1, 6):
        pavement = Pavement(every_s)
        for _ in range(3):
            pavement.look(both)
        for _ in range(lasting):
            pavement.light = light
            pavement.look(both)
        pavement.light = as_it_is
        for _ in range(3):
            stays = pavement.look(both)
        assert stays == [(5 + lasting) * every_s] * 2
        assert len(pavement.places) == 2


@lights
def test_another_light_clears_nothing_that_the_detector_misses(light: Light) -> None:
    """Just when the light changes the detector finds nothing: both count as standing there all the same."""
    both = {"A": LEFT, "B": RIGHT}
    pavement = Pavement(60)
    for _ in range(3):
        pavement.look(both)
    pavement.light, pavement.misses = light, 1.0
    assert [pavement.look(both) for _ in range(3)] == [[180] * 2, [240] * 2, [300] * 2]


@pytest.mark.parametrize(("name", "spot"), [("A", LEFT), ("B", RIGHT)])
def test_the_figures_of_the_appearance_module(name: str, spot: tuple[int, int, int, int]) -> None:
    """The same in any light, another bicycle, and none at all are told apart with room to spare."""
    box = shares(spot)
    there = appearance(Glance.of(sensed(street(), seed=1)), box)

    def like(picture: Array) -> tuple[float, float]:
        alike = compare(there, appearance(Glance.of(sensed(picture, seed=7)), box), visible(box, ()))
        assert alike is not None
        return alike.whole, alike.parts

    for light in LIGHTS.values():
        whole, parts = like(light(street()))
        assert whole >= 0.85 or parts >= 0.75
    other = street().copy()
    x1, y1, x2, y2 = spot
    other[y1:y2, x1:x2] = cv2.resize(bicycle("B" if name == "A" else "A"), (x2 - x1, y2 - y1))
    whole, parts = like(other)
    assert (whole < 0.7, parts < 0.3) == (True, True)
    whole, parts = like(street("clear"))
    assert (whole < 0.35, parts < 0.15) == (True, True)


def test_what_shows_nothing_is_like_what_shows_nothing() -> None:
    """A plain van before a plain wall is not another van at every look; nor is it there when the wall is bare brick."""
    plain, brick = bytes([120]) * 576, bytes(np.random.default_rng(1).integers(0, 255, 576).astype(np.uint8))
    everything = visible((0.2, 0.2, 0.4, 0.4), ())
    for then, now, same in ((plain, plain, 1.0), (plain, brick, 0.0)):
        alike = compare(then, now, everything)
        assert alike is not None
        assert (alike.whole, alike.parts) == (same, same)


def test_too_little_to_be_seen_is_no_likeness() -> None:
    """Behind a bus nothing is like or unlike anything."""
    look = appearance(Glance.of(street()), shares(LEFT))
    assert compare(look, look, visible(shares(LEFT), [(0.0, 0.0, 1.0, 1.0)])) is None


@pytest.mark.parametrize(
    "box", [(1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0), (0.9, 0.4, 1.0, 0.6)]
)
def test_a_place_at_the_very_edge_has_an_appearance(box: tuple[float, float, float, float]) -> None:
    """Boxes may touch the picture's edge, have no area, or be all of it."""
    assert len(appearance(Glance.of(street()), box)) == 576
