"""What the console needs of a store of accounts; whoever wires it all has one that fits."""

from collections.abc import Collection
from typing import Protocol

from domain.account import Account, ApiToken, Audit, Invitation, Session


class Accounts(Protocol):
    """Any thread and any process may use it. Every method may raise StoreUnavailable."""

    # Accounts

    def any(self) -> bool:
        """Whether there is an account at all, disabled or not."""
        ...

    def accounts(self) -> list[Account]:
        """All of them, by name."""
        ...

    def account(self, account_id: int) -> Account | None:
        """One, by its id."""
        ...

    def named(self, name: str) -> Account | None:
        """One, by its name."""
        ...

    def of_subject(self, subject: str) -> Account | None:
        """One, by who it is at the bureau's own sign-in."""
        ...

    def add(self, account: Account) -> Account:
        """A new account; its id is filled in. Raises OrderRefused if the name is taken, by a disabled one too."""
        ...

    def save(self, account: Account, *, end_sessions: bool, but: str | None = None) -> None:
        """Change an account; with `end_sessions` all its sessions end, `but` the one of this hash."""
        ...

    def signed_in(self, account: Account, session: Session, *, password_hash: str | None = None) -> None:
        """A new session, when and from where, and the password under newer parameters where given."""
        ...

    # Sessions

    def session(self, digest: str) -> tuple[Session, Account] | None:
        """A session and whose it is; None if there is none of this hash. Whether it still holds is not asked."""
        ...

    def sessions(self, account_id: int) -> list[Session]:
        """An account's sessions, the newest first; some may have run out."""
        ...

    def seen(self, digest: str, now_ms: int) -> None:
        """A session was used."""
        ...

    def end_session(self, digest: str) -> None:
        """Sign one browser out."""
        ...

    def end_sessions(self, account_id: int, *, but: str | None = None) -> None:
        """Sign an account out everywhere, `but` in one browser."""
        ...

    # Tokens

    def add_token(self, token: ApiToken) -> ApiToken:
        """A new token; its id is filled in."""
        ...

    def token(self, digest: str) -> tuple[ApiToken, Account] | None:
        """A token and whose it is; None if there is none of this hash. Whether it still holds is not asked."""
        ...

    def tokens(self, account_id: int | None = None) -> list[ApiToken]:
        """Tokens, newest first, of one account or of all."""
        ...

    def used(self, token_id: int, now_ms: int) -> None:
        """A token was used."""
        ...

    def revoke(self, token_id: int, now_ms: int) -> None:
        """A token opens nothing any more. Once revoked it stays so."""
        ...

    # Invitations

    def invite(self, invitation: Invitation) -> None:
        """A new link to set a password; those of before are void."""
        ...

    def invitation(self, digest: str) -> Invitation | None:
        """One, used or not."""
        ...

    def accept(self, digest: str, account: Account, now_ms: int) -> bool:
        """Use a link, and save its account with the new password; False if another was quicker. Sessions end."""
        ...

    # The audit

    def note(self, line: Audit) -> Audit:
        """Write down what somebody did; its id is filled in. Nothing ever changes or removes it."""
        ...

    def audit(
        self,
        *,
        limit: int,
        before_id: int | None = None,
        who: str | None = None,
        what: Collection[str] = (),
    ) -> list[Audit]:
        """At most `limit` lines, newest first, with an id below `before_id`, by one, of these acts."""
        ...
