"""Age in the embedded store: old points become hourly figures, and old figures go.

An hour's points and its figures change places in one transaction, so that each value counts once, whenever the process
ends. Each step is short: writing goes on between two of them.
"""

import msgspec

from domain.clock import utc
from storage.series import statements
from storage.series.dictionary import SLOTS
from storage.series.grid import HOUR_MS
from storage.sqlite import Database

_SERIES_AT_ONCE = 100
_COLUMNS_AT_ONCE = 1000
_OLD_HOURS = "SELECT hour FROM hours WHERE hour < ? ORDER BY hour"
_NEXT_TRACK = "SELECT min(track) FROM points WHERE hour = ? AND track >= ?"
_SLOTS_IN_USE = f"SELECT min(coalesce(max(place), -1) + 1, {SLOTS}) FROM columns"
_EMPTY = "DELETE FROM hours WHERE hour = ? AND NOT EXISTS (SELECT 1 FROM points WHERE points.hour = hours.hour)"
_ROLLED_UP_TO = "SELECT rolled_up_to_hour FROM upkeep"
_ROLL_UP_TO = "INSERT OR REPLACE INTO upkeep VALUES (1, ?)"
_DROP = "DELETE FROM hourly WHERE column_id IN (SELECT value FROM json_each(?)) AND hour < ?"


def maintain(db: Database, *, raw_from_ms: int, hourly_from_ms: int) -> str:
    """Roll up every hour that ends before `raw_from_ms`; drop the figures of those before `hourly_from_ms`."""
    with db.transaction() as connection:
        # First, for from now on no point of these hours may come. It may go back: a clock that once ran far ahead must
        # not keep all points out for good.
        connection.execute(_ROLL_UP_TO, (raw_from_ms // HOUR_MS,))
        hours = [row[0] for row in connection.execute(_OLD_HOURS, (raw_from_ms // HOUR_MS,))]
    points = sum(_roll_up(db, hour) for hour in hours)
    dropped = _drop(db, hourly_from_ms // HOUR_MS)
    if not points and not dropped:
        return "nothing is older than it is to be kept"
    return (
        f"{points} points before {utc(raw_from_ms // HOUR_MS * HOUR_MS):%Y-%m-%d %H:%M} UTC became hourly figures; "
        f"{dropped} figures were dropped"
    )


def rolled_up_to_ms(db: Database) -> int:
    """Of the hours before it only figures are kept; 0 as long as there are none."""
    row = db.reader().execute(_ROLLED_UP_TO).fetchone()
    return 0 if row is None else int(row[0]) * HOUR_MS


def _roll_up(db: Database, hour: int) -> int:
    """How many points were rolled up."""
    points = 0
    with db.writer() as connection:
        slots = connection.execute(_SLOTS_IN_USE).fetchone()[0]
        first = connection.execute(_NEXT_TRACK, (hour, 0)).fetchone()[0]
    while first is not None:
        end = ((first >> 8) + _SERIES_AT_ONCE) << 8
        with db.transaction() as connection:
            for slot in range(slots):
                connection.execute(statements.roll_up(slot), {"hour": hour, "first": first, "end": end})
            gone = connection.execute(statements.FORGET, {"hour": hour, "first": first, "end": end})
            points += gone.rowcount
            first = connection.execute(_NEXT_TRACK, (hour, end)).fetchone()[0]
    with db.transaction() as connection:
        connection.execute(_EMPTY, (hour,))
    return points


def _drop(db: Database, before_hour: int) -> int:
    dropped = 0
    with db.writer() as connection:
        columns = [row[0] for row in connection.execute("SELECT id FROM columns")]
    for start in range(0, len(columns), _COLUMNS_AT_ONCE):
        some = msgspec.json.encode(columns[start : start + _COLUMNS_AT_ONCE]).decode()
        with db.transaction() as connection:
            dropped += connection.execute(_DROP, (some, before_hour)).rowcount
    return dropped
