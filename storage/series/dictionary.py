"""Which series there are, and the numbers they and their fields are stored under."""

import threading
from collections import defaultdict
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from domain.reading import Value
from storage.sqlite import Database

SCHEMA = """
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
    UNIQUE (series_id, field)
);
"""
_ADD_SERIES = """
INSERT OR IGNORE INTO series (measurement, tags)
SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?)
"""
_ADD_COLUMNS = """
INSERT OR IGNORE INTO columns (series_id, field, type)
SELECT series.id, json_extract(new.value, '$[2]'), json_extract(new.value, '$[3]') FROM json_each(?) AS new
JOIN series ON series.measurement = json_extract(new.value, '$[0]') AND series.tags = json_extract(new.value, '$[1]')
"""
_ADDED = """
SELECT columns.id, series_id, measurement, tags, field, type FROM columns JOIN series ON series.id = series_id
WHERE columns.id > ? ORDER BY columns.id
"""
_TYPES: Mapping[str, type[Value]] = {"bool": bool, "int": int, "float": float}

Tags = tuple[tuple[str, str], ...]


class Column(Struct, frozen=True, gc=False):
    """One field of one series."""

    series_id: int
    key: str
    """Its name in the stored points."""
    field: str
    type: type[Value]


class Dictionary:
    """The series of one file, in memory. Another process may add to them: `refresh` learns of that."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._last_id = 0
        self._columns: dict[tuple[str, Tags], dict[str, Column]] = {}
        self._having: dict[tuple[str, str, str], list[Tags]] = defaultdict(list)
        self._all: dict[str, list[Tags]] = defaultdict(list)
        self._types: dict[tuple[str, str], type[Value]] = {}
        self.refresh()

    def columns(self, measurement: str, tags: Tags) -> Mapping[str, Column]:
        """The columns of the series with exactly these tags, by field."""
        return self._columns.get((measurement, tags), {})

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
                for found in shortest
                if wanted <= dict(found).items()
                for column in self._columns[measurement, found].values()
            ]

    def add(self, new: Mapping[tuple[str, Tags, str], type[Value]]) -> None:
        """Number new columns, durably. The first type a field of a measurement is seen with stays its type."""
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
            for column_id, series_id, measurement, packed, field, type_name in added:
                tags = msgspec.json.decode(packed, type=Tags)
                if (measurement, tags) not in self._columns:
                    self._columns[measurement, tags] = {}
                    self._all[measurement].append(tags)
                    for key, value in tags:
                        self._having[measurement, key, value].append(tags)
                kind = _TYPES[type_name]
                self._columns[measurement, tags][field] = Column(series_id, str(column_id), field, kind)
                self._types[measurement, field] = kind
                self._last_id = column_id
