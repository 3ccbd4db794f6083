"""One's own account as a page: its password, its sessions, its tokens."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from aiohttp import web

from console.access.gate import caller_of
from console.access.passwords import TooBusy
from console.access.registry import Registry
from console.access.signing import NotNow, Signing
from console.keys import CLOCK, PAGES, REGISTRY, SIGNING
from console.language import remember, spoken
from console.pages.signing_pages import field, html, new_password, wrong
from domain.account import Account
from domain.errors import AccountRefused
from domain.permission import MAY, Permission

_DAY_MS: Final = 86_400_000
LASTS_DAYS: Final = (30, 90, 365)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def parts(request: web.Request) -> tuple[Registry, Signing, Account]:
    """What every page of an account needs. The gate lets nobody in who has none."""
    account = caller_of(request).account
    if account is None:
        raise web.HTTPForbidden(text="this is for those who sign in")
    return request.app[REGISTRY], request.app[SIGNING], account


async def own(request: web.Request) -> web.Response:
    """`GET /account`."""
    return remember(request) or await _page(request, done=request.query.get("done", ""))


async def change_password(request: web.Request) -> web.Response:
    """`POST /account/password`: all other sessions end."""
    registry, signing, account = parts(request)
    words = request.app[PAGES].words(spoken(request))
    try:
        await signing.check(account, await field(request, "old"), caller_of(request).address)
        hashed = await signing.passwords.hash(await new_password(request, account.name))
        await asyncio.to_thread(registry.set_password, account, hashed, but=caller_of(request).session)
    except AccountRefused as refused:
        return await _page(request, problem=wrong(request, refused), status=HTTPStatus.BAD_REQUEST)
    except NotNow as soon:
        problem = words.say("wrong.not_now", wait=words.lasting(soon.wait_s + 1))
        return await _page(request, problem=problem, status=HTTPStatus.TOO_MANY_REQUESTS)
    except TooBusy:
        return await _page(request, problem=words.say("wrong.busy"), status=HTTPStatus.SERVICE_UNAVAILABLE)
    raise web.HTTPSeeOther("/account?done=password")


async def end_sessions(request: web.Request) -> web.Response:
    """`POST /account/sessions/end`: everywhere but here."""
    registry, _, account = parts(request)
    await asyncio.to_thread(registry.store.end_sessions, account.id, but=caller_of(request).session)
    raise web.HTTPSeeOther("/account?done=sessions")


async def add_token(request: web.Request) -> web.Response:
    """`POST /account/tokens`: its text stands on the page that answers, and never again."""
    registry, _, account = parts(request)
    asked = await request.post()
    scopes = [Permission(one) for one in asked.getall("scope", []) if one in set(Permission)]
    days = await field(request, "days")
    expires_ms = request.app[CLOCK].now_ms() + int(days) * _DAY_MS if days in map(str, LASTS_DAYS) else None
    name = await field(request, "name")
    try:
        _, text = await asyncio.to_thread(registry.add_token, account, name, scopes, expires_ms=expires_ms)
    except AccountRefused as refused:
        return await _page(request, problem=wrong(request, refused), status=HTTPStatus.BAD_REQUEST)
    return await _page(request, token=text)


async def revoke_token(request: web.Request) -> web.Response:
    """`POST /account/tokens/{id}/revoke`."""
    registry, _, account = parts(request)
    await asyncio.to_thread(registry.revoke, number(request), of=account)
    raise web.HTTPSeeOther("/account?done=token")


def number(request: web.Request) -> int:
    """The id that an address names. Raises 404 for what is none."""
    named = request.match_info["id"]
    if not named.isascii() or not named.isdigit() or len(named) > 18:
        raise web.HTTPNotFound(text=f"{named!r} is no id")
    return int(named)


async def _page(
    request: web.Request, *, problem: str = "", done: str = "", token: str = "", status: int = 200
) -> web.Response:
    registry, _, account = parts(request)
    sessions, tokens = await asyncio.to_thread(
        lambda: (registry.store.sessions(account.id), registry.store.tokens(account.id))
    )
    return await html(
        request,
        "account.html",
        status=status,
        account=account,
        sessions=sessions,
        tokens=tokens,
        problem=problem,
        done=done if done in {"password", "sessions", "token"} else "",
        token=token,
        scopes=sorted(MAY[account.role]),
        lasts=LASTS_DAYS,
    )
