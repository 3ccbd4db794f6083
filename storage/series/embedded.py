"""The series store that needs no server: one SQLite file."""

import itertools
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from domain.errors import PointsRejected, StoreUnavailable
from domain.point import Aggregate, Point
from domain.reading import Value
from domain.service import Requests
from storage.custody import Custody
from storage.series import flaws, grid, hourly, migration, statements
from storage.series.dictionary import SLOTS, Column, Dictionary
from storage.series.hours import StoredHours
from storage.series.rows import Sorted, Sorter, pieces
from storage.series.tally import RequestTally
from storage.sqlite import Database, is_damage, is_trouble

_FOLD_AT = 50_000
"""Rows in `recent` before they are folded: more make reading a device slower, fewer make writing slower."""
_SERIES_AT_ONCE = 32
_DAY_S = 86_400.0

Row = tuple[Any, ...]


class EmbeddedSeries:
    """Points in one file. Other processes may open it too."""

    def __init__(
        self,
        path: Path,
        *,
        keep_raw_s: float = 90 * _DAY_S,
        keep_hourly_s: float = 3650 * _DAY_S,
        late_s: float = _DAY_S,
    ) -> None:
        """Open or create it; a file of the former format is moved over first, a damaged one is set aside.

        Points stay `late_s` longer than `keep_raw_s`, so that what comes as late as that is still a point. Raises
        StoreRefused for a newer file, and for a damaged one that another process has open.
        """
        self._path = self.path = path
        self._keep_raw_ms = round((keep_raw_s + late_s) * 1000)
        self._keep_hourly_ms = round(keep_hourly_s * 1000)
        self._writes = RequestTally()
        self._custody = Custody(path)
        try:
            self._custody.open_shared(self._open)
        except BaseException:
            self._custody.release()
            raise

    def _open(self) -> None:
        migration.bring_up_to_date(self._path, EmbeddedSeries)
        self._db = Database(self._path, statements.SCHEMA, cache_mib=24)
        try:
            self._dictionary = Dictionary(self._db)
            self._sorter = Sorter(self._dictionary)
            self._recent = int(self._db.reader().execute("SELECT count(*) FROM recent").fetchone()[0])
        except BaseException:
            self._db.close()
            raise

    def write(self, points: Sequence[Point]) -> None:
        """Store them durably. Raises StoreUnavailable, StoreRefused, or PointsRejected when all others are stored.

        A point of an hour that is kept as figures only is rejected: it may be one of those that the figures are of.
        """
        with self._writes.watched(), self._asking(writing=True):
            oldest_ms = hourly.rolled_up_to_ms(self._db)
            found = self._sorter.sort(points, oldest_ms=oldest_ms)
            if found.new:
                self._dictionary.add(found.new)
                found = self._sorter.sort(points, oldest_ms=oldest_ms)
            if found.rows:
                self._insert(found)
            if self._recent >= _FOLD_AT:
                self._fold()
        if found.rejected:
            raise PointsRejected(found.rejected)

    def latest(self, measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field, with its time in ms, over all points that carry at least these tags."""
        out: dict[str, tuple[int, Value]] = {}
        columns = self._matching(measurement, tags)
        for place, at_ms, value in self._read(statements.latest, columns):
            column = columns[place]
            if column.field not in out or out[column.field][0] < at_ms:
                out[column.field] = (at_ms, column.type(value))
        return out

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values of one field with start ≤ time < stop, oldest first, of all such points."""
        columns = self._matching(measurement, tags, field)
        found = self._read(statements.in_range, columns, **_within(start_ms, stop_ms))
        return [(at_ms, columns[place].type(value)) for place, at_ms, value in found]

    def windows(
        self,
        measurement: str,
        field: str,
        tags: Mapping[str, str],
        start_ms: int,
        stop_ms: int,
        *,
        every_ms: int,
        aggregate: Aggregate,
    ) -> list[tuple[int, float | None]]:
        """One row for each window; see SeriesStore. An hour that is kept as a figure only counts if all of it lies
        between start and stop."""
        starts = grid.starts(start_ms, stop_ms, every_ms)
        whole = grid.whole_hours(start_ms, stop_ms) if every_ms % grid.HOUR_MS == 0 else (0, 0)
        found = self._read(
            lambda slots: statements.windows(slots, aggregate),
            self._matching(measurement, tags, field),
            **_within(start_ms, stop_ms),
            every=every_ms,
            first=whole[0] // grid.HOUR_MS,
            end=whole[1] // grid.HOUR_MS,
        )
        return grid.filled(starts, {row[0]: float(row[1]) for row in found})

    def export(self, start_ms: int, stop_ms: int, *, measurements: Collection[str] = ()) -> Iterator[Point]:
        """Every stored point with start ≤ time < stop: hour by hour, within it series by series. Hourly figures are no
        points; hours of which only they are left are missing."""
        first, stop = _within(start_ms, stop_ms).values()
        with self._asking():
            self._fold()
            self._dictionary.refresh()
            span = (first // grid.HOUR_MS, stop // grid.HOUR_MS)
            rows = self._ask("SELECT hour FROM hours WHERE hour BETWEEN ? AND ? ORDER BY hour", span)
        for (hour,) in rows:
            yield from self._hour(hour, first, stop, measurements)

    def hours(self) -> StoredHours:
        """Whole hours at a glance: all that was stored until now, for as long as this store is open."""
        with self._asking():
            self._fold()
        return StoredHours(self._db, self._dictionary)

    def maintain(self, now_ms: int) -> str:
        """Turn points older than `keep_raw_s` and `late_s` into hourly figures; drop those past `keep_hourly_s`."""
        with self._asking(writing=True):
            self._fold()
            return hourly.maintain(
                self._db, raw_from_ms=now_ms - self._keep_raw_ms, hourly_from_ms=now_ms - self._keep_hourly_ms
            )

    def count(self) -> int:
        """How many field values are stored. It reads all of them: not for the hot path. Hourly figures don't count."""
        with self._asking():
            return int(self._ask(statements.COUNT)[0][0])

    def extent(self) -> tuple[int, int] | None:
        """Oldest and newest time in ms, hourly figures among them; None in an empty store."""
        with self._asking():
            first, last = self._ask(statements.EXTENT)[0]
        return None if first is None else (first, last if last is not None else first)

    def size_bytes(self) -> int:
        """What the file and its log take on the disk."""
        files = (self._path, self._path.with_name(self._path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def reachable(self) -> bool:
        """Whether the file answers."""
        try:
            self._ask("SELECT 1 FROM hours LIMIT 1")
        except sqlite3.Error:
            return False
        return True

    def requests(self) -> Requests:
        """What became of the requests that carried points, since the start of the process."""
        return self._writes.figures()

    def close(self) -> None:
        """Close the file. Nothing may be called afterwards."""
        self._db.close()
        self._custody.release()

    @contextmanager
    def _asking(self, *, writing: bool = False) -> Iterator[None]:
        """Damage that keeps us from writing will have the file set aside; where old points cannot be read, it stays."""
        try:
            yield
        except sqlite3.DatabaseError as error:
            if is_trouble(error):
                raise StoreUnavailable(f"{self._path}: {error}") from error
            if not is_damage(error):
                raise
            raise self._custody.refusal(error, writing=writing) from error

    def _ask(self, statement: str, given: Sequence[object] = ()) -> list[Row]:
        return self._db.reader().execute(statement, given).fetchall()

    def _insert(self, found: Sorted) -> None:
        with self._db.transaction() as connection:
            for width, cells in found.rows.items():
                for count, some in pieces(cells, width + 2):
                    connection.execute(statements.insert(width, count), some)
                    self._recent += count

    def _fold(self) -> None:
        with self._db.transaction() as connection:
            for statement in statements.FOLD:
                connection.execute(statement)
            self._recent = 0

    def _matching(self, measurement: str, tags: Mapping[str, str], field: str | None = None) -> list[Column]:
        with self._asking():
            found = self._dictionary.matching(measurement, tags)
        return [column for column in found if field in {None, column.field}]

    def _read(self, statement: Any, columns: Sequence[Column], **given: int) -> list[Row]:
        """Rows of a statement about these columns."""
        if not columns:
            return []
        wanted = msgspec.json.encode([(column.track, column.slot, column.id) for column in columns]).decode()
        text = statement({column.slot for column in columns})
        with self._asking():
            return self._db.reader().execute(text, {"wanted": wanted, **given}).fetchall()

    def _hour(self, hour: int, start_ms: int, stop_ms: int, measurements: Collection[str]) -> Iterator[Point]:
        track: int | None = 0
        while track is not None:
            with self._asking():
                track = self._ask("SELECT min(track) FROM points WHERE hour = ? AND track >= ?", (hour, track))[0][0]
                if track is None:
                    return
                end = ((track >> 8) + _SERIES_AT_ONCE) << 8
                rows = self._ask(statements.BLOCK, (hour, track, end, start_ms, stop_ms))
            yield from self._points(rows, measurements)
            track = end

    def _points(self, rows: Sequence[Row], measurements: Collection[str]) -> Iterator[Point]:
        """Rows by track and time as points; a point with many fields has rows on several tracks."""
        for series_id, group in itertools.groupby(rows, lambda row: row[0] >> 8):
            series = self._dictionary.by_id(series_id)
            if measurements and series.measurement not in measurements:
                continue
            columns = {(column.track, column.slot): column for column in series.columns.values()}
            points: dict[int, dict[str, Value]] = {}
            for track, at_ms, *values in group:
                fields = points.setdefault(at_ms, {})
                for slot in range(SLOTS):
                    if values[slot] is not None:
                        column = columns[track, slot]
                        fields[column.field] = column.type(values[slot])
            for at_ms in sorted(points):
                yield Point(measurement=series.measurement, tags=series.tags, fields=points[at_ms], at_ms=at_ms)


def _within(start_ms: int, stop_ms: int) -> dict[str, int]:
    return {"start": max(start_ms, flaws.FIRST_MS), "stop": min(stop_ms, flaws.END_MS)}
