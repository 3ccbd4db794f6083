"""`kind: threshold` with several severities in one rule, told as timetables."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from domain.finding import CasePolicy, Change, Finding
from rules.engine import Engine
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms

HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
levels:
  notice: {raise: {above: 45}, clear: {below: 40}}
  warn: {raise: {above: 55}, clear: {below: 50}}
  critical: {raise: {above: 65}, clear: {below: 60}}
"""
TILT = """
id: tilt
kind: threshold
for_each: {kind: tree}
metric: tilt_deg
relative_to: baseline
levels:
  notice: {raise: {above: 0.25}, clear: {below: 0.15}, for: 30m}
  warn: {raise: {above: 0.5}, clear: {below: 0.35}, for: 30m}
  critical: {raise: {above: 1.5}, samples: 2, latch: true}
"""


def _worded(findings: Sequence[Finding]) -> list[str]:
    return [f"{finding.change} {finding.severity} {finding.limit:g}" for finding in findings]


def test_one_alarm_goes_up_and_down_the_levels(tmp_path: Path) -> None:
    """Each way it is told at once that it got worse or better; between clear and raise nothing changes."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, HOT), site).play(
        """
        08:00:00  cs-1/1 temp_c=44.9
        08:00:10  cs-1/1 temp_c=45      → raised hot cs-1/1
        08:00:20  cs-1/1 temp_c=54
        08:00:30  cs-1/1 temp_c=55      → renewed hot cs-1/1
        08:00:40  cs-1/1 temp_c=66      → renewed hot cs-1/1
        08:00:50  cs-1/1 temp_c=60
        08:01:00  cs-1/1 temp_c=59      → renewed hot cs-1/1
        08:01:10  cs-1/1 temp_c=64
        08:01:20  cs-1/1 temp_c=50
        08:01:30  cs-1/1 temp_c=49      → renewed hot cs-1/1
        08:01:40  cs-1/1 temp_c=40
        08:01:50  cs-1/1 temp_c=39      → resolved hot cs-1/1
        """
    )
    assert _worded(found) == [
        "raised notice 45",
        "renewed warn 55",
        "renewed critical 65",
        "renewed warn 55",
        "renewed notice 45",
        "resolved notice 45",
    ]
    assert {finding.since_ms for finding in found} == {clock_ms("08:00:10")}
    assert found[2].limit_source == "rules.yaml:11 hot"


def test_it_may_skip_levels_both_ways(tmp_path: Path) -> None:
    """It is raised as bad as it is, and what is quiet ends it whatever it was."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, HOT), site).play(
        """
        08:00:00  cs-1/1 temp_c=70      → raised hot cs-1/1
        08:00:10  cs-1/1 temp_c=20      → resolved hot cs-1/1
        08:00:20  cs-1/1 temp_c=46      → raised hot cs-1/1
        08:00:30  cs-1/1 temp_c=70      → renewed hot cs-1/1
        08:00:40  cs-1/1 temp_c=45      → renewed hot cs-1/1
        """
    )
    assert _worded(found) == [
        "raised critical 65",
        "resolved critical 65",
        "raised notice 45",
        "renewed critical 65",
        "renewed notice 45",
    ]


def test_renewing_goes_on_a_minute_after_the_change_of_level(tmp_path: Path) -> None:
    """What was just told is news enough."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, HOT), site).play(
        """
        08:00:00  cs-1/1 temp_c=46      → raised hot cs-1/1
        08:00:50  cs-1/1 temp_c=56      → renewed hot cs-1/1
        08:01:10  cs-1/1 temp_c=57
        08:01:49  cs-1/1 temp_c=57
        08:01:50  cs-1/1 temp_c=57      → renewed hot cs-1/1
        """
    )


def test_every_level_holds_by_itself(tmp_path: Path) -> None:
    """Half an hour beyond the notice is none beyond the warning; what is critical needs no half hour at all."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, TILT), site).play(
        """
        08:00  tree-1 tilt_deg=2.1
        08:20  tree-1 tilt_deg=2.4
        08:30  tree-1 tilt_deg=2.4      → raised tilt tree-1
        08:49  tree-1 tilt_deg=2.4      → renewed tilt tree-1
        08:50  tree-1 tilt_deg=2.4      → renewed tilt tree-1
        08:59  tree-1 tilt_deg=3.4      → renewed tilt tree-1
        09:00  tree-1 tilt_deg=3.4      → renewed tilt tree-1
        """
    )
    assert _worded(found) == [
        "raised notice 0.25",
        "renewed notice 0.25",
        "renewed warn 0.5",
        "renewed warn 0.5",
        "renewed critical 1.5",
    ]
    assert [finding.value for finding in found[-2:]] == [1.6, 1.6]
    assert {finding.since_ms for finding in found} == {clock_ms("08:00")}


