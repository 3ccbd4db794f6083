"""The SQL of the embedded store: its tables, and the statements that read them.

New points go into `recent`, a small table in the order they come; from time to time they are folded into `points`,
where the points of one hour stand together and within it those of one device. Written straight into `points`, a batch
of 5,000 devices would touch 5,000 pages; read straight from `recent`, a device would be everywhere. `newest` says in
which hour a track was last folded, so that a silent device is found at once.
"""

from collections.abc import Collection
from functools import lru_cache

from domain.point import Aggregate
from storage.series import dictionary
from storage.series.dictionary import SLOTS
from storage.series.grid import HOUR_MS

VERSION = 2

_NAMES = tuple(f"v{slot}" for slot in range(SLOTS))
# Without a type, a column keeps what it is given: eight bytes of a float are the same eight bytes when read.
_VALUES = ", ".join(_NAMES)

SCHEMA = f"""
{dictionary.SCHEMA}
CREATE TABLE IF NOT EXISTS recent (track INTEGER NOT NULL, at_ms INTEGER NOT NULL, {_VALUES});
CREATE UNIQUE INDEX IF NOT EXISTS recent_by_track ON recent (track, at_ms);
CREATE TABLE IF NOT EXISTS points (
    hour INTEGER NOT NULL,
    track INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    {_VALUES},
    PRIMARY KEY (hour, track, at_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hours (hour INTEGER PRIMARY KEY);
CREATE TABLE IF NOT EXISTS newest (track INTEGER PRIMARY KEY, hour INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS hourly (
    column_id INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    count INTEGER NOT NULL,
    sum REAL NOT NULL,
    min,
    max,
    last,
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (column_id, hour)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upkeep (one INTEGER PRIMARY KEY CHECK (one = 1), rolled_up_to_hour INTEGER NOT NULL);
PRAGMA user_version = {VERSION};
"""


def _merging(width: int) -> str:
    return "DO UPDATE SET " + ", ".join(f"{name} = coalesce(excluded.{name}, {name})" for name in _NAMES[:width])


@lru_cache(maxsize=256)
def insert(width: int, count: int) -> str:
    """Store `count` rows of (track, at_ms, `width` values) in `recent`; at one key the new values win."""
    row = f"({', '.join('?' * (width + 2))})"
    return (
        f"INSERT INTO recent (track, at_ms, {', '.join(_NAMES[:width])}) VALUES {', '.join([row] * count)} "
        f"ON CONFLICT (track, at_ms) {_merging(width)}"
    )


FOLD = (
    f"""
INSERT INTO points (hour, track, at_ms, {_VALUES})
SELECT at_ms / {HOUR_MS}, track, at_ms, {_VALUES}
FROM recent INDEXED BY recent_by_track WHERE track >= 0 ORDER BY track, at_ms
ON CONFLICT (hour, track, at_ms) {_merging(SLOTS)}
""",
    f"INSERT OR IGNORE INTO hours (hour) SELECT DISTINCT at_ms / {HOUR_MS} FROM recent",
    f"""
INSERT INTO newest (track, hour) SELECT track, max(at_ms) / {HOUR_MS} FROM recent WHERE true GROUP BY track
ON CONFLICT (track) DO UPDATE SET hour = max(hour, excluded.hour)
""",
    "DELETE FROM recent",
)
"""In one transaction."""

# What is asked for: a JSON list of [track, slot, column].
_WANTED = """
wanted AS MATERIALIZED (
    SELECT key AS place, json_extract(value, '$[0]') AS track, json_extract(value, '$[1]') AS slot,
        json_extract(value, '$[2]') AS column_id
    FROM json_each(:wanted)
)"""


def _value(table: str, slots: Collection[int]) -> str:
    """The value a wanted column has in a row."""
    if len(slots) == 1:
        return f"{table}.v{min(slots)}"
    return f"CASE slot {' '.join(f'WHEN {slot} THEN {table}.v{slot}' for slot in sorted(slots))} END"


def latest(slots: Collection[int]) -> str:
    """(place, at_ms, value): the newest of each wanted column."""
    old, new = _value("points", slots), _value("recent", slots)
    return f"""
WITH {_WANTED}, coming AS MATERIALIZED (
    SELECT wanted.*, (
        SELECT at_ms FROM recent WHERE recent.track = wanted.track AND {new} IS NOT NULL ORDER BY at_ms DESC LIMIT 1
    ) AS recent_ms FROM wanted
), found AS MATERIALIZED (
    SELECT coming.*, (
        SELECT points.at_ms FROM newest CROSS JOIN hours CROSS JOIN points
        WHERE newest.track = coming.track AND hours.hour <= newest.hour
            AND hours.hour >= coalesce(recent_ms, 0) / {HOUR_MS}
            AND points.hour = hours.hour AND points.track = coming.track AND {old} IS NOT NULL
        ORDER BY hours.hour DESC, points.at_ms DESC LIMIT 1
    ) AS points_ms, (
        SELECT last_ms FROM hourly WHERE hourly.column_id = coming.column_id ORDER BY hour DESC LIMIT 1
    ) AS hourly_ms FROM coming
), dated AS MATERIALIZED (
    SELECT *, max(coalesce(recent_ms, -1), coalesce(points_ms, -1), coalesce(hourly_ms, -1)) AS at_ms FROM found
)
SELECT place, at_ms, CASE at_ms
    WHEN recent_ms THEN (SELECT {new} FROM recent WHERE recent.track = dated.track AND recent.at_ms = dated.at_ms)
    WHEN points_ms THEN (
        SELECT {old} FROM points WHERE hour = dated.at_ms / {HOUR_MS} AND points.track = dated.track
            AND points.at_ms = dated.at_ms
    ) ELSE (
        SELECT last FROM hourly WHERE hourly.column_id = dated.column_id AND hour = dated.at_ms / {HOUR_MS}
    ) END
FROM dated WHERE at_ms >= 0
"""


