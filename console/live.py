"""Server-sent events: `/live` carries fragments of a page, `/api/v1/live` the overview as data.

Events: `hello` once, `update` on change (one in `gap_s` at most), `beat` when nothing else was sent for `beat_s`.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from console.access.gate import caller_of, still_may
from console.api.overview import overview_out
from console.keys import CLOCK, PAGES, WATCH
from console.pages.handlers import view_of
from console.pages.live_views import LIVE
from console.scope.seats import seat_of
from console.watch import Watch
from domain.clock import utc

log = logging.getLogger(__name__)

Update = Callable[[], Awaitable[object | None]]
"""What an update carries; None if there is nothing to say."""


async def fragments(request: web.Request) -> web.StreamResponse:
    """`/live?lang=&view=&about=&…`: the fragments of a page that differ from those last sent."""
    pages, watch, caller, seat = request.app[PAGES], request.app[WATCH], caller_of(request), seat_of(request)
    name = request.query.get("view", "overview")
    live = LIVE.get(name)
    if live is None:
        raise web.HTTPNotFound(text=f"there is no view {name!r}; there are {', '.join(LIVE)}")
    if not caller.may(live.needs):
        raise web.HTTPForbidden(text=f"the view {name!r} needs the permission {live.needs}")
    _refuse_when_closed(watch)
    view = view_of(request, name, request.query.get("about", ""))
    key = (view, caller.scope, caller.permissions)
    with watch:
        there = await watch.made(key, lambda: pages.render(view, seat))
    if there is None:
        raise web.HTTPNotFound(text=f"there is nothing of {view.about!r} in the view {name!r}")
    shown: dict[str, str] = {}

    async def update() -> object | None:
        rendered = await watch.made(key, lambda: pages.render(view, seat))
        if rendered is None:
            return None
        changed = {name: html for name, html in rendered.fragments.items() if shown.get(name) != html}
        shown.update(changed)
        facts = {"title": rendered.title, "as_of": rendered.as_of, "as_of_exact": rendered.as_of_exact}
        return {**facts, "fragments": changed}

    return await _stream(request, update, {"build": pages.build})


async def overview(request: web.Request) -> web.StreamResponse:
    """`/api/v1/live`: the body of `/api/v1/overview`, again after every change."""
    seat, clock, watch = seat_of(request), request.app[CLOCK], request.app[WATCH]
    key = ("overview", caller_of(request).scope)

    async def update() -> object:
        return await watch.made(key, lambda: overview_out(seat.desk, seat.site, clock.now_ms()))

    return await _stream(request, update, {})


async def _stream(request: web.Request, update: Update, hello: dict[str, object]) -> web.StreamResponse:
    """Send events until the reader leaves or the watch is closed."""
    watch = request.app[WATCH]
    _refuse_when_closed(watch)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
    await response.prepare(request)
    try:
        await response.write(b"retry: 2000\n")
        await _send(response, "hello", hello | {"beat_s": watch.rhythm.beat_s})
        with watch:
            await _speak(request, response, update)
    except ConnectionError:
        pass  # the reader has left
    except Exception:
        # Headers are out, so no error can be answered; the reader sees the stream end and asks again.
        log.exception("%s could not be brought up to date", request.path)
    return response


def _refuse_when_closed(watch: Watch) -> None:
    if watch.closed:
        raise web.HTTPServiceUnavailable(text="the service is stopping")


async def _speak(request: web.Request, response: web.StreamResponse, update: Update) -> None:
    watch, clock = request.app[WATCH], request.app[CLOCK]
    loop, rhythm = asyncio.get_running_loop(), watch.rhythm
    turn, sent_at, known_at = -1, -rhythm.gap_s, loop.time()
    while True:
        changed = await watch.changed(turn, rhythm.beat_s)
        await watch.rest(sent_at + watch.gap_s - loop.time())
        if watch.closed:
            return
        if loop.time() - known_at >= rhythm.known_s:
            if not await still_may(request):
                return
            known_at = loop.time()
        if not changed:
            await _send(response, "beat", {"at": utc(clock.now_ms())})
            continue
        turn, sent_at = watch.turn, loop.time()
        if (body := await update()) is not None:
            await _send(response, "update", body)


async def _send(response: web.StreamResponse, event: str, body: object) -> None:
    await response.write(f"event: {event}\ndata: ".encode() + msgspec.json.encode(body) + b"\n\n")
