"""The Theil–Sen slope against a naive one, and against wild points."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.theil_sen import slope, slope_bounds

_numbers = st.integers(-1000, 1000).map(lambda number: number / 8)  # exact in binary, so that sums can be compared
_series = st.lists(st.tuples(st.integers(0, 400), _numbers), min_size=2, max_size=40, unique_by=lambda pair: pair[0])


def _columns(points: list[tuple[int, float]]) -> tuple[list[float], list[float]]:
    points = sorted(points)
    return [float(time) for time, _ in points], [value for _, value in points]


def _naive(points: list[tuple[int, float]]) -> float:
    """By the book: all pairs, sorted, the one in the middle or the mean of the two there."""
    slopes = sorted((b - a) / (t - s) for (s, a), (t, b) in combinations(sorted(points), 2))
    middle = len(slopes) // 2
    return slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2


@pytest.mark.parametrize(
    ("times", "values", "expected"),
    [
        ([0, 2], [1, 4], 1.5),
        ([0, 1, 2], [0, 1, 8], 4.0),  # slopes 1, 7 and 4
        ([0, 1, 2, 3], [0, 0, 0, 9], 1.5),  # 0, 0, 0, 3, 4.5, 9: the mean of 0 and 3
        ([0, 1, 4], [5, 5, 5], 0.0),
        ([0, 1, 3, 7], [0, -2, -6, -14], -2.0),
    ],
)
def test_slopes_of_few_points_are_exact(times: list[float], values: list[float], expected: float) -> None:
    """Worked out by hand."""
    assert slope(times, values) == expected


@given(_series)
def test_it_is_the_median_of_all_pairs(points: list[tuple[int, float]]) -> None:
    """However many points there are and however they lie."""
    assert slope(*_columns(points)) == _naive(points)


@given(_series, _numbers)
def test_a_line_has_its_own_slope(points: list[tuple[int, float]], gradient: float) -> None:
    """Added to anything, a line adds its gradient, and a height adds nothing."""
    times, values = _columns(points)
    leaning = [value + gradient * time + 17 for time, value in zip(times, values, strict=True)]
    assert slope(times, leaning) == pytest.approx(_naive(points) + gradient, abs=1e-9)


@given(st.integers(5, 60), _numbers, st.randoms(use_true_random=False))
def test_a_fifth_of_wild_points_moves_it_nowhere(count: int, gradient: float, random: Random) -> None:
    """One in five may say whatever it likes: the others, on a line, decide exactly."""
    times = [float(time) for time in range(count)]
    values = [gradient * time for time in times]
    for wild in random.sample(range(count), count // 5):
        values[wild] = random.choice([-1e6, 1e6, 0.0, random.uniform(-1e3, 1e3)])
    assert slope(times, values) == pytest.approx(gradient, abs=1e-9)


@given(_series, st.integers(1, 30), _numbers)
def test_what_comes_back_every_period_is_no_slope(
    points: list[tuple[int, float]], period: int, gradient: float
) -> None:
    """Only points whole periods apart are compared: a line stays, whatever else is the same in each period."""
    swing = [value for _, value in points]
    times = [float(time) for time, _ in sorted(points)]
    values = [gradient * time + swing[int(time) % period % len(swing)] for time in times]
    comparable = any(time % period == other % period for time, other in combinations(times, 2))
    found = slope(times, values, period=period)
    assert found == (pytest.approx(gradient, abs=1e-9) if comparable else None)


@given(_series)
def test_it_lies_between_the_slopes_of_neighbours(points: list[tuple[int, float]]) -> None:
    """So a window whose neighbours are all calm needs no reckoning."""
    times, values = _columns(points)
    least, greatest = slope_bounds(times, values)
    assert least - 1e-9 <= _naive(points) <= greatest + 1e-9


def test_a_single_point_has_no_neighbours() -> None:
    """Nothing is steep there."""
    assert slope_bounds([5], [1.0]) == (0, 0)


@pytest.mark.parametrize(("times", "values"), [([1.0], [1.0]), ([], []), ([1.0, 2.0], [1.0])])
def test_one_point_has_no_slope(times: list[float], values: list[float]) -> None:
    """Nor have times without values."""
    with pytest.raises(ValueError, match="a slope needs two points or more"):
        slope(times, values)
