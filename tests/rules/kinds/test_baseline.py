"""`kind: baseline`, told as timetables."""

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.load import Site
from domain.clock import utc
from domain.errors import ConfigError
from domain.finding import Change, Finding, Severity
from domain.reading import Reading
from rules.engine import Engine
from rules.files import Rule
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms, told

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
DAY = 144
"""Values in a day."""


def _table(tmp_path: Path, *rules: str) -> Timetable:
    return Timetable(rules_from(tmp_path, SITE, *rules), SITE)


def _play(
    rule: Rule, metric: str, series: Callable[[int], float | None], count: int, *, site: Site = SITE
) -> list[Finding]:
    """A value every ten minutes, a function of its number; None: it is not heard."""
    engine = Engine([rule], site, saved={}, listening_since_ms=0)
    found: list[Finding] = []
    for number in range(count):
        at_ms = clock_ms("00:00") + number * 600_000
        if (value := series(number)) is None:
            continue
        metrics: dict[str, float | int | bool] = {metric: value}
        found += engine.observe(
            Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics=metrics)
        )
    assert not engine.faults
    return found


def _day(finding: Finding) -> float:
    return (finding.at_ms - clock_ms("00:00")) / 86_400_000


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


def _sun(number: int) -> float:
    """A sensor that leans by a degree from night to noon, as its electronics warm up."""
    return 2 + 0.5 * math.sin(math.tau * number / DAY)


def test_what_follows_the_sun_is_no_change(tmp_path: Path) -> None:
    """A sway of a degree a day is never a lean, and a lean of 0.3 on top of it is noticed within the hour."""
    rule = rules_from(tmp_path, SITE, SAME_HOUR)[0]
    assert _play(rule, "tilt_deg", _sun, 9 * DAY) == []
    found = _play(rule, "tilt_deg", lambda number: _sun(number) + (0.4 if number >= 5 * DAY else 0), 6 * DAY)
    assert found[0].change is Change.RAISED
    assert 5 < _day(found[0]) < 5 + 2 / 24


def test_it_is_not_judged_before_it_knows_three_days(tmp_path: Path) -> None:
    """A lean on the third day is judged by nobody; one on the fourth is."""
    rule = rules_from(tmp_path, SITE, SAME_HOUR)[0]
    assert _play(rule, "tilt_deg", lambda number: 2.0 if number < 2.5 * DAY else 2.9, 3 * DAY) == []
    found = _play(rule, "tilt_deg", lambda number: 2.0 if number < 3.5 * DAY else 2.9, 4 * DAY)
    assert 3.5 < _day(found[0]) < 3.5 + 2 / 24


def test_an_offence_never_becomes_what_is_usual(tmp_path: Path) -> None:
    """A tree that leans stays an alarm for weeks; when it stands again, the days before it leant still count."""
    rule = rules_from(tmp_path, SITE, SAME_HOUR)[0]
    leaning = range(5 * DAY, 26 * DAY)
    found = _play(rule, "tilt_deg", lambda number: _sun(number) + (0.4 if number in leaning else 0), 27 * DAY)
    steps = [step for step in found if step.change is not Change.RENEWED]
    assert [step.change for step in steps] == [Change.RAISED, Change.RESOLVED]
    assert 26 < _day(steps[1]) < 26 + 1 / 24
    again = _play(
        rule,
        "tilt_deg",
        lambda number: _sun(number) + (0.4 if number in leaning or number > 26.5 * DAY else 0),
        27 * DAY,
    )
    assert 26.5 < _day([step for step in again if step.change is Change.RAISED][-1]) < 26.5 + 1.5 / 24


def test_an_hour_is_one_of_the_clocks_there(tmp_path: Path) -> None:
    """In India hours begin at half past ours: what is odd in even hours only is no change there, and would be here."""
    india = replace(SITE, timezone=ZoneInfo("Asia/Kolkata"))
    by_hour = partial(_by_hour, india.timezone)
    rule = SAME_HOUR.replace("smooth: 20m", "smooth: 0s")
    assert _play(rules_from(tmp_path, india, rule)[0], "tilt_deg", by_hour, 5 * DAY, site=india) == []
    assert _play(rules_from(tmp_path, SITE, rule)[0], "tilt_deg", by_hour, 5 * DAY) != []


