"""How somebody new gets in: looking is open to all in the demo, and doing wants an account."""

from typing import Final

from config.load import Site
from console.access.registry import Registry
from domain.clock import SystemClock
from domain.permission import Role
from storage.case_opening import open_accounts

NAME: Final = "demo"


def way_in(site: Site, address: str) -> str:
    """A line with a link, good once, by which a password for the demo's administrator is set: there is none at first.

    `address` is the console's, with a slash at its end. Where an earlier demo's data is kept and has a password, it
    says where to sign in. Blocking.
    """
    store = open_accounts(site.settings)
    try:
        registry = Registry(store, site, SystemClock())
        account = store.named(NAME) or registry.add(NAME, Role.ADMINISTRATOR)
        if account.password_hash:
            return f"to try every button: sign in as {NAME} on {address}sign-in"
        link = f"{address}set-password/{registry.invite(account.id)}"
        return f"to try every button: set a password for the account {NAME} by this link, good once: {link}"
    finally:
        store.close()
