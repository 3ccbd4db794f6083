"""How full a journal is, how far each reader has come, and how long it will last."""

import shutil
import sqlite3
from pathlib import Path

from msgspec import Struct

from storage.journal.tables import CURSOR

_RECENT_MS = 60_000
_RECENT_GROUPS = 3000
_PAGES = ("page_size", "freelist_count")
_LEAST_ROOM_BYTES = 64 << 10
"""A disk with less than this is full: a write takes room in the log beside the file, whatever the file itself has."""
_STATUS = """
SELECT head, records, bytes, coalesce((SELECT last_seq - records + 1 FROM groups ORDER BY last_seq LIMIT 1), head + 1),
    coalesce((SELECT sum(last_seq - first_seq + 1) FROM damaged), 0)
FROM totals
"""
_UNREAD = "SELECT appended_ms FROM groups WHERE last_seq > ? ORDER BY last_seq LIMIT 1"
# The newest groups only, and in one step: this is asked every few seconds beside the busiest thread there is.
_RATE = f"""
SELECT sum(bytes), min(appended_ms) FROM
    (SELECT bytes, appended_ms FROM groups ORDER BY last_seq DESC LIMIT {_RECENT_GROUPS}) WHERE appended_ms > ?
"""


class JournalStatus(Struct, frozen=True, kw_only=True):
    """How full the journal is, and how far each reader has come."""

    head: int
    """The newest seq ever given; 0 before the first."""
    oldest: int
    """The oldest seq still held; head + 1 if none is."""
    records: int
    bytes: int
    """What the messages held take up. The file around them is larger, and shrinks some time after them."""
    max_bytes: int
    cursors: dict[str, int]
    lags: dict[str, int]
    """By cursor: how many seqs it is behind the head."""
    oldest_unread_age_s: float
    """How long ago the oldest message came that some cursor has not passed; 0 if there is none."""
    full_in_s: float | None
    """When it takes no more, if messages come as in the last minute and nothing is read; None if it isn't filling.

    0 if it takes no more already: the bound is reached, or the disk has no room. Readers that are less than a minute
    behind keep up: then it isn't filling, whatever comes.
    """
    damaged_records: int
    """How many records were lost to damage since the file was made, as far as a reader has met it."""
    free_bytes: int
    """What is left on the disk of the file."""


def read_status(connection: sqlite3.Connection, path: Path, max_bytes: int, now_ms: int) -> JournalStatus:
    """The status at `now_ms`. Raises sqlite3.OperationalError if an older version has written the file."""
    head, records, size, oldest, damaged = connection.execute(_STATUS).fetchone()
    cursors = dict(connection.execute(f"SELECT name, {CURSOR} FROM cursors ORDER BY name"))
    unread = connection.execute(_UNREAD, (min(cursors.values(), default=0),)).fetchone()
    came_ms = unread[0] if unread else None
    age_s = 0.0 if came_ms is None else max(0.0, (now_ms - came_ms) / 1000)
    free_bytes = shutil.disk_usage(path.parent).free
    room_bytes = min(max_bytes - size, free_bytes + _reusable_bytes(connection))
    if free_bytes < _LEAST_ROOM_BYTES:
        room_bytes = 0
    return JournalStatus(
        head=head,
        oldest=oldest,
        records=records,
        bytes=size,
        max_bytes=max_bytes,
        cursors=cursors,
        lags={name: head - seq for name, seq in cursors.items()},
        oldest_unread_age_s=age_s,
        full_in_s=_full_in_s(connection, room_bytes, now_ms, keeping_up=age_s * 1000 <= _RECENT_MS),
        damaged_records=damaged,
        free_bytes=free_bytes,
    )


def _reusable_bytes(connection: sqlite3.Connection) -> int:
    """What the file holds free for new messages."""
    (page_bytes,), (free_pages,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in _PAGES)
    return int(page_bytes) * int(free_pages)


def _full_in_s(connection: sqlite3.Connection, room_bytes: int, now_ms: int, *, keeping_up: bool) -> float | None:
    if room_bytes <= 0:
        return 0.0
    if keeping_up:
        return None
    came_bytes, since_ms = connection.execute(_RATE, (now_ms - _RECENT_MS,)).fetchone()
    if not came_bytes:
        return None
    return room_bytes * max(1, now_ms - int(since_ms)) / 1000 / int(came_bytes)  # not 0: it does take something
