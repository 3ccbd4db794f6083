"""What people order about alarms, over HTTP. The rules' next step carries it out, a second later at most."""

from msgspec.structs import replace

from console.api import bodies
from console.api.reads import Room
from console.api.shapes import OrderOut, SilenceOut
from domain.account import Change
from domain.clock import epoch_ms
from domain.order import OrderKind
from domain.silence import Silence


def acknowledge(room: Room, order: bodies.OrderAck, alarm_id: int) -> OrderOut:
    """Take an alarm on: it is shown with who and why, and goes on until what it is about has ended.

    One that somebody else has taken on is refused, but where `instead_of` names them: then it is taken over.
    """
    until_ms = None if order.until is None else epoch_ms(order.until)
    given = room.desk.order(
        OrderKind.ACK, alarm_id, who=order.who, why=order.why, until_ms=until_ms, instead_of=order.instead_of
    )
    return replace(room.rows.order(given), instead_of=order.instead_of)


def taken_from(done: OrderOut) -> tuple[Change, ...]:
    """What the audit says beside that it was asked for."""
    if done.instead_of in {None, done.who}:
        return ()
    return (Change(what="alarm_taken_over", thing=str(done.alarm_id), before=done.instead_of or "", after=done.who),)


def release(room: Room, order: bodies.OrderRelease, alarm_id: int) -> OrderOut:
    """End an alarm by a person's word: the only way for one that is latched. What comes next is a new alarm."""
    return room.rows.order(room.desk.order(OrderKind.RELEASE, alarm_id, who=order.who, why=order.why))


def silence(room: Room, order: bodies.OrderSilence, _about: int) -> SilenceOut:
    """Let nobody be told of some alarms for a time. What that holds back happens when it ends, if they still stand."""
    asked = Silence(
        id=0,
        rule_id=order.rule,
        subject=order.subject,
        device_id=order.device,
        kind=order.kind,
        sub_district=order.sub_district,
        who=order.who,
        why=order.why,
        from_ms=room.now_ms if order.begins is None else epoch_ms(order.begins),
        until_ms=epoch_ms(order.until),
        even_critical=order.even_critical,
        given_ms=room.now_ms,
    )
    return room.rows.silence(room.desk.silence(asked))


def end_silence(room: Room, order: bodies.OrderEnd, silence_id: int) -> SilenceOut:
    """End a silence before its time."""
    return room.rows.silence(room.desk.end_silence(silence_id, who=order.who))
