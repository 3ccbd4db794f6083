"""`tiers.csv`: which roads and sub-districts are managed how closely."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.tables import rows
from domain.register import Location
from domain.time_limit import Tier

NAME = "tiers.csv"


@dataclass(frozen=True, slots=True)
class Tiers:
    """The tier of every place: of its road there, else that road anywhere, else its sub-district, else `default`."""

    default: Tier = Tier.B
    named: Mapping[tuple[str, str], Tier] = field(default_factory=dict)
    """By sub-district and road, one of which may be empty."""

    def of(self, location: Location | None) -> Tier:
        """The tier of a place; of one that is not known, the default."""
        if location is None:
            return self.default
        sub_district, road = location.sub_district, location.road
        keys = ((sub_district, road), ("", road), (sub_district, ""))
        return next((self.named[key] for key in keys if key in self.named), self.default)


def read_tiers(path: Path, default: Tier) -> Tiers:
    """Read the table; no file, no tiers but the default. Raises ConfigError, with file and line, for a tier that is
    none of A, B and C, a line that names no place, and a place that is named twice."""
    named: dict[tuple[str, str], Tier] = {}
    lines: dict[tuple[str, str], int] = {}
    for row in rows(path, ("sub_district", "road", "tier")):
        place = row.optional("sub_district") or "", row.optional("road") or ""
        if not any(place):
            raise row.wrong("it names no place; fill in sub_district, road, or both")
        if place in named:
            shown = " ".join(filter(None, place))
            raise row.wrong(f"{shown!r} stands on line {lines[place]} already, with tier {named[place]}")
        named[place], lines[place] = Tier(row.one_of("tier", list(Tier))), row.line
    return Tiers(default, named)
