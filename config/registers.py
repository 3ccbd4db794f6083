"""Smaller registers, each of which a site may have or not: grid cells, permits, and days on which shops are closed."""

import re
from collections.abc import Collection
from datetime import date
from pathlib import Path

from config.tables import Row, rows
from domain.register import Closure, Permit

GRID = re.compile(r"[0-9A-Z]{15}")
"""A 单元网格's code."""
PERMIT_COLUMNS = ("shop_id", "matter", "first", "last", "document")
CLOSURE_COLUMNS = ("shop_id", "first", "last", "why")


def read_grids(path: Path) -> dict[str, str]:
    """`grids.csv`: the 单元网格 (GB/T 47678.3, 15 characters) of shops, devices and cameras, by their id."""
    found: dict[str, str] = {}
    for row in rows(path, ("place", "grid")):
        grid = row.text("grid")
        if not re.fullmatch(r"[0-9A-Z]{15}", grid):
            raise row.wrong(f"grid is {grid!r}; a grid's code has 15 digits or capital letters")
        if found.setdefault(row.text("place"), grid) != grid:
            raise row.wrong(f"place {row.text('place')!r} has the grid {found[row.text('place')]!r} already")
    return found


def read_permits(path: Path, shops: Collection[str], matters: Collection[str]) -> tuple[Permit, ...]:
    """`permits.csv`: what shops may do, from the first day to the last, and by which document."""
    return tuple(permit_of(row, shops, matters) for row in rows(path, PERMIT_COLUMNS))


def permit_of(row: Row, shops: Collection[str], matters: Collection[str]) -> Permit:
    """One line of it."""
    first, last = _days(row)
    return Permit(
        shop_id=row.one_of("shop_id", shops),
        matter=row.one_of("matter", matters),
        first=first,
        last=last,
        document=row.text("document"),
    )


def read_closures(path: Path, shops: Collection[str]) -> tuple[Closure, ...]:
    """`closures.csv`: on which days shops are closed, and why."""
    return tuple(closure_of(row, shops) for row in rows(path, CLOSURE_COLUMNS))


def closure_of(row: Row, shops: Collection[str]) -> Closure:
    """One line of it."""
    first, last = _days(row)
    return Closure(shop_id=row.one_of("shop_id", shops), first=first, last=last, why=row.text("why"))


def _days(row: Row) -> tuple[date, date]:
    first, last = day_of(row, "first"), day_of(row, "last")
    if last < first:
        raise row.wrong(f"last is {last}, which is before first, {first}")
    return first, last


def day_of(row: Row, column: str) -> date:
    """A cell as a day. Raises ConfigError."""
    text = row.text(column)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise row.wrong(f"{column} is {text!r}; write a day as 2026-11-30") from None
