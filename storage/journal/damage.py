"""What could not be read back: set aside, counted, and stepped over, so that everything behind it is still read."""

import sqlite3

from msgspec import Struct

from storage.journal.groups import Group, Unreadable
from storage.journal.tables import RECOUNT

_KEPT = 100
"""Of so many ranges the bytes are kept; of older ones only the numbers."""
_RANGES = "SELECT first_seq, last_seq, found_ms, messages FROM damaged WHERE last_seq > ? AND first_seq <= ?"
_BEFORE = """
SELECT max(coalesce((SELECT last_seq FROM groups WHERE last_seq < :seq ORDER BY last_seq DESC LIMIT 1), 0),
    coalesce((SELECT max(last_seq) FROM damaged WHERE last_seq < :seq), 0), pruned) FROM totals
"""
_BEHIND = """
SELECT coalesce((SELECT last_seq - records FROM groups WHERE last_seq > :seq ORDER BY last_seq LIMIT 1), head)
FROM totals
"""
_ADD = "INSERT INTO damaged (first_seq, last_seq, found_ms, messages) VALUES (?, ?, ?, ?)"
_FORGET_BYTES = """
UPDATE damaged SET messages = NULL WHERE messages NOT NULL AND first_seq <=
    (SELECT first_seq FROM damaged WHERE messages NOT NULL ORDER BY first_seq DESC LIMIT 1 OFFSET ?)
"""
_GROUP = "SELECT last_seq, CAST(messages AS BLOB) FROM groups WHERE last_seq = ?"


class Damage(Struct, frozen=True, kw_only=True):
    """Records that were in the journal, first to last seq, and cannot be read any more."""

    first_seq: int
    last_seq: int
    found_ms: int
    content: bytes
    """What was found in their place; empty if nothing was."""

    @property
    def records(self) -> int:
        """How many they were."""
        return self.last_seq - self.first_seq + 1


def ranges(connection: sqlite3.Connection, after: int, up_to: int) -> list[Damage]:
    """The known damage that touches the seqs behind `after`, up to `up_to`, in order."""
    rows = connection.execute(f"{_RANGES} ORDER BY first_seq", (after, up_to))
    return [
        Damage(first_seq=first, last_seq=last, found_ms=found_ms, content=content or b"")
        for first, last, found_ms, content in rows
    ]


def behind_known(connection: sqlite3.Connection, after: int, up_to: int) -> int:
    """How far behind `after` everything is known to be pruned or damaged; `after` if nothing is."""
    at: int = max(after, *connection.execute("SELECT pruned FROM totals").fetchone())
    for known in ranges(connection, at, up_to):
        if known.first_seq > at + 1:
            break
        at = max(at, known.last_seq)
    return at


def set_aside(transaction: sqlite3.Connection, group: Group, found_ms: int) -> Damage | None:
    """Move a group that cannot be read to what is damaged; None if somebody else just did.

    Raises Unreadable if its place in the file is wrong too: then the file needs mending.
    """
    found = transaction.execute(_GROUP, (group.last_seq,)).fetchone()
    if found is None:
        return None
    seq = {"seq": group.last_seq}
    (before,), (last,) = transaction.execute(_BEFORE, seq).fetchone(), transaction.execute(_BEHIND, seq).fetchone()
    if not before < group.last_seq <= last:
        raise Unreadable(f"its number {group.last_seq} is not between {before + 1} and {last}")
    transaction.execute(_ADD, (before + 1, last, found_ms, found[1]))
    transaction.execute("DELETE FROM groups WHERE last_seq = ?", (group.last_seq,))
    transaction.execute(_FORGET_BYTES, (_KEPT,))
    transaction.execute(RECOUNT)  # what the trigger took away were figures of a damaged row
    return Damage(first_seq=before + 1, last_seq=last, found_ms=found_ms, content=found[1] or b"")


def note_missing(transaction: sqlite3.Connection, first_seq: int, last_seq: int, found_ms: int) -> None:
    """Write down that these records are not there."""
    transaction.execute(_ADD, (first_seq, last_seq, found_ms, None))