def test_a_gap_breaks_the_hold_of_a_level_and_not_the_alarm(tmp_path: Path) -> None:
    """The station speaks every 30 s: over 91 s nobody knows whether it was as hot."""
    site = small_city()
    rule = HOT.replace("clear: {below: 60}}", "clear: {below: 60}, for: 60s}")
    found = Timetable(rules_from(tmp_path, site, rule), site).play(
        """
        08:00:00  cs-1/1 temp_c=66      → raised hot cs-1/1
        08:00:30  cs-1/1 temp_c=66
        08:02:01  cs-1/1 temp_c=66      → renewed hot cs-1/1
        08:02:31  cs-1/1 temp_c=66
        08:03:01  cs-1/1 temp_c=66      → renewed hot cs-1/1
        """
    )
    assert _worded(found) == ["raised warn 55", "renewed warn 55", "renewed critical 65"]


def test_a_latched_level_stays_until_a_person_ends_it(tmp_path: Path) -> None:
    """Milder levels of the same rule end by themselves; this one neither ends, nor is eased, nor goes stale."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, TILT), site, listening_since="07:59")
    found = table.play(
        """
        08:00  tree-1 tilt_deg=2.1
        08:30  tree-1 tilt_deg=2.1      → raised tilt tree-1
        08:40  tree-1 tilt_deg=1.8      → resolved tilt tree-1
        09:00  tree-1 tilt_deg=3.4
        09:10  tree-1 tilt_deg=3.4      → raised tilt tree-1
        09:20  tree-1 tilt_deg=1.8
        09:30  tree-1 offline
        09:40  restart
        09:50  tree-1 tilt_deg=2.4
        """
    )
    assert [finding.latch for finding in found] == [False, False, True]
    (ended,) = table.engine.release("tilt", "tree-1", clock_ms("10:00"))
    assert (ended.change, ended.severity, ended.latch) == (Change.RESOLVED, "critical", True)


def test_a_case_begins_at_the_level_that_it_says(tmp_path: Path) -> None:
    """Below `from` it is shown, nothing more."""
    site = small_city()
    rule = HOT + 'case: {matter: "01054", policy: open, from: critical}'
    found = Timetable(rules_from(tmp_path, site, rule), site).play(
        """
        08:00:00  cs-1/1 temp_c=56      → raised hot cs-1/1
        08:00:30  cs-1/1 temp_c=66      → renewed hot cs-1/1
        08:01:00  cs-1/1 temp_c=56      → renewed hot cs-1/1
        """
    )
    assert [finding.policy for finding in found] == [CasePolicy.NONE, CasePolicy.OPEN, CasePolicy.NONE]
    assert {finding.matter for finding in found} == {"01054"}


def test_a_late_critical_value_makes_a_mild_alarm_worse(tmp_path: Path) -> None:
    """Once, however often it is told; a late value never eases, and a late mild one is history."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, HOT + "max_age: 1h"), site).play(
        """
        08:00:00               cs-1/1 temp_c=46      → raised hot cs-1/1
        08:00:01  at 07:59:50  cs-1/1 temp_c=56
        08:00:02  at 06:59:49  cs-1/1 temp_c=70
        08:00:03  at 07:59:55  cs-1/1 temp_c=66      → renewed hot cs-1/1
        08:00:04  at 07:59:55  cs-1/1 temp_c=66
        08:00:05  at 07:59:56  cs-1/1 temp_c=20
        08:00:06               restart
        08:00:07  at 07:59:57  cs-1/1 temp_c=67
        08:00:30               cs-1/1 temp_c=46      → renewed hot cs-1/1
        08:01:00               cs-1/1 temp_c=20      → resolved hot cs-1/1
        08:01:01  at 08:00:55  cs-1/1 temp_c=50
        08:01:02  at 08:00:55  cs-1/1 temp_c=68      → raised hot cs-1/1
        """
    )
    assert _worded(found) == [
        "raised notice 45",
        "renewed critical 65",
        "renewed notice 45",
        "resolved notice 45",
        "raised critical 65",
    ]
    assert found[1].at_ms == clock_ms("07:59:55")


