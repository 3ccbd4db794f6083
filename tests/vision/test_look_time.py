"""How long it has been between looks, when clocks are set, workers restart and nights pass."""

from itertools import count

import pytest

from tests.fakes.cameras import jpeg
from tests.vision.scenes import BIKES_ZONE, NOON_MS, camera, sensed, street, zone
from vision.detectors.openvino import OpenVino
from vision.look import Terms, Visit, look
from vision.look_time import PROVEN_MS, UNSEEN_MS, LookTime, after, unseen_ms
from vision.memory import CameraMemory, from_bytes, to_bytes
from vision.picture import Picture
from vision.recall import SAVE_WITHIN_MS

MINUTE_MS = 60_000
HOUR_MS = 3_600_000


class Clocks:
    """A camera looked at each minute, by a wall clock that may be set and by workers that may be others."""

    def __init__(self, detector: OpenVino) -> None:
        self._detector = detector
        self._seeds = count()
        self._memory = to_bytes(CameraMemory())
        self.wall_ms = NOON_MS

    def look(self, *, set_by_ms: int = 0, gap_ms: int = MINUTE_MS, restarted: bool = False) -> set[float]:
        """The stays of the two bicycles, `gap_ms` later by a good clock and by `set_by_ms` more on the wall."""
        self.wall_ms += gap_ms + set_by_ms
        visit = Visit(
            camera=camera(zone(BIKES_ZONE)),
            brought=Picture(data=jpeg(sensed(street(), seed=next(self._seeds)))),
            taken_ms=self.wall_ms,
            elapsed_ms=None if restarted else gap_ms,
        )
        taken = look(visit, from_bytes(self._memory), self._detector, Terms(min_score=0.35))
        self._memory = to_bytes(taken.memory)
        return {seen.stay_s for seen in taken.sighting.zones[0].objects}


@pytest.fixture
def clocks(detector: OpenVino) -> Clocks:
    """The first look is a worker's first."""
    clocks = Clocks(detector)
    assert clocks.look(restarted=True) == {0.0}
    return clocks


@pytest.mark.parametrize("step_ms", [HOUR_MS, -HOUR_MS, 5 * MINUTE_MS, -5 * MINUTE_MS, 400 * 24 * HOUR_MS])
def test_a_wall_clock_that_is_set_changes_no_stay(clocks: Clocks, step_ms: int) -> None:
    """Forward or back, while a worker runs: a minute is a minute. No shop is told of an hour that never was."""
    assert clocks.look() == {60.0}
    assert clocks.look(set_by_ms=step_ms) == {120.0}
    assert clocks.look() == {180.0}
    assert clocks.look(set_by_ms=-step_ms) == {240.0}


def test_a_restart_of_minutes_counts(clocks: Clocks) -> None:
    """The wall clock vouches for it, as it must for what a crash leaves behind."""
    clocks.look()
    assert clocks.look(gap_ms=5 * MINUTE_MS, restarted=True) == {360.0}


def test_a_restart_that_the_clock_was_set_in_adds_nothing(clocks: Clocks) -> None:
    """Back by an hour: nothing. On by more than can be proven: nothing, though it is the same bicycle."""
    clocks.look()
    assert clocks.look(set_by_ms=-HOUR_MS, restarted=True) == {60.0}
    assert clocks.look(gap_ms=PROVEN_MS + MINUTE_MS, restarted=True) == {60.0}
    assert clocks.look() == {120.0}


def test_after_a_night_a_stay_begins_anew(clocks: Clocks) -> None:
    """By either clock: nobody has seen the bicycle for hours."""
    clocks.look()
    assert clocks.look(gap_ms=8 * HOUR_MS, restarted=True) == {0.0}
    clocks.look()
    assert clocks.look(gap_ms=8 * HOUR_MS) == {0.0}


@pytest.mark.parametrize(
    ("wall_step_ms", "elapsed_ms", "own_step_ms"),
    [
        (MINUTE_MS, MINUTE_MS, MINUTE_MS),
        (HOUR_MS, MINUTE_MS, MINUTE_MS),
        (-HOUR_MS, MINUTE_MS, MINUTE_MS),
        (-HOUR_MS, None, 0),
        (PROVEN_MS, None, PROVEN_MS),
        (PROVEN_MS + 1, None, 0),
        (UNSEEN_MS, None, 0),
        (UNSEEN_MS + 1, None, UNSEEN_MS + 1),
    ],
)
def test_the_steps_of_a_cameras_own_time(wall_step_ms: int, elapsed_ms: int | None, own_step_ms: int) -> None:
    """As the module says; and it never goes back."""
    begun = LookTime(own_ms=NOON_MS, wall_ms=NOON_MS)
    later = after(begun, taken_ms=NOON_MS + wall_step_ms, elapsed_ms=elapsed_ms, interval_s=60)
    assert later == LookTime(own_ms=NOON_MS + own_step_ms, wall_ms=NOON_MS + wall_step_ms)


def test_it_begins_with_the_wall_clock() -> None:
    """So a memory of an earlier version, whose places are known by wall time, is read as it was meant."""
    assert after(LookTime(), taken_ms=NOON_MS, elapsed_ms=None, interval_s=60) == LookTime(
        own_ms=NOON_MS, wall_ms=NOON_MS
    )


def test_a_camera_that_is_seldom_looked_at_forgets_later() -> None:
    """Three intervals, if these are longer than a quarter of an hour."""
    assert unseen_ms(60) == UNSEEN_MS
    assert unseen_ms(600) == 1_800_000


def test_what_a_crash_leaves_behind_can_be_worked_out_again() -> None:
    """A memory is saved at least as often as a gap can be vouched for."""
    assert SAVE_WITHIN_MS <= PROVEN_MS
