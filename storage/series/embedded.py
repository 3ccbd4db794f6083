"""The series store that needs no server: one SQLite file."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from domain.errors import PointsRejected, StoreUnavailable
from domain.point import Point
from domain.reading import Value
from storage.series import dictionary, flaws
from storage.series.dictionary import Column, Dictionary, Tags
from storage.sqlite import Database, is_trouble

# One row is one point, its fields a JSON object of column numbers and values: half the bytes and twice the speed
# of a row for each value (docs/decisions/0003). The values are numbers and booleans only.
_SCHEMA = f"""
{dictionary.SCHEMA}
CREATE TABLE IF NOT EXISTS points (
    series_id INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (series_id, at_ms)
) WITHOUT ROWID;
"""
# JSON carries a whole batch into one statement with one step; see storage/sqlite.py for why that counts.
_WRITE = """
INSERT INTO points (series_id, at_ms, fields)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
FROM json_each(?) WHERE true
ON CONFLICT (series_id, at_ms) DO UPDATE SET fields = json_patch(fields, excluded.fields)
"""
_WANTED = """
WITH wanted AS (
    SELECT key AS place, json_extract(value, '$[0]') AS series_id, '$."' || json_extract(value, '$[1]') || '"' AS path
    FROM json_each(?)
)
"""
_LATEST = f"""
{_WANTED}
SELECT place, at_ms, json_extract(fields, path) FROM wanted JOIN points USING (series_id)
WHERE at_ms = (
    SELECT at_ms FROM points AS older
    WHERE older.series_id = wanted.series_id AND json_type(older.fields, path) IS NOT NULL
    ORDER BY older.at_ms DESC LIMIT 1
)
"""
_RANGE = f"""
{_WANTED}
SELECT place, at_ms, json_extract(fields, path) FROM wanted JOIN points USING (series_id)
WHERE at_ms >= ? AND at_ms < ? AND json_type(fields, path) IS NOT NULL
ORDER BY at_ms, place
"""
# No text stands in `fields`, so that each colon is one value.
_COUNT = "SELECT coalesce(sum(length(fields) - length(replace(fields, ':', ''))), 0) FROM points"

Row = tuple[int, int, dict[str, Value]]
New = dict[tuple[str, Tags, str], type[Value]]


class EmbeddedSeries:
    """Points in one file. Other processes may open it too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = Database(path, _SCHEMA, cache_mib=16)
        self._dictionary = Dictionary(self._db)

    def write(self, points: Sequence[Point]) -> None:
        """Store the points durably. Raises StoreUnavailable, or PointsRejected when all others are stored."""
        with self._asking():
            rows, new, rejected = self._sorted_out(points)
            if new:
                self._dictionary.add(new)
                rows, _, rejected = self._sorted_out(points)
            if rows:
                with self._db.writer() as connection:
                    connection.execute(_WRITE, (msgspec.json.encode(rows).decode(),))
        if rejected:
            raise PointsRejected(rejected)

    def latest(self, measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field, with its time in ms, over all points that carry at least these tags."""
        out: dict[str, tuple[int, Value]] = {}
        with self._asking():
            columns = self._dictionary.matching(measurement, tags)
            found = self._db.reader().execute(_LATEST, (_wanted(columns),)).fetchall()
        for place, at_ms, value in found:
            column = columns[place]
            if column.field not in out or out[column.field][0] < at_ms:
                out[column.field] = (at_ms, column.type(value))
        return out

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values of one field with start ≤ time < stop, oldest first, of all such points."""
        with self._asking():
            columns = [one for one in self._dictionary.matching(measurement, tags) if one.field == field]
            found = self._db.reader().execute(_RANGE, (_wanted(columns), start_ms, stop_ms)).fetchall()
        return [(at_ms, columns[place].type(value)) for place, at_ms, value in found]

    def count(self) -> int:
        """How many field values are stored. It reads all of them: not for the hot path."""
        with self._asking():
            row = self._db.reader().execute(_COUNT).fetchone()
        return int(row[0])

    def reachable(self) -> bool:
        """Whether the file answers."""
        try:
            self._db.reader().execute("SELECT 1 FROM points LIMIT 1").fetchone()
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        """Close the file. Nothing may be called afterwards."""
        self._db.close()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if not is_trouble(error):
                raise
            raise StoreUnavailable(f"{self._path}: {error}") from error

    def _sorted_out(self, points: Sequence[Point]) -> tuple[list[Row], New, list[tuple[int, str]]]:
        """Rows to store, columns that have no number yet, and points that no store takes."""
        rows: list[Row] = []
        new: New = {}
        rejected: list[tuple[int, str]] = []
        for index, point in enumerate(points):
            if wrong := flaws.of_point(point) or self._type_conflict(point):
                rejected.append((index, wrong))
                continue
            columns = self._dictionary.columns(point.measurement, point.tags)
            try:
                fields = {columns[field].key: value for field, value in point.fields.items()}
                rows.append((columns[next(iter(point.fields))].series_id, point.at_ms, fields))
            except KeyError:
                for field, value in point.fields.items():
                    if field not in columns:
                        new.setdefault((point.measurement, point.tags, field), type(value))
        return rows, new, rejected

    def _type_conflict(self, point: Point) -> str | None:
        for field, value in point.fields.items():
            known = self._dictionary.type_of(point.measurement, field)
            if known is not type(value) and known is not None:
                return (
                    f"field type conflict: {field!r} of {point.measurement!r} is {known.__name__}, "
                    f"not {type(value).__name__} {value!r}"
                )
        return None


def _wanted(columns: Sequence[Column]) -> str:
    return msgspec.json.encode([(column.series_id, column.key) for column in columns]).decode()
