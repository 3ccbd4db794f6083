"""Removing what every reader has passed, and giving the room back to the disk."""

from storage.journal.file import JournalFile
from storage.journal.tables import PAGE_BYTES

_STEP_GROUPS = 100
_STEP_PAGES = 512
_SPARE_PAGES = (64 << 20) // PAGE_BYTES
"""So much free room stays in the file: what is appended next goes there."""
_YOUNGEST_TO_GO = """
SELECT min(coalesce((SELECT last_seq - records FROM groups WHERE last_seq <= :passed AND appended_ms >= :oldest_ms
    ORDER BY last_seq LIMIT 1), :passed), :passed)
"""
_MARK = f"""
UPDATE totals SET pruned = max(pruned, coalesce((SELECT max(last_seq) FROM
    (SELECT last_seq FROM groups WHERE last_seq <= ? ORDER BY last_seq LIMIT {_STEP_GROUPS})), 0))
"""
_REMOVE = f"""
DELETE FROM groups WHERE last_seq IN
    (SELECT last_seq FROM groups WHERE last_seq <= ? ORDER BY last_seq LIMIT {_STEP_GROUPS})
RETURNING records
"""


def prune(file: JournalFile, passed: int, up_to: int, oldest_ms: int | None) -> int:
    """Remove whole groups up to `up_to`, and those older than `oldest_ms`, but none beyond `passed`.

    Returns how many records that were. In small steps, so that an append never waits long.
    """
    if oldest_ms is not None:
        with file.use() as database:
            row = database.reader().execute(_YOUNGEST_TO_GO, {"passed": passed, "oldest_ms": oldest_ms}).fetchone()
            up_to = max(up_to, row[0])
    up_to, removed = min(up_to, passed), 0
    while True:
        with file.use() as database, database.transaction() as transaction:
            transaction.execute(_MARK, (up_to,))
            gone = transaction.execute(_REMOVE, (up_to,)).fetchall()
        if not gone:
            break
        removed += sum(records for (records,) in gone)
    _shrink(file)
    return removed


def _shrink(file: JournalFile) -> None:
    """Without effect on files of older versions: those were not made to shrink."""
    while True:
        with file.use() as database, database.writer() as connection:
            (free,) = connection.execute("PRAGMA freelist_count").fetchone()
            if free <= _SPARE_PAGES:
                return
            # As a script: `execute` would stop after the first page.
            connection.executescript(f"PRAGMA incremental_vacuum({min(_STEP_PAGES, free - _SPARE_PAGES)})")
            if connection.execute("PRAGMA freelist_count").fetchone()[0] == free:
                return
