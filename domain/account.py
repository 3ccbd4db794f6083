"""People who use the console: their accounts, what they are signed in by, and what they did."""

import re
from enum import StrEnum
from typing import Final

from msgspec import Struct

from domain.errors import AccountRefused
from domain.permission import MAY, Permission, Role

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
"""A name to sign in by. It is shown wherever its owner has done something."""
PASSWORD_AT_LEAST: Final = 10
PASSWORD_AT_MOST: Final = 256
_LONGEST_NAME: Final = 100
_DIFFERENT: Final = 5
_GUESSED: Final = frozenset({"", "password", "longcheng", "admin", "administrator", "qwertyuiop"})


class Account(Struct, frozen=True, kw_only=True):
    """One person, or one screen. An account is disabled, never removed: its name stands in the stories of cases."""

    id: int
    name: str
    display_name: str
    role: Role
    sub_districts: tuple[str, ...] = ()
    """Which it sees and touches; empty: the whole city, but of a keeper nothing."""
    password_hash: str | None = None
    """Argon2's text; None while no password is set, as of those who come by another door."""
    subject: str | None = None
    """Who it is at the bureau's own sign-in, `issuer subject`."""
    language: str | None = None
    created_ms: int
    last_login_ms: int | None = None
    last_address: str | None = None
    """Where it last signed in from."""
    disabled_ms: int | None = None

    @property
    def scope(self) -> frozenset[str] | None:
        """The sub-districts it is held to; None for the whole city."""
        return frozenset(self.sub_districts) if self.sub_districts or self.role is Role.KEEPER else None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What it may."""
        return MAY[self.role] if self.disabled_ms is None else frozenset()


class ApiToken(Struct, frozen=True, kw_only=True):
    """What a machine shows in place of a password. It acts as its account, and never may more than that."""

    id: int
    account_id: int
    name: str
    hash: str
    """SHA-256 of the token, hexadecimal. The token itself is shown once and never kept."""
    scopes: tuple[Permission, ...]
    sub_districts: tuple[str, ...] = ()
    """Held to these; empty: to its account's."""
    created_ms: int
    expires_ms: int | None = None
    used_ms: int | None = None
    revoked_ms: int | None = None

    def holds(self, now_ms: int) -> bool:
        """Whether it opens anything."""
        return self.revoked_ms is None and (self.expires_ms is None or now_ms < self.expires_ms)


class Session(Struct, frozen=True, kw_only=True):
    """One browser that is signed in."""

    hash: str
    """SHA-256 of what its cookie holds, hexadecimal."""
    account_id: int
    csrf: str
    """What forms and scripts of this session have to send along with every change."""
    created_ms: int
    seen_ms: int
    """When it last asked for anything, to the minute."""
    expires_ms: int
    address: str = ""


class Invitation(Struct, frozen=True, kw_only=True):
    """A link by which somebody sets their password, once."""

    hash: str
    account_id: int
    created_ms: int
    expires_ms: int
    used_ms: int | None = None


class Outcome(StrEnum):
    """What came of something that is written down."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Change(Struct, frozen=True, kw_only=True):
    """One thing that somebody changed. Data, not words: who reads it may read either language."""

    what: str
    """`zone_added`, `zone_removed`, `zone_renamed`, `zone_redrawn`, or `zone_` and the name of a column."""
    thing: str
    before: str = ""
    after: str = ""
    n: int | None = None
    """Of a zone's borders: how many corners lie elsewhere than before."""


COMMAND_LINE: Final = "command line"
"""Where what was done by a command came from; who did it, begins with it."""


class Audit(Struct, frozen=True, kw_only=True):
    """One line of who did what. Lines are only ever added."""

    id: int
    at_ms: int
    who: str
    """An account's name, `name/token` of a token's, `-` where nobody was known."""
    address: str
    """Where it came from."""
    what: str
    about: str
    outcome: Outcome
    changes: tuple[Change, ...] = ()
    """What was changed, where that is written down; at most the first `MOST_CHANGES`."""


MOST_CHANGES: Final = 50


def check_name(name: str) -> None:
    """Raises AccountRefused unless somebody can be called so."""
    if not NAME.fullmatch(name):
        problem = f"{name!r} is no name: 1 to 64 of a-z, 0-9 and . _ @ -, the first a letter or digit"
        raise AccountRefused(problem, "name", name=name)


def check_display_name(name: str) -> None:
    """Raises AccountRefused unless somebody can be shown as that."""
    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise AccountRefused(
            f"a display name has 1 to {_LONGEST_NAME} printable characters", "display_name", n=_LONGEST_NAME
        )


def check_password(password: str, name: str) -> None:
    """Raises AccountRefused unless this is a password for an account. Length counts, not kinds of characters."""
    if not PASSWORD_AT_LEAST <= len(password) <= PASSWORD_AT_MOST:
        problem = f"a password has {PASSWORD_AT_LEAST} to {PASSWORD_AT_MOST} characters; this one has {len(password)}"
        raise AccountRefused(problem, "password_length", least=PASSWORD_AT_LEAST, most=PASSWORD_AT_MOST)
    if len(set(password)) < _DIFFERENT or password.lower().strip("0123456789!.") in {name, *_GUESSED}:
        problem = "this password is guessed at once: it is a name, a number, or a few characters again and again"
        raise AccountRefused(problem, "password_guessed")
