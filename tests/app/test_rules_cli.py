"""`longcheng rules …` as people and programs call it."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.commands.rules import cli
from config.load import SHARED
from domain.errors import ConfigError
from tests.rules.timetables.test_run import GOOD, file_of

MISTAKES = Path(__file__).parents[1] / "rules" / "ten-mistakes.yaml"


def called(*args: str) -> Result:
    """The command with these arguments."""
    return CliRunner().invoke(cli, list(args), env={"COLUMNS": "200"})


def test_check_accepts_what_is_shipped() -> None:
    """And says how much that is."""
    result = called("check")
    assert result.exit_code == 0
    assert " rules in 5 files can be used, 0 mistakes, " in result.output


def test_check_tells_every_mistake_with_file_and_line() -> None:
    """And ends with 2."""
    result = called("check", str(MISTAKES))
    assert result.exit_code == 2
    lines = result.output.splitlines()
    assert len([line for line in lines if line.startswith("wrong: ")]) == 10
    assert (
        "ten-mistakes.yaml line 29: rule 'tree-tilt': unknown key 'severty'; did you mean 'severity'?" in result.output
    )
    assert lines[-1].startswith("0 rules in 1 file can be used, 10 mistakes, ")


def test_check_tells_programs_the_same() -> None:
    """One JSON object, the file and the line by themselves."""
    result = called("check", str(MISTAKES), "--json")
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert told["rules"] == 0
    assert told["mistakes"][0]["line"] == 9
    assert told["mistakes"][0]["file"].endswith("ten-mistakes.yaml")


def test_a_rule_of_one_file_may_name_one_of_another_of_the_site() -> None:
    """Though only one of them is judged."""
    assert called("check", "--json", *map(str, Path("config/rules").glob("trees.yaml"))).exit_code == 0


def test_the_starters_plan_counts_once_it_is_renamed(tmp_path: Path) -> None:
    """As its first lines tell: its limits have the form of the shipped rules."""
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    folder = shutil.copytree(SHARED / "sites" / "starter", tmp_path / "sites" / "starter")
    plan = folder / "plans" / "tree-001.yaml"
    plan.with_name("tree-001.yaml.example").rename(plan)
    result = called("check", "--site", str(folder))
    assert (result.exit_code, "0 mistakes" in result.output) == (0, True), result.output


PLAN = """\
version: 1
plan: tree-001
title: {zh: 方案, en: plan}
subjects: [tree-001, tree-01]
approved_by: the bureau
source: a survey
confidence: highest
limits:
  soil-dri:
    raise: {below: 15}
  soil-waterlogged:
    levels: {warn: {raise: {above: 35}}}
  tree-tilt:
    levels:
      notice: {raise: {above: 0.2}, for: 30}
"""


def test_check_tells_all_that_is_wrong_with_a_plan(tmp_path: Path) -> None:
    """At once, beside what is wrong with rules: a value, a subject, a rule that is not there, a limit, a duration."""
    shutil.copytree(SHARED / "rules", tmp_path / "rules")
    folder = shutil.copytree(SHARED / "sites" / "starter", tmp_path / "sites" / "starter")
    (folder / "plans" / "tree-001.yaml").write_text(PLAN, encoding="utf-8")
    result = called("check", "--site", str(folder), "--json")
    assert result.exit_code == 2
    told = [(each["line"], each["problem"]) for each in json.loads(result.stdout)["mistakes"]]
    assert [line for line, _ in told] == [4, 7, 9, 12, 15]
    for (_, problem), words in zip(told, ("tree-01", "'highest'", "soil-dri", "wrong side", "is 30"), strict=True):
        assert words in problem


def test_test_takes_a_folder(tmp_path: Path) -> None:
    """All timetables in it; one without any is refused by its name."""
    with pytest.raises(ConfigError, match=r"there is no \*\.yaml in this folder"):
        CliRunner().invoke(cli, ["test", str(tmp_path)], catch_exceptions=False)
    folder = tmp_path / "tests"
    folder.mkdir()
    text = file_of(tmp_path, GOOD).read_text(encoding="utf-8").replace("rules.yaml", "../rules.yaml")
    (folder / "good.yaml").write_text(text, encoding="utf-8")
    result = called("test", str(folder))
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "1 test, 0 failed"), result.output


def test_test_plays_what_is_shipped() -> None:
    """A line for each test."""
    result = called("test")
    assert result.exit_code == 0, result.output
    assert result.output.count("ok   ") > 5
    assert result.output.endswith("0 failed\n")


def test_test_shows_what_differs_side_by_side(tmp_path: Path) -> None:
    """With the line in the file and what happened instead, and ends with 1."""
    path = file_of(tmp_path, GOOD.replace("08:01: none", "08:01: hot cs-1/1"))
    result = called("test", str(path), "--coverage")
    assert result.exit_code == 1
    assert f"FAIL right  {path} line 6" in result.output
    row = next(line.split() for line in result.output.splitlines() if line.lstrip().startswith("08:01"))
    assert row == ["08:01", "13", "hot", "cs-1/1", "hot", "cs-1/1", "pending"]
    assert "what happened: 08:02 raised hot cs-1/1" in result.output
    assert "1 test, 1 failed" in result.output
    assert "rules.yaml line 21: silent notice" in result.output


def test_test_tells_programs_the_same(tmp_path: Path) -> None:
    """Differences, and what no test raises."""
    path = file_of(tmp_path, GOOD.replace("08:01: none", "08:01: hot cs-1/1"))
    told = json.loads(called("test", str(path), "--json", "--coverage").stdout)
    assert (told["tests"], told["failed"]) == (1, 1)
    difference = {"at": "08:01", "line": 13, "expected": "hot cs-1/1", "got": "hot cs-1/1 pending"}
    assert told["results"][0]["differences"] == [difference]
    assert told["untested"] == [{"rule": "silent", "severity": "notice"}]


@pytest.mark.parametrize("command", ["check", "test"])
def test_help_says_how_it_ends(command: str) -> None:
    """For whoever builds on the exit code."""
    assert "Exits with" in called(command, "--help").output


def test_list_has_a_line_for_each_severity() -> None:
    """What is watched, the limit and the hold, and how sure the number is."""
    rows = json.loads(called("list", "--json").stdout)["rules"]
    silent = next(row for row in rows if row["rule"] == "charger-silent-30m")
    assert silent["kind"] == "silent"
    assert silent["subjects"] == 40
    assert silent["limit"] == "3 intervals without a word, at least 30 min"
    assert {"severity", "hold_s", "source", "confidence", "file", "line"} <= silent.keys()


@pytest.mark.parametrize("width", ["80", "120"])
def test_list_fits_its_window(width: str) -> None:
    """A narrow one has no room for sources, and cuts nothing else."""
    result = CliRunner().invoke(cli, ["list"], env={"COLUMNS": width})
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= int(width)
    assert ("source" in lines[0].split()) is (width == "120")
    assert any("charger-silent-30m" in line for line in lines)


@pytest.mark.parametrize("of", ["rules", "timetables", "plan"])
def test_schema_prints_or_writes_the_schema(tmp_path: Path, of: str) -> None:
    """Whole, and nothing else."""
    printed = called("schema", "--of", of).stdout
    assert json.loads(printed)["$schema"].endswith("2020-12/schema")
    assert called("schema", "--of", of, "--out", str(tmp_path / "schema.json")).exit_code == 0
    assert (tmp_path / "schema.json").read_text(encoding="utf-8") == printed


def test_schema_of_nothing_is_refused() -> None:
    """With what there is."""
    assert "there is rules, timetables, plan" in str(called("schema", "--of", "cars").exception)