def _by_hour(zone: tzinfo, number: int) -> float:
    """Jumps by a degree at each full hour, up and down."""
    now = utc(clock_ms("00:00") + number * 600_000).astimezone(zone)
    return 2.0 + (now.hour % 2) + 0.3 * (now.minute >= 30)


def test_what_was_wrong_is_not_learned(tmp_path: Path) -> None:
    """With one day to compare with: two hours of lean are no part of it, so that the next day is not odd."""
    rule = SAME_HOUR + "days: 1\nmin_days: 1"
    lean = range(DAY + 50, DAY + 62)  # from 08:20 to 10:20
    found = _play(
        rules_from(tmp_path, SITE, rule)[0], "tilt_deg", lambda number: 2.4 if number in lean else 2.0, 3 * DAY
    )
    steps = [step.change for step in found if step.change is not Change.RENEWED]
    assert steps == [Change.RAISED, Change.RESOLVED]


def test_a_persons_word_makes_the_new_place_the_usual_one(tmp_path: Path) -> None:
    """A sensor that was screwed on anew begins to learn from nothing."""
    engine = Engine(rules_from(tmp_path, SITE, SAME_HOUR), SITE, saved={}, listening_since_ms=0)
    found: list[str] = []
    for number in range(9 * DAY):
        at_ms = clock_ms("00:00") + number * 600_000
        lean = 2.0 if number < 4 * DAY else 7.0
        if number == 4 * DAY + 36:
            found += map(told, engine.release("lean", "tree-1", at_ms))
        metrics: dict[str, float | int | bool] = {"tilt_deg": lean}
        steps = engine.observe(
            Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics=metrics)
        )
        found += [told(step) for step in steps if step.change is not Change.RENEWED]
    assert found == ["raised lean tree-1", "resolved lean tree-1"]


def test_against_the_hours_before(tmp_path: Path) -> None:
    """Soil that loses a fifth of what it held this morning; it takes three quarters of the window to know that."""
    rule = rules_from(tmp_path, SITE, WINDOW)[0]
    found = _play(rule, "soil_vwc_pct", lambda number: 30 if number < 30 else 24, 60)
    assert found[0].at_ms == clock_ms("05:00")
    assert (found[0].value, found[0].limit) == (-6, -5)
    assert _play(rule, "soil_vwc_pct", lambda number: 30 if number < 12 else 24, 60) == []
    assert _play(rule, "soil_vwc_pct", lambda number: 30 + number / 5, 60) == []


def test_a_gap_starts_the_hours_before_anew(tmp_path: Path) -> None:
    """Of what lies across an hour of silence nobody knows whether it is still what is usual."""
    rule = rules_from(tmp_path, SITE, WINDOW)[0]
    assert _play(rule, "soil_vwc_pct", lambda number: None if 30 <= number < 36 else 30 - number // 30 * 6, 60) == []


def test_while_it_stands_time_stands_still_for_what_was_before(tmp_path: Path) -> None:
    """A drought of two days is ended by rain, not by being two days old; and the next one is noticed at once."""
    rule = rules_from(tmp_path, SITE, WINDOW)[0]
    dry = range(DAY, 3 * DAY)
    found = _play(rule, "soil_vwc_pct", lambda number: 24 if number in dry or number > 3 * DAY + 6 else 30, 4 * DAY)
    steps = [(step.change, _day(step)) for step in found if step.change is not Change.RENEWED]
    assert [change for change, _ in steps] == [Change.RAISED, Change.RESOLVED, Change.RAISED]
    assert [day for _, day in steps] == pytest.approx([1, 3, 3 + 7 / DAY])


@pytest.mark.parametrize("rule", [LEAN, SAME_HOUR, WINDOW.replace("soil_vwc_pct", "tilt_deg")])
def test_a_restart_anywhere_changes_nothing(tmp_path: Path, rule: str) -> None:
    """Torn at every value, the steps are those of an engine that never stopped."""
    through, torn = _table(tmp_path, rule), _table(tmp_path, rule)
    for hour in range(24 * 5):
        for minute in (0, 20, 40):
            lean = 1.8 + (hour % 50) / 60 - (0.7 if hour > 100 else 0)
            at_ms = clock_ms(f"{hour // 24}d {hour % 24:02}:{minute:02}")
            metrics: dict[str, float | int | bool] = {"tilt_deg": lean}
            reading = Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics=metrics)
            assert torn.engine.observe(reading) == through.engine.observe(reading)
            torn.restart()


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
