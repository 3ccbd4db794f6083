"""What can be done about accounts and tokens, from the console or from the command line. Blocking."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from config.load import Site
from console.access.accounts import Accounts
from console.access.secrets import digest, new_secret, new_token
from domain.account import Account, ApiToken, Invitation, check_display_name, check_name
from domain.clock import Clock
from domain.errors import AccountRefused
from domain.permission import MAY, Permission, Role

INVITATION_MS: Final = 3 * 86_400_000
_LONGEST_TOKEN_NAME: Final = 64


class Changes(Struct, frozen=True, kw_only=True):
    """What is to be otherwise about an account; None: as it is."""

    display_name: str | None = None
    role: Role | None = None
    sub_districts: tuple[str, ...] | None = None


class Registry:
    """Raises AccountRefused for what cannot be, StoreUnavailable as the store does."""

    def __init__(self, accounts: Accounts, site: Site, clock: Clock) -> None:
        self.store = accounts
        self._site, self._clock = site, clock

    @property
    def maps_roles(self) -> bool:
        """Whether the bureau's own sign-in says roles, so that who has none there has none here."""
        oidc = self._site.settings.console.oidc
        return oidc is not None and bool(oidc.roles)

    @property
    def sub_districts(self) -> tuple[str, ...]:
        """All that the registers know of."""
        site = self._site
        located = [device.location for device in site.devices.values()]
        located += [camera.location for camera in site.cameras.values()]
        located += [shop.location for shop in site.shops.values()]
        return tuple(sorted({location.sub_district for location in located}))

    def add(
        self, name: str, role: Role, *, display_name: str = "", sub_districts: Sequence[str] = (), **more: str | None
    ) -> Account:
        """A new account, without a password unless its hash is given. `more`: password_hash, subject, language."""
        check_name(name)
        shown = display_name.strip() or name
        check_display_name(shown)
        account = Account(
            id=0,
            name=name,
            display_name=shown,
            role=role,
            sub_districts=self.known_districts(sub_districts, role),
            created_ms=self._clock.now_ms(),
            password_hash=more.get("password_hash"),
            subject=more.get("subject"),
            language=more.get("language"),
        )
        if self.store.named(name) is not None:
            raise AccountRefused(f"there is an account {name!r} already", "taken", "over", name=name)
        return self.store.add(account)

    def account(self, account_id: int) -> Account:
        """One account."""
        found = self.store.account(account_id)
        if found is None:
            raise AccountRefused(f"there is no account {account_id}", "missing", "missing", name=account_id)
        return found

    def named(self, name: str) -> Account:
        """One account, by its name."""
        found = self.store.named(name)
        if found is None:
            raise AccountRefused(f"there is no account {name!r}", "missing", "missing", name=name)
        return found

    def change(self, account_id: int, changes: Changes) -> Account:
        """Change what is named. With another role or other sub-districts it is signed out everywhere."""
        before = self.account(account_id)
        role = before.role if changes.role is None else changes.role
        shown = before.display_name if changes.display_name is None else changes.display_name.strip()
        named = before.sub_districts if changes.sub_districts is None else changes.sub_districts
        check_display_name(shown)
        after = replace(before, role=role, display_name=shown, sub_districts=self.known_districts(named, role))
        if role is not Role.ADMINISTRATOR:
            self._leaves_an_administrator(before)
        moved = (after.role, after.sub_districts) != (before.role, before.sub_districts)
        self.store.save(after, end_sessions=moved)
        return after

    def disable(self, account_id: int) -> Account:
        """Nobody signs in with it, and its tokens open nothing; its name stays where it is."""
        account = self.account(account_id)
        self._leaves_an_administrator(account)
        after = replace(account, disabled_ms=account.disabled_ms or self._clock.now_ms())
        self.store.save(after, end_sessions=True)
        return after

    def enable(self, account_id: int) -> Account:
        """It may be used again."""
        after = replace(self.account(account_id), disabled_ms=None)
        self.store.save(after, end_sessions=True)
        return after

    def set_password(self, account: Account, password_hash: str, *, but: str | None = None) -> None:
        """A new password. All sessions end, `but` that of this hash."""
        self.store.save(replace(self.account(account.id), password_hash=password_hash), end_sessions=True, but=but)

    def invite(self, account_id: int) -> str:
        """A word for the address by which its owner sets a password, once and within three days."""
        account, now_ms, secret = self.account(account_id), self._clock.now_ms(), new_secret()
        if account.disabled_ms is not None:
            raise AccountRefused(f"{account.name} is disabled", "disabled", "over", name=account.name)
        self.store.invite(
            Invitation(hash=digest(secret), account_id=account.id, created_ms=now_ms, expires_ms=now_ms + INVITATION_MS)
        )
        return secret

    def invited(self, secret: str) -> Account | None:
        """Who may set a password by this link; None if nobody may, or no longer."""
        found = self.store.invitation(digest(secret))
        if found is None or found.used_ms is not None or self._clock.now_ms() >= found.expires_ms:
            return None
        account = self.store.account(found.account_id)
        return None if account is None or account.disabled_ms is not None else account

    def accept(self, secret: str, account: Account, password_hash: str) -> None:
        """Set the password, once."""
        with_it = replace(account, password_hash=password_hash)
        if not self.store.accept(digest(secret), with_it, self._clock.now_ms()):
            raise AccountRefused("this link has been used", "link_used", "over")

    def add_token(
        self,
        account: Account,
        name: str,
        scopes: Sequence[Permission],
        *,
        sub_districts: Sequence[str] = (),
        expires_ms: int | None = None,
    ) -> tuple[ApiToken, str]:
        """A new token of an account and its text, which is told now and never again."""
        now_ms, text = self._clock.now_ms(), new_token()
        if not name.strip() or len(name) > _LONGEST_TOKEN_NAME or not name.isprintable():
            raise AccountRefused(
                f"a token's name has 1 to {_LONGEST_TOKEN_NAME} printable characters", "token_name", n=64
            )
        beyond = [scope for scope in scopes if scope not in MAY[account.role]]
        if beyond or not scopes:
            may = ", ".join(sorted(MAY[account.role]))
            raise AccountRefused(
                f"{', '.join(beyond) or 'no scope'} is not what {account.name} may; that is {may}", "scopes", may=may
            )
        if expires_ms is not None and expires_ms <= now_ms:
            raise AccountRefused("it would be over before it begins", "token_over")
        token = ApiToken(
            id=0,
            account_id=account.id,
            name=name.strip(),
            hash=digest(text),
            scopes=tuple(dict.fromkeys(scopes)),
            sub_districts=self.known_districts(sub_districts, None),
            created_ms=now_ms,
            expires_ms=expires_ms,
        )
        return self.store.add_token(token), text

    def revoke(self, token_id: int, *, of: Account | None = None) -> None:
        """A token opens nothing any more; `of` an account only one of its own."""
        known = {token.id for token in self.store.tokens(None if of is None else of.id)}
        if token_id not in known:
            raise AccountRefused(f"there is no token {token_id}", "no_token", "missing", n=token_id)
        self.store.revoke(token_id, self._clock.now_ms())

    def known_districts(self, named: Sequence[str], role: Role | None) -> tuple[str, ...]:
        """Sub-districts, each once. Raises AccountRefused for one that no register knows, and for a keeper of none."""
        known = self.sub_districts
        if unknown := [one for one in named if one not in known]:
            raise AccountRefused(
                f"{unknown[0]!r} is no sub-district of the registers; there is {', '.join(known)}",
                "sub_district",
                name=unknown[0],
            )
        if role is Role.KEEPER and not named:
            raise AccountRefused("a keeper sees and touches only sub-districts; name one", "no_sub_district")
        return tuple(dict.fromkeys(named))

    def _leaves_an_administrator(self, account: Account) -> None:
        others = [
            one
            for one in self.store.accounts()
            if one.role is Role.ADMINISTRATOR and one.disabled_ms is None and one.id != account.id
        ]
        if account.role is Role.ADMINISTRATOR and account.disabled_ms is None and not others:
            raise AccountRefused(f"{account.name} is the last administrator", "last_administrator", name=account.name)
