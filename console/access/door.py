"""Knows people by what they show: a cookie, a token, a proxy's word. Blocking: call it in a thread."""

import hmac
import secrets
import shlex
from typing import Final

from msgspec.structs import replace

from config.load import Site
from console.access.accounts import Accounts
from console.access.caller import By, Caller, nobody
from console.access.secrets import TOKEN_PREFIX, digest, same
from domain.account import Account, ApiToken, Session, check_name
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.permission import EVERYBODY, EVERYTHING_BUT_ACCOUNTS, Permission, Role

IDLE_MS: Final = 12 * 3_600_000
LONGEST_MS: Final = 7 * 86_400_000
WALL_MS: Final = 30 * 86_400_000
"""A screen on the wall is never idle, and is signed in anew once a month."""
_NOTED_MS: Final = 60_000
"""Uses are written down so coarsely, so that reading the page does not write to the database each time."""


class Door:
    """Without a store nobody has an account."""

    def __init__(self, accounts: Accounts | None, site: Site, clock: Clock, *, called: str = "longcheng") -> None:
        """`called` is how the command line is called on this machine."""
        self.accounts = accounts
        self.first_account = f"{called} accounts add NAME --role administrator --site {shlex.quote(str(site.folder))}"
        """What makes the first one, as it is typed on the server; only the name is to be set."""
        self._site, self._clock = site, clock
        self._proxy_key = secrets.token_bytes()
        self.peopled = False
        """Whether there is an account at all, as last looked."""
        self._looked = False

    def nobody(self, address: str) -> Caller:
        """Somebody who has shown nothing."""
        self._look_for_people()
        return nobody(address, EVERYBODY if self._is_open() else frozenset())

    def _is_open(self) -> bool:
        console = self._site.settings.console
        if console.open is not None:
            return console.open == "read"
        return self._site.settings.demo is not None or (console.is_local and not self.peopled)

    def _look_for_people(self) -> None:
        """Accounts are never removed, so that one look that finds any is the last.

        While their store is away it is as last looked: nobody can have been added, and figures of the product itself
        are wanted most just then. Raises StoreUnavailable if there was no look before.
        """
        if self.peopled or self.accounts is None:
            return
        try:
            self.peopled = self.accounts.any()
        except StoreUnavailable:
            if not self._looked:
                raise
        self._looked = True

    def by_bearer(self, shown: str, address: str) -> Caller | None:
        """Who shows a token; None if it opens nothing."""
        of_settings = self._site.settings.console.api_token
        if of_settings and same(shown, of_settings):
            return Caller(by=By.SETTINGS, address=address, permissions=EVERYTHING_BUT_ACCOUNTS)
        if self.accounts is None or not shown.startswith(TOKEN_PREFIX):
            return None
        found, now_ms = self.accounts.token(digest(shown)), self._clock.now_ms()
        if found is None or not found[0].holds(now_ms):
            return None
        token, account = found
        if token.used_ms is None or now_ms - token.used_ms >= _NOTED_MS:
            self.accounts.used(token.id, now_ms)
        return _by_token(token, account, address)

    def by_cookie(self, shown: str, address: str) -> Caller | None:
        """Whose session it is; None if it is none, or over."""
        if self.accounts is None or (found := self.accounts.session(digest(shown))) is None:
            return None
        session, account = found
        now_ms = self._clock.now_ms()
        if account.disabled_ms is not None or is_over(session, account, now_ms):
            self.accounts.end_session(session.hash)
            return None
        if now_ms - session.seen_ms >= _NOTED_MS:
            self.accounts.seen(session.hash, now_ms)
        return Caller(
            by=By.SESSION,
            address=address,
            permissions=account.permissions,
            scope=account.scope,
            account=account,
            csrf=session.csrf,
            session=session.hash,
        )

    def by_proxy(self, name: str, role: str | None, address: str) -> Caller | None:
        """Whom a trusted proxy names; None if there is no such account and none is to be made, or it is disabled.

        Raises AccountRefused for a name that cannot be.
        """
        if self.accounts is None:
            return None
        account = self.accounts.named(name)
        wanted = Role(role) if role in set(Role) else None
        if account is None and wanted is not None:
            check_name(name)
            account = self.accounts.add(
                Account(id=0, name=name, display_name=name, role=wanted, created_ms=self._clock.now_ms())
            )
        elif account is not None and wanted is not None and account.role is not wanted:
            account = replace(account, role=wanted)
            self.accounts.save(account, end_sessions=True)
        if account is None or account.disabled_ms is not None:
            return None
        csrf = hmac.new(self._proxy_key, account.name.encode(), "sha256").hexdigest()
        return Caller(
            by=By.PROXY,
            address=address,
            permissions=account.permissions,
            scope=account.scope,
            account=account,
            csrf=csrf,
        )


def is_over(session: Session, account: Account, now_ms: int) -> bool:
    """Whether a session has run out, or was left alone for too long."""
    idle = account.role is not Role.WALL and now_ms - session.seen_ms >= IDLE_MS
    return idle or now_ms >= session.expires_ms


def _by_token(token: ApiToken, account: Account, address: str) -> Caller | None:
    if account.disabled_ms is not None:
        return None
    scope = account.scope
    if token.sub_districts:
        named = frozenset(token.sub_districts)
        scope = named if scope is None else scope & named
    permissions: frozenset[Permission] = account.permissions & frozenset(token.scopes)
    return Caller(by=By.TOKEN, address=address, permissions=permissions, scope=scope, account=account, token=token.name)
