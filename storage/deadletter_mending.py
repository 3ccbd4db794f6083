"""What people have mended: the message as it came beside what was put through in its place."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from domain.mended import Mended, Settled
from domain.message import RejectReason
from storage.deadletter_rows import AMONG, json_of
from storage.lasting import Lasting

KEPT: Final = 10_000
"""So many are kept; then the oldest go."""
_COLUMNS = "at_ms, who, why, letter_id, reason, received_ms, topic, payload, new_topic, new_payload, seq"
_SELECT = f"SELECT id, {_COLUMNS} FROM mended"


class MendedRows:
    """A part of `DeadLetters`. Every method may raise StoreUnavailable."""

    _db: Lasting

    def mend(self, mended: Mended, ids: Iterable[int]) -> Mended:
        """Keep it, and let the letters of the message go, in one step; returns it with its id."""
        row = (
            mended.at_ms,
            mended.who,
            mended.why,
            mended.letter_id,
            mended.reason.value,
            mended.received_ms,
            mended.topic,
            mended.payload,
            mended.new_topic,
            mended.new_payload,
            mended.seq,
        )
        with self._db.transaction() as connection:
            added = connection.execute(f"INSERT INTO mended ({_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)
            connection.execute("DELETE FROM mended WHERE id <= ?", ((added.lastrowid or 0) - KEPT,))
            gone = connection.execute(f"DELETE FROM refusals WHERE {AMONG}", (json_of(ids),)).rowcount
            count_settled(connection, Settled.MENDED, gone)
        return _mended((added.lastrowid or 0, *row))

    def mended(self, *, limit: int, before_id: int | None = None) -> Sequence[Mended]:
        """The newest first."""
        below = "WHERE id < ?" if before_id is not None else ""
        cells = (limit,) if before_id is None else (before_id, limit)
        return [_mended(row) for row in self._db.rows(f"{_SELECT} {below} ORDER BY id DESC LIMIT ?", cells)]

    def mended_at(self, seq: int, received_ms: int) -> Mended | None:
        """The one that stands at this place in the journal; None if what stands there was not mended."""
        rows = self._db.rows(f"{_SELECT} WHERE seq = ? AND received_ms = ? ORDER BY id DESC", (seq, received_ms))
        return _mended(rows[0]) if rows else None

    def settled(self) -> Mapping[Settled, int]:
        """How many letters people have dealt with, ever, by how."""
        return {Settled(how): letters for how, letters in self._db.rows("SELECT how, letters FROM settled")}

    def set_aside_since(self, letter_id: int) -> list[tuple[RejectReason, int, int]]:
        """Of letters with ids above this one: how many for each reason, and the id of the newest."""
        rows = self._db.rows(
            "SELECT reason, count(*), max(id) FROM refusals WHERE id > ? GROUP BY reason", (letter_id,)
        )
        return [(RejectReason(reason), n, newest) for reason, n, newest in rows]

    def newest_id(self) -> int:
        """The id of the newest letter; 0 if there is none."""
        return int(self._db.rows("SELECT coalesce(max(id), 0) FROM refusals")[0][0])


def count_settled(connection: sqlite3.Connection, how: Settled, letters: int) -> None:
    """So many letters more were dealt with so."""
    if letters:
        connection.execute(
            "INSERT INTO settled VALUES (?, ?) ON CONFLICT DO UPDATE SET letters = letters + excluded.letters",
            (how.value, letters),
        )


def _mended(row: tuple[Any, ...]) -> Mended:
    number, at_ms, who, why, letter_id, reason, received_ms, topic, payload, new_topic, new_payload, seq = row
    return Mended(
        id=number,
        at_ms=at_ms,
        who=who,
        why=why,
        letter_id=letter_id,
        reason=RejectReason(reason),
        received_ms=received_ms,
        topic=topic,
        payload=payload,
        new_topic=new_topic,
        new_payload=new_payload,
        seq=seq,
    )
