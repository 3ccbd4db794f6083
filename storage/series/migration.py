"""A file of the former format, moved over when it is opened."""

import itertools
import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from domain.errors import StoreRefused
from domain.point import Point
from domain.reading import Value
from storage.series.statements import VERSION

log = logging.getLogger(__name__)

_BATCH = 5000
_TYPES: dict[str, type[Value]] = {"bool": bool, "int": int, "float": float}
_SERIES = "SELECT id, measurement, tags FROM series"
_COLUMNS = "SELECT id, field, type FROM columns"
_POINTS = "SELECT series_id, at_ms, fields FROM points ORDER BY series_id, at_ms"


class _Store(Protocol):
    def write(self, points: Sequence[Point]) -> None: ...
    def close(self) -> None: ...


def bring_up_to_date(path: Path, open_new: Callable[[Path], _Store]) -> None:
    """Nothing for a file of today's format, or none. A crash in between leaves the old file as it was.

    Raises StoreRefused for a file that a later version has written.
    """
    if not path.exists():
        return
    old = sqlite3.connect(path)
    try:
        version = old.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreRefused(f"{path} has format {version}; this version of longcheng reads formats up to {VERSION}")
        if version == VERSION or not old.execute("SELECT 1 FROM sqlite_master WHERE name = 'points'").fetchone():
            return
        log.warning("%s has format %d; moving it over to %d", path, version, VERSION)
        fresh = path.with_name(path.name + ".new")
        _remove(fresh)
        _move(old, fresh, open_new)
    finally:
        old.close()
    _remove_log(path)
    fresh.replace(path)
    _remove(fresh)


def _move(old: sqlite3.Connection, fresh: Path, open_new: Callable[[Path], _Store]) -> None:
    store = open_new(fresh)
    try:
        points = _points(old)
        while batch := list(itertools.islice(points, _BATCH)):
            store.write(batch)
    finally:
        store.close()


def _points(old: sqlite3.Connection) -> Iterator[Point]:
    series = {number: (name, _tags(packed)) for number, name, packed in old.execute(_SERIES)}
    columns = {str(number): (field, _TYPES[kind]) for number, field, kind in old.execute(_COLUMNS)}
    for number, at_ms, packed in old.execute(_POINTS):
        measurement, tags = series[number]
        values = msgspec.json.decode(packed, type=dict[str, bool | int | float])
        fields = {columns[key][0]: columns[key][1](value) for key, value in values.items()}
        yield Point(measurement=measurement, tags=tags, fields=fields, at_ms=at_ms)


def _tags(packed: str) -> tuple[tuple[str, str], ...]:
    return msgspec.json.decode(packed, type=tuple[tuple[str, str], ...])


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
    _remove_log(path)


def _remove_log(path: Path) -> None:
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
