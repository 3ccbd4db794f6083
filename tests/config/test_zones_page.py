"""docs/zones.md shows a table and a rule that can be copied."""

import re
from pathlib import Path
from textwrap import dedent

from config.tables import read_zones
from domain.register import ZoneRole
from tests.rules.city import rules_from, shipped, small_city

PAGE = (Path(__file__).parents[2] / "docs" / "zones.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The page's one block of a language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_table_is_read_as_a_sites_own(tmp_path: Path) -> None:
    """Each role of the page but the pavement is in it, and it names every role there is."""
    path = tmp_path / "zones.csv"
    path.write_text(block("csv"), encoding="utf-8")
    [zones] = read_zones(path, {"S00001", "S00002"}).values()
    assert {zone.role for zone in zones} == set(ZoneRole) - {ZoneRole.PAVEMENT}
    assert [zone.hours for zone in zones if zone.hours] == ["07:00-22:00"]
    assert all(f"| `{role}` |" in PAGE for role in ZoneRole)


def test_the_rule_is_the_shipped_one(tmp_path: Path) -> None:
    """What the page explains is what runs."""
    text = dedent(block("yaml")).removeprefix("- ").replace("\n  ", "\n")
    [shown] = rules_from(tmp_path, small_city(), text)
    rules = [path.read_text(encoding="utf-8") for path in shipped("storefronts")]
    for line in text.splitlines():
        assert line.partition(" #")[0] in rules[0]
    assert shown.id == "out-of-store"
