"""What can happen before a shop, each as a story by chance: goods to be found, and all that looks like them."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from app.bench import leftover_weather as weather
from app.bench.leftover_goods import Pasted, Picture
from app.bench.leftover_sequences import SEEN, Standing, Story
from app.bench.leftover_street import Street, bikes, streets
from domain.sighting import Box

StoryMaker = Callable[[Street, Generator], Story]


def _put(street: Street, rng: Generator, lasts_s: float = 1500.0, share: float | None = None) -> Standing:
    at_s = float(rng.uniform(600, 780))
    return Standing(pasted=street.goods(rng, share=share), from_s=at_s, until_s=at_s + lasts_s)


def goods(street: Street, rng: Generator) -> Story:
    """One thing is put there and taken away after 25 minutes."""
    return Story(street=street, standing=(_put(street, rng),))


def small_goods(street: Street, rng: Generator) -> Story:
    """The same, 4 % of the picture wide."""
    return Story(street=street, standing=(_put(street, rng, share=0.042),))


def side_by_side(street: Street, rng: Generator) -> Story:
    """Two things next to each other, the second five minutes later."""
    first = _put(street, rng, share=0.08)
    while abs((second := street.goods(rng, share=0.08)).box[0] - first.pasted.box[0]) > 0.16:
        pass
    return Story(
        street=street,
        standing=(first, Standing(pasted=second, from_s=first.from_s + 300, until_s=first.until_s)),
    )


def among_people(street: Street, rng: Generator) -> Story:
    """Goods with people around them in half of the looks."""
    thing = _put(street, rng, lasts_s=1800)
    return Story(street=street, standing=(thing,), near=(thing.pasted,), walkers=1.5)


def all_day(street: Street, rng: Generator) -> Story:
    """Goods that stand for eight hours."""
    return Story(street=street, standing=(_put(street, rng, lasts_s=8 * 3600),), lasts_s=8.5 * 3600, walkers=0.5)


def into_night(street: Street, rng: Generator) -> Story:
    """Dusk, a night too dark to see, and morning: the thing still stands there."""
    thing = _put(street, rng, lasts_s=1e9)
    return Story(
        street=street,
        standing=(thing,),
        effects=(weather.dusk(2400, 14 * 3600, 0.3),),
        unseen=((4200, 14 * 3600),),
        lasts_s=14 * 3600 + 3600,
    )


def under_infrared(street: Street, rng: Generator) -> Story:
    """The camera goes over to infrared while something stands there."""
    return Story(street=street, standing=(_put(street, rng),), effects=(weather.infrared(1500, 2700),))


def under_clouds(street: Street, rng: Generator) -> Story:
    """The sun goes and comes while something stands there."""
    gain = float(rng.choice([0.6, 0.75, 1.3]))
    return Story(street=street, standing=(_put(street, rng),), effects=(weather.cloud(1300, gain),))


def in_moving_shadow(street: Street, rng: Generator) -> Story:
    """A hard shadow wanders over the place while something stands there."""
    effect = weather.shadow(0, 1e9, float(rng.uniform(0.1, 0.4)), 0.35, float(rng.uniform(0.55, 0.7)))
    return Story(street=street, standing=(_put(street, rng),), effects=(effect,))


def sagging_camera(street: Street, rng: Generator) -> Story:
    """The camera sags by four pixels while something stands there."""
    return Story(street=street, standing=(_put(street, rng),), stands_px=(2.0, 4.0))


def nothing(street: Street, _rng: Generator) -> Story:
    """People walk by."""
    return Story(street=street, walkers=2.5)


def taken_away(street: Street, rng: Generator) -> Story:
    """What stood there from the first look on is taken away: a hole, not a thing."""
    thing = Standing(pasted=street.goods(rng), from_s=-1, until_s=float(rng.uniform(600, 900)), goods=False)
    return Story(street=street, standing=(thing,))


def bicycles(street: Street, rng: Generator) -> Story:
    """Bicycles that the detector misses in a third of the looks; they come, or they go."""
    picture, boxes = bikes()
    street = streets()[0]
    at_s, come = float(rng.uniform(600, 800)), bool(rng.random() < 0.5)

    def scenery(time_s: float) -> Picture:
        return picture if (time_s >= at_s) == come else street.empty

    def names(time_s: float) -> tuple[Box, ...]:
        return boxes if (time_s >= at_s) == come else ()

    return Story(street=street, scenery=scenery, names=names)


def parked_van(street: Street, rng: Generator) -> Story:
    """A van parks for half an hour; the detector misses it in a third of the looks."""
    thing = Standing(pasted=street.van(rng), from_s=700, until_s=2500, goods=False, named=2 / 3)
    return Story(street=street, standing=(thing,))


def queue(street: Street, rng: Generator) -> Story:
    """Three people stand in a queue for five to twenty minutes, and hardly move."""
    wide = street.empty.shape[1]
    x, y = street.spot(rng)
    until_s = 700 + float(rng.uniform(300, 1200))
    standing = []
    for place in range(3):
        foot = (min(x + place * wide // 16, wide - 20), y)
        attitudes = tuple(street.person(rng, (foot[0] + int(rng.integers(-2, 3)), foot[1])) for _ in range(2))
        standing.append(
            Standing(pasted=attitudes[0], kin=attitudes[1:], from_s=700, until_s=until_s, goods=False, named=SEEN)
        )
    return Story(street=street, standing=tuple(standing))


def lights(street: Street, rng: Generator) -> Story:
    """A lamp and a lit door go on, and off."""
    x, y = (value / side for value, side in zip(street.spot(rng), street.empty.shape[1::-1], strict=True))
    strength = float(rng.uniform(0.3, 1.2))
    dark = weather.dusk(-3600, 1e9, 0.45)
    return Story(
        street=street,
        effects=(dark, weather.lamp(700, 2200, (x, y), strength), weather.window(1200, 2600, street_door(street), 0.6)),
    )


def street_door(street: Street) -> tuple[float, float]:
    """Where light falls out of a door."""
    return ((street.wall[0] + street.wall[2]) / 2, street.wall[3] + 0.06)


def infrared(street: Street, rng: Generator) -> Story:
    """Infrared on, and off."""
    return Story(street=street, effects=(weather.infrared(900, float(rng.uniform(1500, 2500))),))


def clouds(street: Street, rng: Generator) -> Story:
    """Sun and clouds by turns."""
    times = np.sort(rng.uniform(500, 2800, 4))
    return Story(street=street, effects=tuple(weather.cloud(float(at), float(rng.uniform(0.7, 1.35))) for at in times))


def shadows(street: Street, rng: Generator) -> Story:
    """Four in the afternoon: hard shadows that wander, and the sun that brings them at once."""
    depth = float(rng.uniform(0.5, 0.75))
    begins_s = float(rng.choice([0.0, 900.0]))
    return Story(
        street=street,
        effects=(weather.shadow(begins_s, 1e9, float(rng.uniform(0.1, 0.6)), float(rng.uniform(0.1, 0.5)), depth),),
    )


def wet_road(street: Street, _rng: Generator) -> Story:
    """Rain for ten minutes, and a road that mirrors the houses."""
    return Story(street=street, effects=(weather.wet(800, street.ground), weather.rain(700, 1500)))


def headlights(street: Street, _rng: Generator) -> Story:
    """Headlights in the evening."""
    return Story(street=street, effects=(weather.dusk(-3600, 1e9, 0.4), weather.headlights(600, 2600)))


def snow(street: Street, _rng: Generator) -> Story:
    """It begins to snow."""
    return Story(street=street, effects=(weather.snow(700, street.ground),))


def leaves(street: Street, _rng: Generator) -> Story:
    """Sun through a tree, and leaves on the ground."""
    return Story(street=street, effects=(weather.leaves(500, street.ground),))


def shutter(street: Street, rng: Generator) -> Story:
    """A roller shutter whose foot the zone touches opens and shuts."""
    return Story(street=street, effects=(weather.shutter(street.wall, (float(rng.uniform(500, 900)), 2300.0)),))


def morning(street: Street, _rng: Generator) -> Story:
    """A night too dark to see, and a morning in another light."""
    return Story(
        street=street,
        effects=(weather.dusk(600, 11 * 3600, 0.25), weather.shadow(9 * 3600, 1e9, 0.3, 0.3, 0.65)),
        unseen=((2000, 12 * 3600),),
        lasts_s=12 * 3600 + 3000,
    )


def sagging(street: Street, rng: Generator) -> Story:
    """The camera sags by five pixels."""
    return Story(street=street, stands_px=(float(rng.uniform(-4, 4)), 5.0))


def one(street: Street, pasted: Pasted, from_s: float = 600.0, until_s: float = 2100.0) -> Story:
    """A given thing, put there and taken away."""
    return Story(street=street, standing=(Standing(pasted=pasted, from_s=from_s, until_s=until_s),))


WITH_GOODS: tuple[StoryMaker, ...] = (
    goods,
    small_goods,
    side_by_side,
    among_people,
    into_night,
    under_infrared,
    under_clouds,
    in_moving_shadow,
    sagging_camera,
    all_day,
)
WITHOUT: tuple[StoryMaker, ...] = (
    nothing,
    taken_away,
    bicycles,
    parked_van,
    queue,
    lights,
    infrared,
    clouds,
    shadows,
    wet_road,
    headlights,
    snow,
    leaves,
    shutter,
    morning,
    sagging,
)
