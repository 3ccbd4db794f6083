"""Dead letters as rows, and what is asked of them as SQL."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from domain.message import DeadLetter, RawMessage, Record, RejectReason

AMONG = "refusals.id IN (SELECT value FROM json_each(?))"
_ROWS_AT_ONCE = 100


class Refusal(Struct, frozen=True, kw_only=True):
    """One letter without its message: for what a part of it was refused, and by which decoder."""

    id: int
    reason: RejectReason
    part: str
    detail: str
    decoder: str


class Refused(Struct, frozen=True, kw_only=True):
    """One message with every letter that is kept of it."""

    seq: int
    message: RawMessage
    letters: tuple[Refusal, ...]


def where(
    reason: RejectReason | None = None,
    topic_contains: str | None = None,
    since_ms: int | None = None,
    *,
    before_id: int | None = None,
    older_than_ms: int | None = None,
    among: str | None = None,
) -> tuple[str, list[str | int]]:
    """The WHERE that all that is given makes, and what is bound in it."""
    asked: dict[str, str | int | None] = {
        "refusals.reason = ?": reason and reason.value,
        "instr(topic, ?)": topic_contains,
        "received_ms >= ?": since_ms,
        "received_ms < ?": older_than_ms,
        "refusals.id < ?": before_id,
        AMONG: among,
    }
    given = {condition: cell for condition, cell in asked.items() if cell is not None}
    return f"WHERE {' AND '.join(given)}" if given else "", list(given.values())


def at_once(rows: Sequence[tuple[object, ...]]) -> Iterable[Sequence[tuple[object, ...]]]:
    """Rows in pieces that one statement can take."""
    return (rows[start : start + _ROWS_AT_ONCE] for start in range(0, len(rows), _ROWS_AT_ONCE))


def json_of(ids: Iterable[int]) -> str:
    """Ids as SQLite's json_each takes them: however many, one value to bind."""
    return msgspec.json.encode(list(ids)).decode()


def message_row(record: Record, reason: RejectReason) -> tuple[object, ...]:
    """A message as it stands in the table, under one reason."""
    message = record.message
    return (
        reason.value,
        record.seq,
        message.received_ms,
        message.topic,
        message.payload,
        message.qos,
        message.retain,
        message.dup,
    )


def raw_of(received_ms: int, rest: Sequence[Any]) -> RawMessage:
    """A message, of topic, payload, qos, retain and dup."""
    topic, payload, qos, retain, dup = rest
    return RawMessage(
        topic=topic, payload=payload, qos=qos, retain=bool(retain), dup=bool(dup), received_ms=received_ms
    )


def letter_of(row: tuple[int, int, str, bytes, int, int, int, int, str, str, str, str]) -> DeadLetter:
    """One letter with its message."""
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
