"""The durable log between the broker and everyone else."""

import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
from msgspec import Struct

from domain.errors import JournalFull
from domain.message import RawMessage, Record
from storage.sqlite import Database, is_trouble

# One row holds one appended group, so that a group is one statement with one step however many messages it has.
# The triggers keep the totals in that same step.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS groups (
    last_seq INTEGER PRIMARY KEY,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    messages BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS totals (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    identity TEXT NOT NULL,
    head INTEGER NOT NULL,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
INSERT OR IGNORE INTO totals VALUES (1, lower(hex(randomblob(8))), 0, 0, 0);
CREATE TABLE IF NOT EXISTS cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS group_added AFTER INSERT ON groups BEGIN
    UPDATE totals SET head = new.last_seq, records = records + new.records, bytes = bytes + new.bytes;
END;
CREATE TRIGGER IF NOT EXISTS group_removed AFTER DELETE ON groups BEGIN
    UPDATE totals SET records = records - old.records, bytes = bytes - old.bytes;
END;
"""
_APPEND = """
INSERT INTO groups (last_seq, records, bytes, messages)
SELECT head + :records, :records, :bytes, :messages FROM totals WHERE bytes < :max_bytes
"""
_READ = "SELECT last_seq, records, messages FROM groups WHERE last_seq > ? ORDER BY last_seq"
_ADVANCE = """
INSERT INTO cursors (name, seq) SELECT :name, :seq FROM totals WHERE head >= :seq
ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq)
"""
_PRUNE = """
DELETE FROM groups WHERE last_seq IN
    (SELECT last_seq FROM groups WHERE last_seq <= ? ORDER BY last_seq LIMIT 100)
RETURNING records
"""
_STATUS = """
SELECT head, records, bytes, (SELECT last_seq - records + 1 FROM groups ORDER BY last_seq LIMIT 1) FROM totals
"""
_POLL_S = 0.05

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[RawMessage]).decode


class JournalStatus(Struct, frozen=True, kw_only=True):
    """How full the journal is, and how far each reader has come."""

    head: int
    """The newest seq ever given; 0 before the first."""
    oldest: int
    """The oldest seq still held; head + 1 if none is."""
    records: int
    bytes: int
    """What the messages held take up; the file around them never shrinks, but is used again."""
    max_bytes: int
    cursors: dict[str, int]


class Journal:
    """Messages in the order they came, until every reader has passed them. Two processes may use one file."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        """Open or create it. `max_bytes` is the bound at which it takes no more."""
        self._path = path
        self._max_bytes = max_bytes
        self._db = Database(path, _SCHEMA)
        self._grown = threading.Condition()
        self._head = self.head()
        self.identity: str = self._db.reader().execute("SELECT identity FROM totals").fetchone()[0]
        """Chance, given once: a cursor kept elsewhere must name it, for a new journal counts from 1 again."""

    def append(self, messages: Sequence[RawMessage]) -> int:
        """Make the messages durable, all or none, and return the last one's seq.

        Raises JournalFull if the bound is reached, or the disk takes no more; try again later.
        """
        if not messages:
            return self.head()
        packed = _encode(messages)
        facts = {"records": len(messages), "bytes": len(packed), "messages": packed, "max_bytes": self._max_bytes}
        try:
            with self._db.writer() as connection:
                done = connection.execute(_APPEND, facts)
                head = done.lastrowid if done.rowcount else None
        except sqlite3.OperationalError as error:
            if not is_trouble(error):
                raise
            raise JournalFull(f"{self._path} cannot be written: {error}") from error
        if head is None:
            raise JournalFull(f"{self._path} has reached its bound of {self._max_bytes} bytes")
        with self._grown:
            self._head = max(self._head, head)
            self._grown.notify_all()
        return head

    def read(self, after: int, limit: int) -> list[Record]:
        """The next records, at most `limit`, with seq > `after`, in order."""
        found: list[Record] = []
        with closing(self._db.reader().execute(_READ, (after,))) as groups:
            for last_seq, records, packed in groups:
                numbered = enumerate(_decode(packed), last_seq - records + 1)
                found += [Record(seq=seq, message=message) for seq, message in numbered if seq > after]
                if len(found) >= limit:
                    break
        return found[:limit]

    def wait(self, after: int, timeout_s: float) -> bool:
        """True as soon as there is something after `after`; False if nothing came in time.

        An append of another process is seen within 50 ms, one of this process at once.
        """
        deadline = time.monotonic() + timeout_s
        while (left := deadline - time.monotonic()) > 0:
            if self._head > after or self.head() > after:
                return True
            with self._grown:
                if self._head <= after:
                    self._grown.wait(min(left, _POLL_S))
        return self.head() > after

    def head(self) -> int:
        """The newest seq; 0 before the first. It never falls, not even when all is pruned."""
        row = self._db.reader().execute("SELECT head FROM totals").fetchone()
        return int(row[0])

    def cursor(self, name: str) -> int:
        """How far the reader `name` has come; 0 if it is new. From now on nothing it has not passed is pruned."""
        known = self._cursors().get(name)
        if known is None:
            self.advance(name, 0)
            return 0
        return known

    def advance(self, name: str, seq: int) -> None:
        """Note durably that `name` is done with everything up to `seq`. An older seq changes nothing.

        Raises ValueError for a seq beyond the head: what is not there yet cannot have been done.
        """
        with self._db.writer() as connection:
            if not connection.execute(_ADVANCE, {"name": name, "seq": seq}).rowcount:
                raise ValueError(f"cursor {name!r} cannot go to {seq}: {self._path} ends at {self.head()}")

    def forget(self, name: str) -> None:
        """Nobody of this name reads any more; nothing is kept for it."""
        with self._db.writer() as connection:
            connection.execute("DELETE FROM cursors WHERE name = ?", (name,))

    def prune(self, keep: int = 10_000) -> int:
        """Remove what every cursor has passed, and return how many records that were.

        The newest `keep` records stay for inspection, as long as the journal is less than half full. Without
        any cursor nothing is removed.
        """
        status = self.status()
        if not status.cursors:
            return 0
        kept = keep if status.bytes < self._max_bytes // 2 else 0
        up_to = min(*status.cursors.values(), status.head - kept)
        removed = 0
        while True:  # in small steps, so that an append never waits long
            with self._db.writer() as connection:
                gone = connection.execute(_PRUNE, (up_to,)).fetchall()
            if not gone:
                return removed
            removed += sum(records for (records,) in gone)

    def status(self) -> JournalStatus:
        """How full it is, and where everyone stands."""
        head, records, size, oldest = self._db.reader().execute(_STATUS).fetchone()
        return JournalStatus(
            head=head,
            oldest=head + 1 if oldest is None else oldest,
            records=records,
            bytes=size,
            max_bytes=self._max_bytes,
            cursors=self._cursors(),
        )

    def close(self) -> None:
        """Close the file. No thread may use the journal any more."""
        self._db.close()

    def _cursors(self) -> dict[str, int]:
        return dict(self._db.reader().execute("SELECT name, seq FROM cursors ORDER BY name"))
