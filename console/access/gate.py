"""Every request comes through here: who asks, whether they may, whether it is really them, and what came of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urlsplit

from aiohttp import web

from console.access.caller import By, Caller, nobody
from console.access.named import named_in_body
from console.access.secrets import same, unmasked
from console.keys import CALLER, CHANGES, CLOCK, DOOR, SITE
from console.language import is_person
from console.permits import SEEING, UNWRITTEN, Open, Permit, address_of, permit_of
from domain.account import MOST_CHANGES, Audit, Outcome
from domain.clock import Clock
from domain.errors import LongchengError

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SIGNATURE: Final = "X-Longcheng-Signature"
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGNED: Final = frozenset({"POST /api/v1/notices/receipts"})
"""Where a signature with the secret of our webhooks will do; the handler verifies it."""
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="longcheng"'}


@web.middleware
async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Nobody gets past it without the permission that `console/permits.py` states for the address."""
    if request.match_info.http_exception is not None:  # there is no such address, or no such method
        if is_person(request) and "Authorization" not in request.headers:
            request[CALLER] = await identified(request)  # the page that says so is theirs, too
        return await handler(request)
    permit = permit_of(request)
    if permit is None:
        text = f"{address_of(request.match_info.route)} has no line in console/permits.py, so nobody may ask it"
        raise web.HTTPForbidden(text=text)
    if permit is Open.UNASKED:
        return await handler(request)
    caller = request[CALLER] = await identified(request)
    if SIGNATURE in request.headers and address_of(request.match_info.route) in _SIGNED:
        return await handler(request)
    unsafe = request.method not in _SAFE
    address = address_of(request.match_info.route)
    seeing = address in SEEING
    try:
        _admit(request, caller, permit)
        if unsafe and caller.by_browser and permit is not Open.TO_ALL:
            await _meant(request, caller)
    except web.HTTPForbidden:
        if (unsafe or seeing) and caller.account is not None:
            await _note(request, caller, Outcome.REFUSED)
        raise
    if not unsafe or seeing or address in UNWRITTEN or permit is Open.TO_ALL:
        return await handler(request)
    return await _written_down(request, handler, caller)


def caller_of(request: web.Request) -> Caller:
    """Who asks, as the gate has found; nobody where it did not ask."""
    return request.get(CALLER) or nobody(request.remote or "", frozenset())


async def identified(request: web.Request) -> Caller:
    """Who asks. Raises 401 for a token that opens nothing: whoever shows one means it."""
    door, address = request.app[DOOR], address_of_peer(request)
    if "Authorization" in request.headers:
        scheme, _, shown = request.headers["Authorization"].partition(" ")
        known = None
        if scheme.lower() == "bearer":
            known = await asyncio.to_thread(door.by_bearer, shown.strip(), address)
        if known is None and SIGNATURE not in request.headers:
            raise _unknown(request)
        return known or door.nobody(address)
    if (named := _named_by_proxy(request)) is not None:
        known = await asyncio.to_thread(door.by_proxy, *named, address)
        if known is not None:
            return known
    elif cookie := request.cookies.get(cookie_name(request)):
        known = await asyncio.to_thread(door.by_cookie, cookie, address)
        if known is not None:
            return known
    return await asyncio.to_thread(door.nobody, address)


async def still_may(request: web.Request) -> bool:
    """Whether who asked may still all that they might: a stream outlives sessions, roles, and accounts."""
    try:
        caller = await identified(request)
    except web.HTTPUnauthorized:
        return False
    permit, before = permit_of(request), caller_of(request)
    allowed = permit is Open.TO_ALL or (permit is not None and not isinstance(permit, Open) and caller.may(permit))
    same_person = caller.scope == before.scope and caller.who == before.who
    return allowed and same_person and caller.permissions >= before.permissions


def cookie_name(request: web.Request) -> str:
    """Over TLS a name that browsers take from this host alone, and only over TLS."""
    return "__Host-longcheng_session" if is_secure(request) else "longcheng_session"


def is_secure(request: web.Request) -> bool:
    """Whether people reach this over TLS, here or at a proxy before it."""
    return request.secure or request.app[SITE].settings.console.is_secure


def address_of_peer(request: web.Request) -> str:
    """Where a request comes from: of one that trusted proxies brought, the last address that is none of them."""
    proxy, peer = request.app[SITE].settings.console.proxy, request.remote or ""
    told = [part.strip() for line in request.headers.getall("X-Forwarded-For", []) for part in line.split(",")]
    while proxy.trusts(peer) and told:
        peer = told.pop()[:64]
    return peer


