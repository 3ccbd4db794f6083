"""Registers that a site may have or not."""

from datetime import date
from pathlib import Path

import pytest

from config.load import load_site
from config.registers import read_grids, read_permits
from domain.errors import ConfigError
from domain.register import Permit
from tests.cases.city import make_site

PERMITS = "shop_id,matter,first,last,document\n"
GRIDS = "place,grid\n"


def test_a_site_has_none_of_them(tmp_path: Path) -> None:
    """Until somebody brings them."""
    site = make_site(tmp_path)

    assert (site.permits, site.grids) == ((), {})


def test_a_permit_holds_from_its_first_to_its_last_day(tmp_path: Path) -> None:
    """Both are part of it."""
    make_site(tmp_path)
    (tmp_path / "permits.csv").write_text(f"{PERMITS}S1,09005,2026-10-01,2026-10-07,常城管〔2026〕12 号\n", "utf-8")
    (tmp_path / "grids.csv").write_text(f"{GRIDS}S1,320402001000101\n", encoding="utf-8")
    site = load_site(str(tmp_path), {})
    (permit,) = site.permits

    assert permit == Permit(shop_id="S1", matter="09005", first=date(2026, 10, 1), last=date(2026, 10, 7),
                            document="常城管〔2026〕12 号")  # fmt: skip
    assert [permit.holds(date(2026, 9, 30)), permit.holds(date(2026, 10, 1))] == [False, True]
    assert [permit.holds(date(2026, 10, 7)), permit.holds(date(2026, 10, 8))] == [True, False]
    assert site.grids == {"S1": "320402001000101"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("S9,09005,2026-10-01,2026-10-07,x", "shop_id is 'S9'; there is S1"),
        ("S1,99999,2026-10-01,2026-10-07,x", "matter is '99999'; there is 09005"),
        ("S1,09005,1.10.2026,2026-10-07,x", "first is '1.10.2026'; write a day as 2026-11-30"),
        ("S1,09005,2026-10-08,2026-10-07,x", "last is 2026-10-07, which is before first, 2026-10-08"),
        ("S1,09005,2026-10-01,2026-10-07,", "document is empty"),
    ],
)
def test_a_wrong_permit_is_told_with_its_line(tmp_path: Path, line: str, problem: str) -> None:
    """The column, its value, what is allowed."""
    file = tmp_path / "permits.csv"
    file.write_text(f"{PERMITS}S1,09005,2026-10-01,2026-10-07,x\n{line}\n", encoding="utf-8")

    with pytest.raises(ConfigError) as wrong:
        read_permits(file, {"S1": 0}, {"09005": 0})
    assert problem in str(wrong.value)
    assert wrong.value.line == 3


@pytest.mark.parametrize(
    ("lines", "problem"),
    [("S1,3204", "grid is '3204'"), ("S1,320402001000101\nS1,320402001000102", "place 'S1' has the grid")],
)
def test_a_wrong_grid_is_told(tmp_path: Path, lines: str, problem: str) -> None:
    """Codes that are none, and places of two."""
    file = tmp_path / "grids.csv"
    file.write_text(f"{GRIDS}{lines}\n", encoding="utf-8")

    with pytest.raises(ConfigError) as wrong:
        read_grids(file)
    assert problem in str(wrong.value)
