"""`longcheng matters`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.__main__ import check_config, cli


def test_it_lists_each_kind_of_case_with_the_rules_that_lead_to_it() -> None:
    """As JSON for machines."""
    said = CliRunner().invoke(cli, ["matters", "--site", "demo", "--json"])
    assert said.exit_code == 0
    told = json.loads(said.output)
    by_code = {matter["code"]: matter for matter in told["matters"]}
    assert told["catalogue"] == "gb47678.5-2026"
    assert by_code["09010"]["rules"] == [
        {"rule": "bike-misparked", "policy": "ladder"},
        {"rule": "bike-outside-lines", "policy": "ladder"},
    ]
    assert by_code["09010"]["legacy"] == {"gb30428.2-2013": "04-10", "cjt214-2007": "05-06"}
    hours = {"n": 2.0, "unit": "working_hours"}
    assert by_code["09010"]["handle_within"] == {"A": hours, "B": hours, "C": hours}
    assert by_code["09010"]["recheck_after_s"] == 900
    assert by_code["06012"]["rules"] == []


def test_it_is_a_table_for_people() -> None:
    """On a terminal of 80 characters, too: codes, names, times, the rules and what becomes of their alarms."""
    for columns in ("80", "120"):
        shown = CliRunner().invoke(cli, ["matters", "--site", "starter"], env={"COLUMNS": columns}).output
        bikes = next(line for line in shown.splitlines() if "09010" in line)
        assert bikes.split() == ["09010", "非机动车乱停放", "2013", "04-10", "2", "工作时", "bike-misparked", "ladder"]
        heap = next(line for line in shown.splitlines() if "06036" in line)
        assert heap.split()[-4:] == ["1", "工作日", "goods-piled", "none"]


def test_check_config_tells_doubts_after_what_it_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are no errors: for people below the table, for machines in the JSON."""
    check_config("demo", as_json=True)
    doubts = json.loads(capsys.readouterr().out)["doubts"]
    check_config("demo")
    shown = capsys.readouterr().out
    assert any("no zone is a fire_lane: fire-lane-blocked will find nothing" in doubt for doubt in doubts)
    for doubt in doubts:
        assert f"look again: {doubt}" in shown
