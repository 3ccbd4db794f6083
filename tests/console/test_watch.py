"""How often live pages are made anew."""

import pytest

from console.watch import Rhythm, Watch
from tests.fakes.desk import FakeDesk

RHYTHM = Rhythm(poll_s=0.01, gap_s=0.05, longest_gap_s=0.2)
PATIENCE_S = 60.0


class Stopwatch:
    """Shows what it is set to."""

    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.s


@pytest.mark.parametrize(
    ("took_s", "gap_s"),
    [
        pytest.param(0.01, 0.05, id="quickly made: as often as may be"),
        pytest.param(0.04, 0.12, id="a third of the time at most"),
        pytest.param(9.0, 0.2, id="never longer than people may be left alone"),
    ],
)
async def test_pages_that_take_long_to_be_made_come_less_often(took_s: float, gap_s: float) -> None:
    """All that is made in a turn counts together; a turn in which nothing is made is forgotten by the next."""
    desk, stopwatch = FakeDesk(), Stopwatch()
    watch = Watch(desk, RHYTHM, time_s=stopwatch)

    def make() -> str:
        stopwatch.s += took_s / 2
        return "made"

    with watch:
        assert await watch.changed(0, PATIENCE_S)
        assert [await watch.made(key, make) for key in ("overview", "map", "map")] == ["made"] * 3
        for expected_s in (gap_s, RHYTHM.gap_s):
            turn = watch.turn
            desk.touch()
            assert await watch.changed(turn, PATIENCE_S)
            assert watch.gap_s == pytest.approx(expected_s)
    await watch.close()


async def test_nothing_is_made_any_more_once_it_is_closed() -> None:
    """Who asks then is told so, and does not wait."""
    watch = Watch(FakeDesk(), RHYTHM)
    await watch.close()

    with pytest.raises(RuntimeError, match="shutdown"):
        await watch.made("overview", lambda: "made")
