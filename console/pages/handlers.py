"""The pages over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from console.api.text import is_storable
from console.keys import PAGES
from console.language import remember, spoken
from console.packing import IN_A_THREAD_BYTES, packed
from console.pages.looking import View
from console.pages.pictures import shareable
from console.picture_files import jpeg
from console.scope.seats import desk_of, seat_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def live_page(name: str) -> Handler:
    """A page of `LIVE` as an HTTP handler; what its path names is what it is about."""

    async def page(request: web.Request) -> web.Response:
        if (redirect := remember(request)) is not None:
            return redirect
        pages, seat = request.app[PAGES], seat_of(request)
        view = view_of(request, name, next(iter(request.match_info.values()), ""))
        html = await asyncio.to_thread(lambda: pages.page(view, seat))
        if html is None:
            text = pages.words(view.language).say("error.nothing_of", about=view.about)
            text = pages.error(view.language, text, seat.caller)
            return web.Response(status=404, text=text, content_type="text/html")
        return packed(web.Response(text=html, content_type="text/html", zlib_executor_size=IN_A_THREAD_BYTES))

    return page


def view_of(request: web.Request, name: str, about: str) -> View:
    """What a request looks at. The query is sorted, so that the same question is answered once for all who ask it.

    Raises 400 for a character that no store keeps.
    """
    if not is_storable("".join([about, *request.query.keys(), *request.query.values()])):
        raise web.HTTPBadRequest(text="the address has a character in it that is no text")
    ours = {"lang", "view", "about"}
    asked = tuple(sorted((key, value) for key, value in request.query.items() if key not in ours and value))
    return View(language=spoken(request), name=name, about=about, asked=asked)


async def evidence(request: web.Request) -> web.StreamResponse:
    """`/evidence/{name}.jpg`: the blurred copy of a picture, never the original."""
    path = await asyncio.to_thread(shareable, desk_of(request), request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound(text="there is no such picture")
    return await jpeg(request, path, kept="private, max-age=86400, immutable")
