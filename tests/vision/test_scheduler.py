"""Who is visited next."""

import random
from itertools import pairwise

import pytest

from vision.scheduler import BACK_OFF_CAP, FIRST_WITHIN_S, Scheduler, Timing
from vision.slots import SLOW_S


def scheduler(
    hosts: dict[str, str], *, interval_s: float = 60, at_once: int = 32, per_host: int = 1, start: bool = True
) -> Scheduler:
    """Cameras by host, all with one interval; they begin at 0."""
    timings = {camera_id: Timing(host=host, interval_s=interval_s, sooner_s=20) for camera_id, host in hosts.items()}
    schedule = Scheduler(timings, at_once=at_once, per_host=per_host, chance=random.Random(1))
    if start:
        schedule.start(0)
    return schedule


def each_alone(number: int) -> dict[str, str]:
    """So many cameras, each its own host."""
    return {f"c{n}": f"h{n}" for n in range(number)}


def take_all(schedule: Scheduler, now: float) -> list[str]:
    """All visits that may begin."""
    taken = []
    while turn := schedule.take(now):
        taken.append(turn.camera_id)
    return taken


def run(
    schedule: Scheduler, until: float, takes_s: dict[str, float], *, default_s: float = 0.1
) -> dict[str, list[float]]:
    """Play the schedule until a time; a visit takes `takes_s` and, if that is 10 or more, fails. Start times."""
    now = 0.0
    ends: list[tuple[float, str]] = []
    starts: dict[str, list[float]] = {}
    while now < until:
        while turn := schedule.take(now):
            starts.setdefault(turn.camera_id, []).append(now)
            ends.append((now + takes_s.get(turn.camera_id, default_s), turn.camera_id))
        ends.sort()
        now += max(min([schedule.wait_s(now), *(end - now for end, _ in ends[:1])]), 1e-6)
        while ends and ends[0][0] <= now:
            camera_id = ends.pop(0)[1]
            schedule.done(camera_id, now, failed=takes_s.get(camera_id, 0) >= 10, sooner=False)
    return starts


def test_the_start_is_spread_over_the_interval() -> None:
    """600 cameras of a minute: about ten each second, none of them later than the first interval."""
    starts = run(scheduler(each_alone(600)), 60, {})
    assert len(starts) == 600
    by_tenth = [sum(6 * n <= first[0] < 6 * (n + 1) for first in starts.values()) for n in range(10)]
    assert min(by_tenth) > 35
    assert max(by_tenth) < 90


def test_every_camera_keeps_its_interval() -> None:
    """A visit begins an interval after the last one ended."""
    starts = run(scheduler(each_alone(5)), 600, {})
    for times in starts.values():
        assert [round(b - a, 3) for a, b in pairwise(times)] == [60.1] * (len(times) - 1)


def test_early_looks_go_first() -> None:
    """Before all that are due, however long; and the due visit of that camera is then not made twice."""
    schedule = scheduler(each_alone(10), at_once=1)
    schedule.look_now("c7", 100)
    turn = schedule.take(100)
    assert turn is not None
    assert (turn.camera_id, turn.early) == ("c7", True)
    schedule.done("c7", 100, failed=False, sooner=False)
    seen = []
    while turn := schedule.take(101):
        seen.append(turn.camera_id)
        schedule.done(turn.camera_id, 101, failed=False, sooner=False)
    assert sorted(seen) == [f"c{n}" for n in range(10) if n != 7]


def test_an_early_look_waits_for_the_visit_that_is_going_on() -> None:
    """One visit at a time to a camera; asked twice is asked once; it may be asked before the start."""
    schedule = scheduler(each_alone(1), start=False)
    schedule.look_now("c0", 0)
    schedule.start(0)
    assert take_all(schedule, 0) == ["c0"]
    schedule.look_now("c0", 1)
    schedule.look_now("c0", 2)
    assert take_all(schedule, 2) == []
    schedule.done("c0", 3, failed=False, sooner=False)
    assert take_all(schedule, 3) == ["c0"]
    schedule.done("c0", 4, failed=False, sooner=False)
    assert take_all(schedule, 4) == []
    with pytest.raises(KeyError):
        schedule.look_now("unknown", 0)


