"""Signing in at the bureau's own issuer, with a real exchange of codes, tokens and keys."""

from collections.abc import AsyncIterator
from dataclasses import replace as site_with

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from config.console import Console, Oidc
from config.load import Site
from console.access.passwords import Passwords
from console.server import make_app
from domain.account import Outcome
from domain.clock import ManualClock
from domain.permission import Role
from tests.console.access.people import QUICK, People
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk
from tests.fakes.issuer import CLIENT, SECRET, Issuer, issuer


@pytest.fixture
async def provider(clock: ManualClock) -> AsyncIterator[Issuer]:
    async with issuer(clock) as found:
        yield found


@pytest.fixture
async def browser(
    site: Site, clock: ManualClock, desk: FakeDesk, people: People, provider: Issuer
) -> AsyncIterator[Client]:
    """One that keeps cookies, at a console that knows the issuer."""
    oidc = Oidc(
        issuer=provider.url,
        client_id=CLIENT,
        client_secret=SECRET,
        roles={"chief": Role.REVIEWER, "desk": Role.OPERATOR, "street": Role.KEEPER},
        sub_districts_claim="streets",
    )
    settings = site.settings.model_copy(update={"console": Console(oidc=oidc)})
    app = make_app(desk, site_with(site, settings=settings), clock, accounts=people.store, passwords=Passwords(QUICK))
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        yield client


async def signs_in(browser: Client, *, status: int = 200, after: str = "/audit") -> str:
    """All the way to the issuer and back."""
    async with browser.get(f"/sign-in/oidc?next={after}") as answer:
        text = await answer.text()
        assert answer.status == status, text
        return text


async def me(browser: Client) -> str | None:
    """Who the browser is signed in as."""
    async with browser.get("/api/v1/session") as answer:
        account = (await answer.json())["account"]
        return None if account is None else f"{account['name']} {account['role']}"


async def test_there_and_back(browser: Client, people: People) -> None:
    """An account with the role that the claim says; a page of ours leads on, with the strict cookie."""
    page = await signs_in(browser)
    assert 'content="0; url=/audit"' in page
    assert await me(browser) == "wang operator"
    made = people.registry.named("wang")
    assert (made.display_name, made.password_hash) == ("王芳", None)
    await signs_in(browser)
    assert len([one for one in people.store.accounts() if one.name == "wang"]) == 1


async def test_the_issuer_s_word_on_roles_holds(browser: Client, people: People, provider: Issuer) -> None:
    """Another role there is another here at the next sign-in; none there is none here."""
    await signs_in(browser)
    provider.person["roles"] = ["x", "chief"]
    await signs_in(browser)
    assert await me(browser) == "wang reviewer"
    provider.person["roles"] = []
    await signs_in(browser, status=403)


async def test_a_keeper_s_streets_come_along(browser: Client, people: People, provider: Issuer) -> None:
    """Those that the registers know; without any they see nothing."""
    provider.person |= {"roles": "street", "streets": ["天宁街道", "无名街道"]}
    await signs_in(browser)
    assert people.registry.named("wang").scope == frozenset({"天宁街道"})
    provider.person |= {"sub": "18", "preferred_username": "li", "streets": None}
    await signs_in(browser)
    assert people.registry.named("li").scope == frozenset()


async def test_nobody_takes_over_an_account_by_its_name(browser: Client, people: People, provider: Issuer) -> None:
    """Not one with a password, nor one that another subject has."""
    provider.person["preferred_username"] = "administrator-1"
    await signs_in(browser, status=403)
    provider.person["preferred_username"] = "wang"
    await signs_in(browser)
    provider.person["sub"] = "another"
    await signs_in(browser, status=403)
    people.registry.add("made-for-li", Role.OPERATOR)
    provider.person["preferred_username"] = "made-for-li"
    await signs_in(browser)
    assert await me(browser) == "made-for-li operator"


@pytest.mark.parametrize(
    "forged",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody-else"},
        {"aud": [CLIENT, "somebody-else"]},
        {"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"preferred_username": "../../etc"},
        {"roles": ["nobody"]},
    ],
)
async def test_a_wrong_token_signs_nobody_in(
    browser: Client, people: People, provider: Issuer, forged: dict[str, object]
) -> None:
    """The audit says why."""
    provider.forge = forged
    await signs_in(browser, status=403)
    assert await me(browser) is None
    line = people.store.audit(limit=1)[0]
    assert (line.who, line.what, line.outcome) == ("-", "sign in", Outcome.REFUSED)


async def test_a_stranger_s_signature_signs_nobody_in(browser: Client, provider: Issuer) -> None:
    """Though it names the issuer's key."""
    provider.signer = Issuer.new_key("1")
    await signs_in(browser, status=403)
    assert await me(browser) is None


async def test_a_new_key_is_fetched(browser: Client, provider: Issuer) -> None:
    """When a token names one that is not known; once, not for each token."""
    await signs_in(browser)
    provider.turn_keys()
    await signs_in(browser)
    await signs_in(browser)
    assert provider.asked_for_keys == 2
    assert await me(browser) == "wang operator"


async def test_an_issuer_that_is_another_is_not_asked_further(browser: Client, provider: Issuer) -> None:
    """Discovery has to say what the settings say."""
    provider.calls_itself = "https://elsewhere.example"
    await signs_in(browser, status=403)


async def test_an_answer_is_good_once_here_and_soon(browser: Client, clock: ManualClock) -> None:
    """In the browser that asked for it: nobody is signed in by a link that another sends them."""
    async with browser.get("/sign-in/oidc", allow_redirects=False) as answer:
        to_issuer = answer.headers["Location"]
    async with browser.session.get(to_issuer, allow_redirects=False) as answer:
        back = URL(answer.headers["Location"]).raw_path_qs
    held = list(browser.session.cookie_jar)
    browser.session.cookie_jar.clear()
    async with browser.get(back) as answer:
        assert answer.status == 403
    browser.session.cookie_jar.update_cookies({one.key: one for one in held}, browser.make_url("/sign-in/oidc"))
    async with browser.get(back) as answer:
        assert answer.status == 403
    assert await me(browser) is None
    async with browser.get("/sign-in/oidc", allow_redirects=False) as answer:
        to_issuer = answer.headers["Location"]
    async with browser.session.get(to_issuer, allow_redirects=False) as answer:
        back = URL(answer.headers["Location"]).raw_path_qs
    clock.advance(seconds=700)
    async with browser.get(back) as answer:
        assert answer.status == 403


async def test_a_disabled_account_stays_out(browser: Client, people: People) -> None:
    """Whatever the issuer says."""
    await signs_in(browser)
    people.registry.disable(people.registry.named("wang").id)
    await signs_in(browser, status=403)
    assert await me(browser) is None
