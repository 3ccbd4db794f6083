"""Rows put back together."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.point import Aggregate, Point
from storage.series import grid, merging

HOUR_MS = grid.HOUR_MS


def test_rows_become_points_oldest_first() -> None:
    """All fields at one key are one point, in whatever order their rows came."""
    rows: list[merging.Row] = [
        ("tree", (("k", "v"),), "b", 2, 1.0),
        ("tree", (("k", "v"),), "a", 1, 1),
        ("tree", (("k", "w"),), "a", 1, 2),
        ("tree", (("k", "v"),), "a", 2, True),
    ]
    assert list(merging.points(rows)) == [
        Point(measurement="tree", tags=(("k", "v"),), fields={"a": 1}, at_ms=1),
        Point(measurement="tree", tags=(("k", "w"),), fields={"a": 2}, at_ms=1),
        Point(measurement="tree", tags=(("k", "v"),), fields={"b": 1.0, "a": True}, at_ms=2),
    ]


@given(
    counts=st.dictionaries(st.integers(0, 5).map(lambda n: n * HOUR_MS), st.integers(1, 3_000_000).map(float)),
    start_ms=st.integers(0, 6 * HOUR_MS),
    stop_ms=st.integers(0, 6 * HOUR_MS),
)
def test_pieces_cover_every_busy_hour_once(counts: dict[int, float], start_ms: int, stop_ms: int) -> None:
    """They follow one another, stay inside the span, and an hour with many values comes in several."""
    pieces = list(merging.pieces(counts, start_ms, stop_ms))
    assert all(start_ms <= first < last <= stop_ms for first, last in pieces)
    assert pieces == sorted(pieces)
    assert all(before[1] <= after[0] for before, after in pairwise(pieces))
    wanted = sum(max(0, min(hour + HOUR_MS, stop_ms) - max(hour, start_ms)) for hour in counts)
    assert sum(last - first for first, last in pieces) == wanted
    if all(start_ms <= hour and hour + HOUR_MS <= stop_ms for hour in counts):
        assert len(pieces) >= sum(count / merging.PIECE_VALUES for count in counts.values())


@pytest.mark.parametrize(
    ("aggregate", "wanted"),
    [
        (Aggregate.MEAN, 4.0),  # (10 + 14) / 6: by values, not by hours
        (Aggregate.SUM, 24.0),
        (Aggregate.MAX, 14.0),
        (Aggregate.MIN, 10.0),
        (Aggregate.LAST, 14.0),
    ],
)
def test_hours_together(aggregate: Aggregate, wanted: float) -> None:
    """Of an hour known from two sources, the one that saw more of it counts, alone."""
    figures = merging.Figures()
    figures.add({0: 4.0, HOUR_MS: 1.0}, {0: 10.0, HOUR_MS: 99.0})
    figures.add({0: 3.0, HOUR_MS: 2.0}, {0: 98.0, HOUR_MS: 14.0})
    assert figures.windows(2 * HOUR_MS, aggregate) == {0: wanted}
