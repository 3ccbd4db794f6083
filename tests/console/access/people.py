"""Accounts of every role in a store of their own, and a browser's end for each way of being known."""

from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from config.load import Site
from console.access.passwords import Passwords
from console.access.registry import Registry
from console.access.signing import Signing, Started
from domain.account import Account, ApiToken
from domain.clock import ManualClock
from domain.permission import Permission, Role
from storage.accounts import AccountStore

PASSWORD = "long as the river"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""So that tests do not wait; what is kept is still Argon2."""
MINE, THEIRS = "天宁街道", "红梅街道"


@dataclass(kw_only=True)
class People:
    """An account of each role, all with one password; the keeper is of MINE."""

    store: AccountStore
    registry: Registry
    signing: Signing
    clock: ManualClock
    accounts: dict[Role, Account]

    async def started(self, role: Role, address: str = "127.0.0.1") -> Started:
        """A new session of this role's account."""
        return await self.signing.start(self.accounts[role], address)

    def token(self, role: Role, *scopes: Permission, expires_ms: int | None = None) -> tuple[ApiToken, str]:
        """A new token of this role's account."""
        return self.registry.add_token(self.accounts[role], "probe", scopes, expires_ms=expires_ms)

    def again(self, role: Role) -> Account:
        """This role's account as it is now."""
        return self.registry.account(self.accounts[role].id)


def people_in(folder: Path, site: Site, clock: ManualClock) -> People:
    """A store in a folder, with everybody in it."""
    store, passwords = AccountStore(f"sqlite:///{folder / 'people.db'}"), Passwords(QUICK)
    registry = Registry(store, site, clock)
    hashed = passwords.hash_now(PASSWORD)
    accounts = {
        role: registry.add(
            f"{role}-1", role, sub_districts=(MINE,) if role is Role.KEEPER else (), password_hash=hashed
        )
        for role in Role
    }
    return People(
        store=store,
        registry=registry,
        signing=Signing(store, clock, passwords),
        clock=clock,
        accounts=accounts,
    )
