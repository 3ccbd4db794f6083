"""Reading the journal in order, over whatever is missing."""

import logging
import threading
from collections.abc import Sequence
from contextlib import closing

from domain.clock import Clock
from domain.message import RawMessage, Record
from storage.journal import damage
from storage.journal.damage import Damage
from storage.journal.file import JournalFile
from storage.journal.groups import COLUMNS, Group, Unreadable, group_of
from storage.sqlite import Database

log = logging.getLogger(__name__)

END = 1 << 62
"""Beyond every seq."""
_READ = f"SELECT {COLUMNS} FROM groups WHERE last_seq > ? ORDER BY last_seq"
_ENDS_AT = "SELECT head FROM totals WHERE NOT EXISTS (SELECT 1 FROM groups WHERE last_seq > ?)"


class Reader:
    """Threads may share it; each has the group it is in the middle of at hand."""

    def __init__(self, file: JournalFile, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._local = threading.local()

    def read(self, after: int, limit: int) -> list[Record]:
        """See Journal.read."""
        while True:
            found, unreadable = self._read(after, limit)
            if found or unreadable is None:
                return found
            self._set_aside(*unreadable)

    def _read(self, after: int, limit: int) -> tuple[list[Record], tuple[Group, Unreadable] | None]:
        """Up to the first group that cannot be read; that one too, if there is one."""
        found, at = self._again(after, limit)
        if len(found) >= limit:
            return found, None
        with self._file.use() as database, closing(database.reader().execute(_READ, (at,))) as rows:
            for row in rows:
                group = group_of(row)
                try:
                    messages = group.messages()
                except Unreadable as problem:
                    return found, (group, problem)
                before = group.last_seq - len(messages)
                if before > at:
                    self._explain(database, at, before)
                found += _records(messages, before, max(after, before), limit - len(found))
                at = group.last_seq
                if len(found) >= limit:
                    self._local.last = before, messages
                    break
            if not found:
                ends_at = database.reader().execute(_ENDS_AT, (at,)).fetchone()
                if ends_at is not None and ends_at[0] > at:
                    self._explain(database, at, ends_at[0])
        return found, None

    def _again(self, after: int, limit: int) -> tuple[list[Record], int]:
        """What is left of the group that this thread's last read has cut, and where to read on."""
        before, messages = getattr(self._local, "last", (0, ()))
        if not before <= after < before + len(messages):
            return [], after
        found = _records(messages, before, after, limit)
        return found, before + len(messages)

    def _explain(self, database: Database, after: int, up_to: int) -> None:
        """Seqs are missing: that is right if they are pruned, or known to be damaged."""
        if damage.behind_known(database.reader(), after, up_to) < up_to:
            raise self._file.damaged(f"records {after + 1} to {up_to} are missing")

    def _set_aside(self, group: Group, problem: Unreadable) -> None:
        with self._file.use() as database:
            try:
                with database.transaction() as transaction:
                    found = damage.set_aside(transaction, group, self._clock.now_ms())
            except Unreadable as misplaced:
                raise self._file.damaged(f"a group that cannot be read: {problem}; {misplaced}") from misplaced
        if found is not None:
            first, last = found.first_seq, found.last_seq
            log.error("%s: records %d to %d are damaged and set aside: %s", self._file.path, first, last, problem)

    def damaged(self, after: int, up_to: int) -> list[Damage]:
        """See Journal.damaged."""
        with self._file.use() as database:
            return damage.ranges(database.reader(), after, up_to)

    def skip(self, after: int) -> int:
        """See Journal.skip."""
        with self._file.use() as database:
            ends_at = database.reader().execute(_ENDS_AT, (after,)).fetchone()
            if ends_at is None or ends_at[0] <= after:
                return after
            return min(damage.behind_known(database.reader(), after, END), int(ends_at[0]))


def _records(messages: Sequence[RawMessage], before: int, after: int, limit: int) -> list[Record]:
    """Those of a group with a seq > `after`, at most `limit`. The group's first has the seq `before` + 1."""
    chosen = messages[after - before : after - before + limit]
    return [Record(seq=seq, message=message) for seq, message in enumerate(chosen, after + 1)]
