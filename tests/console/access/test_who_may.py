"""Every route of the app's own router, asked by everybody: nobody gets in who may not."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from aiohttp import web
from msgspec.structs import replace

from config.console import Console
from console.access.registry import Changes
from console.pages.live_views import LIVE
from console.permits import PERMITS, Open, Permit, address_of
from console.routes import _PAGES
from domain.account import Account
from domain.permission import MAY, Permission, Role
from tests.console.access.people import People
from tests.console.reader import TOKEN, Client

UNAUTHORIZED, FORBIDDEN, TO_SIGN_IN = 401, 403, 303
SHOPS = "/n/"
"""Its routes are there only where the settings give the shops' page an address; it has doors of its own."""
HEADERS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def console() -> Console:
    """Closed to all who are not known."""
    return Console(api_token=TOKEN, open="none")


def routes(client: Client) -> Iterator[tuple[str, str, Permit]]:
    """Method, an address that fits, and what it needs, of all that is not open to all."""
    app = client.app
    assert isinstance(app, web.Application)
    for route in app.router.routes():
        assert route.resource is not None
        permit = PERMITS[address_of(route)]
        if permit not in {Open.UNASKED, Open.TO_ALL} and route.method != "HEAD":
            yield (
                route.method,
                route.resource.canonical.format(id="999", case_id="none", camera_id="none", name="none", token="none"),
                permit,
            )


def stated(client: Client) -> set[str]:
    """Every route as the table would have it."""
    app = client.app
    assert isinstance(app, web.Application)
    return {address_of(route) for route in app.router.routes()}


async def asked(client: Client, method: str, path: str, **headers: str) -> int:
    """The status of a bare request. Streams are not read."""
    async with client.request(method, path, headers={**HEADERS, **headers}, allow_redirects=False) as answer:
        assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, (method, path, answer.status)
        return answer.status


async def cookie(people: People, role: Role) -> tuple[str, str]:
    """A new session's cookie, and its CSRF token."""
    started = await people.started(role)
    return f"longcheng_session={started.secret}", started.session.csrf


def lets(role: Role, permit: Permit) -> bool:
    """Whether the table lets a role's browser through."""
    return isinstance(permit, Open) or permit in MAY[role]


async def test_every_route_states_what_it_needs(door: Client) -> None:
    """And the table has no line for what is not there."""
    assert stated(door) - set(PERMITS) == set()
    assert {address for address in PERMITS if SHOPS not in address} <= stated(door)


