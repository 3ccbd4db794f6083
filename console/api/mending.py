"""Dead letters mended over HTTP: what would be made of a message if it said something else, and put through as that."""

from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from msgspec import Meta

from console.api import asks
from console.api.answers import ReplayedOut
from console.api.bodies import Order, OrderLetters, Who, Why
from console.api.paging import below, newest
from console.api.reads import Read, Room
from console.api.shapes import Out
from console.api.writes import Write, chosen_ids, chosen_reason
from console.desk.letters import Trial
from domain.mended import Mended
from domain.message import RejectReason

Topic = Annotated[str, Meta(min_length=1, max_length=65_535, description="without + and #")]
Payload = Annotated[str, Meta(max_length=1 << 20, description="as text, in UTF-8")]
Raw = Annotated[bytes, Meta(max_length=1 << 20, description="in Base64; for what is no text")]


class OrderCheck(Order, frozen=True, kw_only=True):
    """What a message is to say: its payload as text or as bytes. What is left out stays as it came."""

    topic: Topic | None = None
    payload: Payload | None = None
    payload_base64: Raw | None = None

    def __post_init__(self) -> None:
        """Refuses both ways of a payload."""
        if self.payload is not None and self.payload_base64 is not None:
            raise ValueError("give payload or payload_base64, not both")


class OrderMend(OrderCheck, frozen=True, kw_only=True):
    """The same, and who says so, and how they know."""

    who: Who
    why: Why


class AskMended(asks.AskSome, frozen=True, kw_only=True):
    """What people mended."""


class MadeOut(Out, frozen=True, kw_only=True):
    """One thing that a message says."""

    what: str
    name: str
    at: datetime
    values: dict[str, str]


class RejectOut(Out, frozen=True, kw_only=True):
    """A part of a message that could not be used. `detail` is in English, or the language of who asks on a page."""

    reason: RejectReason
    part: str
    detail: str


class TrialOut(Out, frozen=True, kw_only=True):
    """What would be made of a message. `reader` says by what it would be read; empty: by nothing."""

    is_read: bool
    reader: str
    made: list[MadeOut]
    rejects: list[RejectOut]


class MendedOut(Out, frozen=True, kw_only=True):
    """A message that was mended: as it came, and as it was put through."""

    id: int
    at: datetime
    who: str
    why: str
    letter_id: int
    reason: RejectReason
    received_at: datetime
    topic: str
    payload_base64: bytes
    new_topic: str
    new_payload_base64: bytes
    seq: int


class MendedListOut(Out, frozen=True, kw_only=True):
    """Mended messages, the newest first."""

    items: list[MendedOut]
    next: str | None


def check_deadletter(room: Room, order: OrderCheck, letter_id: int) -> TrialOut:
    """What would be made of a dead letter's message if it said this. Nothing is changed."""
    topic, payload = _said(room, order, letter_id)
    return trial_out(room, room.desk.mending.check(letter_id, topic, payload))


def mend_deadletter(room: Room, order: OrderMend, letter_id: int) -> MendedOut:
    """Put a dead letter's message through with another topic or payload; the original is kept beside it."""
    topic, payload = _said(room, order, letter_id)
    return mended_out(room, room.desk.mending.mend(letter_id, topic, payload, who=order.who, why=order.why))


def count_replay(room: Room, order: OrderLetters, _about: int) -> ReplayedOut:
    """What a replay of dead letters would do, without doing it."""
    done = room.desk.mending.count_replay(ids=chosen_ids(room, order), reason=chosen_reason(order))
    return ReplayedOut(
        messages=done.messages, replayed=done.replayed, letters=done.letters, still_refused=done.still_refused
    )


def mended(room: Room, ask: AskMended) -> MendedListOut:
    """Messages that people mended, each with what it was."""
    before_id = below(ask.cursor, "mended", None)
    found = room.desk.mending.mended(limit=ask.limit + 1, before_id=before_id)
    page = newest(found, "mended", lambda one: one.id, ask.limit)
    return MendedListOut(items=[mended_out(room, one) for one in page.items], next=page.next)


def trial_out(room: Room, trial: Trial) -> TrialOut:
    """What would be made of a message."""
    rows = room.rows
    return TrialOut(
        is_read=trial.is_read,
        reader=trial.reader,
        made=[MadeOut(what=one.what, name=one.name, at=rows.at(one.at_ms), values=one.values) for one in trial.made],
        rejects=[RejectOut(reason=one.reason, part=one.part, detail=room.told(one.detail)) for one in trial.rejects],
    )


def mended_out(room: Room, one: Mended) -> MendedOut:
    """One mended message."""
    return MendedOut(
        id=one.id,
        at=room.rows.at(one.at_ms),
        who=one.who,
        why=one.why,
        letter_id=one.letter_id,
        reason=one.reason,
        received_at=room.rows.at(one.received_ms),
        topic=one.topic,
        payload_base64=one.payload,
        new_topic=one.new_topic,
        new_payload_base64=one.new_payload,
        seq=one.seq,
    )


def _said(room: Room, order: OrderCheck, letter_id: int) -> tuple[str, bytes]:
    letter = room.desk.deadletter(letter_id)
    if letter is None:
        raise web.HTTPNotFound(text=f"there is no dead letter {letter_id}")
    payload = letter.payload if order.payload_base64 is None else order.payload_base64
    return order.topic or letter.topic, payload if order.payload is None else order.payload.encode()


READS: tuple[Read[Any], ...] = (Read(path="/api/v1/mended-letters", ask=AskMended, answer=mended, shape=MendedListOut),)
WRITES: tuple[Write[Any], ...] = (
    Write(path="/api/v1/deadletters/{id}/check", order=OrderCheck, carry_out=check_deadletter, shape=TrialOut),
    Write(path="/api/v1/deadletters/{id}/mend", order=OrderMend, carry_out=mend_deadletter, shape=MendedOut),
    Write(path="/api/v1/deadletters/replay/count", order=OrderLetters, carry_out=count_replay, shape=ReplayedOut),
)
