"""`kind: baseline` against what was learned: the same hour of other days, the hours before."""

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
from domain.finding import Change, Finding
from domain.reading import Reading
from rules.engine import Engine
from rules.files import Rule
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms, told

SITE = small_city()
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


@pytest.mark.parametrize("rule", [SAME_HOUR, WINDOW.replace("soil_vwc_pct", "tilt_deg")])
def test_a_restart_anywhere_changes_nothing(tmp_path: Path, rule: str) -> None:
    """Torn at every value, the steps are those of an engine that never stopped."""
    rules = rules_from(tmp_path, SITE, rule)
    through, torn = Timetable(rules, SITE), Timetable(rules, SITE)
    for hour in range(24 * 5):
        for minute in (0, 20, 40):
            lean = 1.8 + (hour % 50) / 60 - (0.7 if hour > 100 else 0)
            at_ms = clock_ms(f"{hour // 24}d {hour % 24:02}:{minute:02}")
            metrics: dict[str, float | int | bool] = {"tilt_deg": lean}
            reading = Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics=metrics)
            assert torn.engine.observe(reading) == through.engine.observe(reading)
            torn.restart()
