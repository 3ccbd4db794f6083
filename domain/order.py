"""What people order about one alarm: that they have taken it on, or that it is over."""

from enum import StrEnum

from msgspec import Struct

from domain.said import wrong_words


class OrderKind(StrEnum):
    """What can be ordered."""

    ACK = "ack"
    RELEASE = "release"


class Outcome(StrEnum):
    """What came of an order."""

    DONE = "done"
    TOO_LATE = "too_late"  # the alarm had ended before
    FAILED = "failed"  # it could not be carried out, twice; the log says why


class AlarmOrder(Struct, frozen=True, kw_only=True):
    """A person's order about one alarm, kept until the rules' next step carries it out."""

    id: int
    kind: OrderKind
    alarm_id: int
    who: str
    why: str
    given_ms: int
    until_ms: int | None = None
    """Of an `ack`: until when it holds; None: to the alarm's end."""
    done_ms: int | None = None
    outcome: Outcome | None = None


def wrong_order(order: AlarmOrder) -> str | None:
    """Why there can't be such an order; None if there can."""
    if not order.who.strip() or not order.why.strip():
        return "say who orders it, and why"
    if order.until_ms is not None and order.until_ms <= order.given_ms:
        return "it would be over before it begins"
    return wrong_words({"who": order.who, "why": order.why})
