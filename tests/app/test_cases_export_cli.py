"""`longcheng cases export`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import cli
from domain.errors import ConfigError, ConfigErrors
from domain.finding import Change
from tests.cases.city import Town, charger, clock_ms, make_site

AGENCIES = "exports: {agencies: {'*': {code: 11320400MB0000000A, name: 龙城城管局}}}\n"
NOVEMBER = ("--from", "2026-11-01", "--to", "2026-12-01")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A town with one charger's case of 22 November 2026."""
    folder = tmp_path / "site"
    site = make_site(folder)
    (folder / "data").mkdir()
    town = Town(site, folder / "data")
    town.record(charger(Change.RAISED, clock_ms("09:00")))
    town.store.close()
    return folder


def run(folder: Path, *words: str) -> str:
    """What it printed. Errors come through."""
    answer = CliRunner().invoke(
        cli, ["cases", "export", "--site", str(folder), *words], env={"COLUMNS": "160"}, catch_exceptions=False
    )
    if answer.exception and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.output


def test_a_spreadsheet_with_every_column(folder: Path, tmp_path: Path) -> None:
    """In UTF-8 with its mark, one line for each case."""
    file = tmp_path / "cases.csv"

    assert f"written: {file}: 1 of 1 cases" in run(folder, *NOVEMBER, "--format", "csv", "--out", str(file))
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,matter,")
    assert data.count(b"\r\n") == 2
    assert b"\r\r" not in data


def test_the_standard_s_fields_or_nothing(folder: Path, tmp_path: Path) -> None:
    """What lacks one is told by name, and no file is made; unless one says so."""
    file, wanted = tmp_path / "gb.csv", (*NOVEMBER, "--format", "gb47678-csv", "--out")
    with pytest.raises(ConfigErrors) as wrong:
        run(folder, *wanted, str(file))
    assert "ZGBMDM and ZGBMMC are missing" in str(wrong.value)
    assert "SZDYWGBSM is missing: grids.csv has no 'E1'" in str(wrong.value)
    assert not file.exists()

    said = run(folder, *wanted, str(file), "--skip-incomplete")
    assert "left out: case 2026" in said
    assert "0 of 1 cases" in said


def test_with_departments_and_grids_it_is_whole(folder: Path, tmp_path: Path) -> None:
    """From site.yaml and grids.csv."""
    with (folder / "site.yaml").open("a", encoding="utf-8") as settings:
        settings.write(AGENCIES)
    (folder / "grids.csv").write_text("place,grid\nE1,320402001000101\n", encoding="utf-8")
    file = tmp_path / "gb.csv"

    assert "1 of 1 cases" in run(folder, *NOVEMBER, "--format", "gb47678-csv", "--out", str(file))
    assert "32040001054,充电桩异常,11320400MB0000000A,龙城城管局" in file.read_text(encoding="utf-8-sig")


def test_open311_as_a_file(folder: Path, tmp_path: Path) -> None:
    """The same as over HTTP."""
    file = tmp_path / "requests.json"
    run(folder, *NOVEMBER, "--format", "open311-json", "--out", str(file))

    (request,) = json.loads(file.read_text(encoding="utf-8"))
    assert request["service_code"] == "01054"
    assert request["requested_datetime"] == "2026-11-22T09:00:00+08:00"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--from", "7d", "--format", "xml", "--out", "x"), "--format is 'xml'; there is csv"),
        (("--from", "2026-12-01", "--to", "2026-11-01", "--format", "csv", "--out", "x"), "is not before"),
        (("--from", "7d", "--format", "csv", "--out", "/nowhere/x.csv"), "--out /nowhere/x.csv can't be written"),
    ],
)
def test_what_cannot_be_is_refused(folder: Path, words: tuple[str, ...], problem: str) -> None:
    """The option, its value, what is allowed."""
    with pytest.raises(ConfigError) as wrong:
        run(folder, *words)
    assert problem in str(wrong.value)
