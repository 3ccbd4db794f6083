"""Appending, reading, cursors, pruning."""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from domain.clock import Clock, SystemClock
from domain.errors import JournalFull, StoreUnavailable
from domain.fault import reach
from domain.message import RawMessage, Record
from storage.journal.damage import Damage, note_missing
from storage.journal.file import JournalFile
from storage.journal.groups import checksum_of, pack
from storage.journal.mend import Known
from storage.journal.prune import prune
from storage.journal.reader import END, Reader
from storage.journal.status import JournalStatus, read_status
from storage.journal.tables import CURSOR
from storage.sqlite import is_trouble

log = logging.getLogger(__name__)

_APPEND = """
INSERT INTO groups (last_seq, records, bytes, appended_ms, checksum, messages)
SELECT head + :records, :records, :bytes, :appended_ms, head + :records + :checksum, :messages FROM totals
WHERE bytes < :max_bytes AND head >= coalesce((SELECT max(last_seq) FROM groups), 0)
"""
_ADVANCE = """
INSERT INTO cursors (name, seq, mirror) SELECT :name, :seq, -:seq FROM totals WHERE head >= :seq
ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq), mirror = min(coalesce(mirror, -seq), excluded.mirror)
"""
_POLL_S = 0.05


class Journal:
    """Messages in the order they came, until every reader has passed them. Several processes may use one file.

    Any operation raises StoreUnavailable (`append`: JournalFull) if the file turns out to be damaged. The next one
    mends it: nothing needs to be done but to try again.
    """

    def __init__(self, path: Path, *, max_bytes: int, max_age_s: float = 86_400.0, clock: Clock | None = None) -> None:
        """Open or create it. `max_bytes` is the bound at which it takes no more, `max_age_s` how long it keeps
        what every reader has passed. Raises StoreUnavailable if it is damaged, and cannot be mended now.
        """
        self._path = path
        self._max_bytes = max_bytes
        self._max_age_s = max_age_s
        self._clock = clock or SystemClock()
        self._grown = threading.Condition()
        self._head = 0
        self._cursors: dict[str, int] = {}
        self.identity = ""
        """Chance, given once: a cursor kept elsewhere must name it, for a new journal counts from 1 again."""
        self._file = JournalFile(path, self._clock, self._known)
        self._reader = Reader(self._file, self._clock)
        with self._reading() as connection:
            self.identity, head = connection.execute("SELECT identity, head FROM totals").fetchone()
        self._remember(head)

    def append(self, messages: Sequence[RawMessage]) -> int:
        """Make the messages durable, all or none, and return the last one's seq.

        Raises JournalFull if the bound is reached, or the disk takes no more; try again later.
        """
        if not messages:
            return self.head()
        packed = pack(messages)
        facts: dict[str, int | bytes] = {
            "records": len(messages),
            "bytes": len(packed),
            "appended_ms": self._clock.now_ms(),
            "checksum": checksum_of(packed),
            "messages": packed,
            "max_bytes": self._max_bytes,
        }
        reach("appending")
        try:
            head = self._append(facts)
        except sqlite3.OperationalError as error:
            if not is_trouble(error):
                raise
            raise JournalFull(f"{self._path} cannot be written: {error}") from error
        except StoreUnavailable as problem:
            raise JournalFull(str(problem)) from problem
        reach("appended")
        self._remember(head)
        return head

    def _append(self, facts: dict[str, int | bytes]) -> int:
        with self._file.use() as database:
            with database.writer() as connection:
                done = connection.execute(_APPEND, facts)
                if done.rowcount and done.lastrowid:
                    return done.lastrowid
            totals = database.reader().execute("SELECT bytes FROM totals").fetchone()
            if totals is None or totals[0] < self._max_bytes:
                raise self._file.damaged("its totals are wrong")
        raise JournalFull(f"{self._path} has reached its bound of {self._max_bytes} bytes")

    def read(self, after: int, limit: int) -> list[Record]:
        """The next records, at most `limit`, with seq > `after`, in order.

        Damaged records are stepped over: a seq is then missing, and `damaged` tells what was there.
        """
        return self._reader.read(after, limit)

    def damaged(self, after: int = 0, up_to: int = END) -> list[Damage]:
        """What was lost to damage, in order: the ranges that touch the seqs behind `after`, up to `up_to`."""
        return self._reader.damaged(after, up_to)

    def skip(self, after: int) -> int:
        """Where to read on when `read(after)` has nothing: behind what is damaged there, if it is the end."""
        return self._reader.skip(after)

    def continue_after(self, seq: int) -> int:
        """Never give a seq up to `seq` again: a reader has passed it. Returns how many records are missing for that.

        None are, unless the file went back to an earlier state. What is missing is noted as damaged.
        """
        if seq <= self._head:
            return 0
        with self._file.use() as database, database.transaction() as transaction:
            (head,) = transaction.execute("SELECT head FROM totals").fetchone()
            if seq > head:
                note_missing(transaction, head + 1, seq, self._clock.now_ms())
                transaction.execute("UPDATE totals SET head = ?", (seq,))
        self._remember(max(seq, head))
        if seq <= head:
            return 0
        log.error("%s ends at %d, but was read up to %d: %d records are lost", self._path, head, seq, seq - head)
        return int(seq - head)

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
        with self._reading() as connection:
            return int(connection.execute("SELECT head FROM totals").fetchone()[0])

    def cursor(self, name: str) -> int:
        """How far the reader `name` has come; 0 if it is new. From now on nothing it has not passed is pruned."""
        with self._reading() as connection:
            known = connection.execute(f"SELECT {CURSOR} FROM cursors WHERE name = ?", (name,)).fetchone()
        if known is None:
            self.advance(name, 0)
            return 0
        self._cursors[name] = known[0]
        return int(known[0])

    def advance(self, name: str, seq: int) -> None:
        """Note durably that `name` is done with everything up to `seq`. An older seq changes nothing.

        Raises ValueError for a seq beyond the head: what is not there yet cannot have been done.
        """
        with self._file.use() as database, database.writer() as connection:
            done = connection.execute(_ADVANCE, {"name": name, "seq": seq}).rowcount
        if not done:
            raise ValueError(f"cursor {name!r} cannot go to {seq}: {self._path} ends at {self.head()}")
        self._cursors[name] = max(seq, self._cursors.get(name, 0))

    def forget(self, name: str) -> None:
        """Nobody of this name reads any more; nothing is kept for it."""
        with self._file.use() as database, database.writer() as connection:
            connection.execute("DELETE FROM cursors WHERE name = ?", (name,))
        self._cursors.pop(name, None)

    def prune(self, now_ms: int | None = None, *, keep: int = 10_000) -> int:
        """Remove what every cursor has passed, and return how many records that were.

        For inspection the newest `keep` records stay, unless they came longer than `max_age_s` ago or the journal is
        half full. Without any cursor nothing is removed.
        """
        at_ms = self._clock.now_ms() if now_ms is None else now_ms
        status = self.status(at_ms)
        if not status.cursors:
            return 0
        half_full = status.bytes >= self._max_bytes // 2
        passed = min(*status.cursors.values(), status.head)
        oldest_ms = None if half_full else at_ms - round(self._max_age_s * 1000)
        removed = prune(self._file, passed, status.head - (0 if half_full else keep), oldest_ms)
        if removed:
            with self._reading() as connection:
                self._file.state.note_pruned(
                    self.identity, connection.execute("SELECT pruned FROM totals").fetchone()[0]
                )
        return removed

    def status(self, now_ms: int | None = None) -> JournalStatus:
        """How full it is, and where everyone stands."""
        at_ms = self._clock.now_ms() if now_ms is None else now_ms
        with self._reading() as connection:
            return read_status(connection, self._path, self._max_bytes, at_ms)

    def close(self) -> None:
        """Close the file. No thread may use the journal any more."""
        self._file.close()

    def _known(self) -> Known:
        return Known(identity=self.identity or None, head=self._head, cursors=dict(self._cursors))

    def _remember(self, head: int) -> None:
        with self._grown:
            if head >= self._head:
                self._head = head
                self._file.state.note_head(self.identity, head)
            self._grown.notify_all()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._file.use() as database:
            yield database.reader()
