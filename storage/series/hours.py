"""The hours of an embedded store, looked at as a whole: what its values lie between, without reading each of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from domain.point import Point
from domain.reading import Value
from storage.series.dictionary import Column, Dictionary, Series, Tags
from storage.series.grid import HOUR_MS
from storage.sqlite import Database

_HOURS = "SELECT hour FROM hours WHERE hour BETWEEN ? AND ? ORDER BY hour"

_ALL = """
SELECT track, at_ms, {values} FROM json_each(:tracks) CROSS JOIN points
WHERE points.hour = :hour AND points.track = json_each.value
"""
_LAST = f"""{_ALL} AND points.at_ms = (
    SELECT max(at_ms) FROM points AS others WHERE others.hour = :hour AND others.track = json_each.value
)"""

_SECONDS = """
SELECT DISTINCT at_ms / 1000 FROM points
WHERE hour = ? AND track >> 8 IN (SELECT value FROM json_each(?))
"""


class HourOfSeries(Struct, frozen=True):
    """What one series holds of one hour."""

    series_id: int
    measurement: str
    tags: Tags
    times_ms: list[int]
    """When its points are, oldest first; one that has more than 16 fields may stand here twice."""
    ranges: dict[str, tuple[Value, Value]]
    """Smallest and largest value of each field that was asked for, and has any; switches count as 0 and 1."""
    counts: dict[str, int]
    """How many values each of these fields has."""


class StoredHours:
    """Asks an open embedded store. Points that have not been folded yet are not seen."""

    def __init__(self, db: Database, dictionary: Dictionary) -> None:
        self._db = db
        self._dictionary = dictionary

    def within(self, start_ms: int, stop_ms: int) -> list[int]:
        """Starts, in ms, of the hours that may hold points with start ≤ time < stop."""
        found = self._db.reader().execute(_HOURS, (start_ms // HOUR_MS, (stop_ms - 1) // HOUR_MS))
        return [hour * HOUR_MS for (hour,) in found]

    def tagged(self, key: str, values: Collection[str]) -> set[int]:
        """The ids of all series whose tag `key` is one of these."""
        self._dictionary.refresh()
        return {series.id for series in self._dictionary.all() if dict(series.tags).get(key) in values}

    def seconds(self, hour_ms: int, series: Collection[int]) -> list[int]:
        """The seconds since 1970, in order, of an hour in which any of these series has a point."""
        given = (hour_ms // HOUR_MS, msgspec.json.encode(list(series)).decode())
        return sorted(second for (second,) in self._db.reader().execute(_SECONDS, given))

    def summaries(
        self, hour_ms: int, fields: Collection[str], series: Collection[int] | None = None
    ) -> list[HourOfSeries]:
        """Every series that has points in the hour, or those of these ids. `fields`: those whose ranges are wanted."""
        wanted = self._slots(fields)
        slots = sorted({column.slot for columns in wanted.values() for column in columns})
        ranges = "".join(f", min(v{slot}), max(v{slot}), count(v{slot})" for slot in slots)
        asked = f"SELECT track, group_concat(at_ms - hour * {HOUR_MS}){ranges} FROM "
        given = {"hour": hour_ms // HOUR_MS, "tracks": ""}
        if series is None:
            asked += "points WHERE hour = :hour GROUP BY track"
        else:
            tracks = [track for each in series for track in _tracks(self._dictionary.by_id(each), None)]
            given["tracks"] = msgspec.json.encode(tracks).decode()
            asked += (
                "json_each(:tracks) CROSS JOIN points WHERE hour = :hour AND track = json_each.value GROUP BY track"
            )
        rows = self._db.reader().execute(asked, given).fetchall()
        found: dict[int, HourOfSeries] = {}
        for track, times, *numbers in rows:
            known = self._dictionary.by_id(track >> 8)
            hour = found[known.id] = found.get(known.id) or _empty(known)
            hour.times_ms.extend(hour_ms + int(text) for text in times.split(","))
            for column in wanted.get(track, ()):
                place = 3 * slots.index(column.slot)
                if numbers[place] is not None:
                    hour.ranges[column.field] = (numbers[place], numbers[place + 1])
                    hour.counts[column.field] = numbers[place + 2]
        return list(found.values())

    def points(
        self, hour_ms: int, wanted: Mapping[int, Collection[str] | None], *, only_last: bool = False
    ) -> Iterator[Point]:
        """Points of some series of the hour, by series id; only with these fields, None: with all of them.

        `only_last`: of each series the last one.
        """
        alike: dict[tuple[int, ...], list[tuple[int, dict[int, Column]]]] = defaultdict(list)
        for series_id, fields in wanted.items():
            for track, columns in _tracks(self._dictionary.by_id(series_id), fields).items():
                alike[tuple(sorted(columns))].append((track, columns))
        asked = _LAST if only_last else _ALL
        for slots, tracks in alike.items():
            values = ", ".join(f"v{slot}" for slot in slots)
            yield from self._rows(asked.format(values=values), hour_ms, slots, dict(tracks))

    def _rows(
        self, asked: str, hour_ms: int, slots: Sequence[int], tracks: Mapping[int, dict[int, Column]]
    ) -> Iterator[Point]:
        given = {"tracks": msgspec.json.encode(list(tracks)).decode(), "hour": hour_ms // HOUR_MS}
        rows: Iterator[Sequence[Any]] = self._db.reader().execute(asked, given)
        for track, at_ms, *found in rows:
            series = self._dictionary.by_id(track >> 8)
            columns = tracks[track]
            fields = {
                columns[slot].field: columns[slot].type(value)
                for slot, value in zip(slots, found, strict=True)
                if value is not None
            }
            if fields:
                yield Point(measurement=series.measurement, tags=series.tags, fields=fields, at_ms=at_ms)

    def _slots(self, fields: Collection[str]) -> Mapping[int, list[Column]]:
        """The columns of these fields, by track."""
        self._dictionary.refresh()
        found: dict[int, list[Column]] = defaultdict(list)
        for series in self._dictionary.all():
            for field, column in series.columns.items():
                if field in fields:
                    found[column.track].append(column)
        return found


def _empty(series: Series) -> HourOfSeries:
    return HourOfSeries(series.id, series.measurement, series.tags, [], {}, {})


def _tracks(series: Series, fields: Collection[str] | None) -> Mapping[int, dict[int, Column]]:
    found: dict[int, dict[int, Column]] = defaultdict(dict)
    for field, column in series.columns.items():
        if fields is None or field in fields:
            found[column.track][column.slot] = column
    return found