def test_a_host_gets_only_as_many_visits_as_it_may() -> None:
    """The rest of its cameras step aside and hold up nobody else's, and each gets its turn."""
    hosts = {f"nvr-{n}": "nvr" for n in range(20)} | each_alone(3)
    schedule = scheduler(hosts, per_host=2)
    first = take_all(schedule, 60)
    assert sorted(first)[:3] == ["c0", "c1", "c2"]
    assert len(first) == 5
    served = set(first)
    running = [camera_id for camera_id in first if camera_id.startswith("nvr")]
    while running:
        schedule.done(running.pop(0), 61, failed=False, sooner=False)
        more = take_all(schedule, 61)
        assert len(more) <= 1
        running += more
        served |= set(more)
    assert served == set(hosts)


def test_a_stepped_aside_camera_is_not_lost_when_an_early_look_serves_it() -> None:
    """The one behind it comes in instead."""
    schedule = scheduler({"a": "nvr", "b": "nvr", "c": "nvr"})
    first = take_all(schedule, 60)
    waiting = sorted({"a", "b", "c"} - set(first))
    schedule.look_now(waiting[0], 60)
    seen = []
    running = first
    while running:
        schedule.done(running[0], 61, failed=False, sooner=False)
        running = take_all(schedule, 61)
        seen += running
    assert sorted(seen) == waiting


def test_never_more_at_once_than_allowed() -> None:
    """All are due; a slot that comes free is used at once."""
    schedule = scheduler(each_alone(10), at_once=4)
    first = take_all(schedule, 60)
    assert len(first) == 4
    schedule.done(first[0], 60.1, failed=False, sooner=False)
    assert len(take_all(schedule, 60.1)) == 1


def test_slow_visits_give_their_slots_back() -> None:
    """Up to four times as many of them; then there is an end."""
    schedule = scheduler(each_alone(100), at_once=4)
    assert len(take_all(schedule, 60)) == 4
    assert schedule.wait_s(60.1) == pytest.approx(SLOW_S - 0.1)
    now, began = 60.0, 4
    for _ in range(6):
        now += SLOW_S
        began += len(take_all(schedule, now))
    assert began == 4 + 16


def test_dead_hosts_do_not_delay_healthy_cameras() -> None:
    """671 cameras, 34 of them black holes of 10 s each: the others' visits are hardly later than without them."""
    hosts = each_alone(671)
    dead = {f"c{n}": 10.0 for n in range(0, 671, 20)}
    assert len(dead) == 34
    alone, beside = run(scheduler(hosts), 180, {}), run(scheduler(hosts), 180, dead)
    healthy = [camera_id for camera_id in hosts if camera_id not in dead]
    delays = [beside[camera_id][0] - alone[camera_id][0] for camera_id in healthy]
    assert max(delays) < 0.01
    assert all(len(beside[camera_id]) == len(alone[camera_id]) for camera_id in healthy)


def test_a_failing_camera_is_visited_less_and_less_but_always_again() -> None:
    """After 1, 2, 4, 8, 10, 10 … intervals, a tenth more or less; once it answers, every interval again."""
    schedule = scheduler(each_alone(1), interval_s=10)
    now, waits = 10.0, []
    for _ in range(7):
        assert take_all(schedule, now) == ["c0"]
        schedule.done("c0", now, failed=True, sooner=False)
        waits.append(schedule.wait_s(now) / 10)
        now += schedule.wait_s(now)
    for wait, factor in zip(waits, (1, 2, 4, 8, BACK_OFF_CAP, BACK_OFF_CAP, BACK_OFF_CAP), strict=True):
        assert 0.9 * factor <= wait <= 1.1 * factor
    assert len(set(waits)) == 7
    assert take_all(schedule, now) == ["c0"]
    schedule.done("c0", now, failed=False, sooner=False)
    assert schedule.wait_s(now) == 10


def test_sooner_is_sooner_and_never_later() -> None:
    """While something unconfirmed stands there: 20 s instead of 60; a camera of 10 s stays at 10."""
    for interval_s, expected in ((60.0, 20.0), (10.0, 10.0)):
        schedule = scheduler(each_alone(1), interval_s=interval_s)
        assert take_all(schedule, interval_s) == ["c0"]
        schedule.done("c0", interval_s, failed=False, sooner=True)
        assert schedule.wait_s(interval_s) == expected


def test_under_overload_nobody_starves() -> None:
    """Ten times more work than there is time for: all are visited equally often."""
    starts = run(scheduler(each_alone(50), interval_s=1, at_once=1), 100, {}, default_s=0.2)
    visits = [len(times) for times in starts.values()]
    assert max(visits) - min(visits) <= 1


def test_a_sweep_finds_every_camera_due_at_once() -> None:
    """Without the spread: all of them, in no time."""
    schedule = scheduler(each_alone(40), at_once=100, start=False)
    schedule.start(7, spread=False)
    assert len(take_all(schedule, 7)) == 40


