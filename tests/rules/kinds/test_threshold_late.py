"""`kind: threshold` and values that come after newer ones."""

from pathlib import Path

from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms

HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
"""
SMOKE = """
id: burning
kind: threshold
for_each: {kind: charger}
metric: smoke
raise: {equals: true}
latch: true
"""


def test_late_smoke_is_smoke(tmp_path: Path) -> None:
    """A retry that comes behind a newer `false` raises once, at its own time; the newer word does not undo it."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, SMOKE), site)
    found = table.play(
        """
        08:00:00               cs-1 smoke=false
        08:00:01  at 07:59:58  cs-1 smoke=true      → raised burning cs-1
        08:00:02  at 07:59:58  cs-1 smoke=true
        08:00:03  at 07:59:59  cs-1 smoke=true
        08:00:04  at 07:59:59  cs-1 smoke=false
        08:00:30               cs-1 smoke=false
        """
    )
    assert (found[0].at_ms, found[0].since_ms) == (clock_ms("07:59:58"), clock_ms("07:59:58"))
    assert table.engine.late == 4


def test_a_clock_that_went_back_hides_no_smoke(tmp_path: Path) -> None:
    """Three hours back after a reset, every value is late until time catches up; smoke counts all the same."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, SMOKE), site).play(
        """
        08:00:00               cs-1/2 smoke=false
        08:00:30  at 05:00:30  cs-1/2 smoke=false
        08:01:00  at 05:01:00  cs-1/2 smoke=true    → raised burning cs-1/2
        08:01:30  at 05:01:30  cs-1/2 smoke=true
        """
    )


def test_of_a_back_fill_newest_first_smoke_is_raised_once(tmp_path: Path) -> None:
    """What is older than `max_age`, by our clock and by the device's, is history."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, SMOKE + "max_age: 1h"), site).play(
        """
        08:00:00               cs-1 smoke=false
        08:00:00  at 06:59:59  cs-1 smoke=true
        08:00:00  at 07:40:00  cs-1 smoke=false
        08:00:00  at 07:20:00  cs-1 smoke=true      → raised burning cs-1
        08:00:00  at 07:10:00  cs-1 smoke=false
        08:00:00  at 07:00:00  cs-1 smoke=true
        """
    )


def test_a_late_value_told_again_is_nothing_new(tmp_path: Path) -> None:
    """Not after the alarm was cleared, nor after a restart; and never one from before what was told already."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, HOT + "severity: critical"), site).play(
        """
        08:00:00               cs-1 temp_c=20
        08:00:01  at 07:59:00  cs-1 temp_c=60       → raised hot cs-1
        08:00:10               cs-1 temp_c=20       → resolved hot cs-1
        08:00:11  at 07:59:00  cs-1 temp_c=60
        08:00:12               restart
        08:00:13  at 07:59:00  cs-1 temp_c=60
        08:00:14  at 07:58:00  cs-1 temp_c=70
        08:00:20               cs-1 temp_c=61       → raised hot cs-1
        08:00:30               cs-1 temp_c=52
        08:00:31  at 08:00:25  cs-1 temp_c=62
        08:00:40               cs-1 temp_c=20       → resolved hot cs-1
        08:00:41  at 08:00:20  cs-1 temp_c=61
        08:00:42  at 08:00:25  cs-1 temp_c=62
        08:00:43  at 08:00:35  cs-1 temp_c=55       → raised hot cs-1
        """
    )


def test_what_needs_more_than_one_value_hears_none_late(tmp_path: Path) -> None:
    """A hold or a row of values cannot be pieced together from late ones, however grave the rule."""
    site = small_city()
    held = HOT.replace("id: hot", "id: held") + "for: 30s\nseverity: critical"
    row = HOT.replace("id: hot", "id: row") + "samples: 2\nseverity: critical"
    Timetable(rules_from(tmp_path, site, held, row, HOT), site).play(
        """
        08:00:00               cs-1 temp_c=20
        08:00:01  at 07:58:00  cs-1 temp_c=60
        08:00:02  at 07:58:40  cs-1 temp_c=60
        """
    )
