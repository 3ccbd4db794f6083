"""Points sorted into the rows of the embedded store. Each reading passes here: what is known is looked up once."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from domain.clock import utc
from domain.point import Point
from domain.reading import Value
from storage.series import flaws
from storage.series.dictionary import MAX_FIELDS, Dictionary, New, Series

_MAX_REMEMBERED = 1 << 16
_INT64 = 1 << 63
_ROWS_AT_ONCE = (512, 128, 32, 8, 2, 1)

Cell = Value | None


class _Part(Struct, frozen=True, gc=False):
    """What one row takes of a point: its track, how wide the row is, and which value stands in each slot."""

    track: int
    width: int
    picks: tuple[int | None, ...]


class _Shape(Struct, frozen=True, gc=False):
    """How points of one series with the same fields in the same order become rows."""

    types: tuple[type[Value], ...]
    integers: tuple[int, ...]
    """Which of them are integers, and must fit in 64 bits."""
    straight: bool
    """Whether the values fill one row as they come."""
    parts: tuple[_Part, ...]


class Sorted(Struct, frozen=True, kw_only=True):
    """Rows to store, columns that have no place yet, and points that no store takes, with their index and why."""

    rows: dict[int, list[Cell]]
    """By width: (track, time, values …) of each row, one after the other. A track has one width."""
    new: New
    rejected: list[tuple[int, str]]


class Sorter:
    """Sorts points by what a dictionary knows."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        # Tags are one object for all points of a device: its address finds the series without comparing text. The
        # tags are kept beside it, so that no other object can have that address.
        self._remembered: dict[int, tuple[object, Series]] = {}

    def sort(self, points: Sequence[Point], *, oldest_ms: int = 0) -> Sorted:
        """Points before `oldest_ms` are rejected. Nothing is changed in the dictionary or the file."""
        out = Sorted(rows={}, new={}, rejected=[])
        rows, remembered = out.rows, self._remembered
        first_ms, end_ms = max(flaws.FIRST_MS, oldest_ms), flaws.END_MS
        for index, point in enumerate(points):
            fields, at_ms = point.fields, point.at_ms
            series = remembered.get(id(point.tags))
            if series is None or series[0] is not point.tags or series[1].measurement != point.measurement:
                series = self._remember(point)
            if series is not None:
                shape = series[1].shapes.get(tuple(fields))
                values = tuple(fields.values())
                if (
                    isinstance(shape, _Shape)
                    and tuple(map(type, values)) == shape.types
                    and (total := sum(values)) - total == 0  # neither NaN nor infinite
                    and first_ms <= at_ms < end_ms
                    and (not shape.integers or _fit(values, shape.integers))
                ):
                    if shape.straight:
                        part = shape.parts[0]
                        row = rows.get(part.width)
                        if row is None:
                            row = rows[part.width] = []
                        row += (part.track, at_ms, *values)
                    else:
                        _add(rows, shape, at_ms, values)
                    continue
            self._with_care(index, point, out, oldest_ms)
        return out

    def _remember(self, point: Point) -> tuple[object, Series] | None:
        series = self._dictionary.series(point.measurement, point.tags)
        if series is None:
            return None
        if len(self._remembered) >= _MAX_REMEMBERED:
            self._remembered.clear()
        self._remembered[id(point.tags)] = found = (point.tags, series)
        return found

    def _with_care(self, index: int, point: Point, out: Sorted, oldest_ms: int) -> None:
        """Any point at all."""
        if wrong := flaws.of_point(point) or _too_old(point.at_ms, oldest_ms) or self._type_conflict(point):
            out.rejected.append((index, wrong))
            return
        series = self._dictionary.series(point.measurement, point.tags)
        names = tuple(point.fields)
        if series is None or not series.columns.keys() >= set(names):
            known = series.columns if series else {}
            if len(known) + len(names) > MAX_FIELDS:
                out.rejected.append((index, f"a series has at most {MAX_FIELDS} fields"))
                return
            for field, value in point.fields.items():
                if field not in known:
                    out.new.setdefault((point.measurement, point.tags, field), type(value))
            return
        shape = series.shapes.get(names)
        if not isinstance(shape, _Shape):
            shape = series.shapes[names] = _shape(series, names)
        _add(out.rows, shape, point.at_ms, tuple(point.fields.values()))

    def _type_conflict(self, point: Point) -> str | None:
        for field, value in point.fields.items():
            known = self._dictionary.type_of(point.measurement, field)
            if known is not type(value) and known is not None:
                return (
                    f"field type conflict: {field!r} of {point.measurement!r} is {known.__name__}, "
                    f"not {type(value).__name__} {value!r}"
                )
        return None


def pieces(cells: list[Cell], per_row: int) -> Iterator[tuple[int, list[Cell]]]:
    """Rows in pieces of few sizes, so that the statements are known already. Few steps: see storage/sqlite.py."""
    start = 0
    for count in _ROWS_AT_ONCE:
        size = count * per_row
        while len(cells) - start >= size:
            yield count, cells[start : start + size]
            start += size


def _too_old(at_ms: int, oldest_ms: int) -> str | None:
    if at_ms >= oldest_ms:
        return None
    return (
        f"its time is {utc(at_ms):%Y-%m-%d %H:%M} UTC, more than series.keep_raw and a day ago: of the hours before "
        f"{utc(oldest_ms):%Y-%m-%d %H:%M} UTC only figures are kept, and it may be in them already"
    )


def _fit(values: Sequence[Value], integers: Sequence[int]) -> bool:
    return all(-_INT64 <= values[index] < _INT64 for index in integers)


def _add(rows: dict[int, list[Cell]], shape: _Shape, at_ms: int, values: Sequence[Value]) -> None:
    for part in shape.parts:
        row = rows.setdefault(part.width, [])
        row += (part.track, at_ms, *[None if pick is None else values[pick] for pick in part.picks])


def _shape(series: Series, names: tuple[str, ...]) -> _Shape:
    widths: dict[int, int] = {}
    for column in series.columns.values():
        widths[column.track] = max(widths.get(column.track, 0), column.slot + 1)
    columns = [series.columns[name] for name in names]
    parts = []
    for track in sorted({column.track for column in columns}):
        where = {column.slot: index for index, column in enumerate(columns) if column.track == track}
        parts.append(_Part(track, widths[track], tuple(where.get(slot) for slot in range(widths[track]))))
    types = tuple(column.type for column in columns)
    straight = len(parts) == 1 and parts[0].picks == tuple(range(len(names)))
    integers = tuple(index for index, kind in enumerate(types) if kind is int)
    return _Shape(types, integers, straight, tuple(parts))
