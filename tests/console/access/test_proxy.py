"""A reverse proxy that says who is there, and where from."""

import pytest
from pydantic import ValidationError

from config.console import Console, Proxy
from domain.permission import Role
from tests.console.access.people import People
from tests.console.reader import TOKEN, Client

WHO, ROLE = "X-Remote-User", "X-Remote-Role"


@pytest.fixture
def console() -> Console:
    return Console(api_token=TOKEN, open="none", proxy=Proxy(header=WHO))


async def me(door: Client, **headers: str) -> tuple[int, str | None, str | None]:
    """The status, who it is, and the CSRF token."""
    async with door.get("/api/v1/session", headers=headers) as answer:
        told = await answer.json(content_type=None)
        account = told.get("account")
        return answer.status, None if account is None else account["name"], told.get("csrf")


async def test_whom_it_names_is_in(door: Client, people: People) -> None:
    """Without a cookie; an unknown or a disabled one is nobody."""
    assert (await me(door, **{WHO: "operator-1"}))[:2] == (200, "operator-1")
    assert (await me(door, **{WHO: "stranger"}))[:2] == (200, None)
    people.registry.disable(people.accounts[Role.OPERATOR].id)
    assert (await me(door, **{WHO: "operator-1"}))[:2] == (200, None)


async def test_a_change_needs_a_page_of_ours_all_the_same(door: Client) -> None:
    """The proxy adds its header to what a stranger's page makes a browser ask, too."""
    _, _, csrf = await me(door, **{WHO: "operator-1"})
    _, _, another = await me(door, **{WHO: "wall-1"})
    for shown, status in (({}, 403), ({"X-CSRF-Token": another or ""}, 403), ({"X-CSRF-Token": csrf or ""}, 303)):
        headers = {WHO: "operator-1", **shown}
        async with door.post("/account/sessions/end", headers=headers, allow_redirects=False) as answer:
            assert answer.status == status


class TestFromElsewhere:
    """Not from the proxy, so anybody's word."""

    @pytest.fixture
    def console(self) -> Console:
        return Console(api_token=TOKEN, open="none", proxy=Proxy(header=WHO, trusted=("192.0.2.0/24",)))

    async def test_it_is_not_believed(self, door: Client) -> None:
        """Neither who, nor where from."""
        assert (await me(door, **{WHO: "administrator-1"}))[:2] == (200, None)
        form = {"name": "x", "password": "y"}
        async with door.post("/sign-in", data=form, headers={"X-Forwarded-For": "203.0.113.5"}) as answer:
            assert answer.status == 401

    async def test_the_audit_has_the_true_address(self, door: Client, people: People) -> None:
        """And no address that a client makes up."""
        form = {"name": "x", "password": "y"}
        async with door.post("/sign-in", data=form, headers={"X-Forwarded-For": "203.0.113.5"}):
            pass
        assert people.store.audit(limit=1)[0].address == "127.0.0.1"


class TestRoles:
    """A proxy that says roles makes accounts as people come."""

    @pytest.fixture
    def console(self) -> Console:
        return Console(api_token=TOKEN, open="none", proxy=Proxy(header=WHO, role_header=ROLE))

    async def test_accounts_come_and_change_with_it(self, door: Client, people: People) -> None:
        """A role that is none makes nobody."""
        assert (await me(door, **{WHO: "Chen", ROLE: "king"}))[1] is None
        assert (await me(door, **{WHO: "Chen", ROLE: "operator"}))[1] == "chen"
        assert people.registry.named("chen").role is Role.OPERATOR
        assert (await me(door, **{WHO: "Chen", ROLE: "wall"}))[1] == "chen"
        assert people.registry.named("chen").role is Role.WALL
        assert (await me(door, **{WHO: "../x", ROLE: "wall"}))[0] == 400


async def test_of_addresses_only_what_trusted_proxies_say_counts(door: Client, people: People) -> None:
    """The last that is none of theirs; what stands before it, the client has made up."""
    form = {"name": "x", "password": "y"}
    async with door.post("/sign-in", data=form, headers={"X-Forwarded-For": "10.9.9.9, 203.0.113.5, 127.0.0.1"}):
        pass
    assert people.store.audit(limit=1)[0].address == "203.0.113.5"


def test_settings_that_cannot_be() -> None:
    """Each says what is wrong."""
    with pytest.raises(ValidationError, match="no network"):
        Proxy(trusted=("everybody",))
    with pytest.raises(ValidationError, match="set header"):
        Proxy(role_header="X")
