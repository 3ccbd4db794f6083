"""A picture's file over HTTP: read whole, in a thread that closes it whoever waits for the answer."""

import asyncio
import os
from http import HTTPStatus
from pathlib import Path

from aiohttp import web


async def jpeg(request: web.Request, path: Path, *, kept: str) -> web.Response:
    """The picture, with `kept` for its Cache-Control; 304 for who has it as it is. Raises 404 if it has gone meanwhile.

    aiohttp's own answer of a file is not used: of a request that is given up while the file is opened it leaves the
    file open.
    """
    named = {one.value for one in request.if_none_match or ()}
    try:
        tag, picture = await asyncio.to_thread(_read, path, named)
    except OSError:
        raise web.HTTPNotFound(text="there is no such picture any more") from None
    headers = {"ETag": f'"{tag}"', "Cache-Control": kept}
    if picture is None:
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return web.Response(body=picture, content_type="image/jpeg", headers=headers)


def _read(path: Path, named: set[str]) -> tuple[str, bytes | None]:
    """Which version of it is there, and what is in it; None instead if its tag is one of those named."""
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        tag = f"{about.st_mtime_ns:x}-{about.st_size:x}"
        return tag, None if tag in named or "*" in named else file.read()
