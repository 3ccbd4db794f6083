"""Accounts on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain.account import Account, ApiToken, Audit, Change, Invitation, Outcome, Session
from domain.errors import OrderRefused, StoreUnavailable
from domain.permission import Permission, Role
from storage.accounts import AccountStore
from storage.case_engine import open_engine, writing
from storage.case_store import CaseStore

ACCOUNT = Account(
    id=0, name="li", display_name="李", role=Role.KEEPER, sub_districts=("天宁街道",), password_hash="h", created_ms=1
)
LINE = Audit(id=0, at_ms=1, who="li", address="192.0.2.1", what="sign in", about="", outcome=Outcome.DONE)


@pytest.fixture
def accounts(url: str) -> Iterator[AccountStore]:
    opened = AccountStore(url)
    yield opened
    opened.close()


def session(account: Account, digest: str, **more: int) -> Session:
    times = {"created_ms": 10, "seen_ms": 10, "expires_ms": 1000, **more}
    return Session(hash=digest, account_id=account.id, csrf="c", address="192.0.2.1", **times)


def test_an_account_comes_back_as_it_was(accounts: AccountStore) -> None:
    """By its id, its name, its subject; and whether there is any."""
    assert not accounts.any()
    kept = accounts.add(replace(ACCOUNT, subject="https://issuer li"))
    assert kept.id > 0
    assert accounts.account(kept.id) == accounts.named("li") == accounts.of_subject("https://issuer li") == kept
    assert (accounts.any(), accounts.accounts()) == (True, [kept])
    assert (accounts.account(99), accounts.named("LI"), accounts.of_subject("li")) == (None, None, None)


def test_a_name_is_taken_once(accounts: AccountStore) -> None:
    """By a disabled account as well."""
    accounts.add(replace(ACCOUNT, disabled_ms=5))
    with pytest.raises(OrderRefused, match="'li'"):
        accounts.add(ACCOUNT)
    assert len(accounts.accounts()) == 1


def test_sessions(accounts: AccountStore) -> None:
    """They end one by one, all, all but one, and what has run out goes with the next sign-in."""
    kept = accounts.add(ACCOUNT)
    for digest in ("a", "b", "c"):
        accounts.signed_in(kept, session(kept, digest))
    found = accounts.session("a")
    assert found is not None
    assert found[0].hash == "a"
    assert (found[1].last_login_ms, found[1].last_address) == (10, "192.0.2.1")
    accounts.seen("a", 77)
    accounts.end_session("b")
    assert {one.hash: one.seen_ms for one in accounts.sessions(kept.id)} == {"a": 77, "c": 10}
    accounts.end_sessions(kept.id, but="c")
    assert [one.hash for one in accounts.sessions(kept.id)] == ["c"]
    accounts.signed_in(kept, session(kept, "d", created_ms=1000, expires_ms=2000), password_hash="new")
    assert [one.hash for one in accounts.sessions(kept.id)] == ["d"]
    after = accounts.account(kept.id)
    assert after is not None
    assert after.password_hash == "new"
    accounts.save(after, end_sessions=True)
    assert accounts.session("d") is None


def test_tokens(accounts: AccountStore) -> None:
    """By their hash with whose they are; once revoked they stay so."""
    kept = accounts.add(ACCOUNT)
    token = accounts.add_token(
        ApiToken(id=0, account_id=kept.id, name="t", hash="x", scopes=(Permission.READ,), created_ms=1)
    )
    accounts.used(token.id, 5)
    accounts.revoke(token.id, 7)
    accounts.revoke(token.id, 9)
    assert accounts.token("x") == (replace(token, used_ms=5, revoked_ms=7), kept)
    assert (accounts.token("y"), len(accounts.tokens()), accounts.tokens(kept.id + 1)) == (None, 1, [])


def test_a_link_is_used_once_however_many_try(accounts: AccountStore, url: str) -> None:
    """From two processes at once, too."""
    kept = accounts.add(ACCOUNT)
    accounts.invite(Invitation(hash="old", account_id=kept.id, created_ms=1, expires_ms=9))
    accounts.invite(Invitation(hash="x", account_id=kept.id, created_ms=1, expires_ms=9))
    assert accounts.invitation("old") is None
    other = AccountStore(url)
    with ThreadPoolExecutor(8) as threads:
        tries = [
            threads.submit(store.accept, "x", replace(kept, password_hash=f"p{n}"), 5)
            for n, store in enumerate((accounts, other) * 4)
        ]
        assert sorted(one.result() for one in tries) == [False] * 7 + [True]
    other.close()


def test_lines_of_the_audit_are_only_ever_added(accounts: AccountStore, url: str) -> None:
    """The database itself refuses anything else."""
    for n in range(5):
        accounts.note(replace(LINE, about=str(n), who="li" if n % 2 else "wang"))
    engine = open_engine(url)
    for sql in ("UPDATE audit SET who = 'nobody'", "DELETE FROM audit"):
        with pytest.raises((DBAPIError, StoreUnavailable)), writing(engine) as connection:
            connection.execute(text(sql))
    engine.dispose()
    assert [line.about for line in accounts.audit(limit=9)] == ["4", "3", "2", "1", "0"]
    assert [line.about for line in accounts.audit(limit=1, who="li")] == ["3"]
    third = accounts.audit(limit=3)[-1].id
    assert [line.about for line in accounts.audit(limit=9, before_id=third)] == ["1", "0"]
    assert accounts.audit(limit=9, what=["sign out"]) == []


def test_a_line_of_the_audit_keeps_what_was_changed(accounts: AccountStore) -> None:
    """As data; a line that tells of no change has none."""
    changes = (
        Change(what="zone_redrawn", thing="front", n=3),
        Change(what="zone_added", thing="门前", after="frontage"),
    )
    accounts.note(LINE)
    accounts.note(replace(LINE, changes=changes))
    assert [line.changes for line in accounts.audit(limit=9)] == [changes, ()]


def test_they_live_beside_the_cases(accounts: AccountStore, url: str) -> None:
    """And nobody who looks at cases is woken by a sign-in."""
    cases = CaseStore(url)
    before = cases.revision()
    kept = accounts.add(ACCOUNT)
    accounts.signed_in(kept, session(kept, "a"))
    assert cases.revision() == before
    cases.close()
