"""docs/rules.md: its examples can be used as they stand, and it speaks of every kind and every key."""

import re
from pathlib import Path

import pytest

from config.load import SHARED
from rules.files import load_rules
from rules.kinds import KINDS
from rules.telling import PLACEHOLDERS
from rules.timetables.file import CameraOf, DeviceOf, Expected, Surroundings, Timetable, ZoneOf
from rules.timetables.run import read_timetables
from tests.rules.city import small_city

PAGE = (SHARED.parent / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
HEAD = "version: 1\ncatalogue: gb47678.5-2026\nrules:\n"


def test_the_rules_of_the_page_can_be_used(tmp_path: Path) -> None:
    """All of them together, as one file: each kind has its example."""
    path = tmp_path / "rules.yaml"
    path.write_text(HEAD + "".join(block for block in BLOCKS if block.startswith("- id:")), encoding="utf-8")
    kinds = {rule.spec.kind for rule in load_rules([path], small_city())}
    assert kinds == KINDS.keys()


def test_the_first_rule_can_be_used(tmp_path: Path) -> None:
    """As a whole file."""
    path = tmp_path / "rules.yaml"
    path.write_text(next(block for block in BLOCKS if "id: station-hot" in block), encoding="utf-8")
    assert [rule.id for rule in load_rules([path], small_city())] == ["station-hot"]


def test_the_timetable_of_the_page_is_as_it_says(tmp_path: Path) -> None:
    """It is about the shipped rules."""
    text = next(block for block in BLOCKS if "\ntests:" in block)
    path = tmp_path / "tests.yaml"
    path.write_text(text.replace("../trees.yaml", str(SHARED / "rules" / "trees.yaml")), encoding="utf-8")
    [result] = read_timetables(path).run()
    assert result.differences == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_kind_is_on_the_page(kind: str) -> None:
    """In code letters, so that it can be found."""
    assert f"### {kind}\n" in PAGE
    keys = {field.alias or name for name, field in KINDS[kind].model_fields.items()}
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`\n]+`", PAGE))))
    assert keys - words == set()


def test_every_key_of_a_timetable_is_on_the_page() -> None:
    """And every name that a text may have in braces."""
    models = (Surroundings, Timetable, DeviceOf, CameraOf, ZoneOf, Expected)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert {key for key in keys if not re.search(rf"\b{key}\b", PAGE)} == set()
    assert {name for name in PLACEHOLDERS if f"{{{name}}}" not in PAGE} == set()
