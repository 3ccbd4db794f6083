"""That what is kept from people never hides what is grave, nor for longer than is known to be needed."""

from pathlib import Path

import pytest

from domain.finding import AlarmState
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable

HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
"""
HOTTER = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
levels:
  warn: {raise: {above: 55}, clear: {below: 50}}
  critical: {raise: {above: 70}, clear: {below: 60}}
"""
LEAK = HOT.replace("id: hot", "id: leaking").replace("temp_c", "residual_ma") + "max_gap: 2m"
SILENT = "id: silent\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 3\n"
SIX_TURNS = """
08:00:00  cs-1 temp_c=60   → raised hot cs-1
08:00:30  cs-1 temp_c=20   → resolved hot cs-1
08:01:00  cs-1 temp_c=60   → raised hot cs-1
08:01:30  cs-1 temp_c=20   → resolved hot cs-1
08:02:00  cs-1 temp_c=60   → raised hot cs-1
08:02:30  cs-1 temp_c=20   → flapping hot cs-1
"""


def _table(folder: Path, *rules: str) -> Timetable:
    site = small_city()
    return Timetable(rules_from(folder, site, *rules), site)


@pytest.mark.parametrize("grave", ["severity: critical", "latch: true"])
def test_what_is_grave_is_inhibited_by_nothing(tmp_path: Path, grave: str) -> None:
    """Critical or latched, it is told beside what inhibits the rest."""
    _table(tmp_path, HOT + f"inhibited_by: [leaking]\n{grave}", LEAK).play(
        "08:00  cs-1 temp_c=60 residual_ma=60   → raised hot cs-1; raised leaking cs-1"
    )


def test_what_is_held_back_is_told_at_once_when_it_becomes_critical(tmp_path: Path) -> None:
    """The milder level waits, the critical one does not."""
    found = _table(tmp_path, HOTTER + "inhibited_by: [leaking]", LEAK).play(
        """
        08:00:00  cs-1 temp_c=60 residual_ma=60   → raised leaking cs-1
        08:00:30  cs-1 temp_c=65 residual_ma=60
        08:00:31  restart
        08:01:00  cs-1 temp_c=75                  → raised hot cs-1
        """
    )
    assert found[-1].severity == "critical"


def test_an_alarm_of_which_nothing_is_heard_inhibits_nobody(tmp_path: Path) -> None:
    """Neither one that is stale, nor one whose metric alone is no longer sent while its device speaks."""
    _table(tmp_path, HOT + "inhibited_by: [leaking]", LEAK).play(
        """
        08:00:00  cs-1 temp_c=20 residual_ma=60   → raised leaking cs-1
        08:01:00  cs-1 temp_c=60
        08:02:00  cs-1 temp_c=60
        08:02:00  tick
        08:02:01  cs-1 temp_c=60                  → raised hot cs-1
        """
    )
    slow = LEAK.replace("max_gap: 2m", "max_gap: 1d")
    _table(tmp_path, HOT + "inhibited_by: [leaking]", slow, SILENT).play(
        """
        08:00:00  cs-1 temp_c=60 residual_ma=60   → raised leaking cs-1
        08:01:29  tick
        08:01:30  tick   → raised silent cs-1; stale leaking cs-1; raised hot cs-1; stale hot cs-1
        """
    )


def test_what_stands_still_flaps_no_more(tmp_path: Path) -> None:
    """As long beyond its limit as six turns in an hour lie apart: people are told that it burns, not that it flaps."""
    table = _table(tmp_path, HOT + "severity: critical")
    table.play(SIX_TURNS)
    table.play(
        """
        08:03:00  cs-1 temp_c=90
        08:12:30  cs-1 temp_c=90
        08:12:31  restart
        08:13:00  cs-1 temp_c=90   → renewed hot cs-1
        """
    )
    assert [state for _, _, state, _ in table.engine.states()] == [AlarmState.FIRING]


def test_what_is_worse_than_was_told_flaps_no_more(tmp_path: Path) -> None:
    """At its first value, with its severity; what comes and goes once more as bad as that is nothing new."""
    table = _table(tmp_path, HOTTER)
    table.play(SIX_TURNS)
    found = table.play(
        """
        08:03:00  cs-1 temp_c=75   → renewed hot cs-1
        """
    )
    assert [finding.severity for finding in found] == ["critical"]
    assert [state for _, _, state, _ in table.engine.states()] == [AlarmState.FIRING]
    table.play(
        """
        08:03:30  cs-1 temp_c=20   → flapping hot cs-1
        08:04:00  cs-1 temp_c=75
        """
    )


@pytest.mark.parametrize("last", ["60", "20"])
def test_what_flaps_is_stale_in_silence(tmp_path: Path, last: str) -> None:
    """Told once, whichever way it was up or down; heard again it flaps on, or is steady, by data alone."""
    table = _table(tmp_path, HOT, SILENT)
    table.play(SIX_TURNS)
    table.play(
        f"""
        08:03:00     cs-1 temp_c={last}
        08:04:30     tick                  → raised silent cs-1; stale hot cs-1
        08:04:31     restart
        08:04:40     tick
        """
    )
    assert AlarmState.STALE in {state for rule, _, state, _ in table.engine.states() if rule == "hot"}
    table.play("08:05:00  cs-1 temp_c=20   → resolved silent cs-1; flapping hot cs-1")
    table.play("08:06:30  tick             → raised silent cs-1; stale hot cs-1")
    table.play("2d 08:00  tick")
    table.play("2d 08:01  cs-1 temp_c=20   → resolved silent cs-1; resolved hot cs-1")


def test_what_flapped_ends_by_time_while_its_device_speaks(tmp_path: Path) -> None:
    """Its last word was calm, and no turn counts any more: it needs no other value of that metric."""
    table = _table(tmp_path, HOT, SILENT)
    table.play(SIX_TURNS)
    for minute in range(3, 61):
        table.play(f"08:{minute:02}:00  cs-1 smoke=false" if minute < 60 else "09:00:00  cs-1 smoke=false")
    table.play(
        """
        09:00:59  tick
        09:01:30  cs-1 smoke=false
        09:01:30  tick               → resolved hot cs-1
        """
    )
