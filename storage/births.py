"""Birth certificates by name and place in the journal: what aliases meant when a message that uses them came."""

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from storage.sqlite import Database, is_damage, open_readonly

log = logging.getLogger(__name__)

_ANY: Final = 1 << 62
"""Beyond every place there is."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS births (
    name TEXT NOT NULL,
    seq INTEGER NOT NULL,
    birth BLOB NOT NULL,
    PRIMARY KEY (name, seq)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL);
"""
_LATEST = "SELECT seq, birth FROM births WHERE name = ? AND seq <= ? ORDER BY seq DESC LIMIT 1"
_PUT = """
INSERT INTO births VALUES (?, ?, ?)
ON CONFLICT (name, seq) DO UPDATE SET birth = excluded.birth WHERE birth <> excluded.birth
"""
# "0" is the letter after "/": between them lies everything that begins with the name and a slash.
_BELOW = "SELECT DISTINCT name FROM births WHERE name > :name || '/' AND name < :name || '0' AND seq <= :seq"
_OLDER = """
DELETE FROM births WHERE seq < (
    SELECT max(seq) FROM births AS newest WHERE newest.name = births.name AND newest.seq <= ?
)
"""


class Births:
    """One file. The readers of one journal share it; each asks for what held at its own place."""

    def __init__(self, path: Path, identity: str) -> None:
        """Open or create it. `identity` is the journal's: its places mean nothing in another.

        In a journal begun anew the senders are still the same ones. What they last said holds there from the start.
        """
        self._path = path
        try:
            self._open(identity)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self._set_aside(error)
            self._open(identity)

    def _open(self, identity: str) -> None:
        self._db = Database(self._path, _SCHEMA, cache_mib=1)
        with self._db.transaction() as connection:
            problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if problem != "ok":
                raise sqlite3.DatabaseError(problem)
            row = connection.execute("SELECT identity FROM journal").fetchone()
            if row is not None and row[0] != identity:
                _begin_anew(connection)
            connection.execute("INSERT OR REPLACE INTO journal VALUES (1, ?)", (identity,))

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        """A damaged file is kept to look at. Nothing is lost for good: nodes are asked for their births again."""
        aside = self._path.with_name(f"{self._path.name}.damaged")
        log.error("%s is damaged: %s; it becomes %s, and nodes are asked for their births", self._path, error, aside)
        if hasattr(self, "_db"):
            self._db.close()
        self._path.replace(aside)
        for beside in ("-wal", "-shm"):
            self._path.with_name(self._path.name + beside).unlink(missing_ok=True)

    def put(self, name: str, seq: int, birth: bytes) -> None:
        """Keep a birth, durably. The same again changes nothing, and costs no write."""
        if self._db.reader().execute(_LATEST, (name, seq)).fetchone() == (seq, birth):
            return
        with self._db.writer() as connection:
            connection.execute(_PUT, (name, seq, birth))

    def latest(self, name: str, seq: int) -> tuple[int, bytes] | None:
        """The newest birth at or before this place, with its own place; None if there is none."""
        row: tuple[int, bytes] | None = self._db.reader().execute(_LATEST, (name, seq)).fetchone()
        return row

    def below(self, name: str, seq: int) -> Sequence[str]:
        """Names that begin with `{name}/` and have a birth at or before this place."""
        return [found for (found,) in self._db.reader().execute(_BELOW, {"name": name, "seq": seq})]

    def prune(self, before_seq: int) -> int:
        """Forget what no reader at or after `before_seq` can ask for; returns how many births that were.

        Of each name the newest at or before it stays, and everything after.
        """
        with self._db.writer() as connection:
            return connection.execute(_OLDER, (before_seq,)).rowcount

    def close(self) -> None:
        """Close the file."""
        self._db.close()


class KeptBirths:
    """A look at the births of a file, whoever writes it. It changes and keeps open nothing; no file has no births."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, name: str, seq: int, birth: bytes) -> None:
        """Nothing: this only looks."""

    def latest(self, name: str, seq: int) -> tuple[int, bytes] | None:
        """The newest birth at or before this place, with its own place; None if there is none."""
        rows: list[tuple[int, bytes]] = self._rows(_LATEST, (name, seq))
        return rows[0] if rows else None

    def below(self, name: str, seq: int) -> Sequence[str]:
        """Names that begin with `{name}/` and have a birth at or before this place."""
        return [found for (found,) in self._rows(_BELOW, {"name": name, "seq": seq})]

    def _rows(self, asked: str, bound: Sequence[object] | Mapping[str, object]) -> list[Any]:
        if not self._path.is_file():
            return []
        try:
            with closing(open_readonly(self._path)) as connection:
                return connection.execute(asked, bound).fetchall()
        except sqlite3.Error as error:
            log.debug("%s: not read: %s", self._path, error)
            return []


def _begin_anew(connection: sqlite3.Connection) -> None:
    """Keep the newest birth of each name, and move all down together, so that the newest of them stands at 0.

    Together, because a device's birth that was older than its node's must stay so.
    """
    connection.execute(_OLDER, (_ANY,))
    newest = connection.execute("SELECT max(seq) FROM births").fetchone()[0]
    births = connection.execute("SELECT name, seq, birth FROM births").fetchall()
    connection.execute("DELETE FROM births")
    moved = [(name, seq - newest, birth) for name, seq, birth in births]
    connection.executemany("INSERT INTO births VALUES (?, ?, ?)", moved)
