"""Accounts and the audit as an administrator sees them."""

import asyncio
from http import HTTPStatus
from typing import Final

from aiohttp import web

from console.access.registry import Changes
from console.keys import PAGES, REGISTRY, SITE
from console.language import remember, spoken
from console.pages.account_pages import number
from console.pages.audit_words import audit_row
from console.pages.signing_pages import field, html, wrong
from domain.account import Account
from domain.errors import AccountRefused
from domain.permission import Role

_LINES: Final = 100


async def listed(request: web.Request) -> web.Response:
    """`GET /accounts`."""
    return remember(request) or await _list(request)


async def add(request: web.Request) -> web.Response:
    """`POST /accounts`: an account, and the link by which its owner sets a password."""
    registry, name = request.app[REGISTRY], (await field(request, "name")).strip().lower()
    asked = {"display_name": await field(request, "display_name"), "sub_districts": await _districts(request)}
    role = await _role(request)

    def made() -> tuple[Account, str]:
        account = registry.add(name, role, **asked)  # type: ignore[arg-type]
        return account, registry.invite(account.id)

    try:
        account, secret = await asyncio.to_thread(made)
    except AccountRefused as refused:
        return await _list(request, problem=wrong(request, refused), status=HTTPStatus.BAD_REQUEST)
    return await _one(request, account.id, link=_link(request, secret), status=HTTPStatus.CREATED)


async def one(request: web.Request) -> web.Response:
    """`GET /accounts/{id}`."""
    return remember(request) or await _one(request, number(request))


async def change(request: web.Request) -> web.Response:
    """`POST /accounts/{id}`: its display name, role and sub-districts."""
    changes = Changes(
        display_name=await field(request, "display_name"),
        role=await _role(request),
        sub_districts=await _districts(request),
    )
    return await _done(request, lambda account_id: request.app[REGISTRY].change(account_id, changes))


async def disable(request: web.Request) -> web.Response:
    """`POST /accounts/{id}/disable`."""
    return await _done(request, request.app[REGISTRY].disable)


async def enable(request: web.Request) -> web.Response:
    """`POST /accounts/{id}/enable`."""
    return await _done(request, request.app[REGISTRY].enable)


async def invite(request: web.Request) -> web.Response:
    """`POST /accounts/{id}/invite`: the link stands on the page that answers, and never again."""
    account_id = number(request)
    try:
        secret = await asyncio.to_thread(request.app[REGISTRY].invite, account_id)
    except AccountRefused as refused:
        return await _one(request, account_id, problem=wrong(request, refused), status=HTTPStatus.BAD_REQUEST)
    return await _one(request, account_id, link=_link(request, secret))


async def audit(request: web.Request) -> web.Response:
    """`GET /audit?who=&before=`."""
    if (redirect := remember(request)) is not None:
        return redirect
    who, before = request.query.get("who", "").strip()[:200], request.query.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) <= 18 else None
    store = request.app[REGISTRY].store
    lines = await asyncio.to_thread(store.audit, limit=_LINES + 1, before_id=before_id, who=who or None)
    more = lines[_LINES - 1].id if len(lines) > _LINES else None
    words, site = request.app[PAGES].words(spoken(request)), request.app[SITE]
    names = {str(account.id): account.name for account in await asyncio.to_thread(store.accounts)}
    rows = [audit_row(line, words, site, names) for line in lines[:_LINES]]
    return await html(request, "audit.html", rows=rows, who=who, more=more, before=before_id)


async def _done(request: web.Request, act: object) -> web.Response:
    account_id = number(request)
    if not callable(act):
        raise TypeError(act)
    try:
        await asyncio.to_thread(act, account_id)
    except AccountRefused as refused:
        return await _one(request, account_id, problem=wrong(request, refused), status=HTTPStatus.BAD_REQUEST)
    raise web.HTTPSeeOther(f"/accounts/{account_id}")


async def _list(request: web.Request, *, problem: str = "", status: int = 200) -> web.Response:
    registry = request.app[REGISTRY]
    accounts = await asyncio.to_thread(registry.store.accounts)
    return await html(
        request,
        "accounts.html",
        status=status,
        accounts=accounts,
        roles=list(Role),
        districts=registry.sub_districts,
        problem=problem,
    )


async def _one(
    request: web.Request, account_id: int, *, problem: str = "", link: str = "", status: int = 200
) -> web.Response:
    registry = request.app[REGISTRY]
    account = await asyncio.to_thread(registry.store.account, account_id)
    if account is None:
        raise web.HTTPNotFound(text=f"there is no account {account_id}")
    return await html(
        request,
        "one_account.html",
        status=status,
        account=account,
        roles=list(Role),
        districts=registry.sub_districts,
        problem=problem,
        link=link,
    )


def _link(request: web.Request, secret: str) -> str:
    base = request.app[SITE].settings.console.url or str(request.url.origin())
    return f"{base}/set-password/{secret}"


async def _role(request: web.Request) -> Role:
    named = await field(request, "role")
    if named not in set(Role):
        raise web.HTTPBadRequest(text=f"{named!r} is no role; there is {', '.join(Role)}")
    return Role(named)


async def _districts(request: web.Request) -> tuple[str, ...]:
    found = (await request.post()).getall("sub_district", [])
    return tuple(one for one in found if isinstance(one, str))
