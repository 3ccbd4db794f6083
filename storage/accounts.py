"""Accounts, sessions, tokens and the audit, in the case store's database but apart from what cases change."""

import threading
from collections.abc import Collection
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection, Select, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from domain.account import Account, ApiToken, Audit, Invitation, Session
from domain.errors import OrderRefused
from storage import account_tables as t
from storage.case_engine import migrate, open_engine, reading, writing
from storage.case_rows import Noun, to_noun, to_row

_Kept = TypeVar("_Kept", Account, ApiToken, Audit)


class AccountStore:
    """Any thread and any process may use it; writers take turns. Every method may raise StoreUnavailable."""

    def __init__(self, url: str) -> None:
        """Open it and bring its tables up to date. Raises StoreRefused if a newer version has written there."""
        self._engine = open_engine(url)
        self._one_writer = threading.Lock()
        try:
            migrate(self._engine)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    # Accounts

    def any(self) -> bool:
        """Whether there is an account at all, disabled or not."""
        return self._one(select(t.accounts).limit(1), Account) is not None

    def accounts(self) -> list[Account]:
        """All of them, by name."""
        return self._all(select(t.accounts).order_by(t.accounts.c.name), Account)

    def account(self, account_id: int) -> Account | None:
        """One, by its id."""
        return self._one(select(t.accounts).where(t.accounts.c.id == account_id), Account)

    def named(self, name: str) -> Account | None:
        """One, by its name."""
        return self._one(select(t.accounts).where(t.accounts.c.name == name), Account)

    def of_subject(self, subject: str) -> Account | None:
        """One, by who it is at the bureau's own sign-in."""
        return self._one(select(t.accounts).where(t.accounts.c.subject == subject), Account)

    def add(self, account: Account) -> Account:
        """A new account; its id is filled in. Raises OrderRefused if the name is taken, by a disabled one too."""
        try:
            return self._added(t.accounts, account)
        except IntegrityError:
            raise OrderRefused(f"there is an account {account.name!r} already", "over") from None

    def save(self, account: Account, *, end_sessions: bool, but: str | None = None) -> None:
        """Change an account; with `end_sessions` all its sessions end, `but` the one of this hash."""
        row = to_row(account)
        with self._one_writer, writing(self._engine) as connection:
            connection.execute(update(t.accounts).where(t.accounts.c.id == account.id).values(row))
            if end_sessions:
                self._end(connection, account.id, but)

    def signed_in(self, account: Account, session: Session, *, password_hash: str | None = None) -> None:
        """A new session, when and from where, and the password under newer parameters where given."""
        changes: dict[str, Any] = {"last_login_ms": session.created_ms, "last_address": session.address}
        if password_hash is not None:
            changes["password_hash"] = password_hash
        with self._one_writer, writing(self._engine) as connection:
            connection.execute(delete(t.sessions).where(t.sessions.c.expires_ms <= session.created_ms))
            connection.execute(update(t.accounts).where(t.accounts.c.id == account.id).values(changes))
            connection.execute(insert(t.sessions).values(to_row(session)))

    # Sessions

    def session(self, digest: str) -> tuple[Session, Account] | None:
        """A session and whose it is; None if there is none of this hash. Whether it still holds is not asked."""
        with reading(self._engine) as connection:
            row = connection.execute(select(t.sessions).where(t.sessions.c.hash == digest)).first()
            if row is None:
                return None
            session = to_noun(row, Session)
            owner = connection.execute(select(t.accounts).where(t.accounts.c.id == session.account_id)).one()
            return session, to_noun(owner, Account)

    def sessions(self, account_id: int) -> list[Session]:
        """An account's sessions, the newest first; some may have run out."""
        c = t.sessions.c
        return self._all(select(t.sessions).where(c.account_id == account_id).order_by(c.created_ms.desc()), Session)

    def seen(self, digest: str, now_ms: int) -> None:
        """A session was used."""
        self._change(update(t.sessions).where(t.sessions.c.hash == digest).values(seen_ms=now_ms))

    def end_session(self, digest: str) -> None:
        """Sign one browser out."""
        self._change(delete(t.sessions).where(t.sessions.c.hash == digest))

    def end_sessions(self, account_id: int, *, but: str | None = None) -> None:
        """Sign an account out everywhere, `but` in one browser."""
        with self._one_writer, writing(self._engine) as connection:
            self._end(connection, account_id, but)

    # Tokens

    def add_token(self, token: ApiToken) -> ApiToken:
        """A new token; its id is filled in."""
        return self._added(t.api_tokens, token)

    def token(self, digest: str) -> tuple[ApiToken, Account] | None:
        """A token and whose it is; None if there is none of this hash. Whether it still holds is not asked."""
        with reading(self._engine) as connection:
            row = connection.execute(select(t.api_tokens).where(t.api_tokens.c.hash == digest)).first()
            if row is None:
                return None
            token = to_noun(row, ApiToken)
            owner = connection.execute(select(t.accounts).where(t.accounts.c.id == token.account_id)).one()
            return token, to_noun(owner, Account)

    def tokens(self, account_id: int | None = None) -> list[ApiToken]:
        """Tokens, newest first, of one account or of all."""
        query = select(t.api_tokens).order_by(t.api_tokens.c.id.desc())
        return self._all(
            query if account_id is None else query.where(t.api_tokens.c.account_id == account_id), ApiToken
        )

    def used(self, token_id: int, now_ms: int) -> None:
        """A token was used."""
        self._change(update(t.api_tokens).where(t.api_tokens.c.id == token_id).values(used_ms=now_ms))

    def revoke(self, token_id: int, now_ms: int) -> None:
        """A token opens nothing any more. Once revoked it stays so."""
        c = t.api_tokens.c
        self._change(update(t.api_tokens).where(c.id == token_id, c.revoked_ms.is_(None)).values(revoked_ms=now_ms))

    # Invitations

    def invite(self, invitation: Invitation) -> None:
        """A new link to set a password; those of before are void."""
        c = t.invitations.c
        with self._one_writer, writing(self._engine) as connection:
            connection.execute(delete(t.invitations).where(c.account_id == invitation.account_id, c.used_ms.is_(None)))
            connection.execute(insert(t.invitations).values(to_row(invitation)))

    def invitation(self, digest: str) -> Invitation | None:
        """One, used or not."""
        return self._one(select(t.invitations).where(t.invitations.c.hash == digest), Invitation)

    def accept(self, digest: str, account: Account, now_ms: int) -> bool:
        """Use a link, and save its account with the new password; False if another was quicker. Sessions end."""
        c = t.invitations.c
        with self._one_writer, writing(self._engine) as connection:
            taken = connection.execute(
                update(t.invitations).where(c.hash == digest, c.used_ms.is_(None)).values(used_ms=now_ms)
            )
            if taken.rowcount != 1:
                return False
            connection.execute(
                update(t.accounts).where(t.accounts.c.id == account.id).values(password_hash=account.password_hash)
            )
            self._end(connection, account.id, None)
            return True

    # The audit

    def note(self, line: Audit) -> Audit:
        """Write down what somebody did; its id is filled in. Nothing ever changes or removes it."""
        return self._added(t.audit, line)

    def audit(
        self,
        *,
        limit: int,
        before_id: int | None = None,
        who: str | None = None,
        what: Collection[str] = (),
    ) -> list[Audit]:
        """At most `limit` lines, newest first, with an id below `before_id`, by one, of these acts."""
        c = t.audit.c
        query = select(t.audit).order_by(c.id.desc()).limit(limit)
        if before_id is not None:
            query = query.where(c.id < before_id)
        if who is not None:
            query = query.where(c.who == who)
        return self._all(query.where(c.what.in_(what)) if what else query, Audit)

    def _end(self, connection: Connection, account_id: int, but: str | None) -> None:
        ended = delete(t.sessions).where(t.sessions.c.account_id == account_id)
        connection.execute(ended if but is None else ended.where(t.sessions.c.hash != but))

    def _added(self, table: Table, noun: _Kept) -> _Kept:
        with self._one_writer, writing(self._engine) as connection:
            done = connection.execute(insert(table).values(to_row(noun, numbered=True)))
            (row_id,) = done.inserted_primary_key or (0,)
            return replace(noun, id=int(row_id))

    def _change(self, statement: Any) -> None:
        with self._one_writer, writing(self._engine) as connection:
            connection.execute(statement)

    def _one(self, query: Select[Any], noun: type[Noun]) -> Noun | None:
        found = self._all(query, noun)
        return found[0] if found else None

    def _all(self, query: Select[Any], noun: type[Noun]) -> list[Noun]:
        with reading(self._engine) as connection:
            return [to_noun(row, noun) for row in connection.execute(query)]
