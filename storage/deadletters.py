"""What could not be used, with its raw bytes and the reason."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from domain.mended import Settled
from domain.message import DeadLetter, Record, Reject, RejectReason
from storage.deadletter_mending import MendedRows, count_settled
from storage.deadletter_rows import AMONG, Refusal, Refused, at_once, json_of, letter_of, message_row, raw_of, where
from storage.deadletter_schema import MOVE_OVER, OLD, SCHEMA
from storage.lasting import Lasting
from storage.sqlite import Database

_MESSAGE_COLUMNS = "(reason, seq, received_ms, topic, payload, qos, retain, dup)"
_MESSAGE = "(?, ?, ?, ?, ?, ?, ?, ?)"
_REFUSAL = "(?, ?, ?, ?, ?, ?)"
_COLUMNS = """refusals.id, seq, topic, payload, qos, retain, dup, received_ms, refusals.reason, part, detail, decoder
FROM refusals JOIN messages ON messages.id = refusals.message"""
_CHOSEN = f"""SELECT seq, received_ms FROM messages
WHERE id IN (SELECT message FROM refusals WHERE {AMONG})"""
_MESSAGES = f"""SELECT seq, received_ms, topic, payload, qos, retain, dup FROM messages
WHERE (seq, received_ms) IN ({_CHOSEN}) GROUP BY seq, received_ms ORDER BY received_ms, seq"""
_REFUSALS = f"""SELECT seq, received_ms, refusals.id, refusals.reason, part, detail, decoder
FROM messages JOIN refusals ON refusals.message = messages.id
WHERE (seq, received_ms) IN ({_CHOSEN}) ORDER BY refusals.id"""
# A message goes with all its letters of the reason, so what is let go is the oldest that together reach the surplus.
_WEIGHTS = {
    "held": "(SELECT count(*) FROM refusals WHERE message = messages.id)",
    "bytes": "length(payload) + length(topic)",
}
_TRIM = """DELETE FROM messages WHERE id IN (
    SELECT id FROM (SELECT id, sum(weight) OVER (ORDER BY id) - weight AS before
        FROM (SELECT id, {weight} AS weight FROM messages WHERE reason = :reason ORDER BY id LIMIT :surplus))
    WHERE before < :surplus)"""
_HELD = "SELECT reason, {column} FROM reasons WHERE {column} > 0"

Letters = list[DeadLetter]
"""Spelt out here because `DeadLetters.list` hides the builtin."""
Ids = list[int]
Messages = list[Refused]


class DeadLetters(MendedRows):
    """A bounded heap of letters. Past a bound the reason that holds most lets its oldest go, and they are counted.

    So a device gone mad can push out its own kind of letter only. A message lies here once for each reason, however
    many of its parts were refused. Two processes may use one file.
    """

    def __init__(self, path: Path, *, max_letters: int = 100_000, max_bytes: int = 256 << 20) -> None:
        """Open or create it. `max_bytes` bounds payloads and topics; the file around them is somewhat larger.

        A damaged file is set aside and begun anew, whenever that is found. Every method raises StoreUnavailable when
        the disk is in the way, or when the file has just been begun anew: the same again then works.
        """
        self._bounds = {"held": max_letters, "bytes": max_bytes}
        self._db = Lasting(path, lambda: _opened(path))

    def add(self, record: Record, rejects: Sequence[Reject], *, decoder: str) -> None:
        """Keep a message once for each reject, durably. The same again changes nothing."""
        self.add_all([(record, rejects)], decoder=decoder)

    def add_all(self, rejected: Sequence[tuple[Record, Sequence[Reject]]], *, decoder: str) -> None:
        """The same for many messages in one transaction: with one fsync, all or none."""
        messages = [
            message_row(record, reason)
            for record, rejects in rejected
            for reason in dict.fromkeys(reject.reason for reject in rejects)
        ]
        if not messages:
            return
        refusals = [
            (record.seq, record.message.received_ms, reject.reason.value, reject.part, reject.detail, decoder)
            for record, rejects in rejected
            for reject in rejects
        ]
        with self._db.transaction() as connection:
            for some in at_once(messages):
                connection.execute(
                    f"INSERT OR IGNORE INTO messages {_MESSAGE_COLUMNS} VALUES {', '.join([_MESSAGE] * len(some))}",
                    [cell for row in some for cell in row],
                )
            for some in at_once(refusals):
                connection.execute(
                    "WITH told (seq, received_ms, reason, part, detail, decoder) AS "
                    f"(VALUES {', '.join([_REFUSAL] * len(some))}) "
                    "INSERT OR IGNORE INTO refusals (message, reason, part, detail, decoder) "
                    "SELECT messages.id, told.reason, part, detail, decoder "
                    "FROM told CROSS JOIN messages USING (seq, received_ms, reason)",
                    [cell for row in some for cell in row],
                )
            self._trim(connection)

    def get(self, letter_id: int) -> DeadLetter | None:
        """One letter, or None if there is none of this id."""
        rows = self._db.rows(f"SELECT {_COLUMNS} WHERE refusals.id = ?", (letter_id,))
        return letter_of(rows[0]) if rows else None

    def list(
        self,
        *,
        reason: RejectReason | None = None,
        topic_contains: str | None = None,
        since_ms: int | None = None,
        before_id: int | None = None,
        limit: int = 50,
    ) -> Letters:
        """The newest letters first, of messages received at `since_ms` or later.

        `before_id` continues from the last id of a page.
        """
        which, cells = where(reason, topic_contains, since_ms, before_id=before_id)
        sql = f"SELECT {_COLUMNS} {which} ORDER BY refusals.id DESC LIMIT ?"
        return [letter_of(row) for row in self._db.rows(sql, (*cells, limit))]

    def ids(
        self,
        *,
        reason: RejectReason | None = None,
        topic_contains: str | None = None,
        since_ms: int | None = None,
        older_than_ms: int | None = None,
        among: Iterable[int] | None = None,
    ) -> Ids:
        """The ids of all such letters, or of those `among` these, in the order their messages were received in."""
        which, cells = where(
            reason,
            topic_contains,
            since_ms,
            older_than_ms=older_than_ms,
            among=None if among is None else json_of(among),
        )
        sql = f"""SELECT refusals.id FROM refusals JOIN messages ON messages.id = refusals.message {which}
            ORDER BY received_ms, seq, refusals.id"""
        return [letter_id for (letter_id,) in self._db.rows(sql, cells)]

    def messages(self, ids: Iterable[int]) -> Messages:
        """The messages these letters are of, each once with all its letters, in the order they were received in.

        Ids that do not exist are passed over.
        """
        chosen = (json_of(ids),)
        letters: dict[tuple[int, int], list[Refusal]] = defaultdict(list)
        for seq, received_ms, letter_id, reason, part, detail, decoder in self._db.rows(_REFUSALS, chosen):
            refusal = Refusal(id=letter_id, reason=RejectReason(reason), part=part, detail=detail, decoder=decoder)
            letters[seq, received_ms].append(refusal)
        return [
            Refused(seq=seq, message=raw_of(received_ms, rest), letters=tuple(letters[seq, received_ms]))
            for seq, received_ms, *rest in self._db.rows(_MESSAGES, chosen)
            if (seq, received_ms) in letters
        ]

    def remove(self, ids: Iterable[int], *, how: Settled = Settled.PURGED) -> int:
        """Let go of these letters, and return how many there were. Ids that do not exist are passed over."""
        with self._db.transaction() as connection:
            gone = connection.execute(f"DELETE FROM refusals WHERE {AMONG}", (json_of(ids),)).rowcount
            count_settled(connection, how, gone)
        return gone

    def purge(self, *, reason: RejectReason | None = None, older_than_ms: int | None = None) -> dict[RejectReason, int]:
        """Let go of all letters of a reason, or received before `older_than_ms`; how many, by reason."""
        which, cells = where(reason, older_than_ms=older_than_ms)
        found = f"SELECT refusals.id FROM refusals JOIN messages ON messages.id = refusals.message {which}"
        with self._db.transaction() as connection:
            before = _held(connection, "held")
            connection.execute(f"DELETE FROM refusals WHERE id IN ({found})", cells)
            after = _held(connection, "held")
            gone = {name: held - after.get(name, 0) for name, held in before.items()}
            count_settled(connection, Settled.PURGED, sum(gone.values()))
        return {RejectReason(name): count for name, count in gone.items() if count}

    def count(
        self,
        *,
        reason: RejectReason | None = None,
        topic_contains: str | None = None,
        since_ms: int | None = None,
    ) -> int:
        """How many letters are held, of all or of such."""
        if topic_contains is None and since_ms is None:
            counts = self.counts_by_reason()
            return sum(counts.values()) if reason is None else counts.get(reason, 0)
        which, cells = where(reason, topic_contains, since_ms)
        sql = f"SELECT count(*) FROM refusals JOIN messages ON messages.id = refusals.message {which}"
        return int(self._db.rows(sql, cells)[0][0])

    def discarded(self) -> dict[RejectReason, int]:
        """How many letters have been let go for a bound, ever, by reason."""
        return {RejectReason(name): gone for name, gone in self._db.rows(_HELD.format(column="discarded"))}

    def counts_by_reason(self) -> dict[RejectReason, int]:
        """How many letters are held for each reason there is one for."""
        return {RejectReason(name): held for name, held in self._db.rows(_HELD.format(column="held"))}

    def close(self) -> None:
        """Close the file. No thread may use it any more."""
        self._db.close()

    def _trim(self, connection: sqlite3.Connection) -> None:
        totals = connection.execute("SELECT sum(held), sum(bytes) FROM reasons").fetchone()
        for total, (column, bound) in zip(totals, self._bounds.items(), strict=True):
            if total <= bound:
                continue
            before = _held(connection, "held")
            # A hundredth more than need be, so that the next letters need no trimming.
            for reason, surplus in surpluses(_held(connection, column), bound - bound // 100).items():
                connection.execute(_TRIM.format(weight=_WEIGHTS[column]), {"reason": reason, "surplus": surplus})
                connection.execute(
                    "UPDATE reasons SET discarded = discarded + ? - held WHERE reason = ?", (before[reason], reason)
                )


def surpluses(held: Mapping[str, int], bound: int) -> dict[str, int]:
    """What each reason has to give so that together they fit: those that hold most come down to one level."""
    left, level = bound, max(held.values(), default=0)
    for place, amount in enumerate(sorted(held.values())):
        share = left // (len(held) - place)
        if amount > share:
            level = share
            break
        left -= amount
    return {reason: amount - level for reason, amount in held.items() if amount > level}


def _opened(path: Path) -> Database:
    db = Database(path, SCHEMA)
    try:
        if db.reader().execute(OLD).fetchone():
            with db.transaction() as connection:
                if connection.execute(OLD).fetchone():  # another process may have been quicker
                    for statement in MOVE_OVER:
                        connection.execute(statement)
    except BaseException:
        db.close()
        raise
    return db


def _held(connection: sqlite3.Connection, column: str) -> dict[str, int]:
    return dict(connection.execute(_HELD.format(column=column)).fetchall())
