"""Signing in and out."""

import re
from collections.abc import Sequence
from dataclasses import replace as site_with
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Literal

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from msgspec.structs import replace

from config.console import Console
from config.load import Site
from console.access.passwords import Passwords
from console.access.registry import Registry
from console.access.throttle import PAIR
from console.pages.signing_pages import next_of
from console.server import make_app
from domain.account import Outcome
from domain.clock import ManualClock
from domain.permission import Role
from storage.accounts import AccountStore
from tests.console.access.people import PASSWORD, QUICK, People
from tests.console.reader import TOKEN, Client
from tests.fakes.desk import FakeDesk

HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def console() -> Console:
    return Console(api_token=TOKEN, open="none", url="https://desk.example")


async def posted(
    door: Client, name: str, password: str, *, after: str = "/", **headers: str
) -> tuple[ClientResponse, str]:
    """The answer to a sign-in, and its text."""
    form = {"name": name, "password": password, "next": after}
    async with door.post("/sign-in", data=form, headers={**HERE, **headers}, allow_redirects=False) as answer:
        return answer, await answer.text()


def morsel(answer: ClientResponse) -> SimpleCookie:
    """The cookies an answer sets, with their flags."""
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.getall("Set-Cookie", []):
        jar.load(line)
    return jar


async def test_a_session_s_cookie_is_held_tight(door: Client) -> None:
    """Over TLS for this host alone, out of reach of scripts and of other sites."""
    answer, _ = await posted(door, "operator-1", PASSWORD, after="/cases/x?y=1")
    assert (answer.status, answer.headers["Location"]) == (303, "/cases/x?y=1")
    cookie = morsel(answer)["__Host-longcheng_session"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Strict")
    assert (cookie["path"], cookie["domain"], cookie["max-age"]) == ("/", "", str(7 * 86400))
    assert len(cookie.value) >= 43


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/review", "“Review” needs somebody signed in. You get there once you are."),
        ("/cases/202608223204000003?x=1", "“Cases” needs somebody signed in. You get there once you are."),
        ("/audit", "The page that you asked for needs somebody signed in. You get there once you are."),
    ],
)
async def test_whoever_is_sent_to_the_sign_in_is_told_why_and_gets_back(door: Client, path: str, said: str) -> None:
    """The way goes from the page that was asked for over the sign-in to that page; who came by themselves, no word."""
    headers = {"Accept": "text/html", "Cookie": "lang=en"}
    async with door.get(path, headers=headers) as answer:
        page = await answer.text()
    assert f'<p id="why">{said}</p>' in page
    (after,) = re.findall(r'name="next" value="([^"]*)"', page)
    done, _ = await posted(door, "operator-1", PASSWORD, after=after)
    assert done.headers["Location"] == path
    for other in ("/sign-in", "/sign-in?next=//evil.example", "/sign-in?done=password"):
        async with door.get(other, headers=headers) as answer:
            assert 'id="why"' not in await answer.text()


async def test_what_everybody_may_read_is_said_to_need_nobody(
    desk: FakeDesk, site: Site, clock: ManualClock, people: People
) -> None:
    """Where reading is open, only that one gets back there."""
    opened = site_with(site, settings=site.settings.model_copy(update={"console": Console(open="read")}))
    app = make_app(desk, opened, clock, accounts=people.store, passwords=Passwords(QUICK))
    async with TestClient(TestServer(app)) as client:
        for path, said in (("/cases", "You get back to “Cases”"), ("/review", "“Review” needs somebody signed in")):
            async with client.get(f"/sign-in?next={path}", headers={"Cookie": "lang=en"}) as answer:
                assert said in await answer.text()


async def test_each_sign_in_has_a_new_id_and_ends_the_one_it_came_with(door: Client, people: People) -> None:
    """Whoever planted a session in a browser is out, and so is the old one."""
    planted = (await people.started(Role.WALL)).secret
    shown = f"__Host-longcheng_session={planted}"
    answer, _ = await posted(door, "operator-1", PASSWORD, Cookie=shown)
    fresh = morsel(answer)["__Host-longcheng_session"].value
    assert fresh != planted
    async with door.get("/api/v1/session", headers={"Cookie": shown}) as asked:
        assert (await asked.json())["account"] is None
    async with door.get("/api/v1/session", headers={"Cookie": f"__Host-longcheng_session={fresh}"}) as asked:
        assert (await asked.json())["account"]["name"] == "operator-1"


async def test_signing_out_ends_the_session_and_the_cookie(door: Client, people: People) -> None:
    """What somebody copied from the browser before opens nothing either."""
    started = await people.started(Role.OPERATOR)
    shown = {"Cookie": f"__Host-longcheng_session={started.secret}", **HERE}
    form = {"csrf": started.session.csrf}
    async with door.post("/sign-out", data=form, headers=shown, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
        assert morsel(answer)["__Host-longcheng_session"].value == ""
    async with door.get("/api/v1/kpi", headers=shown) as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    ("name", "password"), [("operator-1", "wrong"), ("nobody", PASSWORD), ("disabled", PASSWORD), ("", "")]
)
async def test_what_is_wrong_is_not_told(door: Client, people: People, name: str, password: str) -> None:
    """The same words for a wrong password, an unknown name and a disabled account; and a line in the audit."""
    disabled = people.registry.add("disabled", Role.OPERATOR, password_hash=people.again(Role.OPERATOR).password_hash)
    people.registry.disable(disabled.id)
    answer, page = await posted(door, name, password)
    assert answer.status == 401
    assert "账号名或密码不对。" in page
    assert "Set-Cookie" not in answer.headers
    line = people.store.audit(limit=1)[0]
    assert (line.who, line.what, line.about, line.outcome) == ("-", "sign in", name, Outcome.REFUSED)