def _raw(slots: Collection[int]) -> str:
    """A value that was written again stands in both tables until it is folded; the one in `recent` counts."""
    old, new = _value("points", slots), _value("recent", slots)
    return f"""
    SELECT place, recent.at_ms AS at_ms, {new} AS value FROM wanted CROSS JOIN recent
    WHERE recent.track = wanted.track AND recent.at_ms >= :start AND recent.at_ms < :stop AND {new} IS NOT NULL
    UNION ALL
    SELECT place, points.at_ms, {old} FROM wanted CROSS JOIN hours CROSS JOIN points
    WHERE hours.hour >= :start / {HOUR_MS} AND hours.hour <= :stop / {HOUR_MS}
        AND points.hour = hours.hour AND points.track = wanted.track
        AND points.at_ms >= :start AND points.at_ms < :stop AND {old} IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM recent WHERE recent.track = wanted.track AND recent.at_ms = points.at_ms AND {new} IS NOT NULL
        )
"""


def in_range(slots: Collection[int]) -> str:
    """(place, at_ms, value) with :start ≤ at_ms < :stop, oldest first."""
    return f"WITH {_WANTED} {_raw(slots)} ORDER BY at_ms, place"


_AGGREGATES = {
    Aggregate.MEAN: "sum(sum) / sum(count)",
    Aggregate.MIN: "min(min)",
    Aggregate.MAX: "max(max)",
    Aggregate.SUM: "sum(sum)",
    Aggregate.COUNT: "sum(count)",
    Aggregate.LAST: "last, max(last_ms)",  # SQLite takes `last` from the row that has the maximum
}


def windows(slots: Collection[int], aggregate: Aggregate) -> str:
    """(window's start, figure) of windows of :every ms that hold anything. Hourly figures of the hours from :first to
    before :end count too: an hour's points stand there or in `points`, never in both."""
    return f"""
WITH {_WANTED}, raw AS ({_raw(slots)}), figures AS (
    SELECT at_ms, 1 AS count, CAST(value AS REAL) AS sum, value AS min, value AS max, value AS last, at_ms AS last_ms
    FROM raw
    UNION ALL
    SELECT hour * {HOUR_MS}, count, sum, min, max, last, last_ms FROM wanted CROSS JOIN hourly
    WHERE hourly.column_id = wanted.column_id AND hour >= :first AND hour < :end
)
SELECT at_ms - at_ms % :every AS start, {_AGGREGATES[aggregate]} FROM figures GROUP BY start ORDER BY start
"""


def _filled(table: str) -> str:
    return " + ".join(f"({table}.{name} IS NOT NULL)" for name in _NAMES)


_TWICE = " + ".join(f"(recent.{name} IS NOT NULL AND points.{name} IS NOT NULL)" for name in _NAMES)
COUNT = f"""
SELECT (SELECT coalesce(sum({_filled("recent")}), 0) FROM recent)
    + (SELECT coalesce(sum({_filled("points")}), 0) FROM points)
    - (
        SELECT coalesce(sum({_TWICE}), 0) FROM recent CROSS JOIN points
        WHERE points.hour = recent.at_ms / {HOUR_MS} AND points.track = recent.track AND points.at_ms = recent.at_ms
    )
"""
BLOCK = f"""
SELECT track, at_ms, {_VALUES} FROM points WHERE hour = ? AND track >= ? AND track < ? AND at_ms >= ? AND at_ms < ?
"""
"""Rows of one hour and a span of tracks, by track and time."""
EXTENT = f"""
SELECT min(first), max(last) FROM (
    SELECT min(at_ms) AS first, max(at_ms) AS last FROM recent
    UNION ALL SELECT min(at_ms), NULL FROM points WHERE hour = (SELECT min(hour) FROM hours)
    UNION ALL SELECT NULL, max(at_ms) FROM points WHERE hour = (SELECT max(hour) FROM hours)
    UNION ALL SELECT min(hour) * {HOUR_MS}, NULL FROM hourly
)
"""
"""Oldest and newest time in ms; an hourly figure's is its hour's start."""


def roll_up(slot: int) -> str:
    """Hourly figures of one slot of one hour and a span of tracks, merged into those there are."""
    return f"""
INSERT INTO hourly (column_id, hour, count, sum, min, max, last, last_ms)
SELECT column_id, hour, count, sum, low, high, points.v{slot}, last_ms FROM (
    SELECT columns.id AS column_id, hour, track, count(*) AS count, sum(CAST(v{slot} AS REAL)) AS sum,
        min(v{slot}) AS low, max(v{slot}) AS high, max(at_ms) AS last_ms
    FROM points JOIN columns ON columns.series_id = track >> 8 AND columns.place = (track & 255) * {SLOTS} + {slot}
    WHERE hour = :hour AND track >= :first AND track < :end AND v{slot} IS NOT NULL
    GROUP BY track
) JOIN points USING (hour, track) WHERE points.at_ms = last_ms
ON CONFLICT (column_id, hour) DO UPDATE SET
    count = count + excluded.count, sum = sum + excluded.sum,
    min = min(min, excluded.min), max = max(max, excluded.max),
    last = CASE WHEN excluded.last_ms >= last_ms THEN excluded.last ELSE last END,
    last_ms = max(last_ms, excluded.last_ms)
"""


FORGET = "DELETE FROM points WHERE hour = :hour AND track >= :first AND track < :end"
