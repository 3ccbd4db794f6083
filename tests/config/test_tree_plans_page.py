"""docs/tree-plans.md: what it shows is what the demo has, and can be read."""

import re
from pathlib import Path

import pytest

from config.load import SHARED
from config.plans import PlanFile
from config.schema import Profiles
from config.source import load

PAGE = (SHARED.parent / "docs" / "tree-plans.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
PLANS = [block for block in BLOCKS if block.startswith("version: 1\nplan:")]


@pytest.mark.parametrize("block", PLANS, ids=lambda block: block.split()[3])
def test_a_plan_on_the_page_is_the_demos(tmp_path: Path, block: str) -> None:
    """But for its note, which the page tells in its own words."""
    (tmp_path / "plan.yaml").write_text(block, encoding="utf-8")
    shown = load(tmp_path / "plan.yaml", PlanFile)
    demo = load(SHARED / "sites" / "demo" / "plans" / f"{shown.plan}.yaml", PlanFile)
    assert shown.model_copy(update={"note": None, "limits": {}}) == demo.model_copy(update={"note": None, "limits": {}})
    for rule_id, limits in shown.limits.items():
        same_source = {"source": demo.limits[rule_id].source}
        assert limits.model_copy(update=same_source) == demo.limits[rule_id]


def test_all_of_the_demos_plans_are_on_the_page() -> None:
    """And the model beside them can be read, too."""
    assert len(PLANS) == len(list((SHARED / "sites" / "demo" / "plans").glob("*.yaml")))


def test_the_model_on_the_page_can_be_read(tmp_path: Path) -> None:
    """Its limits stand in the form of a plan's."""
    (block,) = [block for block in BLOCKS if block.startswith("profiles:")]
    (tmp_path / "profiles.yaml").write_text(block, encoding="utf-8")
    (profile,) = load(tmp_path / "profiles.yaml", Profiles).profiles.values()
    assert set(profile.limits) == {"charger-current"}


def test_every_key_is_on_the_page() -> None:
    """A key that nobody is told of is not there."""
    for name in PlanFile.model_fields.keys() - {"version"}:
        assert f"| `{name}` |" in PAGE, name
