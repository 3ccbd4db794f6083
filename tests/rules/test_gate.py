"""What may be kept from people, and what never."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.errors import ConfigError
from domain.finding import AlarmState, Finding
from rules.engine import Engine
from rules.rule import Rule
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable, clock_ms, told

HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
"""
SILENT = "id: silent\nkind: silent\nfor_each: {kind: charger}\n"


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (HOT + "severity: critical\ncooldown: 5m", "cooldown is given, but what is critical or latched is told"),
        (HOT + "latch: true\nat_most: {raised: 9}", "at_most is given, but what is critical or latched is told"),
        (HOT + "latch: true\nflapping: {changes: 4}", "flapping is given, but a latched alarm does not end by itself"),
        (SILENT + "flapping: {changes: 4}", "flapping is given, but the alarms of kind 'silent' are never called so"),
    ],
)
def test_what_must_reach_people_cannot_be_kept_from_them(tmp_path: Path, rule: str, problem: str) -> None:
    """The file is refused, with the line of the key."""
    with pytest.raises(ConfigError, match=problem) as wrong:
        rules_from(tmp_path, small_city(), rule)
    key = problem.partition(" ")[0]
    assert (
        (tmp_path / "rules.yaml")
        .read_text(encoding="utf-8")
        .splitlines()[(wrong.value.line or 0) - 1]
        .strip()
        .startswith(key)
    )


def test_what_waits_and_what_flaps_ends_by_a_persons_word(tmp_path: Path) -> None:
    """Whatever kept it from being told or from ending; and the alarm over too many comes again while some wait."""
    site = small_city()
    table = Timetable(
        rules_from(tmp_path, site, HOT + "flapping: {changes: 4}\nat_most: {raised: 2, within: 2m}"), site
    )
    table.play(
        """
        08:00:00  cs-1 temp_c=60    → raised hot cs-1
        08:00:10  cs-1 temp_c=20    → resolved hot cs-1
        08:00:20  cs-1 temp_c=60    → raised hot cs-1
        08:00:30  cs-1 temp_c=20    → flapping hot cs-1
        08:00:40  cs-1/1 temp_c=60  → raised hot @overflow
        """
    )
    at_ms = clock_ms("08:00:50")
    assert {state for _, _, state, _ in table.engine.states()} == {
        AlarmState.FLAPPING,
        AlarmState.PENDING,
        AlarmState.FIRING,
    }
    assert [told(step) for step in table.engine.release("hot", "cs-1", at_ms)] == ["resolved hot cs-1"]
    assert [told(step) for step in table.engine.release("hot", "@overflow", at_ms)] == ["resolved hot @overflow"]
    table.play(
        """
        08:01:00  tick              → raised hot @overflow
        08:01:10  cs-1 temp_c=20
        08:02:30  tick              → raised hot cs-1/1; resolved hot @overflow
        """
    )
    assert [told(step) for step in table.engine.release("hot", "cs-1/1", at_ms)] == ["resolved hot cs-1/1"]
    assert list(table.engine.states()) == []


def test_findings_are_given_their_words(tmp_path: Path) -> None:
    """Each of them, with its rule, and only what people are told."""
    site, asked = small_city(), list[str]()

    def tell(finding: Finding, rule: Rule) -> Finding:
        asked.append(f"{rule.id} {finding.change} {finding.subject}")
        return replace(finding, text_en="too hot")

    rules = rules_from(tmp_path, site, HOT + "at_most: {raised: 1}")
    engine = Engine(rules, site, saved={}, listening_since_ms=0, tell=tell)
    table = Timetable(rules, site)
    table.engine = engine
    found = table.play(
        """
        08:00:00  cs-1 temp_c=60    → raised hot cs-1
        08:00:10  cs-1/1 temp_c=60  → raised hot @overflow
        08:01:10  tick              → raised hot cs-1/1
        08:02:10  tick              → resolved hot @overflow
        """
    )
    assert asked == ["hot raised cs-1", "hot raised @overflow", "hot raised cs-1/1", "hot resolved @overflow"]
    assert {finding.text_en for finding in found} == {"too hot"}
