"""An alarm that stands, and a rule that comes back: what is open is the rule's again, whatever was remembered of it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.case import Alarm
from domain.finding import AlarmState, Finding, Severity
from rules.engine import Engine
from rules.rule import Rule
from tests.rules.city import rules_from, small_city
from tests.rules.every_kind import SITE, every_kind
from tests.rules.timetable import Timetable, clock_ms

SINCE_MS = clock_ms("08:00")
HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
"""
RATE = """
id: hot
kind: rate
for_each: {kind: charger}
metric: temp_c
over: 5m
per: 1m
raise: {above: 10}
clear: {below: 5}
"""
WINDOW = """
id: hot
kind: baseline
for_each: {kind: charger}
metric: temp_c
against: window
over: 10m
raise: {above: 10}
clear: {below: 5}
"""
STUCK = """
id: hot
kind: stuck
for_each: {kind: charger}
metric: temp_c
raise: {above: 1h}
max_gap: 30m
"""
COUNT = """
id: hot
kind: count
for_each: {kind: charger}
metric: temp_c
event: {above: 55}
over: 10m
raise: {above: 3}
"""
TREND = """
id: hot
kind: trend
for_each: {kind: charger}
metric: temp_c
over: 2h
min_span: 1h
raise: {above: 10}
"""
SILENT = """
id: hot
kind: silent
for_each: {kind: charger}
after_intervals: 3
"""


def _alarm(rule_id: str, subject: str, device_id: str) -> Alarm:
    return Alarm(
        id=1, rule_id=rule_id, rule_version="", title_zh="", title_en="", subject=subject, kind="", device_id=device_id,
        state=AlarmState.FIRING, severity=Severity.WARN, since_ms=SINCE_MS, raised_ms=SINCE_MS, seen_ms=SINCE_MS,
    )  # fmt: skip


def _engine(rules: Sequence[Rule], saved: dict[tuple[str, str], bytes], *standing: Alarm) -> Engine:
    known = {(alarm.rule_id, alarm.subject): alarm for alarm in standing}
    return Engine(rules, small_city(), saved=saved, listening_since_ms=SINCE_MS, standing=known)


def _save(engine: Engine, saved: dict[tuple[str, str], bytes]) -> None:
    for key, state in engine.take_dirty().items():
        if state is None:
            saved.pop(key, None)
        else:
            saved[key] = state


def _cool(table: Timetable, minutes: int) -> list[Finding]:
    """Calm values, one a minute, none of them the same as the one before."""
    lines = (f"{9 + minute // 60:02}:{minute % 60:02}  cs-1 temp_c={20 + minute % 2}" for minute in range(minutes))
    return [found for line in lines for found in table.hear(line)]


def test_what_a_rule_remembered_waits_for_it_while_its_alarm_stands(tmp_path: Path) -> None:
    """Its file was gone for one reload; over a restart too. When a person has ended the alarm, all is forgotten."""
    hot, saved, alarm = rules_from(tmp_path, small_city(), HOT), dict[tuple[str, str], bytes](), _alarm(*_CS_1)
    table = Timetable(hot, small_city())
    table.play("08:00  cs-1 temp_c=60   → raised hot cs-1")
    _save(table.engine, saved)
    known = saved["hot", "cs-1"]
    for _ in range(2):
        _save(_engine((), saved, alarm), saved)
        assert saved["hot", "cs-1"] == known
    table.engine = _engine(hot, dict(saved), alarm)
    assert table.engine.knows("hot", "cs-1")
    table.play("08:01  cs-1 temp_c=20   → resolved hot cs-1")

    gone = _engine((), saved, alarm)
    assert not gone.knows("hot", "cs-1")
    assert gone.release("hot", "cs-1", SINCE_MS) == []
    _save(gone, saved)
    assert ("hot", "cs-1") not in saved


_CS_1 = ("hot", "cs-1", "cs-1")


@pytest.mark.parametrize("rule", [HOT, RATE, WINDOW, STUCK, COUNT, TREND, SILENT])
def test_an_alarm_that_nothing_is_remembered_of_ends_by_data(tmp_path: Path, rule: str) -> None:
    """Of whatever kind its rule is now, with nothing in the store, or what another kind has left there."""
    city = small_city()
    for kind in (None, HOT, RATE, STUCK):
        saved = dict[tuple[str, str], bytes]()
        if kind is not None:
            before = Timetable(rules_from(tmp_path, city, kind), city)
            before.hear("08:00  cs-1 temp_c=60")
            _save(before.engine, saved)
        table = Timetable(rules_from(tmp_path, city, rule), city)
        table.engine = _engine(rules_from(tmp_path, city, rule), saved, _alarm(*_CS_1))
        assert table.engine.knows("hot", "cs-1")
        table.saved = saved
        table.restart()
        found = _cool(table, 300)
        assert [finding.change for finding in found if finding.change != "renewed"] == ["resolved"], (rule, kind)
        assert not table.engine.knows("hot", "cs-1")


def test_watches_of_every_kind_take_up_what_stands() -> None:
    """Its severity and since when it stands are as they were, or worse; a person can end it."""
    for rule in every_kind():
        for watch in rule.spec.watches(rule, SITE):
            for severity in Severity:
                watch.adopt(replace(_alarm(*watch.key, watch.device_id), severity=severity))
                assert watch.standing
                assert watch.since_ms == SINCE_MS
                told = watch.release(SINCE_MS + 1)
                assert told is not None
                assert told.since_ms == SINCE_MS
                assert not watch.standing


def test_what_flaps_or_waits_is_not_taken_up_anew(tmp_path: Path) -> None:
    """The alarm is open, and its watch may be down: that is no alarm that nothing is remembered of."""
    city = small_city()
    rules = rules_from(tmp_path, city, HOT + "flapping: {changes: 4, within: 10m}")
    table = Timetable(rules, city)
    for second, value in enumerate((60, 20, 60, 20)):
        table.hear(f"08:00:{second:02}  cs-1 temp_c={value}")
    saved = dict[tuple[str, str], bytes]()
    _save(table.engine, saved)
    engine = _engine(rules, saved, _alarm(*_CS_1))
    assert [state for _, _, state, _ in engine.states()] == [AlarmState.FLAPPING]


def test_the_alarm_over_too_many_is_taken_up(tmp_path: Path) -> None:
    """It ends at the next tick, as nothing waits any more."""
    table = Timetable(rules_from(tmp_path, small_city(), HOT), small_city())
    table.engine = _engine(rules_from(tmp_path, small_city(), HOT), {}, _alarm("hot", "@overflow", "@overflow"))
    assert table.engine.knows("hot", "@overflow")
    table.play("09:00  tick   → resolved hot @overflow")
