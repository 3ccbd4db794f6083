"""Short stories with a fixed outcome, for the tests of what was left standing."""

from collections.abc import Callable

import numpy as np

from app.bench.leftover_goods import Goods, Pasted
from app.bench.leftover_score import Score, judge
from app.bench.leftover_sequences import Moment, Standing, Story, play
from app.bench.leftover_stories import StoryMaker
from app.bench.leftover_street import Street, streets
from app.bench.leftover_weather import Effect
from vision.glance import Glance
from vision.leftover import Backgrounds, Leftover, Surroundings, observe

Told = tuple[Moment, tuple[Leftover, ...]]


def carton(street: Street, seed: int = 2) -> Pasted:
    """A carton of a tenth of the picture's width, somewhere in the zone."""
    return street.goods(np.random.default_rng(seed), Goods.CARTON, 0.1)


def story(
    street: Street,
    *,
    until_s: float = 1800.0,
    lasts_s: float = 2400.0,
    effects: tuple[Effect, ...] = (),
    unseen: tuple[tuple[float, float], ...] = (),
) -> Story:
    """A carton comes after five minutes, and goes; nobody walks by."""
    standing = (Standing(pasted=carton(street), from_s=300, until_s=until_s),)
    return Story(street=street, standing=standing, lasts_s=lasts_s, walkers=0.0, effects=effects, unseen=unseen)


def told(
    what: Story, every_s: float, seed: int = 1, between: Callable[[Backgrounds], Backgrounds] = lambda memory: memory
) -> list[Told]:
    """What every look of the story says; `between` is what happens to the memory on the way."""
    memory, out = Backgrounds(), []
    for moment in play(what, every_s, np.random.default_rng(seed)):
        named = Surroundings(
            taken_ms=moment.taken_ms, zones=(what.street.zone,), people=moment.people, known=moment.known
        )
        memory, left = observe(between(memory), Glance.of(moment.picture), named)
        out.append((moment, left))
    return out


def score(maker: StoryMaker, every_s: float, street: int, seed: int = 11) -> Score:
    """The score of one story by chance."""
    return judge(maker(streets()[street], np.random.default_rng(seed)), every_s, seed, maker.__name__)
