"""The Theil–Sen slope: the median of the slopes between all pairs, which up to 29 % of wild points can't carry off."""

from collections.abc import Sequence
from operator import sub, truediv
from statistics import median


def slope(times: Sequence[float], values: Sequence[float], *, period: float | None = None) -> float | None:
    """Value per unit of time.

    `times` rise strictly, and there are as many as values, at least two: raises ValueError otherwise. On a straight
    line it is exact up to rounding, however the times lie. Takes n² / 2 divisions: meant for up to some 64 points.

    With `period`, only points that lie whole periods apart are compared (the seasonal slope of Hirsch and Slack), so
    that whatever comes back every day is no slope; None where no two are.
    """
    if len(times) != len(values) or len(times) < 2:
        raise ValueError(f"a slope needs two points or more, with a time each: got {len(times)} and {len(values)}")
    pairs = tuple(zip(times, values, strict=True))
    slopes: list[float] = []
    for number, (time, value) in enumerate(pairs):
        slopes += [
            (later_value - value) / (later - time)
            for later, later_value in pairs[number + 1 :]
            if period is None or (later - time) % period == 0
        ]
    return median(slopes) if slopes else None


def slope_bounds(times: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """The least and the greatest slope between neighbours: the Theil–Sen slope lies between them, at 1/n of its cost.

    The slope between any two points is a mean of those between the neighbours from one to the other. `times` as there;
    between less than two there is none, and 0 is given.
    """
    steps = list(map(truediv, map(sub, values[1:], values), map(sub, times[1:], times)))
    return min(steps, default=0.0), max(steps, default=0.0)
