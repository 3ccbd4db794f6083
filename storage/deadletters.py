"""What could not be used, with its raw bytes and the reason."""

from collections.abc import Sequence
from pathlib import Path

from domain.message import DeadLetter, Record, Reject, RejectReason
from storage.sqlite import Database

# A journal begun anew counts from 1 again; received_ms keeps its letters apart from those of the old one.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    seq INTEGER NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    qos INTEGER NOT NULL,
    retain INTEGER NOT NULL,
    dup INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    part TEXT NOT NULL,
    detail TEXT NOT NULL,
    decoder TEXT NOT NULL,
    UNIQUE (seq, received_ms, reason, part)
);
CREATE INDEX IF NOT EXISTS letters_by_reason ON letters (reason);
CREATE TABLE IF NOT EXISTS totals (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    held INTEGER NOT NULL,
    discarded INTEGER NOT NULL
);
INSERT OR IGNORE INTO totals VALUES (1, 0, 0);
"""
Letters = list[DeadLetter]
"""Spelt out here because `DeadLetters.list` hides the builtin."""
_COLUMNS = "seq, topic, payload, qos, retain, dup, received_ms, reason, part, detail, decoder"
_ADD = f"INSERT OR IGNORE INTO letters ({_COLUMNS}) VALUES "
_ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ROWS_AT_ONCE = 100
_LIST = f"SELECT id, {_COLUMNS} FROM letters WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?"
_TRIM = "DELETE FROM letters WHERE id IN (SELECT id FROM letters ORDER BY id LIMIT ?)"


class DeadLetters:
    """A bounded heap of letters: past `max_letters` the oldest go, and are counted."""

    def __init__(self, path: Path, *, max_letters: int = 100_000) -> None:
        self._max_letters = max_letters
        self._db = Database(path, _SCHEMA)

    def add(self, record: Record, rejects: Sequence[Reject], *, decoder: str) -> None:
        """Keep a message once for each reject, durably. The same again changes nothing."""
        self.add_all([(record, rejects)], decoder=decoder)

    def add_all(self, rejected: Sequence[tuple[Record, Sequence[Reject]]], *, decoder: str) -> None:
        """The same for many messages in one transaction: with one fsync, all or none."""
        rows = [_row(record, reject, decoder) for record, rejects in rejected for reject in rejects]
        if not rows:
            return
        with self._db.transaction() as connection:
            added = 0
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                some = rows[start : start + _ROWS_AT_ONCE]
                places = ", ".join([_ROW] * len(some))
                done = connection.execute(
                    f"INSERT OR IGNORE INTO letters ({_COLUMNS}) VALUES {places}",
                    [cell for row in some for cell in row],
                )
                added += done.rowcount
            (held,) = connection.execute("SELECT held FROM totals").fetchone()
            gone = connection.execute(_TRIM, (max(0, held + added - self._max_letters),)).rowcount
            connection.execute("UPDATE totals SET held = held + ?, discarded = discarded + ?", (added - gone, gone))

    def list(self, *, before_id: int | None = None, limit: int = 50) -> Letters:
        """The newest letters first; `before_id` continues from the last id of a page."""
        found = self._db.reader().execute(_LIST, (before_id, before_id, limit)).fetchall()
        return [_letter(row) for row in found]

    def count(self) -> int:
        """How many letters are held."""
        row = self._db.reader().execute("SELECT held FROM totals").fetchone()
        return int(row[0])

    def discarded(self) -> int:
        """How many letters have been let go for the bound, ever."""
        row = self._db.reader().execute("SELECT discarded FROM totals").fetchone()
        return int(row[0])

    def counts_by_reason(self) -> dict[RejectReason, int]:
        """How many letters are held for each reason there is one for."""
        found = self._db.reader().execute("SELECT reason, count(*) FROM letters GROUP BY reason").fetchall()
        return {RejectReason(reason): count for reason, count in found}

    def close(self) -> None:
        """Close the file. No thread may use it any more."""
        self._db.close()


def _row(record: Record, reject: Reject, decoder: str) -> tuple[object, ...]:
    message = record.message
    return (
        record.seq,
        message.topic,
        message.payload,
        message.qos,
        message.retain,
        message.dup,
        message.received_ms,
        reject.reason.value,
        reject.part,
        reject.detail,
        decoder,
    )


def _letter(row: tuple[int, int, str, bytes, int, int, int, int, str, str, str, str]) -> DeadLetter:
    letter_id, seq, topic, payload, qos, retain, dup, received_ms, reason, part, detail, decoder = row
    return DeadLetter(
        id=letter_id,
        seq=seq,
        topic=topic,
        payload=payload,
        qos=qos,
        retain=bool(retain),
        dup=bool(dup),
        received_ms=received_ms,
        reason=RejectReason(reason),
        part=part,
        detail=detail,
        decoder=decoder,
    )
