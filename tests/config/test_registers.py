"""Registers that a site may have or not."""

from datetime import date
from pathlib import Path

import pytest

from config.load import load_site
from config.registers import read_grids, read_permits
from domain.errors import ConfigError
from domain.register import Closure, Permit
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


def test_a_shop_has_hours_and_days_on_which_it_is_closed(tmp_path: Path) -> None:
    """Hours stand in a column that may be missing; of a closure both days are part of it."""
    make_site(tmp_path)
    assert {shop.hours for shop in load_site(str(tmp_path), {}).shops.values()} == {None}
    shops = tmp_path / "shops.csv"
    first, *rest = shops.read_text("utf-8").splitlines()
    shops.write_text("\n".join([f"{first},hours", f"{rest[0]},09:00-21:00", f"{rest[1]},"]), "utf-8")
    (tmp_path / "closures.csv").write_text("shop_id,first,last,why\nS1,2026-11-22,2026-11-23,装修\n", "utf-8")

    site = load_site(str(tmp_path), {})

    assert [shop.hours for shop in site.shops.values()] == ["09:00-21:00", None]
    assert site.closures == (Closure(shop_id="S1", first=date(2026, 11, 22), last=date(2026, 11, 23), why="装修"),)
    days = [date(2026, 11, day) for day in (21, 22, 23, 24)]
    assert [site.closures[0].holds(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("S9,2026-11-22,2026-11-23,装修", "closures.csv line 2: shop_id is 'S9'; there is S1, S2"),
        ("S1,2026-11-22,2026-11-21,装修", "closures.csv line 2: last is 2026-11-21, which is before first"),
        ("S1,11-22,2026-11-23,装修", "closures.csv line 2: first is '11-22'; write a day as 2026-11-30"),
        ("S1,2026-11-22,2026-11-23,", "closures.csv line 2: why is empty"),
    ],
)
def test_a_closure_that_cannot_be(tmp_path: Path, line: str, said: str) -> None:
    """File, line, what stands there, and what may."""
    make_site(tmp_path)
    (tmp_path / "closures.csv").write_text(f"shop_id,first,last,why\n{line}\n", "utf-8")

    with pytest.raises(ConfigError) as caught:
        load_site(str(tmp_path), {})
    assert said in str(caught.value)
