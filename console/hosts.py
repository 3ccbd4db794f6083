"""Who the console may be called by. A page of a stranger's site, pointed at loopback by DNS, is not let in."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from console.keys import SITE

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def known_hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
    """421 for a Host that is neither loopback nor named in the settings."""
    console = request.app[SITE].settings.console
    name = urlsplit(f"//{request.host}").hostname or ""
    if name in _LOOPBACK or name == console.host or name in console.names:
        return await handler(request)
    text = f"this console is not {name!r}; console.names in site.yaml says what it is called\n"
    return web.Response(status=HTTPStatus.MISDIRECTED_REQUEST, text=text)