class Counting(PasswordHasher):
    """A hasher that remembers what it was asked to verify against."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002 - its name there
        """As ever."""
        self.verified.append(str(hash))
        return super().verify(hash, password)


async def test_an_unknown_name_costs_as_much_as_a_known_one(people: People) -> None:
    """One check against a hash of the same parameters, whoever is asked for; so no clock tells names."""
    hasher = Counting()
    passwords = Passwords(hasher)
    kept = passwords.hash_now(PASSWORD)
    assert [(await passwords.verify(one, PASSWORD)).right for one in (kept, None, None)] == [True, False, False]
    assert [line.rsplit("$", 2)[0] for line in hasher.verified] == [kept.rsplit("$", 2)[0]] * 3


async def test_a_hash_by_older_parameters_is_made_anew(door: Client, people: People) -> None:
    """When the password is known, which is then."""
    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    people.store.save(replace(people.again(Role.OPERATOR), password_hash=old), end_sessions=False)
    assert (await posted(door, "operator-1", PASSWORD))[0].status == 303
    kept = people.again(Role.OPERATOR).password_hash or ""
    assert kept != old
    assert not QUICK.check_needs_rehash(kept)


async def test_too_many_tries_have_to_wait(door: Client, people: People) -> None:
    """And then the right password does not help either, until the time has passed; another address is not held up."""
    for _ in range(PAIR.free):
        assert (await posted(door, "operator-1", "wrong"))[0].status == 401
    answer, page = await posted(door, "operator-1", PASSWORD)
    assert answer.status == 429
    assert "尝试次数过多" in page
    elsewhere, _ = await posted(door, "operator-1", PASSWORD, **{"X-Forwarded-For": "203.0.113.9"})
    assert elsewhere.status == 303
    people.clock.advance(seconds=2)
    assert (await posted(door, "operator-1", PASSWORD))[0].status == 303


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
async def test_no_other_site_signs_a_browser_in(door: Client, headers: dict[str, str]) -> None:
    """Not even with a password that is right."""
    form = {"name": "operator-1", "password": PASSWORD}
    async with door.post("/sign-in", data=form, headers=headers, allow_redirects=False) as answer:
        assert (answer.status, "Set-Cookie" in answer.headers) == (403, False)
    async with door.post("/api/v1/session", json=form, headers=headers) as answer:
        assert (answer.status, "Set-Cookie" in answer.headers) == (403, False)


async def test_over_http_too(door: Client, people: People) -> None:
    """A program signs in, is told its CSRF token, and signs out."""
    wrong = {"name": "operator-1", "password": "x"}
    async with door.post("/api/v1/session", json=wrong) as answer:
        assert answer.status == 401
    async with door.post("/api/v1/session", json={"name": "operator-1", "password": PASSWORD}) as answer:
        told = await answer.json()
        cookie = morsel(answer)["__Host-longcheng_session"].value
    assert told["account"]["name"] == "operator-1"
    assert "password" not in str(told).replace("has_password", "")
    headers = {"Cookie": f"__Host-longcheng_session={cookie}", "X-CSRF-Token": told["csrf"]}
    async with door.delete("/api/v1/session", headers=headers) as answer:
        assert answer.status == 200
    async with door.get("/api/v1/kpi", headers=headers) as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    ("told", "goes"),
    [
        ("/cases/1?a=b", "/cases/1?a=b"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nX: y", "/"),
        ("", "/"),
    ],
)
def test_one_goes_on_to_addresses_of_ours(told: str, goes: str) -> None:
    """Never to a stranger's."""
    assert next_of(told) == goes


FIRST: Sequence[tuple[Console, bool, int]] = [
    (Console(), False, 200),
    (Console(names=("localhost",)), False, 200),
    (Console(), True, 401),
    (Console(open="read"), True, 200),
    (Console(open="none"), False, 403),
    (Console(host="0.0.0.0", names=("127.0.0.1",)), False, 403),
    (Console(names=("desk.example",)), False, 403),
    (Console(url="https://desk.example"), False, 403),
]


@pytest.mark.parametrize(("settings", "peopled", "status"), FIRST)
async def test_at_first_everybody_reads_on_this_machine_alone(
    site: Site, clock: ManualClock, desk: FakeDesk, tmp_path: Path, settings: Console, peopled: bool, status: int
) -> None:
    """Where others could reach it nobody reads, and nobody once there is an account, unless the settings say so."""
    store = AccountStore(f"sqlite:///{tmp_path / 'first.db'}")
    if peopled:
        Registry(store, site, clock).add("first", Role.ADMINISTRATOR)
    with_it = site_with(site, settings=site.settings.model_copy(update={"console": settings}))
    app = make_app(desk, with_it, clock, accounts=store, called=".venv/bin/longcheng")
    typed = f".venv/bin/longcheng accounts add NAME --role administrator --site {site.folder}"
    async with TestClient(TestServer(app)) as client:
        async with client.get("/api/v1/kpi") as answer:
            assert answer.status == status
            if status == 403:
                assert typed in await answer.text()
        async with client.post("/api/v1/silences", json={}) as answer:
            assert answer.status in {401, 403}
        if not peopled:
            async with client.get("/sign-in") as answer:
                assert f"<pre>{typed}</pre>" in await answer.text()
    store.close()
