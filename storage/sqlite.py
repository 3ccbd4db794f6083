"""SQLite as every store here uses it: write-ahead log, one writer, and a reader of its own for each thread.

Python lets go of its lock at every step of a statement, and with another thread busy it gets it back only
5 ms later. What is hot is therefore written as one statement with one step, never as a loop over rows.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from domain.errors import StoreUnavailable

_BUSY_S = 10.0
_SWITCHES = 5
"""Tries to have a file write its log ahead. Whoever is refused waited for another that switched it, or made it."""
_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
    }
)
_DAMAGE = frozenset(
    {
        0,  # of Python's own: a text that is none
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_EMPTY,
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_FORMAT,
        sqlite3.SQLITE_INTERNAL,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_TOOBIG,
    }
)
_MISUSE = (sqlite3.ProgrammingError, sqlite3.NotSupportedError)


def is_trouble(error: sqlite3.Error) -> bool:
    """Whether the disk or another process is to blame, so that the same statement may work later."""
    return _code(error) in _TROUBLE


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file's content is to blame.

    For statements that are known to be right: what else but damage takes a column away, or breaks a constraint?
    """
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _MISUSE) and _code(error) in _DAMAGE


def _code(error: sqlite3.Error) -> int:
    """SQLite's own, without what it says more closely; 0 of an error that is Python's."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def write_ahead(connection: sqlite3.Connection) -> None:
    """Have the file write its log ahead, if it does not yet. The connection is in no transaction.

    Of two processes that switch a new file at once SQLite refuses one on the spot, lest they wait for each other, with
    whatever patience. So the one refused waits for its turn by a transaction of nothing, and asks again.
    Raises sqlite3.OperationalError.
    """
    for tries_left in reversed(range(_SWITCHES)):
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as refused:
            if not tries_left or _code(refused) != sqlite3.SQLITE_BUSY:
                raise
            connection.execute("BEGIN IMMEDIATE").close()
            connection.execute("ROLLBACK").close()
        else:
            return


def open_readonly(path: Path) -> sqlite3.Connection:
    """A connection that never changes the file. Others may write at the same time.

    A file without a log beside it has nobody who writes; it is then read even where nothing may be created.
    """
    log = path.with_name(f"{path.name}-wal")
    how = "mode=ro" if log.exists() else "immutable=1"
    return sqlite3.connect(f"file:{quote(str(path))}?{how}", uri=True, timeout=_BUSY_S, isolation_level=None)


class Database:
    """One file. Threads may share it, processes may open it at the same time."""

    def __init__(
        self,
        path: Path,
        schema: str,
        *,
        synchronous: Literal["FULL", "NORMAL"] = "FULL",
        cache_mib: int = 4,
        shrinks: bool = False,
    ) -> None:
        """Open or create it. With FULL a commit survives a power cut, with NORMAL a crash of the process.

        `cache_mib` bounds the writer's memory, and how far the log grows before it is folded into the file. A file
        created with `shrinks` can give room back by `PRAGMA incremental_vacuum`. Raises StoreUnavailable if the disk
        is full, or the folder not to be written.
        """
        self._path = path
        self._lock = threading.Lock()
        self._opened: list[sqlite3.Connection] = []
        self._local = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._writer = self._open(synchronous)
            if shrinks:
                self._writer.execute("PRAGMA auto_vacuum = INCREMENTAL")  # without effect on a file that has tables
            write_ahead(self._writer)
            self._writer.execute(f"PRAGMA cache_size = -{cache_mib << 10}")
            self._writer.execute(f"PRAGMA wal_autocheckpoint = {cache_mib << 8}")  # pages of 4 KiB
            self._writer.executescript(schema)
        except BaseException as problem:
            self.close()
            if isinstance(problem, sqlite3.OperationalError) and is_trouble(problem):
                wanted = "its disk must have room, and its folder must be ours to write"
                raise StoreUnavailable(f"{path} cannot be opened ({problem}); {wanted}") from problem
            raise

    @contextmanager
    def writer(self) -> Iterator[sqlite3.Connection]:
        """The one writing connection, for this thread alone while inside. Each statement commits by itself."""
        with self._lock:
            yield self._writer

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The writing connection in one transaction: committed at the end, undone by an exception."""
        with self.writer() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def reader(self) -> sqlite3.Connection:
        """This thread's reading connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._open("NORMAL")
            connection.execute("PRAGMA query_only = ON")
        return connection

    def close(self) -> None:
        """Close every connection. No thread may use the file any more, or again."""
        with self._lock:
            while self._opened:
                self._opened.pop().close()

    def _open(self, synchronous: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        self._opened.append(connection)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        return connection
