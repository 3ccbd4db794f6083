"""What is hardly meant in plans: those that have ended, cannot count, or make light of what is grave."""

from datetime import date
from pathlib import Path

import pytest

from rules.lint import doubts
from tests.rules.city import rules_from
from tests.rules.planned_city import planned_city

TILT = """
id: tilt
kind: threshold
for_each: {kind: tree}
metric: tilt_deg
relative_to: baseline
levels:
  warn: {raise: {above: 0.5}}
  critical: {raise: {above: 1.5}}
"""
SMOKE = "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 65}\nlatch: true"
FIRM = "limits:\n  tilt:\n    levels:\n      critical: {raise: {above: 1.0}}"


@pytest.mark.parametrize(
    ("subjects", "rest", "said"),
    [
        ("tree-1", FIRM, []),
        ("tree-1", "valid: {until: 2026-12-31}\n" + FIRM, []),
        ("tree-1", "valid: {until: 2026-12-30}\n" + FIRM, ["8: it ends on 2026-12-30; after that"]),
        ("tree-1", "valid: {until: 2026-11-29}\n" + FIRM, ["8: it ended on 2026-11-29; after that"]),
        (
            "tree-1, tree-2",
            FIRM,
            ["9: the rule 'tilt' cannot speak for tree-2: devices.csv has no baseline of tilt_deg"],
        ),
        (
            "tree-1",
            FIRM.replace("1.0", "2"),
            ["11: critical is raised above 2 only, where the rule 'tilt' says above 1.5: is it less grave there?"],
        ),
        ("tree-1", FIRM.replace("critical: {raise: {above: 1.0", "warn: {raise: {above: 0.9"), []),
        ("cs-1", "limits:\n  hot:\n    raise: {above: 60}", []),
        (
            "cs-1",
            "limits:\n  hot:\n    raise: {above: 70}",
            ["10: warn is raised above 70 only, where the rule 'hot' says above 65: is it less grave there?"],
        ),
    ],
)
def test_what_is_hardly_meant_is_told_with_its_line(tmp_path: Path, subjects: str, rest: str, said: list[str]) -> None:
    """A milder warning is a choice; a milder alarm of what is critical or latched wants a second look."""
    site = planned_city(tmp_path, plan=(subjects, rest))
    found = doubts(rules_from(tmp_path, site, TILT, SMOKE), site, date(2026, 12, 1))
    told = [f"{doubt.line}: {doubt.problem}" for doubt in found if doubt.path.name == "plan.yaml"]
    assert len(told) == len(said)
    for doubt, start in zip(told, said, strict=True):
        line, _, problem = start.partition(": ")
        assert doubt.startswith(f"{line}: plan 'plan': {problem}")
