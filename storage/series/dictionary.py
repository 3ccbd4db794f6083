"""Which series there are, and where in the file the values of each of their fields stand."""

import threading
from collections import defaultdict
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from domain.reading import Value
from storage.sqlite import Database

SLOTS = 16
"""Values in one row. A series with more fields has rows on several tracks."""
MAX_FIELDS = 4096
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY,
    measurement TEXT NOT NULL,
    tags TEXT NOT NULL,
    UNIQUE (measurement, tags)
);
CREATE TABLE IF NOT EXISTS columns (
    id INTEGER PRIMARY KEY,
    series_id INTEGER NOT NULL REFERENCES series (id),
    field TEXT NOT NULL,
    type TEXT NOT NULL CHECK (type IN ('bool', 'int', 'float')),
    place INTEGER NOT NULL CHECK (place < {MAX_FIELDS}),
    UNIQUE (series_id, field),
    UNIQUE (series_id, place)
);
"""
_ADD_SERIES = """
INSERT OR IGNORE INTO series (measurement, tags)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)
"""
# Places count up within a series, in the order the fields came.
_ADD_COLUMNS = """
WITH new AS (
    SELECT key, series.id AS series_id, json_extract(value, '$[2]') AS field, json_extract(value, '$[3]') AS type
    FROM json_each(?) JOIN series
    ON series.measurement = json_extract(value, '$[0]') AND series.tags = json_extract(value, '$[1]')
), unknown AS (
    SELECT * FROM new WHERE NOT EXISTS (
        SELECT 1 FROM columns WHERE columns.series_id = new.series_id AND columns.field = new.field
    )
)
INSERT INTO columns (series_id, field, type, place)
SELECT series_id, field, type,
    (SELECT count(*) FROM columns WHERE columns.series_id = unknown.series_id)
    + row_number() OVER (PARTITION BY series_id ORDER BY key) - 1
FROM unknown ORDER BY key
"""
_ADDED = """
SELECT columns.id, series_id, measurement, tags, field, type, place
FROM columns JOIN series ON series.id = series_id
WHERE columns.id > ? ORDER BY columns.id
"""
_TYPES: Mapping[str, type[Value]] = {"bool": bool, "int": int, "float": float}

Tags = tuple[tuple[str, str], ...]
New = dict[tuple[str, Tags, str], type[Value]]
"""Columns that have no place yet, by measurement, tags and field."""


class Column(Struct, frozen=True, gc=False):
    """One field of one series: the rows of its track hold its values in one of their slots."""

    id: int
    track: int
    slot: int
    field: str
    type: type[Value]


class Series:
    """One series and its columns by field. `shapes` belongs to whoever turns points into rows."""

    __slots__ = ("columns", "id", "measurement", "shapes", "tags")

    def __init__(self, series_id: int, measurement: str, tags: Tags) -> None:
        self.id = series_id
        self.measurement = measurement
        self.tags = tags
        self.columns: dict[str, Column] = {}
        self.shapes: dict[tuple[str, ...], object] = {}


class Dictionary:
    """The series of one file, in memory. Another process may add to them: `refresh` learns of that."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._last_id = 0
        self._series: dict[tuple[str, Tags], Series] = {}
        self._by_id: dict[int, Series] = {}
        self._having: dict[tuple[str, str, str], list[Series]] = defaultdict(list)
        self._all: dict[str, list[Series]] = defaultdict(list)
        self._types: dict[tuple[str, str], type[Value]] = {}
        self.refresh()

    def series(self, measurement: str, tags: Tags) -> Series | None:
        """The series with exactly these tags; None for a new one."""
        return self._series.get((measurement, tags))

    def by_id(self, series_id: int) -> Series:
        """The series of a number that stands in the file."""
        if series_id not in self._by_id:
            self.refresh()
        return self._by_id[series_id]

    def all(self) -> list[Series]:
        """Every series known so far."""
        with self._lock:
            return list(self._by_id.values())

    def type_of(self, measurement: str, field: str) -> type[Value] | None:
        """The type of a field, the same under all tags; None for a new one."""
        return self._types.get((measurement, field))

    def matching(self, measurement: str, tags: Mapping[str, str]) -> list[Column]:
        """The columns of every series that carries at least these tags."""
        self.refresh()
        wanted = tags.items()
        with self._lock:
            lists = [self._having.get((measurement, key, value), []) for key, value in wanted]
            shortest = min(lists, key=len, default=self._all.get(measurement, []))
            return [
                column
                for series in shortest
                if wanted <= dict(series.tags).items()
                for column in series.columns.values()
            ]

    def add(self, new: New) -> None:
        """Give new columns a place, durably. The first type a field of a measurement is seen with stays its type."""
        types = dict(self._types)
        rows = [
            (measurement, msgspec.json.encode(tags).decode(), field, kind.__name__)
            for (measurement, tags, field), kind in new.items()
            if types.setdefault((measurement, field), kind) is kind
        ]
        packed = msgspec.json.encode(rows).decode()
        with self._db.transaction() as connection:
            connection.execute(_ADD_SERIES, (packed,))
            connection.execute(_ADD_COLUMNS, (packed,))
        self.refresh()

    def refresh(self) -> None:
        """Learn what has been added to the file."""
        with self._lock:
            added = self._db.reader().execute(_ADDED, (self._last_id,)).fetchall()
            for column_id, series_id, measurement, packed, field, type_name, place in added:
                series = self._by_id.get(series_id) or self._learn(series_id, measurement, packed)
                kind = _TYPES[type_name]
                track = series_id << 8 | place // SLOTS
                series.columns[field] = Column(column_id, track, place % SLOTS, field, kind)
                series.shapes = {}
                self._types[measurement, field] = kind
                self._last_id = column_id

    def _learn(self, series_id: int, measurement: str, packed: str) -> Series:
        tags = msgspec.json.decode(packed, type=Tags)
        series = Series(series_id, measurement, tags)
        self._series[measurement, tags] = self._by_id[series_id] = series
        self._all[measurement].append(series)
        for key, value in tags:
            self._having[measurement, key, value].append(series)
        return series
