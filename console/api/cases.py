"""What people order about cases, over HTTP. It is done at once; the answer is the case as it is then."""

from typing import Any

from aiohttp import web

from console.api import bodies, shapes
from console.api.reads import Room
from domain.case import ClosedReason
from domain.case_order import CaseAct, CaseOrder
from domain.clock import epoch_ms

WILD = "*"


def seen_version(request: web.Request) -> int | None:
    """The version that the person saw: the tag in If-Match; None without one. Raises 400 for what is no tag of ours."""
    given = request.headers.get("If-Match", WILD).strip()
    if given == WILD:
        return None
    number = given.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdigit() or len(number) > len(str(2**31)):
        raise web.HTTPBadRequest(text=f'If-Match is {given}; write the ETag of the case, as "3"')
    return int(number)


def accept(room: Room, order: bodies.OrderCase, _about: int) -> shapes.CaseOut:
    """It is a case: it waits to be given to a unit."""
    return _done(room, CaseAct.ACCEPT, order)


def refuse(room: Room, order: bodies.OrderCaseWhy, _about: int) -> shapes.CaseOut:
    """It is none; what stands of its alarms ends with it."""
    return _done(room, CaseAct.REFUSE, order)


def assign(room: Room, order: bodies.OrderAssign, _about: int) -> shapes.CaseOut:
    """Give it to a unit, or to a person of it; they are told."""
    return _done(room, CaseAct.ASSIGN, order, unit=order.unit, handler=order.handler)


def take(room: Room, order: bodies.OrderTake, _about: int) -> shapes.CaseOut:
    """Begin to handle it."""
    return _done(room, CaseAct.TAKE, order, handler=order.handler)


def report(room: Room, order: bodies.OrderCaseWhy, _about: int) -> shapes.CaseOut:
    """It is done, says its unit; somebody else verifies it."""
    return _done(room, CaseAct.REPORT, order)


def return_for_rework(room: Room, order: bodies.OrderCaseWhy, _about: int) -> shapes.CaseOut:
    """It is not done: back to the same unit, which is told why."""
    return _done(room, CaseAct.RETURN, order)


def send_back(room: Room, order: bodies.OrderCaseWhy, _about: int) -> shapes.CaseOut:
    """It is not this unit's: the duty desk is told why, and gives it to another."""
    return _done(room, CaseAct.SEND_BACK, order)


def defer(room: Room, order: bodies.OrderDefer, _about: int) -> shapes.CaseOut:
    """Put it off with leave; its time does not run meanwhile. No emergency is put off."""
    return _done(room, CaseAct.DEFER, order, until_ms=epoch_ms(order.until))


def resume(room: Room, order: bodies.OrderCaseWhy, _about: int) -> shapes.CaseOut:
    """What was put off goes on before its day."""
    return _done(room, CaseAct.RESUME, order)


def verify_done(room: Room, order: bodies.OrderCase, _about: int) -> shapes.CaseOut:
    """Somebody has seen that it is done. Refused while an alarm of it still stands."""
    return _done(room, CaseAct.VERIFY, order)


def close(room: Room, order: bodies.OrderClose, _about: int) -> shapes.CaseOut:
    """End it: as fixed once it is verified; what was none, or is not ours, at any time and with a reason."""
    return _done(room, CaseAct.CLOSE, order, reason=ClosedReason(order.reason))


def force_close(room: Room, order: bodies.OrderCaseWhy, _about: int) -> shapes.CaseOut:
    """End it by order, however it stands."""
    return _done(room, CaseAct.FORCE_CLOSE, order)


def merge(room: Room, order: bodies.OrderMerge, _about: int) -> shapes.CaseOut:
    """It is the same as another, which is kept; its alarms count for that one from now on."""
    return _done(room, CaseAct.MERGE, order, into=order.into)


def reopen(room: Room, order: bodies.OrderCaseWhy, _about: int) -> shapes.CaseOut:
    """It is not over: back to the unit that had it, with a new deadline."""
    return _done(room, CaseAct.REOPEN, order)


def rate(room: Room, order: bodies.OrderRate, _about: int) -> shapes.CaseOut:
    """Say how well a closed case was handled."""
    return _done(room, CaseAct.RATE, order, rating=order.rating)


def _done(room: Room, act: CaseAct, order: bodies.OrderCase | bodies.OrderCaseWhy, **more: Any) -> shapes.CaseOut:
    given = CaseOrder(case_id=room.case_id, act=act, who=order.who, why=order.why, version=room.version, **more)
    return room.rows.case(room.desk.handle(given))
