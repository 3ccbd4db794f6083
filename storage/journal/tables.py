"""The journal's tables, and how those of an older version become today's."""

import sqlite3

PAGE_BYTES = 4096
SUM_SHIFT = 28
"""A group's checksum is (crc32 of its messages << 28) + its last seq: a flipped bit in either shows."""

# One row holds one appended group, so that a group is one statement with one step however many messages it has.
# The triggers keep the totals in that same step. All or none of it exists after a crash: it is one transaction.
SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS groups (
    last_seq INTEGER PRIMARY KEY,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    appended_ms INTEGER,
    checksum INTEGER,
    messages BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS totals (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    identity TEXT NOT NULL,
    head INTEGER NOT NULL,
    records INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    pruned INTEGER NOT NULL DEFAULT 0
);
INSERT OR IGNORE INTO totals (one, identity, head, records, bytes) VALUES (1, lower(hex(randomblob(8))), 0, 0, 0);
CREATE TABLE IF NOT EXISTS cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, mirror INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS damaged (
    first_seq INTEGER PRIMARY KEY,
    last_seq INTEGER NOT NULL,
    found_ms INTEGER NOT NULL,
    messages BLOB
);
CREATE TRIGGER IF NOT EXISTS group_added AFTER INSERT ON groups BEGIN
    UPDATE totals SET head = new.last_seq, records = records + new.records, bytes = bytes + new.bytes;
END;
CREATE TRIGGER IF NOT EXISTS group_removed AFTER DELETE ON groups BEGIN
    UPDATE totals SET records = records - old.records, bytes = bytes - old.bytes;
END;
COMMIT;
"""
CURSOR = "min(seq, -coalesce(mirror, -seq))"
"""Of `cursors`: the mirror is the seq with its sign changed. Of two that differ, the lower one loses nothing."""
RECOUNT = """
UPDATE totals SET records = (SELECT coalesce(sum(records), 0) FROM groups),
    bytes = (SELECT coalesce(sum(bytes), 0) FROM groups)
"""
_PRUNED_BEFORE = """
UPDATE totals SET pruned = coalesce((SELECT last_seq - records FROM groups ORDER BY last_seq LIMIT 1), head)
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Add what files of older versions lack. Groups written by them carry no checksum, so theirs is not checked.

    Call it inside a transaction: another process may be opening the same file.
    """
    groups = {name for _, name, *_ in connection.execute("PRAGMA table_info(groups)")}
    for column in ("appended_ms", "checksum"):
        if column not in groups:
            connection.execute(f"ALTER TABLE groups ADD COLUMN {column} INTEGER")
    if "mirror" not in {name for _, name, *_ in connection.execute("PRAGMA table_info(cursors)")}:
        connection.execute("ALTER TABLE cursors ADD COLUMN mirror INTEGER")
    if "pruned" not in {name for _, name, *_ in connection.execute("PRAGMA table_info(totals)")}:
        connection.execute("ALTER TABLE totals ADD COLUMN pruned INTEGER NOT NULL DEFAULT 0")
        connection.execute(_PRUNED_BEFORE)
