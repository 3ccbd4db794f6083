"""Accounts, tokens, sessions and the audit over HTTP."""

from typing import Any

import msgspec
from aiohttp import web
from msgspec.structs import replace

from console.access.caller import By, Caller
from console.access.gate import caller_of, from_here
from console.access.passwords import TooBusy
from console.access.registry import Changes, Registry
from console.access.signing import NotNow, drop_cookie, end_shown, set_cookie, sign_in
from console.api import account_shapes as o
from console.api import asks
from console.api.paging import below, newest, paged
from console.api.reads import Read, Room
from console.api.writes import Write
from console.keys import SIGNING
from domain.account import Account
from domain.clock import epoch_ms
from domain.errors import AccountRefused


def accounts(room: Room, ask: asks.AskMany) -> o.AccountsOut:
    """All accounts, disabled ones too, by name."""
    found = _registry(room).store.accounts()
    page = paged(found, "accounts", lambda one: (one.name,), cursor=ask.cursor, limit=ask.limit)
    return o.AccountsOut(items=[o.account_out(one) for one in page.items], next=page.next, total=len(found))


def tokens(room: Room, ask: asks.AskMany) -> o.TokensOut:
    """The tokens of who asks, without their texts, newest first."""
    found = _registry(room).store.tokens(_account(room).id)
    page = paged(found, "tokens", lambda one: (-one.id,), cursor=ask.cursor, limit=ask.limit)
    return o.TokensOut(items=[o.token_out(one) for one in page.items], next=page.next, total=len(found))


def audit(room: Room, ask: o.AskAudit) -> o.AuditOut:
    """Who did what, newest first."""
    before_id = below(ask.cursor, "audit", ask.before_id)
    found = _registry(room).store.audit(limit=ask.limit + 1, before_id=before_id, who=ask.who)
    page = newest(found, "audit", lambda line: line.id, ask.limit)
    return o.AuditOut(items=[o.audit_line_out(line) for line in page.items], next=page.next)


def add_account(room: Room, order: o.OrderAccount, _about: int) -> o.AccountOut:
    """Make an account."""
    districts = order.sub_districts
    made = _registry(room).add(order.name, order.role, display_name=order.display_name, sub_districts=districts)
    return o.account_out(made)


def change_account(room: Room, order: o.OrderChange, account_id: int) -> o.AccountOut:
    """Change an account; with another role or sub-districts it is signed out everywhere."""
    registry = _registry(room)
    changes = Changes(display_name=order.display_name, role=order.role, sub_districts=order.sub_districts)
    account = registry.change(account_id, changes)
    if order.disabled is not None:
        account = registry.disable(account_id) if order.disabled else registry.enable(account_id)
    return o.account_out(account)


def invite(room: Room, _order: o.OrderInvitation, account_id: int) -> o.InvitationOut:
    """Make a link by which an account's owner sets a password. The one of before is void."""
    return o.InvitationOut(path=f"/set-password/{_registry(room).invite(account_id)}")


def add_token(room: Room, order: o.OrderToken, _about: int) -> o.TokenOut:
    """Make a token of who asks. Its text is told once, here."""
    token, text = _registry(room).add_token(
        _account(room),
        order.name,
        order.scopes,
        sub_districts=order.sub_districts,
        expires_ms=None if order.expires is None else epoch_ms(order.expires),
    )
    return replace(o.token_out(token), token=text)


def revoke_token(room: Room, _order: o.OrderRevoke, token_id: int) -> o.TokensOut:
    """Let a token of who asks open nothing any more."""
    _registry(room).revoke(token_id, of=_account(room))
    return tokens(room, asks.AskMany())


async def session(request: web.Request) -> web.Response:
    """`GET /api/v1/session`: who asks."""
    return _json(o.session_out(caller_of(request)))


async def start_session(request: web.Request) -> web.Response:
    """`POST /api/v1/session`: sign in with a password."""
    if not from_here(request):
        raise web.HTTPForbidden(text="sign in from the console's own address")
    signing = request.app.get(SIGNING)
    if signing is None:
        raise web.HTTPForbidden(text="there are no accounts here")
    try:
        order = msgspec.json.decode(await request.read(), type=o.OrderSession)
    except msgspec.DecodeError as wrong:
        raise web.HTTPBadRequest(text=f"the body of {request.path}: {wrong}") from None
    try:
        started = await sign_in(request, signing, order.name, order.password)
    except AccountRefused as wrong:
        raise web.HTTPUnauthorized(text=str(wrong), headers={"WWW-Authenticate": 'Bearer realm="longcheng"'}) from None
    except NotNow as soon:
        headers = {"Retry-After": str(int(soon.wait_s) + 1)}
        raise web.HTTPTooManyRequests(text=str(soon), headers=headers) from None
    except TooBusy:
        raise web.HTTPServiceUnavailable(text="too many sign in at once", headers={"Retry-After": "5"}) from None
    account = started.account
    response = _json(
        o.SessionOut(
            account=o.account_out(account),
            by="session",
            permissions=sorted(account.permissions),
            sub_districts=None if account.scope is None else sorted(account.scope),
            csrf=started.session.csrf,
        )
    )
    set_cookie(request, response, started)
    return response


async def end_session(request: web.Request) -> web.Response:
    """`DELETE /api/v1/session`: sign out."""
    await end_shown(request)
    response = _json(o.session_out(Caller(by=By.NOTHING, address="", permissions=frozenset())))
    drop_cookie(request, response)
    return response


def _registry(room: Room) -> Registry:
    if room.registry is None:
        raise web.HTTPForbidden(text="there are no accounts here")
    return room.registry


def _account(room: Room) -> Account:
    if room.caller.account is None:
        raise web.HTTPForbidden(text="this is for those who sign in")
    return room.caller.account


def _json(answer: o.SessionOut) -> web.Response:
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


READS: tuple[Read[Any], ...] = (
    Read(path="/api/v1/accounts", ask=asks.AskMany, answer=accounts, shape=o.AccountsOut),
    Read(path="/api/v1/tokens", ask=asks.AskMany, answer=tokens, shape=o.TokensOut),
    Read(path="/api/v1/audit", ask=o.AskAudit, answer=audit, shape=o.AuditOut),
)
WRITES: tuple[Write[Any], ...] = (
    Write(path="/api/v1/accounts", order=o.OrderAccount, carry_out=add_account, shape=o.AccountOut, status=201),
    Write(path="/api/v1/accounts/{id}", order=o.OrderChange, carry_out=change_account, shape=o.AccountOut),
    Write(
        path="/api/v1/accounts/{id}/invitation",
        order=o.OrderInvitation,
        carry_out=invite,
        shape=o.InvitationOut,
        status=201,
    ),
    Write(path="/api/v1/tokens", order=o.OrderToken, carry_out=add_token, shape=o.TokenOut, status=201),
    Write(path="/api/v1/tokens/{id}", order=o.OrderRevoke, carry_out=revoke_token, shape=o.TokensOut, method="delete"),
)