def test_an_added_camera_is_visited_soon_and_moves_nobody_else() -> None:
    """Within ten seconds, though its interval is an hour; what the others wait for stays what it was."""
    plain, changed = scheduler(each_alone(20)), scheduler(each_alone(20))
    changed.add("new", Timing(host="new", interval_s=3600, sooner_s=20), 0)
    before, after = run(plain, 200, {}), run(changed, 200, {})
    assert after.pop("new")[0] < FIRST_WITHIN_S
    assert {name: times[0] for name, times in after.items()} == {name: times[0] for name, times in before.items()}


def test_a_changed_interval_holds_from_the_next_visit_on() -> None:
    """A shorter one need not wait for the end of the longer one; nobody else moves."""
    schedule = scheduler(each_alone(2), interval_s=1000, start=False)
    schedule.start(0, spread=False)
    assert sorted(take_all(schedule, 0)) == ["c0", "c1"]
    schedule.change("c0", Timing(host="h0", interval_s=5, sooner_s=20), 1)
    for name in ("c0", "c1"):
        schedule.done(name, 2, failed=False, sooner=False)
    assert take_all(schedule, 6.9) == []
    assert take_all(schedule, 7) == ["c0"]
    schedule.change("c1", Timing(host="h1", interval_s=50, sooner_s=20), 10)
    assert take_all(schedule, 59) == []
    assert take_all(schedule, 60) == ["c1"]


def test_a_removed_camera_is_visited_no_more_and_its_visit_ends_harmlessly() -> None:
    """Whether it is due, asked for, stepped aside, or being visited; its place at the host goes to the next."""
    schedule = scheduler({"a": "nvr", "b": "nvr", "c": "nvr"}, start=False)
    schedule.start(0, spread=False)
    schedule.look_now("c", 0)
    assert take_all(schedule, 0) == ["c"]
    schedule.look_now("a", 0)
    assert take_all(schedule, 0) == []
    schedule.remove("c")
    schedule.remove("a")
    schedule.done("c", 1, failed=False, sooner=True)
    assert take_all(schedule, 1) == ["b"]
    schedule.done("b", 1, failed=False, sooner=False)
    assert take_all(schedule, 60) == []
    assert take_all(schedule, 61) == ["b"]
    with pytest.raises(KeyError):
        schedule.look_now("a", 61)


def test_a_camera_that_gets_another_source_while_it_is_visited_is_visited_again_soon() -> None:
    """At its new host; the failure of the old one is not held against it."""
    schedule = scheduler({"a": "old", "b": "new"}, start=False)
    schedule.start(0, spread=False)
    assert sorted(take_all(schedule, 0)) == ["a", "b"]
    schedule.add("a", Timing(host="new", interval_s=60, sooner_s=20), 1)
    assert take_all(schedule, 1 + FIRST_WITHIN_S) == []
    schedule.done("a", 12, failed=True, sooner=False)
    assert take_all(schedule, 12) == []
    schedule.done("b", 13, failed=False, sooner=False)
    assert take_all(schedule, 13) == ["a"]


def test_a_visit_that_is_put_off_gives_back_its_slot_and_its_place() -> None:
    """The camera is due when it was said, and the next of its host goes ahead."""
    schedule = scheduler({"a": "nvr", "b": "nvr"}, start=False)
    schedule.start(0, spread=False)
    first = schedule.take(0)
    assert first is not None
    schedule.put_off(first.camera_id, 100)
    (second,) = take_all(schedule, 0)
    schedule.done(second, 1, failed=False, sooner=False)
    assert {first.camera_id, second} == {"a", "b"}
    assert take_all(schedule, 60) == []
    assert take_all(schedule, 99) == [second]
    schedule.done(second, 99, failed=False, sooner=False)
    assert take_all(schedule, 100) == [first.camera_id]


def test_a_visit_whose_picture_is_there_counts_however_long_our_own_work_takes() -> None:
    """More visits would only wait longer for the processor; those that wait for their camera make room for others."""
    schedule = scheduler(each_alone(6), at_once=2)
    first = take_all(schedule, 60.0)
    for camera_id in first:
        schedule.arrived(camera_id)
    assert take_all(schedule, 60.0 + 4 * SLOW_S) == []
    schedule.done(first[0], 63.0, failed=False, sooner=False)
    waiting = take_all(schedule, 63.0)
    assert len(waiting) == 1
    assert take_all(schedule, 63.0 + SLOW_S) != []
    schedule.arrived(waiting[0])
    assert take_all(schedule, 63.0 + SLOW_S) == []
