"""InfluxDB 3: the same line protocol in, SQL out."""

import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from config.schema import Series
from domain.errors import StoreRefused, StoreUnavailable
from domain.point import Aggregate, Point
from domain.reading import Value
from domain.service import Requests
from storage.series import flaws, grid, influx_answers, merging, sending
from storage.series import influx3_sql as sql
from storage.series.http import STORED, Answer, Http, failure
from storage.series.sending import Refusal

_PING_S = 3.0
_TYPES: Mapping[str, type[Value]] = {"Float64": float, "Int64": int, "UInt64": int, "Boolean": bool}
_ROWS = msgspec.json.Decoder(dict[str, Any])
_NO_DATABASE = re.compile(rb"database.*not found", re.IGNORECASE)
_TAGS = ("camera_id", "class", "device_id", "district", "port", "profile", "shop_id", "site_id", "view", "zone")
"""What our points carry. A table's tags are fixed by its first write, and that may have only some of these."""


class Influx3Series:
    """One database, named by `influx_bucket`. Points are written as they are given, an answer for each batch.

    InfluxDB 3 fixes a table's tags for ever, so tables are made with all our tags before they are written to.
    A tag and a field of one table cannot share a name: such points are rejected.
    """

    def __init__(self, settings: Series, *, timeout_s: float = 15.0) -> None:
        self._settings = settings
        self._db = settings.influx_bucket
        self._about = f"{settings.influx_url} (database {self._db!r})"
        token = {"Authorization": f"Bearer {settings.influx_token}"} if settings.influx_token else {}
        self._http = Http(settings.influx_url, headers=token, timeout_s=timeout_s)
        self._made: set[str] = set()
        self._lock = threading.Lock()

    def write(self, points: Sequence[Point]) -> None:
        """Store the points durably. Raises StoreUnavailable, StoreRefused, or PointsRejected."""
        self._make_tables(points)
        sending.write(points, self._post)

    def latest(self, measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field, with its time in ms, over all points that carry at least these tags."""
        columns, carrying = self._columns(measurement), sql.carrying(tags)
        fields = _fields(columns)
        if not fields or not columns.keys() >= tags.keys():
            return {}
        newest = {
            field: row[f"f{place}"]
            for row in self._query(sql.newest(measurement, list(fields), carrying))
            for place, field in enumerate(fields)
            if row.get(f"f{place}") is not None
        }
        if not newest:
            return {}
        out: dict[str, tuple[int, Value]] = {}
        conditions = [*carrying, sql.among(list(newest.values()))]
        for row in self._query(sql.rows(measurement, list(newest), conditions)):
            for field, at_ns in newest.items():
                if row["at_ns"] == at_ns and row.get(field) is not None:
                    out[field] = (at_ns // 1_000_000, fields[field](row[field]))
        return out

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values of one field with start ≤ time < stop, oldest first, of all such points."""
        columns = self._columns(measurement)
        conditions = _conditions(columns, field, tags, start_ms, stop_ms)
        if conditions is None:
            return []
        kind = _TYPES[columns[field]]
        found = self._query(sql.rows(measurement, [field], conditions))
        return [(row["at_ns"] // 1_000_000, kind(row[field])) for row in found]

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
        """One row for each window that holds part of start ≤ time < stop; it is computed from the points themselves."""
        wanted = grid.starts(start_ms, stop_ms, every_ms)
        conditions = _conditions(self._columns(measurement), field, tags, start_ms, stop_ms)
        if conditions is None:
            return grid.filled(wanted, {})
        found = self._query(sql.windows(measurement, field, conditions, every_ms, aggregate))
        return grid.filled(wanted, {row["at_ms"]: float(row["figure"]) for row in found})

    def export(self, start_ms: int, stop_ms: int, *, measurements: Collection[str] = ()) -> Iterator[Point]:
        """Every stored point with start ≤ time < stop, oldest hour first."""
        start_ms, stop_ms = flaws.within(start_ms, stop_ms)
        if start_ms >= stop_ms:
            return
        tables = [table for table in self._tables() if not measurements or table in measurements]
        counts: dict[int, float] = {}
        for table in tables:
            for row in self._query(sql.busy_hours(table, sql.between(start_ms, stop_ms))):
                counts[row["at_ms"]] = counts.get(row["at_ms"], 0) + row["figure"]
        for first, last in merging.pieces(counts, start_ms, stop_ms):
            yield from merging.points(row for table in tables for row in self._rows(table, first, last))

    def maintain(self, now_ms: int) -> str:
        """Nothing: version 3 keeps a database's points for as long as the database was made to, and has no tasks."""
        del now_ms
        return (
            f"InfluxDB 3 lets go of points by the retention period that the database {self._db!r} was made with "
            "(influxdb3 create database --retention-period); hourly figures are computed from the points"
        )

    def count(self) -> int:
        """How many field values are stored. It reads all of them: not for the hot path."""
        total = 0
        for table in self._tables():
            if fields := list(_fields(self._columns(table))):
                total += sum(sum(row.values()) for row in self._query(sql.counts(table, fields)))
        return total

    def reachable(self) -> bool:
        """Whether the server answers, within 3 s; it need not accept our token for that."""
        try:
            return self._http.get("/health", timeout_s=_PING_S).status < 500
        except StoreUnavailable:
            return False

    def requests(self) -> Requests:
        """What became of the requests that carried points, since the start of the process."""
        return self._http.writes.figures()

    def close(self) -> None:
        """Close the connections. Nothing may be called afterwards."""
        self._http.close()

    def _post(self, lines: bytes) -> Refusal | None:
        answer = self._http.post_lines("/api/v2/write", {"bucket": self._db, "precision": "ms"}, lines)
        if answer.status == STORED:
            return None
        if found := influx_answers.refusal(answer):
            return found
        raise self._failure(answer)

    def _make_tables(self, points: Sequence[Point]) -> None:
        """Make the tables of measurements not written to before, with all tags that they may get."""
        new = {point.measurement for point in points} - self._made
        if not new:
            return
        with self._lock:
            for measurement in sorted(new - self._made):
                own = [point for point in points if point.measurement == measurement and not flaws.of_point(point)]
                if own and self._make_table(measurement, {key for point in own for key, _ in point.tags}):
                    self._made.add(measurement)

    def _make_table(self, measurement: str, tags: set[str]) -> bool:
        """Make it, or find that it is there. False if the server finds fault with it: a write will say so better."""
        document = {"db": self._db, "table": measurement, "tags": sorted({*_TAGS, *tags}), "fields": []}
        answer = self._http.post_json("/api/v3/configure/table", document)
        if answer.status == 404:  # no such database yet
            self._http.post_json("/api/v3/configure/database", {"db": self._db})
            answer = self._http.post_json("/api/v3/configure/table", document)
        # 403, 404, 405: tables are not ours to make, or this relative of version 3 makes them by writing only
        if answer.status not in {200, 201, 204, 400, 403, 404, 405, 409}:
            raise self._failure(answer)
        return answer.status != 400

    def _rows(self, table: str, start_ms: int, stop_ms: int) -> Iterator[merging.Row]:
        columns = self._columns(table)
        tags = sorted(column for column, kind in columns.items() if kind.startswith("Dictionary"))
        fields = _fields(columns)
        for row in self._query(sql.rows(table, [*tags, *fields], sql.between(start_ms, stop_ms))):
            carried = tuple((tag, row[tag]) for tag in tags if row.get(tag))
            for field, kind in fields.items():
                if row.get(field) is not None:
                    yield table, carried, field, row["at_ns"] // 1_000_000, kind(row[field])

    def _tables(self) -> list[str]:
        return [str(row["name"]) for row in self._query(sql.TABLES)]

    def _columns(self, table: str) -> dict[str, str]:
        """The type of each column; none for a table that does not exist."""
        return {str(row["name"]): str(row["type"]) for row in self._query(sql.columns(table))}

    def _query(self, asked: str) -> list[dict[str, Any]]:
        answer = self._http.post_json("/api/v3/query_sql", {"db": self._db, "q": asked, "format": "jsonl"})
        if answer.status == 404 and _NO_DATABASE.search(answer.body):  # the first write makes it
            return []
        if answer.status != 200:
            raise self._failure(answer)
        try:
            return _ROWS.decode_lines(answer.body)
        except msgspec.DecodeError as error:
            raise StoreRefused(f"{self._about} answered a query with something that is no JSON: {error}") from error

    def _failure(self, answer: Answer) -> Exception:
        return failure(self._about, answer, influx_answers.said(answer))


def _fields(columns: Mapping[str, str]) -> dict[str, type[Value]]:
    return {column: _TYPES[kind] for column, kind in columns.items() if kind in _TYPES}


def _conditions(
    columns: Mapping[str, str], field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
) -> list[str] | None:
    """None where nothing can be found; SQL would call it an error to ask for columns that a table does not have."""
    start_ms, stop_ms = flaws.within(start_ms, stop_ms)
    if start_ms >= stop_ms or columns.get(field) not in _TYPES or not columns.keys() >= tags.keys():
        return None
    return [*sql.carrying(tags), *sql.between(start_ms, stop_ms), sql.present(field)]
