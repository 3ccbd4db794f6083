"""The tables of the dead letters.

A message stands in `messages` once for each reason, so that a megabyte refused in a thousand parts is kept once, and
so that its bytes belong to one reason. `reasons` is kept right by triggers, in the same step as what it counts.
"""

from domain.message import RejectReason

_WEIGHT = "length({row}.payload) + length({row}.topic)"

# A journal begun anew counts from 1 again; received_ms keeps its letters apart from those of the old one.
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    reason TEXT NOT NULL,
    seq INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    qos INTEGER NOT NULL,
    retain INTEGER NOT NULL,
    dup INTEGER NOT NULL,
    UNIQUE (seq, received_ms, reason)
);
CREATE INDEX IF NOT EXISTS messages_by_reason ON messages (reason);
CREATE TABLE IF NOT EXISTS refusals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL,
    reason TEXT NOT NULL,
    part TEXT NOT NULL,
    detail TEXT NOT NULL,
    decoder TEXT NOT NULL,
    UNIQUE (message, part)
);
CREATE INDEX IF NOT EXISTS refusals_by_reason ON refusals (reason);
CREATE TABLE IF NOT EXISTS reasons (
    reason TEXT PRIMARY KEY,
    held INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    discarded INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT OR IGNORE INTO reasons (reason) VALUES {", ".join(f"('{reason.value}')" for reason in RejectReason)};
CREATE TABLE IF NOT EXISTS mended (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    why TEXT NOT NULL,
    letter_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    new_topic TEXT NOT NULL,
    new_payload BLOB NOT NULL,
    seq INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS mended_by_place ON mended (seq, received_ms);
CREATE TABLE IF NOT EXISTS settled (
    how TEXT PRIMARY KEY,
    letters INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS message_added AFTER INSERT ON messages BEGIN
    UPDATE reasons SET bytes = bytes + {_WEIGHT.format(row="new")} WHERE reason = new.reason;
END;
CREATE TRIGGER IF NOT EXISTS message_removed AFTER DELETE ON messages BEGIN
    UPDATE reasons SET bytes = bytes - ({_WEIGHT.format(row="old")}) WHERE reason = old.reason;
    DELETE FROM refusals WHERE message = old.id;
END;
CREATE TRIGGER IF NOT EXISTS refusal_added AFTER INSERT ON refusals BEGIN
    UPDATE reasons SET held = held + 1 WHERE reason = new.reason;
END;
CREATE TRIGGER IF NOT EXISTS refusal_removed AFTER DELETE ON refusals BEGIN
    UPDATE reasons SET held = held - 1 WHERE reason = old.reason;
    DELETE FROM messages WHERE id = old.message AND NOT EXISTS (SELECT 1 FROM refusals WHERE message = old.message);
END;
"""

OLD = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'letters'"
"""Finds the one table of a file that was written before messages and refusals were kept apart."""
MOVE_OVER = (
    """INSERT OR IGNORE INTO messages (reason, seq, received_ms, topic, payload, qos, retain, dup)
    SELECT reason, seq, received_ms, topic, payload, qos, retain, dup FROM letters ORDER BY id""",
    """INSERT INTO refusals (id, message, reason, part, detail, decoder)
    SELECT letters.id, messages.id, letters.reason, part, detail, decoder
    FROM letters CROSS JOIN messages USING (seq, received_ms, reason) ORDER BY letters.id""",
    "DROP TABLE letters",
    "DROP TABLE totals",
)
"""What was let go before is not known by reason, and is counted no more."""
