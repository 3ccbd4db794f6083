"""Accounts, tokens and the audit as data, and what can be ordered about them."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from console.access.caller import Caller
from console.api import asks
from console.api.bodies import Moment, Order
from console.api.shapes import Out
from domain.account import Account, ApiToken, Audit, Outcome
from domain.clock import utc
from domain.permission import Permission, Role

Districts = Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=100)], ...], Meta(max_length=200)]
Short = Annotated[str, Meta(min_length=1, max_length=200)]


class AccountOut(Out, frozen=True, kw_only=True):
    """One account. `has_password`: whether it can be signed in to with one."""

    id: int
    name: str
    display_name: str
    role: Role
    sub_districts: list[str]
    has_password: bool
    created_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None


class AccountsOut(Out, frozen=True, kw_only=True):
    """All accounts, by name."""

    items: list[AccountOut]
    next: str | None = None
    total: int


class InvitationOut(Out, frozen=True, kw_only=True):
    """The address at which the owner sets a password, once and within three days. It is told this once."""

    path: str


class TokenOut(Out, frozen=True, kw_only=True):
    """One token. `token` is its text: told when it is made, and never again."""

    id: int
    account_id: int
    name: str
    scopes: list[Permission]
    sub_districts: list[str]
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    token: str | None = None


class TokensOut(Out, frozen=True, kw_only=True):
    """Tokens of who asks, newest first."""

    items: list[TokenOut]
    next: str | None = None
    total: int


class ChangeOut(Struct, frozen=True, kw_only=True):
    """One thing that was changed: `zone_added`, `zone_removed`, `zone_renamed`, `zone_redrawn` with `n` corners that
    lie elsewhere, or `zone_` and the name of a column."""

    what: str
    thing: str
    before: str
    after: str
    n: int | None


class AuditLineOut(Out, frozen=True, kw_only=True):
    """Who did what, from where, and what came of it; `changes` where what was changed is written down."""

    id: int
    at: datetime
    who: str
    address: str
    what: str
    about: str
    outcome: Outcome
    changes: list[ChangeOut]


class AuditOut(Out, frozen=True, kw_only=True):
    """Lines of the audit, newest first."""

    items: list[AuditLineOut]
    next: str | None = None


class SessionOut(Out, frozen=True, kw_only=True):
    """Who asks and what they may. `csrf` goes into the header X-CSRF-Token of every change that a session asks for."""

    account: AccountOut | None
    by: str
    permissions: list[Permission]
    sub_districts: list[str] | None
    csrf: str | None


class AskAudit(asks.AskSome, frozen=True, kw_only=True):
    """Lines of one account or of all, below an id."""

    before_id: Annotated[int, Meta(ge=1)] | None = None
    who: Short | None = None


class OrderSession(Order, frozen=True, kw_only=True):
    """A name and its password."""

    name: Annotated[str, Meta(max_length=200)]
    password: Annotated[str, Meta(max_length=1000)]


class OrderAccount(Order, frozen=True, kw_only=True):
    """A new account, without a password: an invitation lets its owner set one."""

    name: Short
    role: Role
    display_name: Annotated[str, Meta(max_length=200)] = ""
    sub_districts: Districts = ()


class OrderChange(Order, frozen=True, kw_only=True):
    """What is to be otherwise; what is left out stays."""

    display_name: Short | None = None
    role: Role | None = None
    sub_districts: Districts | None = None
    disabled: bool | None = None


class OrderInvitation(Order, frozen=True, kw_only=True):
    """Nothing more to say."""


class OrderToken(Order, frozen=True, kw_only=True):
    """A new token of who asks."""

    name: Short
    scopes: Annotated[tuple[Permission, ...], Meta(min_length=1)]
    sub_districts: Districts = ()
    expires: Moment | None = None


class OrderRevoke(Order, frozen=True, kw_only=True):
    """Nothing more to say."""


def session_out(caller: Caller) -> SessionOut:
    """A caller as data."""
    return SessionOut(
        account=None if caller.account is None else account_out(caller.account),
        by=caller.by.value,
        permissions=sorted(caller.permissions),
        sub_districts=None if caller.scope is None else sorted(caller.scope),
        csrf=caller.csrf or None,
    )


def account_out(account: Account) -> AccountOut:
    """An account as data, without its password's hash."""
    return AccountOut(
        id=account.id,
        name=account.name,
        display_name=account.display_name,
        role=account.role,
        sub_districts=list(account.sub_districts),
        has_password=account.password_hash is not None,
        created_at=utc(account.created_ms),
        last_login_at=_moment(account.last_login_ms),
        disabled_at=_moment(account.disabled_ms),
    )


def token_out(token: ApiToken) -> TokenOut:
    """A token as data."""
    return TokenOut(
        id=token.id,
        account_id=token.account_id,
        name=token.name,
        scopes=list(token.scopes),
        sub_districts=list(token.sub_districts),
        created_at=utc(token.created_ms),
        expires_at=_moment(token.expires_ms),
        used_at=_moment(token.used_ms),
        revoked_at=_moment(token.revoked_ms),
    )


def audit_line_out(line: Audit) -> AuditLineOut:
    """A line of the audit as data."""
    return AuditLineOut(
        id=line.id,
        at=utc(line.at_ms),
        who=line.who,
        address=line.address,
        what=line.what,
        about=line.about,
        outcome=line.outcome,
        changes=[
            ChangeOut(what=one.what, thing=one.thing, before=one.before, after=one.after, n=one.n)
            for one in line.changes
        ],
    )


def _moment(at_ms: int | None) -> datetime | None:
    return None if at_ms is None else utc(at_ms)
