"""`kind: trend`, told as timetables."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import ConfigError
from domain.finding import Change, Finding
from domain.reading import Reading
from rules.engine import Engine
from rules.files import Rule
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms

CREEP = """
id: creep
kind: trend
for_each: {kind: tree}
metric: tilt_deg
over: 7d
min_span: 3d
both_ways: true
raise: {above: 0.05}
clear: {below: 0.03}
"""
HOUR_MS = 3_600_000
SITE = small_city()


def _play(rule: Rule, tilt: Callable[[float], float | None], hours: float, *, every_min: int = 10) -> list[Finding]:
    """A tree whose lean is a function of the day, heard every so many minutes; None: it is not heard."""
    engine = Engine([rule], SITE, saved={}, listening_since_ms=0)
    found: list[Finding] = []
    for minute in range(0, round(hours * 60), every_min):
        lean = tilt(minute / 1440)
        if lean is None:
            continue
        at_ms = clock_ms("00:00") + minute * 60_000
        found += engine.observe(
            Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics={"tilt_deg": lean})
        )
    assert not engine.faults
    return found


@pytest.fixture(name="creep")
def _creep(tmp_path: Path) -> Rule:
    return rules_from(tmp_path, SITE, CREEP)[0]


def test_a_tree_that_creeps_is_noticed_after_three_days(creep: Rule) -> None:
    """0.06 degrees a day, under a swing of 0.3 with the sun: raised as soon as three days are known, in either way."""
    for per_day in (0.06, -0.06):
        found = _play(creep, partial(_creeping, per_day), 24 * 5)
        assert found[0].change is Change.RAISED
        assert clock_ms("3d 00:00") <= found[0].at_ms <= clock_ms("3d 06:00")
        assert found[0].value == pytest.approx(0.06, abs=1e-5)
        assert (found[0].limit, found[0].limit_source) == (0.05, "rules.yaml:11 creep")


def _creeping(per_day: float, day: float) -> float:
    return 2 + per_day * day + 0.15 * math.sin(math.tau * day)


def test_it_is_judged_when_a_piece_is_full_and_ends_when_it_stands_still(creep: Rule) -> None:
    """Every 3 hours, once a piece; when it has long been still again, it clears."""
    found = _play(creep, lambda day: 2 + 0.06 * min(day, 4), 24 * 12)
    assert [step.change for step in found if step.change is not Change.RENEWED] == [Change.RAISED, Change.RESOLVED]
    assert {step.at_ms % (3 * HOUR_MS) for step in found} == {0}
    assert clock_ms("7d 00:00") < found[-1].at_ms < clock_ms("10d 00:00")


def test_a_sway_with_the_sun_is_no_trend(creep: Rule) -> None:
    """A degree up and down each day, for two weeks."""
    assert _play(creep, lambda day: 2 + math.sin(math.tau * day), 24 * 14) == []


def test_a_gap_of_more_than_a_day_starts_anew(creep: Rule) -> None:
    """Two days and then two days are not three; a gap of half a day is borne."""
    assert _play(creep, lambda day: None if 2 < day < 3.2 else 2 + 0.06 * day, 24 * 6) == []
    found = _play(creep, lambda day: None if 2 < day < 2.5 else 2 + 0.06 * day, 24 * 4)
    assert clock_ms("3d 00:00") <= found[0].at_ms <= clock_ms("3d 06:00")


def test_of_a_piece_the_median_counts(creep: Rule) -> None:
    """A value at the end of each piece that runs away alone is not the trend."""
    assert _play(creep, lambda day: 2 + 5 * day if round(day * 144) % 18 == 11 else 2.0, 24 * 4) == []


def test_a_few_pieces_of_three_days_are_not_three_days(creep: Rule) -> None:
    """A sensor that speaks once in 22 hours is heard too seldom."""
    assert _play(creep, lambda day: 2 + 0.06 * day, 24 * 9, every_min=22 * 60) == []


def test_the_window_stays_small(creep: Rule) -> None:
    """A week is 56 medians and one piece in the making."""
    engine = Engine([creep], SITE, saved={}, listening_since_ms=0)
    for minute in range(0, 21 * 1440, 10):
        metrics: dict[str, float | int | bool] = {"tilt_deg": 1.8 + minute % 7 / 1000}
        engine.observe(
            Reading(
                kind="tree", device_id="tree-1", at_ms=minute * 60_000, received_ms=minute * 60_000, metrics=metrics
            )
        )
    state = engine.take_dirty()["creep", "tree-1"]
    assert state is not None
    assert len(state) < 2500


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.sampled_from([0.0, 0.04, 0.06, -0.08]))
def test_a_fifth_of_wild_values_changes_nothing(creep: Rule, random: Random, per_day: float) -> None:
    """Whatever one in five values says, and wherever they lie, the trend is raised or not as without them."""
    count = 504
    wild = {number: random.choice([-80.0, 80.0, 0.0]) for number in random.sample(range(count), count // 5)}
    found = _play(creep, lambda day: wild.get(round(day * 144), 2 + per_day * day), count / 6)
    assert bool(found) == (abs(per_day) >= 0.05)


def test_a_restart_anywhere_changes_nothing(creep: Rule, tmp_path: Path) -> None:
    """A table that is torn in the middle of a piece, and of the window, goes on as if nothing had been."""
    del creep
    table = Timetable(rules_from(tmp_path, SITE, CREEP), SITE)
    lines = [f"{hour // 24}d {hour % 24:02}:00  tree-1 tilt_deg={2 + 0.06 * hour / 24:.4f}" for hour in range(73)]
    for line in lines:
        table.play(line)
        table.restart()
    table.play("3d 02:00  tree-1 tilt_deg=2.2  → raised creep tree-1")


def test_pieces_of_another_length_are_forgotten(tmp_path: Path) -> None:
    """Ten hours in many pieces are not a week in as many, when the rule has been rewritten."""
    fast = CREEP.replace("over: 7d\nmin_span: 3d", "over: 10h\nmin_span: 4h").replace("above: 0.05", "above: 5")
    before = Timetable(rules_from(tmp_path, SITE, fast), SITE)
    after = Timetable(rules_from(tmp_path, SITE, CREEP), SITE)
    for minute in range(0, 20 * 60, 10):
        before.play(f"{minute // 60:02}:{minute % 60:02}  tree-1 tilt_deg={2 + 0.9 * minute / 1440:.5f}")
    before.restart()
    after.saved = before.saved
    after.restart()
    for hour in range(20, 24):
        after.play(f"{hour}:10  tree-1 tilt_deg=2.8")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("min_span: 8d", "line 9: .*min_span is 691200 s, more than over, 604800 s"),
        ("min_span: 1h", "line 9: .*min_span is 3600 s, but values come every 600 s: 0 pieces, and 8 make a trend"),
        ("metric: humidity", "line 7: .*metric is 'humidity'"),
        ("raise: {above: 500}", "line 11: .*raise is above 500"),
    ],
)
def test_what_can_never_be_is_refused(tmp_path: Path, change: str, said: str) -> None:
    """With its line."""
    key = change.split(":", maxsplit=1)[0]
    rule = "\n".join(change if line.startswith(key) else line for line in CREEP.strip().splitlines())
    with pytest.raises(ConfigError, match=said):
        rules_from(tmp_path, SITE, rule)
