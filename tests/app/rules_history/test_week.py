"""A recorded week with two incidents, played to two versions of the rules: the diff as text and as a picture."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.__main__ import cli
from config.load import SHARED
from domain.errors import ConfigError
from tests.app.rules_history.week import RULES, make

DOCS = SHARED.parent / "docs"
WEEK = ("--from", "2026-11-23", "--to", "2026-11-30")
OLD = ("--against", str(RULES / "old" / "week.yaml"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with the week in its store."""
    made = tmp_path_factory.mktemp("site") / "week"
    make(made)
    return made


def run(folder: Path, *words: str) -> Result:
    """`longcheng rules replay …`."""
    result = CliRunner().invoke(cli, ["rules", "replay", "--site", str(folder), *words])
    assert result.exception is None, result.output
    return result


def told(folder: Path, *words: str) -> dict[str, object]:
    """What it says to programs."""
    said: dict[str, object] = json.loads(run(folder, *words, "--json").stdout.splitlines()[-1])
    del said["seconds"], said["replay_days_per_minute"]
    return said


def test_only_the_tighter_rule_sees_the_heat(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """12 minutes at 58 °C are new, an hour's silence comes to light, and the lean is told 8 hours earlier."""
    monkeypatch.setenv("COLUMNS", "140")
    shown = run(folder, *WEEK, *OLD).stdout
    without_time = re.sub(r"\n3 rules, .* days of history a minute\n", "\n", shown)
    expected = (DOCS / "replay.md").read_text(encoding="utf-8").split("```text\n")[1].split("```")[0]
    assert [line.rstrip() for line in without_time.splitlines()] == expected.splitlines()


def test_programs_are_told_the_same(folder: Path) -> None:
    """In RFC 3339, with the zone; whatever is read of the store."""
    said = told(folder, *WEEK, *OLD)
    found = said["diff"]
    assert isinstance(found, dict)
    new = [(span["rule_id"], span["subject"], span["raised"]) for span in found["new"]]
    assert [one[:2] for one in new] == [("tree-silent", "tree-2"), ("charger-hot", "cs-1/2")]
    assert new[1][2].startswith("2026-11-27T20:02:")
    assert new[1][2].endswith("+08:00")
    assert found["gone"] == []
    assert [(pair["new"]["subject"], pair["raised_later_ms"]) for pair in found["moved"]] == [("tree-1", -30_600_000)]
    assert [(pair["old"]["severity"], pair["new"]["severity"]) for pair in found["regraded"]] == [("warn", "critical")]
    assert told(folder, *WEEK, *OLD, "--plain") == said


def test_the_picture_is_the_one_in_the_docs(folder: Path, tmp_path: Path) -> None:
    """In Chinese, and the same each time."""
    file = tmp_path / "week.svg"
    run(folder, *WEEK, *OLD, "--chart", str(file))
    drawn = file.read_text(encoding="utf-8")
    assert "两版规则对比" in drawn
    assert "充电温度偏高 · cs-1/2" in drawn
    assert drawn == (DOCS / "images" / "replay-week.svg").read_text(encoding="utf-8")


def test_a_page_holds_the_picture(folder: Path, tmp_path: Path) -> None:
    """The curve that is asked for, with its limits of both versions."""
    file = tmp_path / "heat.html"
    day = ("--from", "2026-11-27T12:00", "--to", "2026-11-28", "--lead", "1h")
    run(folder, *day, *OLD, "--chart", str(file), "--curve", "charger-hot/cs-1/2")
    page = file.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    for words in ("cs-1/2 的 temp_c（charger-hot）", "警告 触发 55", "警告 解除 50"):
        assert words in page


def test_only_some_alarms(folder: Path) -> None:
    """By rule, or by rule and subject."""
    both = told(folder, *WEEK, "--only", "tree-*")["alarms"]
    one = told(folder, *WEEK, "--only", "tree-silent/tree-2", "--only", "no-*")["alarms"]
    assert isinstance(both, list)
    assert isinstance(one, list)
    assert [span["rule_id"] for span in both] == ["tree-silent", "tree-tilt"]
    assert [span["subject"] for span in one] == ["tree-2"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--from", "2026-11-30", "--to", "2026-11-23"), "--from 2026-11-30 is not before --to 2026-11-23"),
        ((*WEEK, "--chart", "x.gif"), "--chart is x.gif; a picture is an .svg, .html or .png"),
        ((*WEEK, "--lead", "1"), "--lead is '1'; write a duration with its unit: 90s, 30m, 8h or 7d"),
        ((*WEEK, "--journal", "/nowhere.db"), "there is no journal at /nowhere.db"),
    ],
)
def test_what_cannot_be_is_told(folder: Path, words: tuple[str, ...], problem: str) -> None:
    """With the option and what is allowed."""
    result = CliRunner().invoke(cli, ["rules", "replay", "--site", str(folder), *words])
    assert isinstance(result.exception, ConfigError)
    assert str(result.exception) == problem
