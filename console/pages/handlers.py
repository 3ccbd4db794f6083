"""The pages over HTTP."""

import asyncio

from aiohttp import web

from console.keys import PAGES
from console.language import remember, spoken
from console.pages.pictures import shareable
from console.pages.render import View
from console.scope import desk_of, seat_of


async def overview(request: web.Request) -> web.Response:
    """`/`: the first page."""
    return await _page(request, View(language=spoken(request)))


async def case(request: web.Request) -> web.Response:
    """`/cases/{id}`: one case, whole."""
    return await _page(request, View(language=spoken(request), case_id=request.match_info["case_id"]))


async def _page(request: web.Request, view: View) -> web.Response:
    if (redirect := remember(request)) is not None:
        return redirect
    pages, seat = request.app[PAGES], seat_of(request)
    html = await asyncio.to_thread(lambda: pages.page(view, seat))
    if html is None:
        text = pages.words(view.language).say("error.no_case", case_id=view.case_id)
        return web.Response(status=404, text=pages.error(view.language, text, seat.caller), content_type="text/html")
    return web.Response(text=html, content_type="text/html")


async def evidence(request: web.Request) -> web.StreamResponse:
    """`/evidence/{name}.jpg`: the blurred copy of a picture, never the original."""
    path = await asyncio.to_thread(shareable, desk_of(request), request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound(text="there is no such picture")
    headers = {"Content-Type": "image/jpeg", "Cache-Control": "private, max-age=86400, immutable"}
    return web.FileResponse(path, headers=headers)
