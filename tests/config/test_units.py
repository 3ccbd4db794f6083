"""`units.csv`: the closest line wins, and every mistake has its place."""

from pathlib import Path

import pytest

from config.units import Unit, Units, read_units
from domain.errors import ConfigError

HEAD = "sub_district,grid,matter,unit,recipient\n"
GRID = "320402001001001"
MATTERS = ("04001", "09010")


def units(tmp_path: Path, *lines: str) -> Units:
    """Read from a file."""
    file = tmp_path / "units.csv"
    file.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return read_units(file, MATTERS)


@pytest.mark.parametrize(
    ("sub_district", "grid", "matter", "unit"),
    [
        ("天宁街道", None, "09010", "天宁中队"),
        ("天宁街道", GRID, "09010", "一号网格"),
        ("天宁街道", GRID, "04001", "园林所"),
        ("红梅街道", None, "04001", "园林所"),
        ("天宁街道", None, "04001", "天宁园林站"),
        ("红梅街道", None, "09010", "区中队"),
        (None, None, "09010", "区中队"),
    ],
)
def test_the_closest_line_wins(
    tmp_path: Path, sub_district: str | None, grid: str | None, matter: str, unit: str
) -> None:
    """By how many columns it names; of as many a grid, then a matter, before a sub-district."""
    found = units(
        tmp_path,
        ",,,区中队,team:all",
        "天宁街道,,,天宁中队,team:tn",
        ",,04001,园林所,team:parks",
        f",{GRID},,一号网格,",
        "天宁街道,,04001,天宁园林站,",
        f",{GRID},04001,园林所,team:parks",
    )
    line = found.of(sub_district, grid, matter)
    assert line
    assert line.name == unit


def test_no_file_no_units(tmp_path: Path) -> None:
    """Then it is as it was."""
    found = read_units(tmp_path / "units.csv", MATTERS)
    assert found.of("天宁街道", None, "09010") is None
    assert found.called("天宁中队") is None


def test_a_unit_by_its_name(tmp_path: Path) -> None:
    """Its first line; names stand once."""
    found = units(tmp_path, "天宁街道,,,中队,team:a", "红梅街道,,,中队,team:b", ",,,区,")
    assert found.names == ("中队", "区")
    assert found.called("中队") == Unit(
        sub_district="天宁街道", grid=None, matter=None, name="中队", recipient="team:a"
    )


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("天宁街道,,,,team:a", "line 3: unit is empty"),
        ("天宁街道,12,,中队,", "line 3: grid is '12'; a grid's code has 15"),
        ("天宁街道,,1,中队,", "line 3: matter is '1'; there is 04001, 09010"),
        (",,04001,园林局,", "line 3: 04001 stands on line 2 already"),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, line: str, says: str) -> None:
    """File and line."""
    with pytest.raises(ConfigError) as wrong:
        units(tmp_path, ",,04001,园林所,", line)
    assert f"units.csv {says}" in str(wrong.value)
