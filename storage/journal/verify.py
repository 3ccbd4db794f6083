"""Reading a whole journal without changing it, to say whether all of it is as it was written."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from storage.journal import damage
from storage.journal.groups import Unreadable, columns_of, group_of
from storage.journal.tables import CURSOR
from storage.sqlite import open_readonly

_STEP_GROUPS = 200
_FLAWS_OF_PAGES = 20
_TOTALS = """
SELECT head, records, bytes, (SELECT coalesce(sum(records), 0) FROM groups),
    (SELECT coalesce(sum(bytes), 0) FROM groups), (SELECT coalesce(max(last_seq), 0) FROM groups)
FROM totals
"""


class Flaw(Struct, frozen=True, kw_only=True):
    """Something that is not as it should be. Seqs are those concerned; 0 to 0 is the file itself."""

    first_seq: int
    last_seq: int
    what: str
    read_before: bool = False
    """Every reader had passed it when it was whole, so nothing is lost."""
    set_aside: bool = False
    """A reader has met it, and it is counted as damaged."""


class Verdict(Struct, frozen=True, kw_only=True):
    """What a verification found."""

    records: int
    """How many could be read."""
    unchecked: int
    """How many of them were written by an older version, without a checksum."""
    flaws: tuple[Flaw, ...]


def verify(path: Path, progress: Callable[[int, int], None]) -> Verdict:
    """Check the pages and read every group. `progress` is told the bytes of messages read, and how many there are.

    Others may use the journal meanwhile: it is read in small steps, so that its log can still be folded in.
    """
    check = _Check(path, progress)
    with closing(open_readonly(path)) as connection:
        for step in (check.pages, check.groups, check.totals):
            try:
                step(connection)
            except sqlite3.DatabaseError as error:
                check.flaw(0, 0, str(error))
    return Verdict(records=check.records, unchecked=check.unchecked, flaws=tuple(dict.fromkeys(check.flaws)))


class _Check:
    def __init__(self, path: Path, progress: Callable[[int, int], None]) -> None:
        self._path = path
        self._progress = progress
        self.flaws: list[Flaw] = []
        self.records = 0
        self.unchecked = 0

    def flaw(
        self, first_seq: int, last_seq: int, what: str, *, read_before: bool = False, set_aside: bool = False
    ) -> None:
        self.flaws.append(
            Flaw(first_seq=first_seq, last_seq=last_seq, what=what, read_before=read_before, set_aside=set_aside)
        )

    def pages(self, connection: sqlite3.Connection) -> None:
        for (said,) in connection.execute(f"PRAGMA integrity_check({_FLAWS_OF_PAGES})"):
            if said != "ok":
                self.flaw(0, 0, said)

    def groups(self, connection: sqlite3.Connection) -> None:
        sql = f"""
            SELECT {columns_of(connection)} FROM groups WHERE last_seq > ? ORDER BY last_seq LIMIT {_STEP_GROUPS}
        """
        (total,) = connection.execute("SELECT bytes FROM totals").fetchone()
        at, done, passed = self._gone(connection), 0, _passed(connection)
        while rows := connection.execute(sql, (at,)).fetchall():
            for group in map(group_of, rows):
                done += len(group.packed or b"")
                try:
                    records = len(group.messages())
                except Unreadable as problem:
                    # A reader that meets it sets it aside: whoever is beyond it, has read it.
                    self.flaw(at + 1, group.last_seq, str(problem), read_before=group.last_seq <= passed)
                    at = group.last_seq
                    continue
                if (first := group.last_seq - records + 1) > at + 1:
                    self._missing(connection, at, first - 1)
                self.records += records
                self.unchecked += records if group.checksum is None else 0
                at = group.last_seq
            self._progress(done, max(done, total))
        # What was appended meanwhile would look as if it were missing.
        ends_at = connection.execute(
            "SELECT head FROM totals WHERE NOT EXISTS (SELECT 1 FROM groups WHERE last_seq > ?)", (at,)
        ).fetchone()
        if ends_at is not None and ends_at[0] > at:
            self._missing(connection, at, ends_at[0])

    def totals(self, connection: sqlite3.Connection) -> None:
        row = connection.execute(_TOTALS).fetchone()
        if row is None:
            self.flaw(0, 0, "it has no totals")
            return
        head, records, size, has_records, has_size, last = row
        if (records, size) != (has_records, has_size) or last > head:
            what = (
                f"totals say {records} records, {size} bytes, up to {head}; there are {has_records}, {has_size}, {last}"
            )
            self.flaw(0, 0, what)

    def _missing(self, connection: sqlite3.Connection, after: int, up_to: int) -> None:
        after = max(after, self._gone(connection))  # pruned meanwhile
        known = damage.ranges(connection, after, up_to)
        for one in known:
            self.flaw(one.first_seq, one.last_seq, "damaged, and set aside before", set_aside=True)
        if damage.behind_known(connection, after, up_to) < up_to:
            self.flaw(after + 1, up_to, "missing")

    def _gone(self, connection: sqlite3.Connection) -> int:
        if "pruned" in [name for _, name, *_ in connection.execute("PRAGMA table_info(totals)")]:
            (gone,) = connection.execute("SELECT pruned FROM totals").fetchone()
            return int(gone)
        (gone,) = connection.execute("SELECT min(last_seq - records) FROM groups").fetchone()
        return int(gone or 0)


def _passed(connection: sqlite3.Connection) -> int:
    """How far every reader has come; 0 if there are none."""
    mirrored = "mirror" in [name for _, name, *_ in connection.execute("PRAGMA table_info(cursors)")]
    (passed,) = connection.execute(f"SELECT min({CURSOR if mirrored else 'seq'}) FROM cursors").fetchone()
    return int(passed or 0)
