"""The writes, each a plain function from an order to what came of it. The list at the end is all of them.

Who may is said in `console/permits.py`. An account speaks in its own name: `who` of what it orders is that name.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct, UnsetType
from msgspec.structs import replace

from config.load import Site
from console.access.gate import SIGNATURE, caller_of
from console.api import answers as out
from console.api import bodies, cases, people
from console.api.bodies import Order, OrderAck, OrderEnd, OrderLetters, OrderReceipts, OrderRelease, OrderSilence
from console.api.reads import Room, room_of
from console.api.shapes import CaseOut, OrderOut, Out, SilenceOut
from console.api.tags import tag_of
from console.keys import CHANGES, SITE
from domain.account import Change
from domain.clock import epoch_ms
from domain.message import RejectReason

AnOrder = TypeVar("AnOrder", bound=Order)
_DIGITS: Final = 18
"""Of the largest id that fits the store."""


class Write(Struct, Generic[AnOrder], frozen=True, kw_only=True):
    """One write. `carry_out` blocks and runs in a thread; what it returns is a `shape`.

    It is given the order and the `id` that the path names, 0 where it names none; a case, or a camera, is in the room.
    """

    path: str
    order: type[AnOrder]
    carry_out: Callable[[Room, AnOrder, int], Out]
    shape: type[Out]
    method: Literal["post", "put", "delete"] = "post"
    status: int = 200
    signed: bool = False
    """Whether a signature like those of our webhooks will do in place of the token."""
    changes: Callable[[Any], tuple[Change, ...]] | None = None
    """What the audit says was changed, from what was answered; None: only that it was asked for."""

    @property
    def summary(self) -> str:
        """What it does, for the OpenAPI document."""
        return (self.carry_out.__doc__ or "").strip()


def handler(write: Write[Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A write as an HTTP handler."""

    async def answer(request: web.Request) -> web.Response:
        if write.signed and SIGNATURE in request.headers:
            verify(request, await request.read(), request.app[SITE])
        order, about, room = await _order(request, write), _about(request), room_of(request)
        room = replace(room, **_named(request))
        done = await asyncio.to_thread(lambda: write.carry_out(room, order, about))
        if write.changes is not None:
            request[CHANGES] = write.changes(done)
        body, tag = msgspec.json.encode(done), tag_of(done)
        return web.Response(body=body, status=write.status, headers=tag, content_type="application/json")

    return answer


def _named(request: web.Request) -> dict[str, Any]:
    """The case or the camera that the path names, and which state of it the person saw."""
    if camera_id := request.match_info.get("camera_id", ""):
        return {"camera_id": camera_id, "match": request.headers.get("If-Match", "")}
    return {"case_id": request.match_info.get("case_id", ""), "version": cases.seen_version(request)}


async def _order(request: web.Request, write: Write[AnOrder]) -> AnOrder:
    """Of a DELETE, whose body means nothing (RFC 9110), in the query."""
    account = caller_of(request).account
    spoken = account.name if account is not None and "who" in write.order.__struct_fields__ else None
    try:
        if write.method == "delete":
            return msgspec.convert(_said_by(spoken, dict(request.query)), write.order, strict=False)
        body = await request.read()
        if spoken is not None:
            body = msgspec.json.encode(_said_by(spoken, msgspec.json.decode(body)))
        return msgspec.json.decode(body, type=write.order)
    except msgspec.DecodeError as wrong:
        where = "query" if write.method == "delete" else "body"
        raise web.HTTPBadRequest(text=f"the {where} of {request.path}: {wrong}") from None


def _said_by(name: str | None, told: Any) -> Any:
    """What an account orders, in its own name. Raises 400 where it speaks for somebody else."""
    if name is None or not isinstance(told, dict):
        return told
    if told.get("who", name) != name:
        raise web.HTTPBadRequest(text=f"who is {told['who']!r}, and it is {name} who asks; leave it out")
    return {**told, "who": name}


def _about(request: web.Request) -> int:
    named = request.match_info.get("id", "0")
    if not named.isascii() or not named.isdigit() or len(named) > _DIGITS:
        raise web.HTTPBadRequest(text=f"{request.path}: {named!r} is no id; write a number")
    return int(named)


def verify(request: web.Request, body: bytes, site: Site) -> None:
    """Raises 403 where the settings have no secret for signatures, 401 where the body was not signed with it."""
    secret = site.settings.notices.webhook_secret
    if not secret:
        raise web.HTTPForbidden(text="no signature is accepted until notices.webhook_secret is set in site.yaml")
    expected = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
    given = request.headers[SIGNATURE].encode(errors="surrogateescape")
    if not hmac.compare_digest(given, expected.encode()):
        raise web.HTTPUnauthorized(
            text=f"{SIGNATURE} is not sha256=HMAC-SHA256 of the body with notices.webhook_secret",
            headers={"WWW-Authenticate": 'Bearer realm="longcheng"'},
        )


