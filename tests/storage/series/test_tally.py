"""Requests are counted by their answer, and by how long they took."""

import pytest

from storage.series.tally import RequestTally


class _Watch:
    """A stopwatch that is set by hand."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_times_fall_into_growing_buckets() -> None:
    """A bound counts all that took no longer; what is longer than every bound is in the sum and the count alone."""
    watch = _Watch()
    tally = RequestTally(monotonic_s=watch)
    for code, took_s in (("204", 0.004), ("204", 0.05), ("503", 0.3), ("none", 15.0)):
        end = tally.begin()
        watch.now_s += took_s
        end(code)
    figures = tally.figures()

    within = dict(figures.within)
    assert (within[0.005], within[0.025], within[0.05], within[0.25], within[0.5], within[10.0]) == (1, 1, 2, 2, 3, 3)
    assert list(within.values()) == sorted(within.values())
    assert figures.codes == {"204": 2, "503": 1, "none": 1}
    assert figures.count == 4
    assert figures.took_s == pytest.approx(15.354)


def test_a_block_that_raises_has_failed() -> None:
    """For a store that has no codes of its own."""
    tally = RequestTally(monotonic_s=_Watch())
    with tally.watched():
        pass
    with pytest.raises(ZeroDivisionError), tally.watched():
        raise ZeroDivisionError

    assert tally.figures().codes == {"stored": 1, "failed": 1}
