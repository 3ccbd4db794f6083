"""`longcheng report`: what it prints, writes and refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from domain.errors import ConfigError
from domain.finding import Change
from tests.cases.city import Town, bikes, clock_ms, make_site


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town in which one shop was told on 22 November 2026, and corrected itself."""
    site = make_site(tmp_path / "site")
    data = tmp_path / "site" / "data"
    data.mkdir()
    town = Town(site, data)
    town.record(bikes(Change.RAISED, clock_ms("09:00")))
    town.record(bikes(Change.RESOLVED, clock_ms("09:15")))
    town.store.close()
    return tmp_path / "site"


def run(folder: Path, *words: str) -> str:
    """What it printed. Errors come through."""
    environment = {"COLUMNS": "160", "LONGCHENG_SITE": str(folder)}
    answer = CliRunner().invoke(cli, ["report", *words], env=environment, catch_exceptions=False)
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.output


def test_the_main_figures_are_printed(folder: Path) -> None:
    """Without a file; the language can be chosen."""
    said = run(folder, "daily", "--day", "2026-11-22", "--language", "en")

    assert "Longcheng: daily check 2026-11-22" in said
    assert "100.0 %" in said
    assert "1 / 1" in said


def test_json_says_what_shares_are_made_of(folder: Path) -> None:
    """A rate of nothing is null."""
    said: dict[str, Any] = json.loads(run(folder, "monthly", "--month", "2026-11", "--json").splitlines()[-1])

    assert said["period"] == "2026-11"
    assert said["city"]["self_correction"] == {"numerator": 1, "denominator": 1, "value": 1.0}
    assert said["city"]["closing"] == {"numerator": 0, "denominator": 0, "value": None}
    assert said["from"] == "2026-10-31T16:00:00+00:00"
    assert said["exemplary"]["too_early"] is True


@pytest.mark.parametrize("name", ["report.html", "report.xlsx"])
def test_a_file_is_written_whole_or_not_at_all(folder: Path, tmp_path: Path, name: str) -> None:
    """It replaces the one before, and leaves nothing beside it."""
    there = tmp_path / "out"
    there.mkdir()
    (there / name).write_text("old", encoding="utf-8")
    said = run(folder, "quarterly", "--quarter", "2026-Q4", "--out", str(there / name))

    assert f"written: {there / name}" in said
    assert [path.name for path in there.iterdir()] == [name]
    assert (there / name).stat().st_size > 5000


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("daily", "--day", "2026-11"), "--day is '2026-11'; a day is written 2026-11-30"),
        (("monthly", "--month", "nov"), "--month is 'nov'; a month is written 2026-11"),
        (("quarterly", "--quarter", "2099-Q1"), "--quarter is 2099-Q1; it has not begun"),
        (("monthly", "--month", "2026-11", "--out", "report.pdf"), "--out is report.pdf; a report is"),
        (("monthly", "--month", "2026-11", "--language", "de"), "--language is 'de'; there is zh-CN and en"),
        (("monthly", "--as-of", "2099-01-01"), "--as-of is 2099-01-01; what will be known then"),
        (("daily", "--day", "2026-11-22", "--out", "/nowhere/x.html"), "--out /nowhere/x.html can't be written"),
    ],
)
def test_what_cannot_be_is_refused(folder: Path, words: tuple[str, ...], problem: str) -> None:
    """The option, its value, and what is allowed."""
    with pytest.raises(ConfigError) as wrong:
        run(folder, *words)
    assert problem in str(wrong.value)


def test_no_book_is_made_where_there_is_none(tmp_path: Path) -> None:
    """A wrong folder is a mistake, not an empty city."""
    make_site(tmp_path / "site")

    with pytest.raises(ConfigError, match="there are no cases"):
        run(tmp_path / "site", "monthly", "--month", "2026-10")
    assert not (tmp_path / "site" / "data").exists()