def from_here(request: web.Request) -> bool:
    """Whether a browser asks from one of our own pages, as far as it says: who says nothing is no such browser."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("Origin")
    if origin in {None, "null"}:  # a page that sends no Referer sends `null` with its forms
        return True
    own = {request.host, urlsplit(request.app[SITE].settings.console.url).netloc}
    return urlsplit(origin or "").netloc in own - {""}


async def _meant(request: web.Request, caller: Caller) -> None:
    """Raises 403 unless the change was asked for on a page of ours in this very session."""
    shown = request.headers.get(CSRF_HEADER)
    if shown is None and request.content_type in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        field = (await request.post()).get(CSRF_FIELD)
        shown = field if isinstance(field, str) else None
    if not from_here(request) or shown is None or not caller.csrf or not same(unmasked(shown), caller.csrf):
        raise web.HTTPForbidden(
            text=f"this was not asked for on a page of this session: send its {CSRF_HEADER}, which "
            "GET /api/v1/session tells, from the console's own address"
        )


def _admit(request: web.Request, caller: Caller, permit: Permit) -> None:
    match permit:
        case Open.TO_ALL | Open.UNASKED:
            return
        case Open.TO_SIGNED_IN | Open.TO_BROWSERS:
            if caller.by is By.NOTHING:
                raise _unknown(request)
            if caller.account is None or (permit is Open.TO_BROWSERS and not caller.by_browser):
                raise web.HTTPForbidden(text=f"{caller.who} is a token; this is for those who sign in themselves")
        case _:
            if caller.may(permit):
                return
            if caller.by is By.NOTHING:
                raise _unknown(request)
            where = f" in {', '.join(sorted(caller.scope))}" if caller.scope is not None else ""
            held = ", ".join(sorted(caller.permissions)) or "nothing"
            raise web.HTTPForbidden(text=f"this needs the permission {permit}; {caller.who} has {held}{where}")


def _unknown(request: web.Request) -> web.HTTPException:
    """Where to sign in, for a browser's page; else 401 or, where nobody could show anything, 403."""
    door, console = request.app[DOOR], request.app[SITE].settings.console
    shown = "Authorization" in request.headers
    if not shown and request.method in _SAFE and "text/html" in request.headers.get("Accept", ""):
        return web.HTTPSeeOther(f"/sign-in?next={quote(request.path_qs, safe='')}")
    if not (door.peopled or console.api_token or console.proxy.role_header or console.oidc):
        return web.HTTPForbidden(
            text="nothing of this can be seen or changed until there is an account "
            f"({door.first_account}) or console.api_token is set in site.yaml"
        )
    text = "sign in, or write 'Authorization: Bearer' and a token of an account or the console.api_token of site.yaml"
    return web.HTTPUnauthorized(text=text, headers=_CHALLENGE)


def _named_by_proxy(request: web.Request) -> tuple[str, str | None] | None:
    """The account and the role that a trusted proxy names; None if it names none."""
    proxy = request.app[SITE].settings.console.proxy
    if not proxy.header or not proxy.trusts(request.remote or ""):
        return None
    name = request.headers.get(proxy.header, "").strip().lower()
    role = request.headers.get(proxy.role_header) if proxy.role_header else None
    return (name, role.strip().lower() if role else None) if name else None


async def _written_down(request: web.Request, handler: Handler, caller: Caller) -> web.StreamResponse:
    """Carry it out, and write down who had it done and what came of it."""
    try:
        response = await handler(request)
    except (web.HTTPException, LongchengError) as told:
        moved = isinstance(told, web.HTTPException) and told.status < HTTPStatus.BAD_REQUEST
        await _note(request, caller, Outcome.DONE if moved else Outcome.REFUSED)
        raise
    except Exception:
        await _note(request, caller, Outcome.FAILED)
        raise
    await _note(request, caller, Outcome.DONE if response.status < HTTPStatus.BAD_REQUEST else Outcome.REFUSED)
    return response


async def _note(request: web.Request, caller: Caller, outcome: Outcome) -> None:
    what = address_of(request.match_info.route)
    about = ", ".join(f"{name} {value}" for name, value in request.match_info.items() if name != "token")
    about = about or await named_in_body(request, what)
    await note(request, who=caller.who, what=what, about=about, outcome=outcome)


async def note(request: web.Request, *, who: str, what: str, about: str, outcome: Outcome) -> None:
    """Write a line of the audit. What is done already is answered even if it can't be written down now."""
    clock: Clock = request.app[CLOCK]
    accounts = request.app[DOOR].accounts
    if accounts is None:
        return
    address = address_of_peer(request)
    line = Audit(
        id=0,
        at_ms=clock.now_ms(),
        who=who,
        address=address,
        what=what,
        about=about[:500],
        outcome=outcome,
        changes=request.get(CHANGES, ())[:MOST_CHANGES],
    )
    try:
        await asyncio.to_thread(accounts.note, line)
    except LongchengError:
        log.exception("not in the audit: %s %s %s %s", who, what, about, outcome)
