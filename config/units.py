"""`units.csv`: which unit handles what where, and where it is told."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from config.registers import GRID
from config.tables import Row, rows

NAME = "units.csv"
COLUMNS = ("sub_district", "grid", "matter", "unit", "recipient")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One line: a unit, and what it handles. What is None holds for all."""

    sub_district: str | None
    grid: str | None
    matter: str | None
    name: str
    recipient: str | None = None
    """A recipient, or an address; None: the duty desk passes it on."""

    def handles(self, sub_district: str | None, grid: str | None, matter: str) -> bool:
        """Whether a case of such a place and matter is its."""
        named = ((self.sub_district, sub_district), (self.grid, grid), (self.matter, matter))
        return all(own is None or own == given for own, given in named)

    @property
    def rank(self) -> tuple[int, bool, bool]:
        """How closely it names what it handles: by how many columns; of as many, a grid, then a matter, goes first."""
        named = (self.grid is not None, self.matter is not None, self.sub_district is not None)
        return sum(named), named[0], named[1]


@dataclass(frozen=True, slots=True)
class Units:
    """All lines. Without any, a case goes to its sub-district's team."""

    lines: tuple[Unit, ...] = ()

    def of(self, sub_district: str | None, grid: str | None, matter: str) -> Unit | None:
        """The unit that handles a matter there: the line that names it most closely; None if no line does."""
        found = [unit for unit in self.lines if unit.handles(sub_district, grid, matter)]
        return max(found, key=lambda unit: unit.rank, default=None)

    def called(self, name: str) -> Unit | None:
        """The first line of a unit."""
        return next((unit for unit in self.lines if unit.name == name), None)

    @property
    def names(self) -> tuple[str, ...]:
        """Every unit once, in the order of the lines."""
        return tuple(dict.fromkeys(unit.name for unit in self.lines))


def read_units(path: Path, matters: Collection[str]) -> Units:
    """Read the table; no file, no units. Raises ConfigError, with file and line, for a matter or a grid that is none,
    and for two lines about the same."""
    seen: dict[tuple[str | None, ...], int] = {}

    def units() -> Iterator[Unit]:
        for row in rows(path, COLUMNS):
            unit = unit_of(row, matters)
            key = (unit.sub_district, unit.grid, unit.matter)
            if (line := seen.setdefault(key, row.line)) != row.line:
                shown = ", ".join(filter(None, key)) or "everything"
                raise row.wrong(f"{shown} stands on line {line} already")
            yield unit

    return Units(tuple(units()))


def unit_of(row: Row, matters: Collection[str]) -> Unit:
    """One line of it."""
    grid = row.optional("grid")
    if grid is not None and not GRID.fullmatch(grid):
        raise row.wrong(f"grid is {grid!r}; a grid's code has 15 digits or capital letters")
    return Unit(
        sub_district=row.optional("sub_district"),
        grid=grid,
        matter=row.one_of("matter", matters) if row.optional("matter") else None,
        name=row.text("unit"),
        recipient=row.optional("recipient"),
    )
