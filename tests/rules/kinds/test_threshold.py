"""`kind: threshold`, told as timetables."""

import logging
from pathlib import Path

import pytest

from domain.finding import Change
from rules.files import load_rules
from tests.rules.city import rules_from, shipped, small_city
from tests.rules.timetable import Timetable, clock_ms

HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
"""


def test_a_limit_holds_when_reached_and_clears_when_passed(tmp_path: Path) -> None:
    """On the edge the alarm wins: 55 raises, 50 does not clear; between the two nothing changes."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, HOT), site).play(
        """
        08:00:00  cs-1/1 temp_c=54.9
        08:00:30  cs-1/1 temp_c=55      → raised hot cs-1/1
        08:01:00  cs-1/1 temp_c=52
        08:01:20  cs-1/1 temp_c=50
        08:01:25  cs-1/1 temp_c=49.9    → resolved hot cs-1/1
        08:02:00  cs-1/1 temp_c=54
        """
    )


def test_ports_and_the_device_itself_are_subjects_of_their_own(tmp_path: Path) -> None:
    """A device with ports has one alarm for each, and they never touch each other."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, HOT), site).play(
        """
        08:00:00  cs-1/1 temp_c=60      → raised hot cs-1/1
        08:00:00  cs-1/2 temp_c=20
        08:00:01  cs-1 temp_c=70        → raised hot cs-1
        08:00:30  cs-1/2 temp_c=61      → raised hot cs-1/2
        08:00:31  cs-1/1 temp_c=20      → resolved hot cs-1/1
        """
    )
    assert [(step.device_id, step.port) for step in found[:2]] == [("cs-1", 1), ("cs-1", None)]


def test_part_narrows_a_rule_to_ports_or_to_devices(tmp_path: Path) -> None:
    """What is too much for a socket is little for a station."""
    site = small_city()
    ports = HOT.replace("{kind: charger}", "{kind: charger, part: port}").replace("id: hot", "id: port-hot")
    whole = HOT.replace("{kind: charger}", "{kind: charger, part: device}").replace("id: hot", "id: cabinet-hot")
    Timetable(rules_from(tmp_path, site, ports, whole), site).play(
        """
        08:00:00  cs-1 temp_c=60        → raised cabinet-hot cs-1
        08:00:00  cs-1/3 temp_c=60      → raised port-hot cs-1/3
        """
    )


def test_a_hold_counts_the_devices_own_time(tmp_path: Path) -> None:
    """`for` is measured between readings; one below the limit starts it over."""
    site = small_city()
    rule = HOT + "for: 30s\nmax_gap: 2m"
    found = Timetable(rules_from(tmp_path, site, rule), site).play(
        """
        08:00:00  cs-1/1 temp_c=60
        08:00:20  cs-1/1 temp_c=60
        08:00:25  cs-1/1 temp_c=52
        08:00:30  cs-1/1 temp_c=60
        08:00:59  cs-1/1 temp_c=60
        08:01:00  cs-1/1 temp_c=60      → raised hot cs-1/1
        """
    )
    assert (found[0].since_ms, found[0].at_ms) == (clock_ms("08:00:30"), clock_ms("08:01:00"))


def test_a_gap_is_never_counted_as_held(tmp_path: Path) -> None:
    """Longer than max_gap without a reading: the hold begins anew; exactly max_gap is still a hold."""
    site = small_city()
    rule = HOT + "for: 3m\nmax_gap: 2m"
    Timetable(rules_from(tmp_path, site, rule), site).play(
        """
        08:00:00  cs-1/1 temp_c=60
        08:02:01  cs-1/1 temp_c=60
        08:04:01  cs-1/1 temp_c=60
        08:05:01  cs-1/1 temp_c=60      → raised hot cs-1/1
        """
    )


def test_without_max_gap_three_intervals_are_the_longest_hold(tmp_path: Path) -> None:
    """The station speaks every 30 s: 91 s without a word break the hold."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, HOT + "for: 2m"), site).play(
        """
        08:00:00  cs-1/1 temp_c=60
        08:01:31  cs-1/1 temp_c=60
        08:02:10  cs-1/1 temp_c=60
        08:03:31  cs-1/1 temp_c=60      → raised hot cs-1/1
        """
    )


