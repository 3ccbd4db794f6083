"""A database that goes on when its file is damaged: that is set aside, and a new one begun."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from domain.errors import StoreUnavailable
from storage.custody import Custody
from storage.sqlite import Database, is_damage, is_trouble

Row = tuple[Any, ...]


class Lasting:
    """One file, for what can be done without. Each use looks whether another process has begun it anew."""

    def __init__(self, path: Path, open_it: Callable[[], Database]) -> None:
        """Open it, or begin it anew. Raises what `open_it` raises."""
        self._path = path
        self._open_it = open_it
        self._lock = threading.RLock()
        self._opened: list[Database] = []
        self._custody = Custody(path)
        try:
            self._custody.open_anew(self._open)
        except BaseException:
            self._custody.release()
            raise

    def rows(self, statement: str, given: Sequence[object] = ()) -> list[Row]:
        """What a statement finds. Raises StoreUnavailable."""
        with self._in_place() as database:
            return database.reader().execute(statement, given).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The writing connection in one transaction. Raises StoreUnavailable."""
        with self._in_place() as database, database.transaction() as connection:
            yield connection

    def close(self) -> None:
        """Close the file. No thread may use it any more."""
        for database in self._opened:
            database.close()
        self._custody.release()

    def _open(self) -> None:
        self._opened.append(self._open_it())
        self._inode = self._custody.inode()

    @contextmanager
    def _in_place(self) -> Iterator[Database]:
        if self._custody.inode() != self._inode:
            self._follow()
        database = self._opened[-1]
        try:
            yield database
        except sqlite3.DatabaseError as error:
            if is_trouble(error):
                raise StoreUnavailable(f"{self._path}: {error}") from error
            if not is_damage(error) or not self._begin_anew(database, error):
                raise
            raise StoreUnavailable(f"{self._path} was damaged ({error}), and is begun anew") from error

    def _follow(self) -> None:
        with self._lock:
            if self._custody.inode() != self._inode:
                self._custody.open_anew(self._open)

    def _begin_anew(self, database: Database, error: sqlite3.DatabaseError) -> bool:
        """Whether the file was to blame. Other threads may still be in the old one: it is closed at the end."""
        with self._lock:
            if database is not self._opened[-1]:
                return True
            return self._custody.open_anew(self._open, because=error, inode=self._inode)
