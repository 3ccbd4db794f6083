"""`kind: count`, told as timetables."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import ConfigError
from domain.finding import Change, Severity
from domain.reading import Reading
from rules.engine import Engine
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms

SAWING = """
id: sawing
kind: count
for_each: {kind: tree}
metric: vibration_rms_g
event: {above: 0.3}
over: 10m
raise: {above: 3}
clear: {below: 2}
"""
SITE = small_city()
DOOR = """
id: door
kind: count
for_each: {kind: charger}
metric: door_open
event: {equals: true}
edge: true
over: 10m
raise: {above: 2}
"""


def _table(tmp_path: Path, *rules: str) -> Timetable:
    site = small_city()
    return Timetable(rules_from(tmp_path, site, *rules), site)


def test_three_in_ten_minutes(tmp_path: Path) -> None:
    """Three or more raise it; it clears as values come and fewer than two are left."""
    found = _table(tmp_path, SAWING).play(
        """
        08:00  tree-1 vibration_rms_g=0.4
        08:04  tree-1 vibration_rms_g=0.1
        08:05  tree-1 vibration_rms_g=0.3
        08:10  tree-1 vibration_rms_g=0.5   → raised sawing tree-1
        08:11  tree-1 vibration_rms_g=0.6   → renewed sawing tree-1
        08:16  tree-1 vibration_rms_g=0.0
        08:20  tree-1 vibration_rms_g=0.0
        08:21  tree-1 vibration_rms_g=0.0   → resolved sawing tree-1
        08:32  tree-1 vibration_rms_g=0.0
        """
    )
    assert [step.value for step in found] == [3, 3, 1]
    assert (found[0].limit, found[0].limit_source) == (3, "rules.yaml:10 sawing")


def test_events_far_apart_never_add_up(tmp_path: Path) -> None:
    """One every six minutes is never three in ten."""
    _table(tmp_path, SAWING).play(
        "\n".join(f"{8 + minute // 60:02}:{minute % 60:02}  tree-1 vibration_rms_g=0.9" for minute in range(0, 200, 6))
    )


def test_silence_ends_nothing(tmp_path: Path) -> None:
    """After a gap the window is not known: it clears only when ten minutes have been heard again."""
    silent = "id: silent\nkind: silent\nfor_each: {kind: tree}\nafter_intervals: 4"
    _table(tmp_path, SAWING, silent).play(
        """
        08:00  tree-1 vibration_rms_g=0.4
        08:01  tree-1 vibration_rms_g=0.4
        08:02  tree-1 vibration_rms_g=0.4   → raised sawing tree-1
        09:00  tick                         → raised silent tree-1; raised silent tree-2; stale sawing tree-1
        09:10  tree-1 vibration_rms_g=0.0   → resolved silent tree-1
        09:15  restart
        09:19  tree-1 vibration_rms_g=0.0
        09:20  tree-1 vibration_rms_g=0.0   → resolved sawing tree-1
        """
    )


def test_an_event_before_a_gap_counts(tmp_path: Path) -> None:
    """A gap hides events, it makes none."""
    rule = SAWING.replace("over: 10m", "over: 2h")
    _table(tmp_path, rule).play(
        """
        08:00  tree-1 vibration_rms_g=0.4
        08:50  tree-1 vibration_rms_g=0.4
        09:40  tree-1 vibration_rms_g=0.4   → raised sawing tree-1
        """
    )


def test_with_edge_a_row_is_one_event(tmp_path: Path) -> None:
    """A door that stands open is opened once, however often it says so."""
    _table(tmp_path, DOOR).play(
        """
        08:00:00  cs-1 door_open=true
        08:00:30  cs-1 door_open=true
        08:01:00  cs-1 door_open=true
        08:01:30  cs-1 door_open=false
        08:02:00  cs-1 door_open=true       → raised door cs-1
        08:02:30  cs-1 door_open=true
        """
    )


def test_an_edge_is_remembered_as_long_as_it_lasts(tmp_path: Path) -> None:
    """A row that is longer than the window is no second event, after a restart neither."""
    table = _table(tmp_path, DOOR)
    for minute in range(20):
        table.play(f"08:{minute:02}  cs-1 door_open=true")
        table.restart()
    table.play("08:20  cs-1 door_open=false\n08:21  cs-1 door_open=true")
    table.play("08:22  cs-1 door_open=false\n08:23  cs-1 door_open=true  → raised door cs-1")


def test_one_strike_is_a_warning_three_are_critical(tmp_path: Path) -> None:
    """One alarm, as bad as the number is high."""
    rule = SAWING.replace("raise: {above: 3}\nclear: {below: 2}\n", "") + (
        "levels:\n  warn: {raise: {above: 1}}\n  critical: {raise: {above: 3}, clear: {below: 1}}\n"
    )
    found = _table(tmp_path, rule).play(
        """
        08:00  tree-1 vibration_rms_g=0.4   → raised sawing tree-1
        08:01  tree-1 vibration_rms_g=0.4   → renewed sawing tree-1
        08:02  tree-1 vibration_rms_g=0.4   → renewed sawing tree-1
        08:11  tree-1 vibration_rms_g=0
        08:13  tree-1 vibration_rms_g=0     → resolved sawing tree-1
        """
    )
    assert [step.severity for step in found] == [Severity.WARN, Severity.WARN, Severity.CRITICAL, Severity.CRITICAL]


def test_late_events_count_at_their_own_time(tmp_path: Path) -> None:
    """With `lateness`, values are heard in the order of their own time, in whichever they come."""
    table = _table(tmp_path, SAWING + "lateness: 5m")
    table.play(
        """
        08:00            tree-1 vibration_rms_g=0.4
        08:04            tree-1 vibration_rms_g=0.4
        08:05  at 08:02  tree-1 vibration_rms_g=0.4
        08:08            tree-1 vibration_rms_g=0
        """
    )
    found = table.play("08:09  tree-1 vibration_rms_g=0  → raised sawing tree-1")
    assert found[0].at_ms == clock_ms("08:04")


def test_where_nothing_happens_nothing_is_remembered(tmp_path: Path) -> None:
    """A quiet tree costs nothing, before and after."""
    table = _table(tmp_path, SAWING)
    table.play("08:00  tree-1 vibration_rms_g=0.1\n08:01  tree-1 vibration_rms_g=0.4")
    assert table.engine.take_dirty()["sawing", "tree-1"] is not None
    table.play("08:12  tree-1 vibration_rms_g=0.1\n08:13  tree-1 vibration_rms_g=0.1")
    table.restart()
    assert ("sawing", "tree-1") not in table.saved


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=60))
def test_it_is_what_one_would_count(tmp_path: Path, steps: list[tuple[int, bool]]) -> None:
    """Against a list of all events there ever were: raised at three, cleared below two, whatever the times."""
    engine = Engine(rules_from(tmp_path, SITE, SAWING + "flapping: never"), SITE, saved={}, listening_since_ms=0)
    at_ms, events, stands = 0, list[int](), False
    for minutes, event in steps:
        at_ms += minutes * 60_000
        events += [at_ms] if event else []
        found = engine.observe(
            Reading(
                kind="tree",
                device_id="tree-1",
                at_ms=at_ms,
                received_ms=at_ms,
                metrics={"vibration_rms_g": event * 0.5},
            )
        )
        count = sum(at_ms - 600_000 <= each for each in events)
        raised, cleared = not stands and count >= 3, stands and count < 2
        assert [step.change for step in found if step.change is not Change.RENEWED] == (
            [Change.RAISED] if raised else [Change.RESOLVED] if cleared else []
        )
        stands = (stands or raised) and not cleared


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("event: {above: 0.3}", "event: {equals: true}", "line 8: .*but the metric is a number"),
        ("event: {above: 0.3}", "event: {above: 99}", "line 8: .*event is above 99, but the metric's values lie"),
        ("raise: {above: 3}", "raise: {below: 3}", "line 10: .*the number of events has no sign"),
        ("raise: {above: 3}", "raise: {above: 65}", "line 10: .*raise is above 65, but the number of events's values"),
        ("over: 10m", "over: 0s", "line 9: .*greater than 0"),
        ("clear: {below: 2}", "clear: {below: 4}", "line 11: .*wrong side"),
    ],
)
def test_what_can_not_be_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    """With its line."""
    with pytest.raises(ConfigError, match=said):
        _table(tmp_path, SAWING.replace(old, new))
