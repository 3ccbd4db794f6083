"""Who the console may be called by. A page of a stranger's site, pointed at loopback by DNS, is not let in."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from console.failures import problem_answer
from console.keys import SITE
from console.shop.handlers import PREFIX as SHOP_PREFIX

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def known_hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
    """421 for a Host that is neither loopback nor named in the settings; that of the shops' page opens only this."""
    settings = request.app[SITE].settings
    console, name = settings.console, urlsplit(f"//{request.host}").hostname or ""
    if name in _LOOPBACK or name in {console.host, urlsplit(console.url).hostname} or name in console.names:
        return await handler(request)
    if name == urlsplit(settings.shop_page.url).hostname:  # the whole world may reach that name
        own = request.path.startswith(SHOP_PREFIX)
        return await handler(request) if own else web.Response(status=HTTPStatus.NOT_FOUND)
    text = f"this console is not {name!r}; console.names in site.yaml says what it is called\n"
    if request.path.startswith("/api/"):
        return problem_answer(HTTPStatus.MISDIRECTED_REQUEST, text.strip(), {})
    return web.Response(status=HTTPStatus.MISDIRECTED_REQUEST, text=text)