def receive_receipts(room: Room, order: OrderReceipts, _about: int) -> out.ReceiptsOut:
    """Notices have arrived: by their keys, those of digests, or the provider's own ids. Known ones are told once."""
    arrived_ms = room.now_ms if order.at is None else epoch_ms(order.at)
    return out.ReceiptsOut(notices=room.desk.delivered(order.keys, min(arrived_ms, room.now_ms)))


def replay_deadletters(room: Room, order: OrderLetters, _about: int) -> out.ReplayedOut:
    """Put the messages of dead letters through again; those that would be refused as before stay."""
    done = room.desk.replay(ids=chosen_ids(room, order), reason=chosen_reason(order))
    return out.ReplayedOut(
        messages=done.messages, replayed=done.replayed, letters=done.letters, still_refused=done.still_refused
    )


def purge_deadletters(room: Room, order: OrderLetters, _about: int) -> out.PurgedOut:
    """Let dead letters go for good."""
    return out.PurgedOut(letters=room.desk.purge(ids=chosen_ids(room, order), reason=chosen_reason(order)))


def chosen_reason(order: OrderLetters) -> RejectReason | None:
    """The reason whose letters are meant, if it is all of one."""
    return order.reason or None


def chosen_ids(room: Room, order: OrderLetters) -> Sequence[int] | None:
    """The letters that are meant one by one, if they are. Raises 404 where one of them is not there."""
    if isinstance(order.ids, UnsetType):
        return None
    missing = [str(letter_id) for letter_id in order.ids if room.desk.deadletter(letter_id) is None]
    if missing:
        raise web.HTTPNotFound(text=f"there is no dead letter {', '.join(missing)}; nothing was done")
    return order.ids


_CASES: tuple[tuple[str, type[Order], Callable[[Room, Any, int], CaseOut]], ...] = (
    ("accept", bodies.OrderCase, cases.accept),
    ("refuse", bodies.OrderCaseWhy, cases.refuse),
    ("assign", bodies.OrderAssign, cases.assign),
    ("take", bodies.OrderTake, cases.take),
    ("report", bodies.OrderCaseWhy, cases.report),
    ("return", bodies.OrderCaseWhy, cases.return_for_rework),
    ("send-back", bodies.OrderCaseWhy, cases.send_back),
    ("defer", bodies.OrderDefer, cases.defer),
    ("resume", bodies.OrderCaseWhy, cases.resume),
    ("verify", bodies.OrderCase, cases.verify_done),
    ("close", bodies.OrderClose, cases.close),
    ("force-close", bodies.OrderCaseWhy, cases.force_close),
    ("merge", bodies.OrderMerge, cases.merge),
    ("reopen", bodies.OrderCaseWhy, cases.reopen),
    ("rate", bodies.OrderRate, cases.rate),
)
"""What can be done with a case, by the last word of its path."""

WRITES: tuple[Write[Any], ...] = (
    Write(path="/api/v1/deadletters/replay", order=OrderLetters, carry_out=replay_deadletters, shape=out.ReplayedOut),
    Write(path="/api/v1/deadletters/purge", order=OrderLetters, carry_out=purge_deadletters, shape=out.PurgedOut),
    Write(
        path="/api/v1/alarms/{id}/ack",
        order=OrderAck,
        carry_out=people.acknowledge,
        shape=OrderOut,
        status=202,
        changes=people.taken_from,
    ),
    Write(path="/api/v1/alarms/{id}/release", order=OrderRelease, carry_out=people.release, shape=OrderOut, status=202),
    Write(
        path="/api/v1/notices/receipts",
        order=OrderReceipts,
        carry_out=receive_receipts,
        shape=out.ReceiptsOut,
        signed=True,
    ),
    Write(path="/api/v1/silences", order=OrderSilence, carry_out=people.silence, shape=SilenceOut, status=201),
    Write(
        path="/api/v1/silences/{id}",
        order=OrderEnd,
        carry_out=people.end_silence,
        shape=SilenceOut,
        method="delete",
    ),
    *(
        Write(path=f"/api/v1/cases/{{case_id}}/{act}", order=order, carry_out=carry_out, shape=CaseOut)
        for act, order, carry_out in _CASES
    ),
)
