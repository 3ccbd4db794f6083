"""The last picture of a camera over HTTP: blurred, and only of cameras that are theirs who ask."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from console.picture_files import jpeg
from console.scope.seats import desk_of, site_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def picture(*, thumb: bool) -> Handler:
    """The picture, or the small one. With `at`, when it was taken, in the query a browser may keep it."""

    async def answer(request: web.Request) -> web.StreamResponse:
        camera_id = request.match_info["camera_id"]
        if camera_id not in site_of(request).cameras:
            raise web.HTTPNotFound(text=f"there is no camera {camera_id!r}")
        sights = desk_of(request).sights
        path = await asyncio.to_thread(lambda: sights.picture(camera_id, thumb=thumb))
        if path is None:
            raise web.HTTPNotFound(text=f"there is no picture of camera {camera_id!r}")
        kept = "private, max-age=86400, immutable" if "at" in request.query else "private, no-cache"
        return await jpeg(request, path, kept=kept)

    return answer
