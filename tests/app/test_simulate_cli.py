"""`longcheng simulate month`."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from domain.errors import ConfigError

SMALL = ("--cameras", "10", "--shops", "60", "--days", "3")


def run(*words: str) -> str:
    """What it printed on standard output. Errors come through."""
    answer = CliRunner().invoke(cli, ["simulate", "month", *words], env={"COLUMNS": "160"}, catch_exceptions=False)
    return answer.stdout


def as_json(*words: str) -> dict[str, Any]:
    """Its last line."""
    data: dict[str, Any] = json.loads(run(*words, "--json").splitlines()[-1])
    return data


def test_a_folder_with_reports_an_account_and_the_site(tmp_path: Path) -> None:
    """The same seed says the same; and the site it leaves can be asked by any other command."""
    folder = tmp_path / "month"
    said, again = as_json(*SMALL, "--out", str(folder)), as_json(*SMALL)
    assert said["world"] == again["world"]
    assert said["city"] == again["city"]
    assert said["city"]["finds"] > 0
    names = {"account.txt", "report-en.html", "report-en.xlsx", "report-zh-CN.html", "report-zh-CN.xlsx", "site"}
    assert {path.name for path in folder.iterdir()} == names
    account = (folder / "account.txt").read_text("utf-8")
    assert f"stood: {said['world']['stood']}" in account
    assert "notice_1\tsms +86" in account
    words = ("report", "monthly", "--site", str(folder / "site"), "--month", "2026-09", "--as-of", "2026-09-04T00:00")
    report = CliRunner().invoke(cli, [*words, "--json"], catch_exceptions=False)
    assert json.loads(report.stdout.splitlines()[-1])["city"] == said["city"]


def test_another_seed_is_another_month() -> None:
    """And it is shown as a table without --json."""
    first = as_json(*SMALL)
    assert as_json(*SMALL, "--seed", "2")["world"] != first["world"]
    assert "Self-correction" in run(*SMALL)


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    """What stands there may be the month before."""
    (tmp_path / "report-en.html").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not empty; name a folder that is not there yet"):
        run(*SMALL, "--out", str(tmp_path))
    with pytest.raises(ConfigError, match="--month is 'September'; a month is written 2026-11"):
        run(*SMALL, "--month", "September")
