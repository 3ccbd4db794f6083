"""Everything that happens, as data: pages from the newest back, and a stream that misses nothing."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web
from msgspec import Meta

from console.access.gate import still_may
from console.api import asks
from console.api.paging import below
from console.api.reads import Read, Room
from console.api.rows import Rows
from console.api.shapes import Out, PlaceOut
from console.keys import CLOCK, WATCH
from console.pages.events import with_names
from console.scope.seats import seat_of
from console.words import Words
from domain.clock import epoch_ms, utc
from domain.event import Event, EventChoice, EventKind
from domain.finding import Severity
from domain.page import cursor_of

log = logging.getLogger(__name__)

_A_TURN: Final = 500
"""Events that a stream sends at once; more follow in the next turn."""
_ORDER: Final = "events"
More = Callable[[int], tuple[list["EventOut"], int]]
"""What lies beyond an id, and up to where that is all."""
Text = Annotated[str, Meta(max_length=100, description="stands in a title, a subject, a name, or a case's number")]


class AskEvents(asks.AskSome, frozen=True, kw_only=True):
    """Events that fit all that is named."""

    kind: EventKind | None = None
    severity: Severity | None = None
    sub_district: asks.Name | None = None
    text: Text = ""
    day: Annotated[date, Meta(description="nothing after this day, as the site's clock has it")] | None = None


class AskEventStream(asks.Ask, frozen=True, kw_only=True):
    """From where on; without, from now."""

    after: Annotated[int, Meta(ge=0, description="the id of the last one known")] | None = None
    kind: EventKind | None = None
    severity: Severity | None = None
    sub_district: asks.Name | None = None


class EventOut(Out, frozen=True, kw_only=True):
    """One thing that happened. Ids only grow."""

    id: int
    at: datetime
    kind: EventKind
    severity: Severity | None
    what: str
    who: str
    text_zh: str
    text_en: str
    subject: str | None
    device_id: str | None
    shop_id: str | None
    place: PlaceOut | None
    alarm_id: int | None
    ladder_id: int | None
    case_id: str | None


class EventsOut(Out, frozen=True, kw_only=True):
    """Events, the newest first.

    Rare ones are looked for only so far back at once, so that a page may have few or none, and still be not the last.
    `newest` is where a stream that begins now takes up.
    """

    items: list[EventOut]
    next: str | None
    newest: int


def events(room: Room, ask: AskEvents) -> EventsOut:
    """Everything that happened, the newest first."""
    newest = room.desk.events.newest()
    before = below(ask.cursor, _ORDER, None)
    found = room.desk.events.page(_choice(room, ask), limit=ask.limit, before=before)
    follows = None if found.older is None else cursor_of(_ORDER, (found.older,))
    return EventsOut(items=[event_out(room.rows, one) for one in found.events], next=follows, newest=newest)


def event_out(rows: Rows, event: Event) -> EventOut:
    """One event."""
    line, site = event.line, rows.site
    chinese, english = (Words(site, language, rows.now_ms) for language in ("zh-CN", "en"))
    return EventOut(
        id=line.id,
        at=rows.at(line.at_ms),
        kind=event.kind,
        severity=event.severity,
        what=line.what,
        who=line.who,
        text_zh=chinese.story(with_names(line, chinese)),
        text_en=english.story(with_names(line, english)),
        subject=event.subject,
        device_id=event.device_id,
        shop_id=event.shop_id,
        place=None if event.device_id is None else rows.place(event.device_id, event.shop_id),
        alarm_id=line.alarm_id,
        ladder_id=line.ladder_id,
        case_id=event.case_id,
    )


def _choice(room: Room, ask: AskEvents) -> EventChoice:
    until = None
    if ask.day is not None:
        until = epoch_ms(datetime.combine(ask.day + timedelta(days=1), time(), tzinfo=room.site.timezone))
    return EventChoice(
        kinds=(ask.kind,) if ask.kind else (),
        severity=ask.severity,
        text=ask.text.strip(),
        sub_districts=frozenset({ask.sub_district}) if ask.sub_district else None,
        until_ms=until,
    )


async def live(request: web.Request) -> web.StreamResponse:
    """`/api/v1/events/live`: each event once, in order, with its id. Who comes again tells the last one it has."""
    watch, seat, clock = request.app[WATCH], seat_of(request), request.app[CLOCK]
    ask, after = _asked(request)
    if watch.closed:
        raise web.HTTPServiceUnavailable(text="the service is stopping")
    streets = frozenset({ask.sub_district}) if ask.sub_district else None
    choice = EventChoice(kinds=(ask.kind,) if ask.kind else (), severity=ask.severity, sub_districts=streets)

    def more(after: int) -> tuple[list[EventOut], int]:
        found, reached = seat.desk.events.since(choice, after=after, limit=_A_TURN)
        rows = Rows(seat.site, clock.now_ms())
        return [event_out(rows, event) for event in found], reached

    at = after if after is not None else await asyncio.to_thread(seat.desk.events.newest)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    try:
        await response.write(b"retry: 2000\n" + _event("hello", at, {"after": at, "beat_s": watch.rhythm.beat_s}))
        with watch:
            await _tell(request, response, more, at)
    except ConnectionError:
        pass  # the reader has left
    except Exception:
        # Headers are out, so no error can be answered; the reader sees the stream end and asks again.
        log.exception("%s could not be brought up to date", request.path)
    return response


async def _tell(request: web.Request, response: web.StreamResponse, more: More, at: int) -> None:
    """What lies beyond `at`, until the reader leaves. A beat carries the id up to which nothing was left out."""
    watch, clock, turn = request.app[WATCH], request.app[CLOCK], -1
    while not watch.closed and await still_may(request):
        told, reached = await asyncio.to_thread(more, at)
        for one in told:
            await response.write(_event("event", one.id, one))
        went_on, at = reached > at, max(at, reached)
        if went_on and len(told) == _A_TURN:
            continue
        if not await watch.changed(turn, watch.rhythm.beat_s):
            await response.write(_event("beat", at, {"at": utc(clock.now_ms())}))
        turn = watch.turn


def _asked(request: web.Request) -> tuple[AskEventStream, int | None]:
    """The question, and the last id that the reader has: its browser's own word comes before the address."""
    try:
        ask = msgspec.convert(dict(request.query), AskEventStream, strict=False)
        told = request.headers.get("Last-Event-ID")
        after = ask.after if told is None else msgspec.convert(told, Annotated[int, Meta(ge=0)], strict=False)
    except msgspec.ValidationError as wrong:
        raise web.HTTPBadRequest(text=f"the query of {request.path_qs}: {wrong}") from None
    return ask, after


def _event(name: str, number: int, body: object) -> bytes:
    return f"id: {number}\nevent: {name}\ndata: ".encode() + msgspec.json.encode(body) + b"\n\n"


READS: tuple[Read[Any], ...] = (Read(path="/api/v1/events", ask=AskEvents, answer=events, shape=EventsOut),)
