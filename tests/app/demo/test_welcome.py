"""Whoever tries the demo gets in by a link, never by a password that everybody knows."""

import re
from pathlib import Path

from app.demo.welcome import NAME, way_in
from config.load import load_site
from console.access.registry import Registry
from domain.clock import SystemClock
from domain.permission import Role
from storage.case_opening import open_accounts

ADDRESS = "http://127.0.0.1:8080/"


def test_a_link_sets_the_first_password(tmp_path: Path) -> None:
    """Each start prints a new one until a password is set; then the way is to sign in."""
    site = load_site("demo", {"LONGCHENG_DATA": str(tmp_path)})
    links = [re.findall(r"http://127\.0\.0\.1:8080/set-password/([\w-]{30,})", way_in(site, ADDRESS)) for _ in range(2)]
    store = open_accounts(site.settings)
    try:
        registry = Registry(store, site, SystemClock())
        account = registry.named(NAME)
        assert (account.role, account.password_hash) == (Role.ADMINISTRATOR, None)
        assert registry.invited(links[0][0]) is None
        assert registry.invited(links[1][0]) == account
        registry.accept(links[1][0], account, "$argon2id$made-up")
    finally:
        store.close()
    assert way_in(site, ADDRESS).endswith(f"sign in as {NAME} on {ADDRESS}sign-in")
