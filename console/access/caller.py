"""Who is asking."""

from enum import StrEnum

from msgspec import Struct

from console.access.secrets import masked
from domain.account import Account
from domain.permission import Permission


class By(StrEnum):
    """How somebody is known."""

    NOTHING = "nothing"
    SETTINGS = "settings"  # console.api_token
    TOKEN = "token"  # noqa: S105 - a kind, no secret
    SESSION = "session"
    PROXY = "proxy"


class Caller(Struct, frozen=True, kw_only=True):
    """Somebody, or nobody in particular, what they may, and in which part of the city."""

    by: By
    address: str
    permissions: frozenset[Permission]
    scope: frozenset[str] | None = None
    """The sub-districts they are held to; None for the whole city."""
    account: Account | None = None
    token: str = ""
    """The name of the token."""
    csrf: str = ""
    session: str = ""
    """The hash of the session."""

    @property
    def who(self) -> str:
        """As what they do is written down."""
        if self.account is None:
            return "console.api_token" if self.by is By.SETTINGS else "-"
        return f"{self.account.name}/{self.token}" if self.token else self.account.name

    @property
    def csrf_masked(self) -> str:
        """The token as pages show it: another text each time."""
        return masked(self.csrf) if self.csrf else ""

    @property
    def by_browser(self) -> bool:
        """Whether a page of a stranger's site could make their browser ask in their name."""
        return self.by in {By.SESSION, By.PROXY}

    def may(self, permission: Permission) -> bool:
        """Whether they have a permission."""
        return permission in self.permissions


def nobody(address: str, permissions: frozenset[Permission]) -> Caller:
    """Somebody who has shown nothing."""
    return Caller(by=By.NOTHING, address=address, permissions=permissions)
