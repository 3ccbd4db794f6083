"""What people order about one alarm: that they have taken it on, or that it is over."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from domain.case import Alarm, acked
from domain.clock import utc
from domain.errors import OrderRefused
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


class Holder(Struct, frozen=True, kw_only=True):
    """Who is on an alarm."""

    who: str
    since_ms: int


def holder_of(alarm: Alarm, waiting: Iterable[AlarmOrder], now_ms: int) -> Holder | None:
    """Who has taken it on, or has just ordered so and the order is still `waiting`; None: nobody."""
    orders = [order for order in waiting if order.alarm_id == alarm.id and order.kind is OrderKind.ACK]
    if orders:
        return Holder(who=orders[-1].who, since_ms=orders[-1].given_ms)
    if alarm.acked_ms is None or alarm.acked_by is None or not acked(alarm, now_ms):
        return None
    return Holder(who=alarm.acked_by, since_ms=alarm.acked_ms)


def refuse_taken(alarm: Alarm, waiting: Iterable[AlarmOrder], now_ms: int, *, who: str, instead_of: str | None) -> None:
    """Nobody takes an alarm from who is on it without knowing. Raises OrderRefused."""
    holder = holder_of(alarm, waiting, now_ms)
    if holder is None or holder.who in {who, instead_of}:
        return
    raise OrderRefused(
        f"{holder.who} has taken alarm {alarm.id} on since {utc(holder.since_ms).isoformat()}; to take it over, say "
        f"instead_of {holder.who!r}",
        "conflict",
        "alarm_taken",
        n=alarm.id,
        person=holder.who,
        since_ms=holder.since_ms,
    )


def wrong_order(order: AlarmOrder) -> str | None:
    """Why there can't be such an order; None if there can."""
    if not order.who.strip() or not order.why.strip():
        return "say who orders it, and why"
    if order.until_ms is not None and order.until_ms <= order.given_ms:
        return "it would be over before it begins"
    return wrong_words({"who": order.who, "why": order.why})