def test_a_day_of_drought_that_is_back_filled_is_raised_once_in_event_time() -> None:
    """26 hourly points in one minute raise soil-dry at the hour when the 24 hours were full, and only once."""
    site = small_city()
    points = "\n".join(
        f"2d 09:00  at {hour // 24}d {hour % 24:02}:00  tree-1 soil_vwc_pct=11"
        + (" → raised soil-dry tree-1" if hour == 24 else " → renewed soil-dry tree-1" if hour > 24 else "")
        for hour in range(26)
    )
    found = Timetable(load_rules(shipped("trees"), site), site).play(points)
    assert found[0].change is Change.RAISED
    assert (found[0].since_ms, found[0].at_ms) == (clock_ms("00:00"), clock_ms("1d 00:00"))


def test_a_back_fill_with_a_hole_in_it_is_no_drought() -> None:
    """Four hours without a point are not known to be dry: the 24 hours start after them."""
    site = small_city()
    hours = [*range(9), *range(12, 26)]
    points = "\n".join(f"2d 09:00  at {hour // 24}d {hour % 24:02}:00  tree-1 soil_vwc_pct=11" for hour in hours)
    Timetable(load_rules(shipped("trees"), site), site).play(points)


def test_late_readings_neither_raise_nor_clear(tmp_path: Path) -> None:
    """What is older than the newest of its metric is history, however bad or good it looks."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, HOT), site)
    table.play(
        """
        08:10:00               cs-1/1 temp_c=20
        08:10:01  at 08:09:59  cs-1/1 temp_c=90
        08:11:00               cs-1/1 temp_c=60      → raised hot cs-1/1
        08:11:01  at 08:10:30  cs-1/1 temp_c=20
        08:11:02               cs-1/1 temp_c=20      → resolved hot cs-1/1
        """
    )
    assert table.engine.late == 2


def test_metrics_have_clocks_of_their_own() -> None:
    """A slow metric that arrives after a fast one is not late."""
    site = small_city()
    Timetable(load_rules(shipped("trees"), site), site).play(
        """
        08:10            tree-1 tilt_deg=1.8
        08:11  at 08:05  tree-1 battery_pct=9   → raised tree-battery tree-1
        """
    )


def test_of_two_values_of_one_moment_the_worse_one_counts() -> None:
    """A device whose clock knows only seconds says no smoke and smoke in one of them: that is smoke."""
    site = small_city()
    Timetable(load_rules(shipped("chargers"), site), site).play(
        """
        08:00:00  cs-1 smoke=false
        08:00:00  cs-1 smoke=true       → raised charger-smoke cs-1
        08:00:00  cs-1 smoke=false
        08:00:00  cs-1 smoke=true
        08:00:01  cs-1/1 temp_c=66      → raised charger-hot cs-1/1
        08:00:01  cs-1/1 temp_c=20
        08:00:02  cs-1/1 temp_c=20      → resolved charger-hot cs-1/1
        """
    )


def test_a_latched_alarm_ends_only_by_a_persons_word() -> None:
    """Smoke that is gone, silence and a restart leave it; after the word the next smoke is a new alarm."""
    site = small_city()
    table = Timetable(load_rules(shipped("chargers"), site), site, listening_since="07:59")
    found = table.play(
        """
        08:00:00  cs-1 smoke=true       → raised charger-smoke cs-1
        08:00:30  cs-1 smoke=false
        08:00:31  cs-1 offline          → raised charger-silent cs-1; raised charger-silent-after-danger cs-1
        08:01:00  restart
        08:01:01  cs-1 smoke=false      → resolved charger-silent cs-1; resolved charger-silent-after-danger cs-1
        08:02:00  cs-1 smoke=true       → renewed charger-smoke cs-1
        """
    )
    assert found[0].latch
    released = table.engine.release("charger-smoke", "cs-1", clock_ms("08:03"))
    assert [(step.change, step.since_ms) for step in released] == [(Change.RESOLVED, clock_ms("08:00"))]
    assert table.engine.release("charger-smoke", "cs-1", clock_ms("08:03")) == []
    table.play("08:04:00  cs-1 smoke=true  → raised charger-smoke cs-1")


def test_samples_are_in_a_row() -> None:
    """One odd value of tilt is not enough, nor are two with a good one or a long gap between; two in a row are."""
    site = small_city()
    lean = [rule for rule in load_rules(shipped("trees"), site) if rule.id == "tree-tilt"]
    found = Timetable(lean, site).play(
        """
        08:00  tree-1 tilt_deg=3.4
        08:10  tree-1 tilt_deg=1.8
        08:20  tree-1 tilt_deg=3.4
        08:51  tree-1 tilt_deg=3.4
        09:01  tree-1 tilt_deg=-0.3     → raised tree-tilt tree-1
        09:02  tree-1 tilt_deg=1.8
        """
    )
    assert (found[0].value, found[0].limit) == (2.1, 1.5)


def test_a_device_without_a_baseline_is_listed_and_not_judged(caplog: pytest.LogCaptureFixture) -> None:
    """Absolute lean says nothing: without a baseline the rule cannot speak, and says so once, at the start."""
    site = small_city()
    with caplog.at_level(logging.WARNING):
        table = Timetable(load_rules(shipped("trees"), site), site)
    said = [record.getMessage() for record in caplog.records if "tree-tilt" in record.getMessage()]
    assert said == ["rule tree-tilt cannot speak for tree-2: no baseline of tilt_deg"]
    table.play("08:00  tree-2 tilt_deg=40\n08:10  tree-2 tilt_deg=40\n08:50  tree-2 tilt_deg=40")


def test_a_firing_alarm_is_renewed_once_a_minute(tmp_path: Path) -> None:
    """Newer evidence is told, but not every second; a value between the limits is no evidence."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, HOT), site).play(
        """
        08:00:00  cs-1/1 temp_c=60      → raised hot cs-1/1
        08:00:30  cs-1/1 temp_c=60
        08:00:59  cs-1/1 temp_c=60
        08:01:00  cs-1/1 temp_c=60      → renewed hot cs-1/1
        08:01:59  cs-1/1 temp_c=60
        08:02:30  cs-1/1 temp_c=52
        08:02:31  cs-1/1 temp_c=56      → renewed hot cs-1/1
        """
    )


