"""The journal's file, open in several processes and threads, and mended by whoever can have it alone."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import zip_longest
from pathlib import Path

from domain.clock import Clock
from domain.errors import StoreUnavailable
from storage.journal.mend import Known, finish, mend
from storage.journal.state import StateFile
from storage.journal.tables import SCHEMA, migrate
from storage.sqlite import Database, is_damage, is_trouble, open_readonly

log = logging.getLogger(__name__)

_PATIENCE_S = 10.0
"""So long an opening waits for other processes to let go of a damaged file. Each does at its next operation."""
_RETRY_S = 0.02
_CHECKED_BYTES = 64 << 20
"""A file up to this size is checked whole when it is opened; that takes a tenth of a second."""
_AHEAD = 1 << 20
_EMPTY_PAGES = 2
_TOTALS = """
SELECT identity, head, typeof(records), typeof(bytes), coalesce((SELECT max(last_seq) FROM groups), 0) FROM totals
"""


class JournalFile:
    """Hands out the database while it is sound. Damage met by anyone closes it for all, and the next use mends it."""

    def __init__(self, path: Path, clock: Clock, known: Callable[[], Known] = Known) -> None:
        """Open or create it, and mend it if need be. `known` tells what to fall back on if the file has lost it.

        Raises StoreUnavailable if it is damaged and another process does not let go of it.
        """
        self.path = path
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        self.state = StateFile(path.with_name(f"{path.name}.state"))
        self._known = known
        self._free = threading.Condition()
        self._users = 0
        self._db: Database | None = None
        try:
            self._open(_PATIENCE_S)
        except BaseException:
            self.state.close()
            raise

    @contextmanager
    def use(self) -> Iterator[Database]:
        """The database. Not to be nested.

        Raises StoreUnavailable if the file is damaged; the next use mends it, as soon as no process uses it any more.
        """
        with self._free:
            while self._db is None or self.state.mend_wanted:
                if self._users:
                    self._free.wait()
                else:
                    self._reopen()
            self._users += 1
            database = self._db
        try:
            yield database
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            raise self.damaged(str(error)) from error
        finally:
            with self._free:
                self._users -= 1
                self._free.notify_all()

    def damaged(self, how: str) -> StoreUnavailable:
        """Have the file mended before its next use. Returns the error to raise."""
        if not self.state.mend_wanted:
            log.error("%s is damaged: %s", self.path, how)
        self.state.want_mend()
        return StoreUnavailable(f"{self.path} is damaged ({how}); it is mended before it is used again")

    def close(self) -> None:
        """Close the file. No thread may use it any more; a second close does nothing."""
        if self._db is not None:
            self._db.close()
            self._db = None
        self.state.close()

    def _reopen(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
        self.state.unlock()
        self._open(0.0)

    def _open(self, patience_s: float) -> None:
        deadline = time.monotonic() + patience_s
        while True:
            if self.state.lock_alone():
                try:
                    self._make_sound()
                    self._db = self._database()
                finally:
                    self.state.lock_shared(wait=True)
            elif self.state.lock_shared() and not self.state.mend_wanted:
                self._db = self._database()
            if self._db is not None:
                return
            self.state.unlock()
            if time.monotonic() >= deadline:
                raise StoreUnavailable(f"{self.path} is damaged, and another process has not let go of it yet")
            time.sleep(_RETRY_S)

    def _database(self) -> Database | None:
        """None if it turns out to be damaged."""
        try:
            database = Database(self.path, SCHEMA, shrinks=True)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.damaged(str(error))
            return None
        try:
            with database.transaction() as connection:
                migrate(connection)
        except sqlite3.Error as error:
            if not is_trouble(error):
                database.close()
                raise
        return database

    def _make_sound(self) -> None:
        """With nobody else around: mend the file if somebody met damage, or if it does not look right."""
        finish(self.path)
        known = self._all_known()
        if not self.state.mend_wanted:
            wrong = what_is_wrong(self.path, known)
            if wrong is None:
                return
            self.damaged(wrong)
        try:
            mend(self.path, known, self._clock.now_ms())
        except (sqlite3.Error, OSError) as problem:
            raise StoreUnavailable(f"{self.path} is damaged, and cannot be mended: {problem}") from problem
        self.state.want_mend(False)

    def _all_known(self) -> Known:
        known, (identity, head) = self._known(), self.state.head()
        (same, pruned), identity = self.state.pruned(), known.identity or identity
        return Known(
            identity=identity or None,
            head=max(known.head, head),
            pruned=pruned if same == identity else 0,
            cursors=known.cursors,
        )


def what_is_wrong(path: Path, known: Known) -> str | None:
    """Why the file needs mending, or None."""
    if not path.exists():
        return None
    if path.stat().st_size == 0:
        return "it is empty" if known.head else None
    with closing(open_readonly(path)) as connection:
        try:
            return _what_is_wrong(connection, path, known)
        except sqlite3.DatabaseError as error:
            return str(error) if is_damage(error) else None


def _what_is_wrong(connection: sqlite3.Connection, path: Path, known: Known) -> str | None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    if pages <= _EMPTY_PAGES and connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        return "it is empty" if known.head else None
    said = _wrong_totals(connection.execute(_TOTALS).fetchone(), known)
    if said is None and path.stat().st_size <= _CHECKED_BYTES:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if said == "ok" else said


def _wrong_totals(totals: tuple[object, object, object, object, object] | None, known: Known) -> str | None:
    if totals is None:
        return "it has no totals"
    identity, head, *types, last = totals
    if types != ["integer", "integer"] or not isinstance(head, int) or not isinstance(last, int) or last > head:
        return f"its totals are wrong: it ends at {head}, and its last group at {last}"
    if known.identity and _differing(str(identity), known.identity) == 1:
        return f"its identity is {identity}, and was {known.identity}"
    if identity == known.identity and head < known.head:
        return f"it ends at {head}, and has ended at {known.head}: its log is damaged"
    if identity == known.identity and head > known.head + _AHEAD:
        return f"it ends at {head}, but has never come beyond {known.head}"
    return None


def _differing(one: str, other: str) -> int:
    """In how many places. A journal put here from elsewhere differs in most, a damaged one in one."""
    return sum(a != b for a, b in zip_longest(one, other))
