"""Signing in and out, with a password or by another door."""

import asyncio
from typing import Final

from aiohttp import web
from msgspec import Struct

from console.access.accounts import Accounts
from console.access.caller import By
from console.access.door import LONGEST_MS, WALL_MS
from console.access.gate import address_of_peer, caller_of, cookie_name, is_secure, note
from console.access.passwords import Passwords
from console.access.secrets import digest, new_secret
from console.access.throttle import Throttle
from console.keys import CLOCK, DOOR
from domain.account import PASSWORD_AT_MOST, Account, Outcome, Session
from domain.clock import Clock
from domain.errors import AccountRefused
from domain.permission import Role

SIGN_IN: Final = "sign in"
SIGN_OUT: Final = "sign out"
_SHOWN_NAME: Final = 64


class NotNow(Exception):
    """Too many tries; `wait_s` says how long."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(f"too many tries; wait {wait_s:.0f} s")


class Started(Struct, frozen=True, kw_only=True):
    """A new session, and what the cookie has to hold."""

    session: Session
    secret: str
    account: Account


class Signing:
    """What a console with accounts signs people in with."""

    def __init__(self, accounts: Accounts, clock: Clock, passwords: Passwords | None = None) -> None:
        self.passwords = passwords or Passwords()
        self._accounts, self._clock = accounts, clock
        self._throttle = Throttle(clock)

    async def with_password(self, name: str, password: str, address: str) -> Started:
        """A new session. Raises AccountRefused, NotNow, TooBusy.

        What is wrong, the name, the password or that the account is disabled, is not told, nor by how long it takes.
        """
        account = await asyncio.to_thread(self._accounts.named, name)
        at_home = account is not None and account.last_address == address
        if wait_s := self._throttle.begin(address, name, at_home=at_home):
            raise NotNow(wait_s)
        able = account is not None and account.disabled_ms is None
        kept = account.password_hash if account is not None and able else None
        verdict = await self.passwords.verify(kept, password[: PASSWORD_AT_MOST + 1])
        if account is None or not able or not verdict.right:
            raise AccountRefused("name or password is wrong", "sign_in")
        self._throttle.right(address, name)
        return await self.start(account, address, password_hash=verdict.new_hash)

    async def check(self, account: Account, password: str, address: str) -> None:
        """Raises AccountRefused unless this is the password of an account that is signed in; NotNow, TooBusy."""
        if wait_s := self._throttle.begin(address, account.name, at_home=True):
            raise NotNow(wait_s)
        verdict = await self.passwords.verify(account.password_hash, password[: PASSWORD_AT_MOST + 1])
        if not verdict.right:
            raise AccountRefused("the old password is wrong", "password_old")
        self._throttle.right(address, account.name)

    async def start(self, account: Account, address: str, *, password_hash: str | None = None) -> Started:
        """A new session of an account, whoever vouches for it."""
        now_ms, secret = self._clock.now_ms(), new_secret()
        lasts_ms = WALL_MS if account.role is Role.WALL else LONGEST_MS
        session = Session(
            hash=digest(secret),
            account_id=account.id,
            csrf=new_secret(),
            created_ms=now_ms,
            seen_ms=now_ms,
            expires_ms=now_ms + lasts_ms,
            address=address,
        )
        await asyncio.to_thread(self._accounts.signed_in, account, session, password_hash=password_hash)
        return Started(session=session, secret=secret, account=account)


async def sign_in(request: web.Request, signing: Signing, name: str, password: str) -> Started:
    """Sign a browser in, and write down that it was or was not. Raises as `Signing.with_password`."""
    name = name.strip().lower()
    try:
        started = await signing.with_password(name, password, address_of_peer(request))
    except AccountRefused:
        shown = "".join(letter for letter in name[:_SHOWN_NAME] if letter.isprintable())
        await note(request, who="-", what=SIGN_IN, about=shown, outcome=Outcome.REFUSED)
        raise
    await note(request, who=started.account.name, what=SIGN_IN, about="", outcome=Outcome.DONE)
    await end_shown(request)
    return started


async def end_shown(request: web.Request) -> None:
    """End the session that a browser brings along: whoever planted it is out."""
    caller, accounts = caller_of(request), request.app[DOOR].accounts
    if accounts is not None and caller.by is By.SESSION:
        await asyncio.to_thread(accounts.end_session, caller.session)


def set_cookie(request: web.Request, response: web.StreamResponse, started: Started) -> None:
    """Let the browser keep its session."""
    response.set_cookie(
        cookie_name(request),
        started.secret,
        max_age=(started.session.expires_ms - request.app[CLOCK].now_ms()) // 1000,
        path="/",
        secure=is_secure(request),
        httponly=True,
        samesite="Strict",
    )


def drop_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser forget its session."""
    response.del_cookie(cookie_name(request), path="/", secure=is_secure(request), httponly=True, samesite="Strict")
