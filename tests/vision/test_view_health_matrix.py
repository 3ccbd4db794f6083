"""Everything that can happen to a view, done to both scenes again and again, and what is thought of it."""

from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import pytest

from domain.sighting import ViewHealth
from tests.vision import view_scenes
from tests.vision.scenes import Array
from tests.vision.view_scenes import Chance, Maker, aimed
from tests.vision.view_watch import SCENES, Watched

GOOD_TIMES, BAD_TIMES = 17, 7
FALSE_ALARMS = 0.01
"""Of the pictures of a sound view."""

View = Callable[[Array, Chance], Array]


STRAIGHT = {id(picture): aimed(picture) for scene in SCENES for picture in scene}
"""What a camera sees that was not turned, made once."""


def seen_with(maker: Maker) -> View:
    """The view, and this happens to it."""
    return lambda picture, chance: maker(STRAIGHT[id(picture)], chance)


def lit(gain: float) -> View:
    """So much light."""
    return lambda picture, _: np.clip(STRAIGHT[id(picture)] * np.float32(gain), 0, 255).astype(np.uint8)


def swaying(picture: Array, chance: Chance) -> Array:
    """Up to 1.2 % of the picture, and half a degree: wind at the pole."""
    right, down = chance.uniform(-0.012, 0.012, 2).tolist()
    return aimed(picture, right=right, down=down, turn_deg=float(chance.uniform(-0.5, 0.5)))


def pushed(picture: Array, chance: Chance) -> Array:
    """By 3–7 % of the picture, to any side."""
    far = float(chance.uniform(0.03, 0.07) * chance.choice([-1, 1]))
    return aimed(picture, right=far) if chance.integers(0, 2) else aimed(picture, down=far)


def turned(picture: Array, chance: Chance) -> Array:
    """About its axis, by 2–8 degrees."""
    return aimed(picture, turn_deg=float(chance.uniform(2.2, 8) * chance.choice([-1, 1])))


def zoomed(picture: Array, chance: Chance) -> Array:
    """In, by 6–30 %."""
    return aimed(picture, zoom=float(chance.uniform(1.06, 1.3)))


GOOD: dict[str, View] = {
    "untouched": lambda picture, _: STRAIGHT[id(picture)],
    "swaying": swaying,
    **{
        maker.__name__: seen_with(maker)
        for maker in (
            view_scenes.dimmed,
            view_scenes.exposed,
            view_scenes.shaded,
            view_scenes.glaring,
            view_scenes.head_lit,
            view_scenes.wet,
            view_scenes.snowed,
            view_scenes.rained,
            view_scenes.fogged,
            view_scenes.leafy,
            view_scenes.infrared,
            view_scenes.lamp_lit,
            view_scenes.bus,
        )
    },
}
BAD: dict[str, tuple[str, View]] = {
    "black": ("dark", lit(0.0)),
    "no light": ("dark", lit(0.12)),
    "overexposed": ("bright", lit(8.0)),
    **{maker.__name__: ("blurred", seen_with(maker)) for maker in (view_scenes.defocused, view_scenes.shaken)},
    "drop on the lens": ("blurred", seen_with(view_scenes.dropped_on)),
    **{
        maker.__name__: ("covered", seen_with(maker))
        for maker in (view_scenes.cloth, view_scenes.hand, view_scenes.sprayed, view_scenes.leaf, view_scenes.half)
    },
    **{maker.__name__: ("moved", maker) for maker in (pushed, turned, zoomed)},
}
DRAWN: dict[str, View] = {
    maker.__name__: seen_with(maker)
    for maker in (view_scenes.no_signal, view_scenes.bars, view_scenes.logo, view_scenes.cut_off)
}

Matrix = dict[str, Counter[ViewHealth]]


def tried(cases: dict[str, View], times: int, *, noise: bool = True) -> Matrix:
    """What both cameras think of each case, so many times, with any noise and any JPEG quality."""
    found: Matrix = defaultdict(Counter)
    for number, scene in enumerate(SCENES):
        watched = Watched.of(scene, seed=number)
        for name, made in cases.items():
            for _ in range(times):
                picture = made(scene[int(watched.chance.integers(0, len(scene)))], watched.chance)
                sigma = float(watched.chance.uniform(1, 5)) if noise else 0.0
                found[name][watched.thinks_of(picture, sigma=sigma).view] += 1
    return found


def printed(matrix: Matrix) -> str:
    """One line a case, one column a verdict that occurs."""
    words = sorted({word for counts in matrix.values() for word in counts})
    head = f"{'':18}" + "".join(f"{word:>12}" for word in words)
    rows = [f"{name:18}" + "".join(f"{counts[word] or '':>12}" for word in words) for name, counts in matrix.items()]
    return "\n".join([head, *rows])


def test_a_sound_view_is_called_healthy() -> None:
    """Weather, light, passers-by and wind, over 500 pictures: at most one in a hundred is called anything else."""
    matrix = tried(GOOD, GOOD_TIMES)
    print("\n" + printed(matrix))  # noqa: T201 for the reader of `pytest -s`
    pictures = sum(counts.total() for counts in matrix.values())
    healthy = sum(counts[ViewHealth.HEALTHY] for counts in matrix.values())
    assert pictures >= 500
    assert (pictures - healthy) / pictures <= FALSE_ALARMS, printed(matrix)


def test_no_spoilt_view_is_called_healthy() -> None:
    """What hides or turns a view never passes, and nearly always gets its own name."""
    matrix = tried({name: made for name, (_, made) in BAD.items()}, BAD_TIMES)
    other = {"another scene": Counter({Watched.of(SCENES[0]).thinks_of(aimed(SCENES[1][0])).view: 1})}
    matrix |= other | tried(DRAWN, BAD_TIMES, noise=False)
    print("\n" + printed(matrix))  # noqa: T201 for the reader of `pytest -s`
    assert not any(counts[ViewHealth.HEALTHY] for counts in matrix.values()), printed(matrix)
    named = {name: word for name, (word, _) in BAD.items()} | dict.fromkeys(DRAWN, "placeholder")
    right = sum(matrix[name][ViewHealth(word)] for name, word in named.items())
    assert right / sum(matrix[name].total() for name in named) >= 0.97, printed(matrix)


@pytest.mark.parametrize("quality", [20, 40, 60, 95])
@pytest.mark.parametrize("sigma", [1.0, 3.0, 5.0, 8.0])
def test_noise_and_compression_are_no_fault_of_the_view(quality: int, sigma: float) -> None:
    """From blocky to fine, from noon to a grainy evening; and a covered or turned view stays what it is."""
    for scene in SCENES:
        watched = Watched.of(scene)
        sound, hidden, pushed_away = (
            watched.thinks_of(picture, sigma=sigma, quality=quality).view
            for picture in (
                aimed(scene[0]),
                view_scenes.hand(aimed(scene[0]), watched.chance),
                aimed(scene[0], right=0.04),
            )
        )
        assert sound == "healthy"
        assert hidden != "healthy"
        assert pushed_away == "moved"


@pytest.mark.parametrize("gain", [0.4, 0.55, 0.75, 1.0, 1.4, 1.9])
def test_exposure_is_no_fault_of_the_view(gain: float) -> None:
    """From dusk to glare; what is turned away is found in each of them."""
    for scene in SCENES:
        watched = Watched.of(scene)
        assert watched.thinks_of(lit(gain)(scene[0], watched.chance)).view == "healthy"
        away = np.clip(aimed(scene[0], down=-0.05) * np.float32(gain), 0, 255).astype(np.uint8)
        assert watched.thinks_of(away).view == "moved"
