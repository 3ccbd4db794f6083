"""Signing in at the bureau's own issuer, and coming back from it."""

import asyncio
import logging
from http import HTTPStatus
from typing import Final

from aiohttp import web
from msgspec.structs import replace

from console.access.gate import address_of_peer, is_secure, note
from console.access.oidc import OidcClient, Person
from console.access.registry import Registry
from console.access.signing import end_shown, set_cookie
from console.keys import CLOCK, OIDC, REGISTRY, SIGNING, SITE
from console.pages.signing_pages import html, next_of, sign_in_page, wrong
from domain.account import Account, Outcome, check_display_name, check_name
from domain.errors import AccountRefused

log = logging.getLogger(__name__)

_COOKIE: Final = "longcheng_oidc"
_PATH: Final = "/sign-in/oidc"
_LASTS_S: Final = 600
_SHOWN: Final = 200


async def begin(request: web.Request) -> web.Response:
    """`GET /sign-in/oidc?next=`: to the issuer."""
    client = _client(request)
    try:
        where, pending = await client.begin(_redirect_uri(request), next_of(request.query.get("next", "/")))
    except AccountRefused as refused:
        return await _failed(request, refused)
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": where})
    # Lax: the browser comes back from another site. It opens nothing by itself.
    response.set_cookie(
        _COOKIE, pending.browser, max_age=_LASTS_S, path=_PATH, secure=is_secure(request), httponly=True, samesite="Lax"
    )
    return response


async def back(request: web.Request) -> web.Response:
    """`GET /sign-in/oidc/back`: from the issuer. A page of ours leads on, so that the strict cookie goes along."""
    client, signing, registry = _client(request), request.app[SIGNING], request.app[REGISTRY]
    now_ms = request.app[CLOCK].now_ms()
    try:
        told = await client.finish(dict(request.query), request.cookies.get(_COOKIE, ""), _redirect_uri(request))
        person, after = told
        account = await asyncio.to_thread(account_of, person, registry, now_ms)
    except AccountRefused as refused:
        return await _failed(request, refused)
    started = await signing.start(account, address_of_peer(request))
    await note(request, who=account.name, what="sign in", about="by oidc", outcome=Outcome.DONE)
    await end_shown(request)
    response = await html(request, "signed_in.html", after=after)
    response.del_cookie(_COOKIE, path=_PATH)
    set_cookie(request, response, started)
    return response


def account_of(person: Person, registry: Registry, now_ms: int) -> Account:
    """The account of whom the issuer vouches for: its own, one made for them without a password, or a new one.

    Raises AccountRefused for somebody without a role here, a name that another has, and a disabled account.
    """
    store, role = registry.store, person.role
    account = store.of_subject(person.subject)
    if account is None:
        check_name(person.name)
        account = store.named(person.name)
        if account is None and role is not None:
            check_display_name(person.display_name)
            known = tuple(one for one in person.sub_districts if one in registry.sub_districts)
            fresh = Account(
                id=0,
                name=person.name,
                display_name=person.display_name,
                role=role,
                sub_districts=known,
                subject=person.subject,
                created_ms=now_ms,
            )
            return store.add(fresh)
        if account is None or account.password_hash is not None or account.subject is not None:
            raise AccountRefused(f"{person.name!r} has no account that the issuer speaks for", "oidc_account")
        account = replace(account, subject=person.subject)
        store.save(account, end_sessions=False)
    if account.disabled_ms is not None or (role is None and registry.maps_roles):
        raise AccountRefused(f"{account.name} is disabled, or has no role any more", "oidc_account")
    if role is not None and role is not account.role:
        account = replace(account, role=role)
        store.save(account, end_sessions=True)
    return account


async def _failed(request: web.Request, refused: AccountRefused) -> web.Response:
    log.warning("no sign-in by OIDC: %s", refused)
    await note(request, who="-", what="sign in", about=f"by oidc: {refused}"[:_SHOWN], outcome=Outcome.REFUSED)
    return await sign_in_page(request, "/", problem=wrong(request, refused), status=HTTPStatus.FORBIDDEN)


def _client(request: web.Request) -> OidcClient:
    client = request.app.get(OIDC)
    if client is None:
        raise web.HTTPNotFound(text="console.oidc names no issuer")
    return client


def _redirect_uri(request: web.Request) -> str:
    base = request.app[SITE].settings.console.url or str(request.url.origin())
    return f"{base}{_PATH}/back"
