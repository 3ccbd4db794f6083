"""The newest points of a metric."""

from itertools import pairwise
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rules.points import NO_POINTS, Points, Reach

_reaches = st.builds(Reach.of, keep_ms=st.integers(1, 60), at_most=st.sampled_from([4, 8, 64]))
_heard = st.lists(st.tuples(st.integers(0, 100), st.sampled_from([0.0, 1.0, 2.0])), max_size=40)


def _put(reach: Reach, heard: list[tuple[int, float]], points: Points = NO_POINTS) -> Points:
    for at_ms, value in heard:
        points = reach.put(points, value, at_ms)
    return points


def _naive(reach: Reach, heard: list[tuple[int, float]]) -> Points:
    """Of all that was heard: what is not too old, of each stretch the newest, of each moment the greatest."""
    if not heard:
        return NO_POINTS
    stretch_ms = reach.stretch_ms
    newest_ms = max(at_ms for at_ms, _ in heard)
    kept: dict[int, tuple[int, float]] = {}
    for at_ms, value in sorted(heard):
        if at_ms >= newest_ms - reach.keep_ms:
            kept[at_ms // stretch_ms] = (at_ms, value)
    return Points(tuple(at_ms for at_ms, _ in kept.values()), tuple(value for _, value in kept.values()))


@given(_reaches, _heard)
def test_it_keeps_what_one_would_pick_from_all_that_was_heard(reach: Reach, heard: list[tuple[int, float]]) -> None:
    """And nothing else, though it never saw it all at once."""
    assert _put(reach, heard) == _naive(reach, heard)


@given(_reaches, _heard, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(reach: Reach, heard: list[tuple[int, float]], random: Random) -> None:
    """Late, early or told twice: the same points are kept."""
    again = [*heard, *random.sample(heard, len(heard) // 2)]
    random.shuffle(again)
    assert _put(reach, again) == _put(reach, heard)


@given(_reaches, _heard, st.integers(0, 40))
def test_a_restart_anywhere_changes_nothing(reach: Reach, heard: list[tuple[int, float]], stop: int) -> None:
    """Written down and read again, it goes on as if nothing had been."""
    saved = msgspec.json.encode(_put(reach, heard[:stop]))
    assert _put(reach, heard[stop:], msgspec.json.decode(saved, type=Points)) == _put(reach, heard)


@given(_reaches, _heard)
def test_it_stays_small_and_in_order(reach: Reach, heard: list[tuple[int, float]]) -> None:
    """However much is heard."""
    points = _put(reach, heard)
    times = points.times_ms
    assert all(before < after for before, after in pairwise(times))
    assert points.span_ms <= reach.keep_ms
    assert len(points) <= reach.keep_ms // reach.stretch_ms + 2


def test_what_is_known_or_too_old_changes_nothing() -> None:
    """The very same points are given back: nothing to save."""
    reach = Reach.of(1000, 64)
    points = _put(reach, [(5000, 1.0), (5200, 2.0)])
    assert reach.put(points, 2.0, 5200) is points
    assert reach.put(points, 9.0, 4199) is points
    assert reach.put(points, 9.0, 4200) == Points((4200, 5000, 5200), (9.0, 1.0, 2.0))


def test_where_more_come_than_are_kept_they_are_thinned() -> None:
    """Of a point a second over an hour, one a minute or so is kept, and the newest in any case."""
    reach = Reach.of(3_600_000, 64)
    points = _put(reach, [(second * 1000, 1.0) for second in range(7200)])
    assert 60 <= len(points) <= 66
    assert max(after - before for before, after in pairwise(points.times_ms)) < 60_000
    assert points.times_ms[-1] == 7_199_000


@given(_reaches, _heard, st.integers(0, 100), st.integers(0, 50))
def test_points_can_be_cut_and_moved(reach: Reach, heard: list[tuple[int, float]], until_ms: int, by_ms: int) -> None:
    """Up to a moment and of it; and all of them later."""
    points = _put(reach, heard)
    pairs = list(zip(points.times_ms, points.values, strict=True))
    cut = points.until(until_ms)
    assert list(zip(cut.times_ms, cut.values, strict=True)) == [pair for pair in pairs if pair[0] <= until_ms]
    moved = points.moved(by_ms)
    assert list(zip(moved.times_ms, moved.values, strict=True)) == [(at_ms + by_ms, value) for at_ms, value in pairs]
