"""Chance that depends on nothing but the seed and what it is for."""

import math
from random import Random


def chance_of(*names: object) -> Random:
    """A stream of its own for each name: what happens to one shop moves no other's."""
    return Random(repr(names))


def about(random: Random, median: float, spread: float) -> float:
    """Around `median`, log-normal: `spread` 0.7 puts nine in ten between 0.3 and 3 times of it."""
    return random.lognormvariate(math.log(median), spread)


def occurrences(random: Random, mean: float) -> int:
    """How often something happens that happens `mean` times on average (Poisson)."""
    limit, times, product = math.exp(-mean), 0, random.random()
    while product > limit:
        times += 1
        product *= random.random()
    return times
