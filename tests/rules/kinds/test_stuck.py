"""`kind: stuck`, told as timetables."""

from pathlib import Path

import pytest

from domain.errors import ConfigError
from domain.finding import Severity
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms

FROZEN = """
id: frozen
kind: stuck
for_each: {kind: tree}
metric: soil_vwc_pct
raise: {above: 1h}
"""


def _table(tmp_path: Path, *rules: str) -> Timetable:
    site = small_city()
    return Timetable(rules_from(tmp_path, site, *rules), site)


def _same(first: str, last: str, value: float) -> str:
    """The same value every ten minutes, from then until then."""
    start, end = clock_ms(first), clock_ms(last)
    minutes = range(start // 60_000, end // 60_000 + 1, 10)
    midnight = clock_ms("00:00") // 60_000
    return "\n".join(
        f"{(minute - midnight) // 60:02}:{(minute - midnight) % 60:02}  tree-1 soil_vwc_pct={value}"
        for minute in minutes
    )


def test_a_value_that_never_changes(tmp_path: Path) -> None:
    """Raised when it has been the same for an hour, since when it has; ended by the first that differs."""
    table = _table(tmp_path, FROZEN)
    table.play(_same("08:00", "08:50", 21.3))
    found = table.play(
        """
        09:00  tree-1 soil_vwc_pct=21.3     → raised frozen tree-1
        09:10  tree-1 soil_vwc_pct=21.3     → renewed frozen tree-1
        09:20  tree-1 soil_vwc_pct=21.4     → resolved frozen tree-1
        09:30  tree-1 soil_vwc_pct=21.3
        """
    )
    assert (found[0].since_ms, found[0].at_ms) == (clock_ms("08:00"), clock_ms("09:00"))
    assert (found[0].value, found[0].limit) == (3600, 3600)
    assert (found[1].since_ms, found[1].value) == (clock_ms("08:00"), 4200)
    assert found[2].value == 0


def test_within_the_band_it_has_not_changed(tmp_path: Path) -> None:
    """The last digit of a converter may flicker; what creeps out of the band has moved."""
    flicker = FROZEN.replace("id: frozen", "id: flat") + "band: 0.1"
    table = _table(tmp_path, flicker, FROZEN)
    table.play(
        """
        08:00  tree-1 soil_vwc_pct=21.3
        08:10  tree-1 soil_vwc_pct=21.35
        08:20  tree-1 soil_vwc_pct=21.3
        08:30  tree-1 soil_vwc_pct=21.25
        08:40  tree-1 soil_vwc_pct=21.3
        08:50  tree-1 soil_vwc_pct=21.35
        09:00  tree-1 soil_vwc_pct=21.3     → raised flat tree-1
        09:10  tree-1 soil_vwc_pct=21.4     → resolved flat tree-1
        """
    )


def test_silence_is_not_stuck(tmp_path: Path) -> None:
    """Across a gap nobody knows what it was: the hour counts anew."""
    table = _table(tmp_path, FROZEN)
    table.play(_same("08:00", "08:30", 21.3))
    table.play(_same("09:01", "09:51", 21.3))
    table.play("10:01  tree-1 soil_vwc_pct=21.3  → raised frozen tree-1")


def test_a_gap_neither_ends_nor_renews_it(tmp_path: Path) -> None:
    """The same value after it may be the same fault; only a change ends it, be it the first value after the gap."""
    silent = "id: silent\nkind: silent\nfor_each: {kind: tree}\nafter_intervals: 4"
    table = _table(tmp_path, FROZEN, silent)
    table.play(_same("08:00", "08:50", 21.3))
    table.play(
        """
        09:00  tree-1 soil_vwc_pct=21.3     → raised frozen tree-1
        12:00  tick                         → raised silent tree-1; raised silent tree-2; stale frozen tree-1
        12:10  tree-1 soil_vwc_pct=21.3     → resolved silent tree-1
        12:20  restart
        """
    )
    table.play(_same("12:20", "13:00", 21.3))
    table.play(
        """
        13:10  tree-1 soil_vwc_pct=21.3     → renewed frozen tree-1
        15:10  tree-1 soil_vwc_pct=21.2     → resolved frozen tree-1
        """
    )


def test_it_gets_worse_with_time(tmp_path: Path) -> None:
    """Levels are times: a notice after one hour, a warning after two."""
    rule = FROZEN.replace("raise: {above: 1h}", "levels: {notice: {raise: {above: 1h}}, warn: {raise: {above: 2h}}}")
    table = _table(tmp_path, rule)
    table.play(_same("08:00", "08:50", 21.3))
    found = table.play("09:00  tree-1 soil_vwc_pct=21.3  → raised frozen tree-1")
    for minute in range(70, 120, 10):
        table.play(f"{8 + minute // 60:02}:{minute % 60:02}  tree-1 soil_vwc_pct=21.3  → renewed frozen tree-1")
    found += table.play("10:00  tree-1 soil_vwc_pct=21.3  → renewed frozen tree-1")
    assert [step.severity for step in found] == [Severity.NOTICE, Severity.WARN]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("raise: {above: 5m}", "line 8: .*raise is above 5m, but values come every 600 s: every one would raise"),
        ("raise: {above: 3600}", "line 8: .*is a time: write it with its unit"),
        ("raise: {below: 1h}", "line 8: .*what is stuck is raised above a time"),
        ("raise: {above: 1h}\nclear: {below: 30m}", "line 9: .*what is stuck ends by a change"),
        ("raise: {above: 1h}\nband: -1", "line 9: .*greater than or equal to 0"),
    ],
)
def test_what_can_not_be_is_refused(tmp_path: Path, change: str, said: str) -> None:
    """With its line."""
    with pytest.raises(ConfigError, match=said):
        _table(tmp_path, FROZEN.replace("raise: {above: 1h}", change))


def test_a_switch_is_never_stuck(tmp_path: Path) -> None:
    """Smoke that has been false for a year is good news."""
    rule = FROZEN.replace("kind: tree", "kind: charger").replace("soil_vwc_pct", "smoke")
    with pytest.raises(ConfigError, match=r"line 7: .*'smoke', a switch; a stuck needs a number"):
        _table(tmp_path, rule)
