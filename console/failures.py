"""What a reader gets when something is wrong: problem+json for machines (RFC 9457), a page for people."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import msgspec
from aiohttp import web
from msgspec import Struct

from console.keys import CALLER, PAGES, SHOPS
from console.language import spoken
from console.shop.handlers import PREFIX as SHOP_PREFIX
from console.words import Words
from domain.errors import JournalFull, OrderRefused, StoreRefused, StoreUnavailable

log = logging.getLogger(__name__)

_REFUSED = {
    "wrong": HTTPStatus.BAD_REQUEST,
    "missing": HTTPStatus.NOT_FOUND,
    "over": HTTPStatus.CONFLICT,
    "conflict": HTTPStatus.PRECONDITION_FAILED,
}
_TOLD = ("Allow", "WWW-Authenticate", "Retry-After")
"""Headers of a refusal that go with its answer."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Problem(Struct, frozen=True, kw_only=True):
    """RFC 9457. `detail` names the thing, its value and what is allowed."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""


@web.middleware
async def failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every error into an answer."""
    try:
        return await handler(request)
    except web.HTTPException as wrong:
        if wrong.status < HTTPStatus.BAD_REQUEST:
            raise
        told = {name: wrong.headers[name] for name in _TOLD if name in wrong.headers}
        default = f"{wrong.status}: {wrong.reason}"
        return _answer(request, wrong.status, "" if wrong.text in {None, default} else wrong.text or "", told)
    except OrderRefused as wrong:
        return _answer(request, _REFUSED[wrong.why], str(wrong), {})
    except (StoreUnavailable, StoreRefused, JournalFull) as wrong:
        return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, str(wrong), {"Retry-After": "5"})
    except ConnectionError:
        raise  # the reader has left; nobody to answer
    except Exception:
        path = SHOP_PREFIX if request.path.startswith(SHOP_PREFIX) else request.path  # the rest of that is a key
        log.exception("%s %s failed", request.method, path)
        return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "", {})


def _answer(request: web.Request, status: int, detail: str, headers: dict[str, str]) -> web.Response:
    if request.path.startswith(SHOP_PREFIX):
        apology = request.app[SHOPS].apologise(request, status)
        apology.headers.update(headers)
        return apology
    if request.path == "/" or request.path.startswith("/cases/") or "text/html" in request.headers.get("Accept", ""):
        language, pages = spoken(request), request.app[PAGES]
        text = pages.error(language, _apology(pages.words(language), status), request.get(CALLER))
        return web.Response(status=status, text=text, content_type="text/html", headers=headers)
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail)
    return web.Response(
        status=status, body=msgspec.json.encode(problem), content_type="application/problem+json", headers=headers
    )


def _apology(words: Words, status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return words.say("error.failed")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return words.say("error.not_allowed")
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS}:
        return words.say(f"error.{HTTPStatus(status).name.lower()}")
    return words.say("error.not_found")
