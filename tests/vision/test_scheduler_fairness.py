"""Who is visited how often when there is not time for all."""

import heapq
import random
import time
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision.scheduler import EARLY_IN_A_ROW, Scheduler, Timing, Turn
from vision.slots import SLOW_S

AT_ONCE = 1


def schedule_of(intervals_s: dict[str, float], *, at_once: int = AT_ONCE) -> Scheduler:
    """Cameras by their interval, each its own host; they begin at 0."""
    timings = {name: Timing(host=name, interval_s=own, sooner_s=20) for name, own in intervals_s.items()}
    schedule = Scheduler(timings, at_once=at_once, per_host=1, chance=random.Random(1))
    schedule.start(0)
    return schedule


def play(
    schedule: Scheduler, *, takes_s: float, until: float, at_each_turn: Callable[[float], None] = lambda _now: None
) -> list[Turn]:
    """All turns until then, where every visit takes so long."""
    assert takes_s < SLOW_S
    turns: list[Turn] = []
    ends: list[tuple[float, str]] = []
    now = 0.0
    while now < until:
        while turn := schedule.take(now):
            turns.append(turn)
            at_each_turn(now)
            heapq.heappush(ends, (now + takes_s, turn.camera_id))
        now = min(now + max(schedule.wait_s(now), 1e-6), ends[0][0] if ends else until)
        while ends and ends[0][0] <= now:
            schedule.done(heapq.heappop(ends)[1], now, failed=False, sooner=False)
    return turns


def time_for(share: float, intervals_s: dict[str, float]) -> float:
    """How long a visit takes, if there is to be time for this share of them all."""
    return AT_ONCE / sum(1 / interval_s for interval_s in intervals_s.values()) / share


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([0.1, 0.15, 0.3, 0.6, 0.9, 1.2]), min_size=40, max_size=100))
def test_with_time_for_half_of_the_visits_every_camera_has_half_of_its_own(intervals: list[float]) -> None:
    """Whatever the mix of intervals: to a visit and a half, and a twentieth."""
    own = {f"c{n}": interval_s for n, interval_s in enumerate(intervals)}
    turns = play(schedule_of(own), takes_s=time_for(0.5, own), until=12)
    visits = Counter(turn.camera_id for turn in turns)
    for name, interval_s in own.items():
        assert visits[name] == pytest.approx(0.5 * 12 / interval_s, rel=0.05, abs=1.5)


def test_a_flood_of_re_checks_leaves_a_third_of_the_visits_to_the_others() -> None:
    """The cameras nobody asks about are still visited, and equally often; the re-checks have the rest."""
    own = dict.fromkeys((f"c{n}" for n in range(60)), 0.6)
    asked = [f"c{n}" for n in range(10)]
    schedule = schedule_of(own)

    def ask(now: float) -> None:
        for name in asked:
            schedule.look_now(name, now)

    turns = play(schedule, takes_s=time_for(0.3, own), until=60, at_each_turn=ask)
    early = [turn for turn in turns if turn.early]
    assert len(early) / len(turns) == pytest.approx(EARLY_IN_A_ROW / (EARLY_IN_A_ROW + 1), abs=0.01)
    others = Counter(turn.camera_id for turn in turns if turn.camera_id not in asked)
    assert len(others) == 50
    assert max(others.values()) - min(others.values()) <= 1


def test_a_recovered_schedule_does_not_catch_up() -> None:
    """What was not visited for want of time is not visited twice as often afterwards."""
    own = dict.fromkeys((f"c{n}" for n in range(20)), 0.5)
    schedule = schedule_of(own)
    for second in range(1, 100):  # one visit a second, of 40 wished
        late = schedule.take(second)
        assert late is not None
        schedule.done(late.camera_id, second, failed=False, sooner=False)
    visits = Counter[str]()
    for tick in range(2000):
        now = 100 + tick / 100
        while turn := schedule.take(now):
            visits[turn.camera_id] += 1
            schedule.done(turn.camera_id, now, failed=False, sooner=False)
    assert all(38 <= visits[name] <= 41 for name in own)


def test_a_sweep_of_a_city_costs_the_schedule_nothing_to_speak_of() -> None:
    """671 cameras due at once, 34 of them dead: far less than 0.3 ms a look for taking turns and ending them."""
    own = dict.fromkeys((f"c{n}" for n in range(671)), 60.0)
    timings = {name: Timing(host=name, interval_s=60, sooner_s=20) for name in own}
    schedule = Scheduler(timings, at_once=32, per_host=1, chance=random.Random(1))
    schedule.start(0, spread=False)
    dead = {f"c{n}" for n in range(0, 671, 20)}
    now, running, taken = 0.0, [], 0
    began = time.process_time()
    while taken < len(own):
        while turn := schedule.take(now):
            taken += 1
            if turn.camera_id not in dead:
                running.append(turn.camera_id)
        schedule.wait_s(now)
        now += 0.02
        for name in running:
            schedule.done(name, now, failed=False, sooner=False)
        running = []
    assert (time.process_time() - began) / len(own) < 0.000_15