def test_a_late_critical_value_raises_what_is_pending(tmp_path: Path) -> None:
    """Though a milder level waits for its hold."""
    site = small_city()
    rule = HOT.replace("clear: {below: 40}}", "clear: {below: 40}, for: 60s}")
    found = Timetable(rules_from(tmp_path, site, rule), site).play(
        """
        08:00:00               cs-1/1 temp_c=46
        08:00:01  at 07:59:50  cs-1/1 temp_c=66      → raised hot cs-1/1
        08:00:30               cs-1/1 temp_c=46      → renewed hot cs-1/1
        """
    )
    assert _worded(found) == ["raised critical 65", "renewed notice 45"]


def test_of_one_moment_the_worst_level_counts(tmp_path: Path) -> None:
    """Whichever value comes first."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, HOT), site).play(
        """
        08:00:00  cs-1/1 temp_c=56      → raised hot cs-1/1
        08:00:00  cs-1/1 temp_c=66      → renewed hot cs-1/1
        08:00:00  cs-1/1 temp_c=20
        08:00:00  cs-1/2 temp_c=66      → raised hot cs-1/2
        08:00:00  cs-1/2 temp_c=56
        08:00:30  cs-1/1 temp_c=61
        08:00:30  cs-1/2 temp_c=61
        """
    )
    assert _worded(found) == ["raised warn 55", "renewed critical 65", "raised critical 65"]


def test_silence_leaves_the_level_as_it_was(tmp_path: Path) -> None:
    """A stale alarm is as bad as it was last known to be, until a value says otherwise."""
    site = small_city()
    silent = "id: quiet\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 3\nat_least: 15s"
    found = Timetable(rules_from(tmp_path, site, HOT, silent), site).play(
        """
        08:00:00  cs-1/1 temp_c=66      → raised hot cs-1/1
        08:01:30  tick                  → raised quiet cs-1; stale hot cs-1/1
        08:02:00  cs-1/1 temp_c=52      → resolved quiet cs-1; renewed hot cs-1/1
        """
    )
    levels = [finding for finding in found if finding.rule_id == "hot"]
    assert _worded(levels) == ["raised critical 65", "stale critical 65", "renewed warn 55"]


@pytest.mark.parametrize(
    ("value", "levels", "then"),
    [
        (46, "{warn: {raise: {above: 45}, clear: {below: 40}}, critical: {raise: {above: 65}}}", "warn"),
        (66, "{notice: {raise: {above: 45}, clear: {below: 40}}}", "notice"),
        (
            66,
            "{notice: {raise: {above: 95}, clear: {below: 40}}, warn: {raise: {above: 96}, clear: {below: 41}}}",
            "warn",
        ),
    ],
)
def test_an_edit_of_the_rule_ends_no_alarm(tmp_path: Path, value: int, levels: str, then: str) -> None:
    """A level that is no longer there becomes the next worse one, or the worst there is; only values end it."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, HOT), site)
    table.play(f"08:00:00  cs-1/1 temp_c={value}  → raised hot cs-1/1")
    table.restart()
    edited = HOT[: HOT.index("levels:")] + f"levels: {levels}"
    after = Timetable(rules_from(tmp_path, site, edited), site)
    after.saved.update(table.saved)
    after.restart()
    after.play("08:01:00  cs-1/1 temp_c=43")
    (ended,) = after.engine.release("hot", "cs-1/1", clock_ms("08:02:00"))
    assert ended.severity == then


def test_what_was_saved_before_there_were_levels_still_stands(tmp_path: Path) -> None:
    """A smoke alarm survives the update of the program."""
    site = small_city()
    smoke = "id: burning\nkind: threshold\nfor_each: {kind: charger}\nmetric: smoke\nraise: {equals: true}\nlatch: true"
    at_ms = clock_ms("08:00")
    old = {"state": "firing", "since_ms": at_ms, "seen_ms": at_ms, "count": 1, "renewed_ms": at_ms}
    pending = {**old, "state": "pending"}
    saved = {("burning", "cs-1"): msgspec.json.encode(old), ("burning", "cs-1/1"): msgspec.json.encode(pending)}
    engine = Engine(rules_from(tmp_path, site, smoke), site, saved=saved, listening_since_ms=0)
    (ended,) = engine.release("burning", "cs-1", at_ms + 1)
    assert (ended.change, ended.since_ms, ended.latch) == (Change.RESOLVED, at_ms, True)
    assert engine.release("burning", "cs-1/1", at_ms + 1) == []