def test_a_finding_says_which_number_won_and_where_it_stands(tmp_path: Path) -> None:
    """一树一策: a port's own limit wins over its station's, that over the rule's; each names file and line."""
    site = small_city()
    rule = HOT + "overrides:\n  cs-1: {raise: {above: 70}, clear: {below: 65}}\n  cs-1/2:\n    raise: {above: 80}\n"
    found = Timetable(rules_from(tmp_path, site, rule), site).play(
        """
        08:00:00  cs-1/1 temp_c=75      → raised hot cs-1/1
        08:00:00  cs-1/2 temp_c=75
        08:00:30  cs-1/2 temp_c=80      → raised hot cs-1/2
        08:00:40  cs-1/1 temp_c=66
        08:00:50  cs-1/1 temp_c=64      → resolved hot cs-1/1
        08:00:50  cs-1/2 temp_c=51
        """
    )
    assert [step.limit for step in found[:2]] == [70, 80]
    assert found[0].limit_source == "rules.yaml:11 hot cs-1"
    assert found[1].limit_source == "rules.yaml:13 hot cs-1/2"


def test_what_is_not_a_number_says_nothing(tmp_path: Path) -> None:
    """A NaN that slipped through neither raises nor clears."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, HOT), site).play(
        """
        08:00:00  cs-1/1 temp_c=nan
        08:00:30  cs-1/1 temp_c=60      → raised hot cs-1/1
        08:01:00  cs-1/1 temp_c=nan
        """
    )


def test_equals_takes_either_position(tmp_path: Path) -> None:
    """`equals: false` is raised by false and ended by true."""
    site = small_city()
    rule = "id: opened\nkind: threshold\nfor_each: {kind: charger}\nmetric: relay_on\nraise: {equals: false}"
    Timetable(rules_from(tmp_path, site, rule), site).play(
        """
        08:00:00  cs-1/1 relay_on=true
        08:00:30  cs-1/1 relay_on=false → raised opened cs-1/1
        08:01:00  cs-1/1 relay_on=true  → resolved opened cs-1/1
        """
    )
