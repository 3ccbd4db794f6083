"""`kind: baseline`, told as timetables."""

import logging
from pathlib import Path

import pytest

from domain.errors import ConfigError
from domain.finding import Change, Severity
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms

SITE = small_city()
LEAN = """
id: lean
kind: baseline
for_each: {kind: tree}
metric: tilt_deg
against: installation
smooth: 20m
levels:
  notice: {raise: {above: 0.25}, clear: {below: 0.15}, for: 30m}
  warn: {raise: {above: 0.5}, clear: {below: 0.35}, for: 30m}
  critical: {raise: {above: 1.5}, samples: 2, latch: true}
"""
SAME_HOUR = """
id: lean
kind: baseline
for_each: {kind: tree}
metric: tilt_deg
against: same_hour
smooth: 20m
raise: {above: 0.25}
clear: {below: 0.15}
for: 30m
"""
WINDOW = """
id: drying
kind: baseline
for_each: {kind: tree}
metric: soil_vwc_pct
against: window
over: 6h
both_ways: false
raise: {below: -5}
clear: {above: -3}
"""


def _table(tmp_path: Path, *rules: str) -> Timetable:
    return Timetable(rules_from(tmp_path, SITE, *rules), SITE)


def test_a_lean_that_lasts_is_noticed_and_a_gust_is_not(tmp_path: Path) -> None:
    """Installed at 1.8 degrees: 0.3 more for half an hour is a notice; 40 degrees once are nothing."""
    found = _table(tmp_path, LEAN).play(
        """
        08:00  tree-1 tilt_deg=1.8
        08:10  tree-1 tilt_deg=1.8
        08:20  tree-1 tilt_deg=41.8
        08:30  tree-1 tilt_deg=1.8
        08:40  tree-1 tilt_deg=1.5
        08:50  tree-1 tilt_deg=1.5
        09:00  tree-1 tilt_deg=1.5
        09:10  tree-1 tilt_deg=1.5
        09:20  tree-1 tilt_deg=1.5      → raised lean tree-1
        09:30  tree-1 tilt_deg=1.8      → renewed lean tree-1
        09:40  tree-1 tilt_deg=1.8      → resolved lean tree-1
        """
    )
    assert (found[0].value, found[0].limit, found[0].severity) == (0.3, 0.25, Severity.NOTICE)
    assert found[0].since_ms == clock_ms("08:50")
    assert found[0].limit_source == "rules.yaml:11 lean"


def test_it_becomes_critical_and_stays_so_until_a_person_ends_it(tmp_path: Path) -> None:
    """Two samples of the median; what swings back has torn its roots all the same."""
    table = _table(tmp_path, LEAN)
    found = table.play(
        """
        08:00  tree-1 tilt_deg=2.4
        08:10  tree-1 tilt_deg=2.4
        08:20  tree-1 tilt_deg=2.4
        08:30  tree-1 tilt_deg=2.4
        08:40  tree-1 tilt_deg=2.4
        08:50  tree-1 tilt_deg=2.4      → raised lean tree-1
        09:00  tree-1 tilt_deg=3.4      → renewed lean tree-1
        09:10  tree-1 tilt_deg=3.4      → renewed lean tree-1
        09:20  tree-1 tilt_deg=3.4      → renewed lean tree-1
        09:30  tree-1 tilt_deg=1.8      → renewed lean tree-1
        09:40  tree-1 tilt_deg=1.8
        09:50  tree-1 tilt_deg=1.8
        """
    )
    assert [step.severity for step in found[:3]] == [Severity.WARN, Severity.WARN, Severity.WARN]
    assert (found[3].severity, found[3].latch) == (Severity.CRITICAL, True)
    released = table.engine.release("lean", "tree-1", clock_ms("10:00"))
    assert [(step.change, step.severity) for step in released] == [(Change.RESOLVED, Severity.CRITICAL)]
    table.play("10:10  tree-1 tilt_deg=1.8\n10:20  tree-1 tilt_deg=1.8")


def test_after_a_gap_a_hold_begins_anew(tmp_path: Path) -> None:
    """So does the median: two values after a gap are no median yet, and those from before it are none of it."""
    _table(tmp_path, LEAN.replace("smooth: 20m", "smooth: 1h")).play(
        """
        08:00  tree-1 tilt_deg=2.1
        08:10  tree-1 tilt_deg=2.1
        08:20  tree-1 tilt_deg=2.1
        08:51  tree-1 tilt_deg=2.1
        09:01  tree-1 tilt_deg=2.1
        09:11  tree-1 tilt_deg=2.1
        09:21  tree-1 tilt_deg=2.1
        09:31  restart
        09:31  tree-1 tilt_deg=2.1
        09:41  tree-1 tilt_deg=2.1      → raised lean tree-1
        """
    )


def test_without_smoothing_each_value_counts(tmp_path: Path) -> None:
    """And a gap breaks the hold all the same; what is no finite number says nothing."""
    _table(tmp_path, LEAN.replace("smooth: 20m", "smooth: 0s")).play(
        """
        08:00  tree-1 tilt_deg=2.1
        08:10  tree-1 tilt_deg=inf
        08:20  tree-1 tilt_deg=inf
        08:51  tree-1 tilt_deg=2.1
        09:01  tree-1 tilt_deg=2.1
        09:21  tree-1 tilt_deg=2.1      → raised lean tree-1
        """
    )


def test_without_a_baseline_it_cannot_speak(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And says so once, at the start."""
    with caplog.at_level(logging.WARNING):
        table = _table(tmp_path, LEAN)
    assert [record.getMessage() for record in caplog.records] == [
        "rule lean cannot speak for tree-2: no baseline of tilt_deg"
    ]
    table.play("\n".join(f"08:{minute}0  tree-2 tilt_deg=40" for minute in range(6)))


@pytest.mark.parametrize(
    ("rule", "old", "new", "said"),
    [
        (LEAN, "smooth: 20m", "smooth: 10m", "line 9: .*smooth is 600 s, but values come every 600 s.*so 1200 s"),
        (LEAN, "smooth: 20m", "over: 1d", "line 9: .*over is given, but only against: window"),
        (LEAN, "smooth: 20m", "days: 3", "line 9: .*days is given, but only against: same_hour"),
        (LEAN, "above: 0.25", "below: 0.25", "line 11: .*has no sign"),
        (SAME_HOUR, "smooth: 20m", "min_days: 8", "line 9: .*min_days is 8, more than days, 7"),
        (WINDOW, "over: 6h", "smooth: 1h", "line 8: .*against is 'window'; over must say how long"),
        (WINDOW, "over: 6h", "over: 30m", "line 9: .*over is 1800 s, but smooth is 0 s and values come every 600 s"),
        (WINDOW, "below: -5", "below: -500", "line 11: .*raise is below -500"),
    ],
)
def test_what_can_not_be_is_refused(tmp_path: Path, rule: str, old: str, new: str, said: str) -> None:
    """With its line."""
    with pytest.raises(ConfigError, match=said):
        _table(tmp_path, rule.replace(old, new))