async def test_a_route_without_a_line_is_refused(door: Client) -> None:
    """At run time, too, whoever asks."""
    app = door.app
    assert isinstance(app, web.Application)
    before = PERMITS.pop("GET /api/v1/kpi")
    try:
        async with door.get("/api/v1/kpi", headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
            assert answer.status == FORBIDDEN
            assert "console/permits.py" in await answer.text()
    finally:
        PERMITS["GET /api/v1/kpi"] = before


@pytest.mark.parametrize("role", Role)
async def test_a_session_opens_what_its_role_may(door: Client, people: People, role: Role) -> None:
    """No more and no less; what is let through may still find nothing there."""
    shown, csrf = await cookie(people, role)
    for method, path, permit in routes(door):
        status = await asked(door, method, path, Cookie=shown, **{"X-CSRF-Token": csrf})
        if method != "GET":  # it may have signed out
            shown, csrf = await cookie(people, role)
        assert (status not in {UNAUTHORIZED, FORBIDDEN}) is lets(role, permit), (role, method, path, status)


@pytest.mark.parametrize("role", Role)
async def test_what_a_page_needs_its_stream_needs(door: Client, people: People, role: Role) -> None:
    """Every view by its name; of one that is about something there is nothing of that name."""
    shown, _ = await cookie(people, role)
    about = {name for path, name in _PAGES.items() if "{" in path}
    for path, name in _PAGES.items():
        assert PERMITS[f"GET {path}"] is LIVE[name].needs, path
        status = await asked(door, "GET", f"/live?view={name}&about=none", Cookie=shown)
        found = HTTPStatus.NOT_FOUND if name in about else HTTPStatus.OK
        assert status == (found if LIVE[name].needs in MAY[role] else FORBIDDEN), (role, name, status)


@pytest.mark.parametrize("role", Role)
async def test_without_csrf_a_session_changes_nothing(door: Client, people: People, role: Role) -> None:
    """Whatever the role, and with another's token as little."""
    stranger = (await people.started(Role.ADMINISTRATOR)).session.csrf
    shown, csrf = await cookie(people, role)
    for method, path, _ in routes(door):
        if method == "GET":
            continue
        for given in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": stranger}):
            assert await asked(door, method, path, Cookie=shown, **given) == FORBIDDEN, (method, path, given)
        crossed = {"X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"}
        assert await asked(door, method, path, Cookie=shown, **crossed) == FORBIDDEN
        elsewhere = {"X-CSRF-Token": csrf, "Origin": "https://evil.example"}
        assert await asked(door, method, path, Cookie=shown, **elsewhere) == FORBIDDEN


async def test_nobody_gets_in_who_shows_nothing(door: Client) -> None:
    """A machine is told how; a browser is led to where one signs in."""
    for method, path, _ in routes(door):
        assert await asked(door, method, path) == UNAUTHORIZED, (method, path)
        if method == "GET":
            assert await asked(door, method, path, Accept="text/html") == TO_SIGN_IN, path


@pytest.mark.parametrize("role", Role)
async def test_a_token_opens_its_scopes_and_no_more(door: Client, people: People, role: Role) -> None:
    """Each scope by itself; what is for browsers never."""
    for scope in sorted(MAY[role]):
        _, text = people.token(role, scope)
        for method, path, permit in routes(door):
            may = permit in {scope, Open.TO_SIGNED_IN}
            status = await asked(door, method, path, Authorization=f"Bearer {text}")
            assert (status not in {UNAUTHORIZED, FORBIDDEN}) is may, (role, scope, method, path, status)


async def test_the_token_of_the_settings_opens_all_but_accounts(door: Client) -> None:
    """As before there were accounts."""
    for method, path, permit in routes(door):
        may = permit not in {Permission.ACCOUNTS, Permission.AUDIT, Open.TO_SIGNED_IN, Open.TO_BROWSERS}
        status = await asked(door, method, path, Authorization=f"Bearer {TOKEN}")
        assert (status not in {UNAUTHORIZED, FORBIDDEN}) is may, (method, path, status)


def revoked(people: People) -> str:
    token, text = people.token(Role.ADMINISTRATOR, *MAY[Role.ADMINISTRATOR])
    people.registry.revoke(token.id)
    return text


def run_out(people: People) -> str:
    now_ms = people.clock.now_ms()
    _, text = people.token(Role.ADMINISTRATOR, *MAY[Role.ADMINISTRATOR], expires_ms=now_ms + 1000)
    people.clock.advance(seconds=1)
    return text


def of_a_disabled_account(people: People) -> str:
    _, text = people.token(Role.OPERATOR, *MAY[Role.OPERATOR])
    people.registry.disable(people.accounts[Role.OPERATOR].id)
    return text


def made_up(people: People) -> str:
    return "lc_made-up"


@pytest.mark.parametrize("void", [revoked, run_out, of_a_disabled_account, made_up])
async def test_a_void_token_opens_nothing(door: Client, people: People, void: object) -> None:
    """Not even what needs nothing but an account."""
    assert callable(void)
    text = void(people)
    for method, path, _ in routes(door):
        assert await asked(door, method, path, Authorization=f"Bearer {text}") == UNAUTHORIZED, (method, path)


def changed_role(people: People, account: Account) -> None:
    people.registry.change(account.id, Changes(role=Role.WALL))


def other_districts(people: People, account: Account) -> None:
    people.registry.change(account.id, Changes(sub_districts=("天宁街道",)))


def new_password(people: People, account: Account) -> None:
    people.registry.set_password(account, "$argon2id$another")


def disabled(people: People, account: Account) -> None:
    people.registry.disable(account.id)


def idle(people: People, account: Account) -> None:
    people.clock.advance(seconds=12 * 3600)


@pytest.mark.parametrize("end", [changed_role, other_districts, new_password, disabled, idle])
async def test_sessions_end(door: Client, people: People, end: object) -> None:
    """With another role, other sub-districts, a new password, when disabled, and when left alone."""
    assert callable(end)
    shown, csrf = await cookie(people, Role.OPERATOR)
    assert await asked(door, "GET", "/api/v1/kpi", Cookie=shown) == HTTPStatus.OK
    end(people, people.again(Role.OPERATOR))
    for method, path, _ in routes(door):
        status = await asked(door, method, path, Cookie=shown, **{"X-CSRF-Token": csrf})
        assert status == UNAUTHORIZED, (method, path)


async def test_a_week_is_the_longest(door: Client, people: People) -> None:
    """However busy; a screen on the wall, never idle, after 30 days."""
    busy, _ = await cookie(people, Role.OPERATOR)
    wall, _ = await cookie(people, Role.WALL)
    for hour in range(7 * 24 // 8):
        assert await asked(door, "GET", "/api/v1/kpi", Cookie=busy) == HTTPStatus.OK, hour
        people.clock.advance(seconds=8 * 3600)
    assert await asked(door, "GET", "/api/v1/kpi", Cookie=busy) == UNAUTHORIZED
    assert await asked(door, "GET", "/api/v1/kpi", Cookie=wall) == HTTPStatus.OK
    people.clock.advance(seconds=23 * 86400)
    assert await asked(door, "GET", "/api/v1/kpi", Cookie=wall) == UNAUTHORIZED


async def test_a_disabled_account_that_is_enabled_signs_in_anew(door: Client, people: People) -> None:
    """Its old session stays over."""
    shown, _ = await cookie(people, Role.OPERATOR)
    people.registry.disable(people.accounts[Role.OPERATOR].id)
    people.registry.enable(people.accounts[Role.OPERATOR].id)
    assert await asked(door, "GET", "/api/v1/kpi", Cookie=shown) == UNAUTHORIZED
    people.store.save(replace(people.again(Role.OPERATOR), language="en"), end_sessions=False)
    again, _ = await cookie(people, Role.OPERATOR)
    assert await asked(door, "GET", "/api/v1/kpi", Cookie=again) == HTTPStatus.OK
