"""What a reader gets when something is wrong: problem+json for machines (RFC 9457), a page for people."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from msgspec import Struct

from console.keys import CALLER, PAGES, SHOPS
from console.language import is_person, spoken
from console.shop.handlers import PREFIX as SHOP_PREFIX
from console.words import Words
from domain.errors import AccountRefused, JournalFull, OrderRefused, StoreRefused, StoreUnavailable

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


TYPES: Final = {
    HTTPStatus.BAD_REQUEST: "wrong",
    HTTPStatus.UNAUTHORIZED: "sign-in",
    HTTPStatus.FORBIDDEN: "not-allowed",
    HTTPStatus.NOT_FOUND: "not-there",
    HTTPStatus.METHOD_NOT_ALLOWED: "no-such-method",
    HTTPStatus.CONFLICT: "over",
    HTTPStatus.PRECONDITION_FAILED: "changed-meanwhile",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-long",
    HTTPStatus.MISDIRECTED_REQUEST: "not-here",
    HTTPStatus.TOO_MANY_REQUESTS: "too-many",
    HTTPStatus.INTERNAL_SERVER_ERROR: "failed",
    HTTPStatus.SERVICE_UNAVAILABLE: "not-now",
}
"""The last word of a problem's type, by what programs branch on anyway."""


class Problem(Struct, frozen=True, kw_only=True):
    """RFC 9457. `detail` names the thing, its value and what is allowed; where a person asks, in their language.

    `type` is one of `/problems/` wrong, sign-in, not-allowed, not-there, no-such-method, over, changed-meanwhile,
    too-long, not-here, too-many, failed, not-now; each goes with one status, and means the same for ever.
    """

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
        detail = "" if wrong.text in {None, default} else wrong.text or ""
        return _answer(request, wrong.status, _worded(request, detail), told)
    except OrderRefused as wrong:
        return _answer(request, _REFUSED[wrong.why], _told(request, wrong), {})
    except (StoreUnavailable, StoreRefused, JournalFull) as wrong:
        return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, _not_now(request, wrong), {"Retry-After": "5"})
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
    return problem_answer(status, detail, headers)


def problem_answer(status: int, detail: str, headers: dict[str, str]) -> web.Response:
    """What is wrong, for machines."""
    kind = TYPES.get(HTTPStatus(status))
    problem = Problem(
        type=f"/problems/{kind}" if kind else "about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
    )
    return web.Response(
        status=status, body=msgspec.json.encode(problem), content_type="application/problem+json", headers=headers
    )


def _told(request: web.Request, wrong: OrderRefused) -> str:
    """Why, as who asks reads it: a person on a page in their language, a program in English."""
    if not is_person(request) or not wrong.key:
        return _worded(request, str(wrong))
    words = request.app[PAGES].words(spoken(request))
    try:
        if isinstance(wrong, AccountRefused):
            return words.say(f"wrong.{wrong.key}", **wrong.facts)
        return words.refusal(wrong.key, wrong.facts)
    except (KeyError, ValueError, IndexError):
        log.exception("no words for the refusal %s", wrong.key)
        return str(wrong)


def _worded(request: web.Request, sentence: str) -> str:
    """What was worded for programs, as who asks reads it."""
    return (request.app[PAGES].words(spoken(request)).retold(sentence) if is_person(request) else None) or sentence


def _not_now(request: web.Request, wrong: Exception) -> str:
    """What a store said stands as it was said, behind what it means for who asked."""
    if not is_person(request):
        return str(wrong)
    return request.app[PAGES].words(spoken(request)).say("error.not_now", why=str(wrong))


def _apology(words: Words, status: int) -> str:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return words.say("error.failed")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return words.say("error.not_allowed")
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.TOO_MANY_REQUESTS}:
        return words.say(f"error.{HTTPStatus(status).name.lower()}")
    return words.say("error.not_found")
