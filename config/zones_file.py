"""`zones.csv` as text, with one camera's zones drawn anew: every other line stays as it is, to the byte."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from config.polygons import polygon_of
from config.tables import MOST_ZONES, SPOKEN
from domain.register import Polygon, Zone

HEADER: Final = ("camera_id", "zone", "role", "shop_id", "polygon", "anchor", "hours")
OPTIONAL: Final = ("anchor", "hours")
DECIMALS: Final = 4
"""A tenth of a pixel of 1280."""
_FORMULA: Final = ("=", "+", "-", "@")
"""What a spreadsheet would carry out instead of showing it."""
_MARK: Final = "\ufeff"


class DrawnZone(Struct, frozen=True, kw_only=True):
    """A zone as somebody has drawn it, and what it was called in the file that they saw; None: it is new."""

    zone: Zone
    was: str | None = None


class Record(Struct, frozen=True, kw_only=True):
    """One record of the file: its text, and its cells by column; no cells for the header and for empty lines."""

    text: str
    line: int
    cells: Mapping[str, str] | None = None


def drawn(zone: Zone) -> Zone:
    """The zone as it is written: spaces at the ends of its name gone, corners with `DECIMALS` places.

    Raises ValueError, with a sentence that goes on after the zone's name, for one that cannot stand in the file.
    """
    name = zone.zone.strip()
    if not SPOKEN.fullmatch(name):
        raise ValueError("must have a name of one line and 200 characters at most")
    if name.startswith(_FORMULA):
        raise ValueError(f"begins with {name[0]!r}, which a spreadsheet would carry out; begin with a letter")
    return replace(zone, zone=name, polygon=polygon_of(_corners(zone.polygon)))


def edited(text: str, camera_id: str, zones: Sequence[DrawnZone], *, before: Sequence[Zone]) -> str:
    """The file's text with these zones of a camera in place of those `before`, which it has now.

    A zone that is as it was keeps its line; one that is not has its line anew in the same place; new ones follow the
    camera's last, or stand at the end. A column is added only where a zone needs it. Raises ValueError for two zones of
    one name, for too many, and for a text that cannot be read.
    """
    _check(zones)
    records, columns = _read(text)
    needed = [name for name in OPTIONAL if name not in columns and any(getattr(one.zone, name) for one in zones)]
    end = "\r\n" if "\r\n" in records[0].text else "\n"
    if needed:
        records, columns = [_widened(record, needed) for record in records], (*columns, *needed)
    by_name, known = {one.was: one.zone for one in zones if one.was is not None}, {zone.zone: zone for zone in before}
    added = [_line(one.zone, columns, end) for one in zones if one.was is None or one.was not in known]
    out: list[str] = []
    last = None
    for record in records:
        if record.cells is None or record.cells["camera_id"].strip() != camera_id:
            out.append(record.text)
            continue
        name = record.cells["zone"].strip()
        if name in by_name:
            same = by_name[name] == known.get(name)
            out.append(record.text if same else _line(by_name[name], columns, end))
        last = len(out)
    place = len(out) if last is None else last
    if added and place > 0 and not out[place - 1].endswith(("\n", "\r")):
        out[place - 1] += end
    return "".join([*out[:place], *added, *out[place:]])


def zones_of(text: str, camera_id: str) -> dict[str, int]:
    """The lines of a camera's zones, by their names; for telling where something is wrong."""
    records, _ = _read(text)
    mine = [one for one in records if one.cells is not None and one.cells["camera_id"].strip() == camera_id]
    return {one.cells["zone"].strip(): one.line for one in mine if one.cells is not None}


def _check(zones: Sequence[DrawnZone]) -> None:
    names = [one.zone.zone for one in zones]
    for was in (one.was for one in zones if one.was is not None):
        if sum(one.was == was for one in zones) > 1:
            raise ValueError(f"two zones are said to have been {was!r}")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two zones are called {name!r}; each has a name of its own")
    if len(zones) > MOST_ZONES:
        raise ValueError(f"there are {len(zones)} zones; a look can speak of {MOST_ZONES} at most")


def _read(text: str) -> tuple[list[Record], tuple[str, ...]]:
    """Its records, the header first; an empty text is a file with nothing but the header."""
    if not text.lstrip(_MARK).strip():
        text = text + ",".join(HEADER) + "\n"
    found = _records(text)
    header, first = next(found)
    columns = tuple(cell.removeprefix(_MARK) for cell in header)
    out = [Record(text=first, line=1)]
    line = 1 + first.count("\n")
    for cells, raw in found:
        if cells and len(cells) != len(columns):
            raise ValueError(f"line {line} has {len(cells)} cells, and the header {len(columns)}")
        out.append(Record(text=raw, line=line, cells=dict(zip(columns, cells, strict=True)) if cells else None))
        line += raw.count("\n")
    return out, columns


def _records(text: str) -> Iterator[tuple[list[str], str]]:
    """Each record's cells, and its text; a quoted cell may go over several lines."""
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True)
    read = 0
    try:
        for cells in reader:
            yield cells, "".join(lines[read : reader.line_num])
            read = reader.line_num
    except csv.Error as wrong:
        raise ValueError(f"line {reader.line_num}: {wrong}") from None


def _widened(record: Record, columns: Sequence[str]) -> Record:
    """The record with more cells at its end: the columns' names in the header, else empty ones."""
    if record.line > 1 and record.cells is None:
        return record
    body = record.text.rstrip("\r\n")
    more = ("," + ",".join(columns)) if record.line == 1 else "," * len(columns)
    return replace(record, text=body + more + record.text[len(body) :])


def _line(zone: Zone, columns: Sequence[str], end: str) -> str:
    cells = {
        "camera_id": zone.camera_id,
        "zone": zone.zone,
        "role": zone.role.value,
        "shop_id": zone.shop_id or "",
        "polygon": _corners(zone.polygon),
        "anchor": zone.anchor.value if zone.anchor else "",
        "hours": zone.hours or "",
    }
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end).writerow([cells[column] for column in columns])
    return out.getvalue()


def _corners(polygon: Polygon) -> str:
    """At least three places, as people write them by hand."""
    return " ".join(f"{_share(x)},{_share(y)}" for x, y in polygon)


def _share(value: float) -> str:
    text = f"{value + 0.0:.{DECIMALS}f}"  # no -0
    return text.removesuffix("0")
