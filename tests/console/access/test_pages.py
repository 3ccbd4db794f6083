"""The pages of accounts: what they say, what they hide, and that forms do what they say."""

import re

import pytest
from msgspec.structs import replace

from domain.account import Audit, Outcome
from domain.permission import Permission, Role
from tests.console.access.people import MINE, PASSWORD, People
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk

SCRIPT = "<script>alert(1)</script>"
HERE = {"Sec-Fetch-Site": "same-origin"}


class Browser:
    """One that is signed in: it fills in forms as they stand."""

    def __init__(self, door: Client, cookie: str, csrf: str) -> None:
        self._door, self._csrf = door, csrf
        self._headers = {"Cookie": f"longcheng_session={cookie}; lang=en", **HERE}

    async def reads(self, path: str, *, status: int = 200) -> str:
        """A page."""
        async with self._door.get(path, headers=self._headers) as answer:
            assert answer.status == status, (path, answer.status)
            return await answer.text()

    async def sends(self, path: str, *, status: int = 303, **fields: str | list[str]) -> str:
        """A form; a redirect is not followed."""
        pairs = [("csrf", self._csrf)]
        pairs += [(name, one) for name, told in fields.items() for one in ([told] if isinstance(told, str) else told)]
        async with self._door.post(path, data=pairs, headers=self._headers, allow_redirects=False) as answer:
            text = await answer.text()
            assert answer.status == status, (path, answer.status, text)
            return text


@pytest.fixture
async def admin(door: Client, people: People) -> Browser:
    started = await people.started(Role.ADMINISTRATOR)
    return Browser(door, started.secret, started.session.csrf)


@pytest.fixture
async def operator(door: Client, people: People) -> Browser:
    started = await people.started(Role.OPERATOR)
    return Browser(door, started.secret, started.session.csrf)


async def test_from_an_invitation_to_the_first_sign_in(door: Client, people: People, admin: Browser) -> None:
    """The administrator never knows the password; the link is good once."""
    page = await admin.sends(
        "/accounts", status=201, name="Wang", display_name="王芳", role="keeper", sub_district=[MINE]
    )
    (link,) = re.findall(r"/set-password/[\w-]+", page)
    account = people.registry.named("wang")
    assert (account.role, account.sub_districts, account.password_hash) == (Role.KEEPER, (MINE,), None)
    async with door.get(link) as answer:
        assert "王芳" in await answer.text()
    for new, again, status in (("short", "short", 400), (PASSWORD, "other", 400), (PASSWORD, PASSWORD, 303)):
        async with door.post(link, data={"new": new, "again": again}, headers=HERE, allow_redirects=False) as answer:
            assert answer.status == status
    async with door.get(answer.headers["Location"]) as answer:
        assert 'value="wang"' in await answer.text()
    async with door.get(link) as answer:
        assert answer.status == 404
    async with door.post(link, data={"new": PASSWORD, "again": PASSWORD}, headers=HERE) as answer:
        assert answer.status == 404
    form = {"name": "WANG", "password": PASSWORD}
    async with door.post("/sign-in", data=form, headers=HERE, allow_redirects=False) as answer:
        assert answer.status == 303
    acts = [(line.who, line.what) for line in people.store.audit(limit=9)]
    assert acts == [("wang", "sign in"), ("wang", "set password"), ("administrator-1", "POST /accounts")]


async def test_a_link_runs_out_and_a_newer_one_voids_it(people: People) -> None:
    """After three days, and at once."""
    account = people.accounts[Role.WALL]
    first, second = people.registry.invite(account.id), people.registry.invite(account.id)
    assert people.registry.invited(first) is None
    assert people.registry.invited(second) == account
    people.clock.advance(seconds=3 * 86400)
    assert people.registry.invited(second) is None


async def test_changing_one_s_password(door: Client, people: People, operator: Browser) -> None:
    """Only with the old one; other sessions end, this one goes on."""
    other = await people.started(Role.OPERATOR)
    new = "wider than the river"
    page = await operator.sends("/account/password", status=400, old="wrong", new=new, again=new)
    assert "The old password is wrong." in page
    await operator.sends("/account/password", old=PASSWORD, new=new, again=new)
    assert "The password is changed." in await operator.reads("/account?done=password")
    async with door.get("/api/v1/kpi", headers={"Cookie": f"longcheng_session={other.secret}"}) as answer:
        assert answer.status == 401


async def test_a_token_is_shown_once(door: Client, people: People, operator: Browser) -> None:
    """It works, is kept as a hash, and no more once it is revoked."""
    page = await operator.sends("/account/tokens", status=200, name="probe", scope=["read"], days="30")
    (text,) = re.findall(r"lc_[\w-]+", page)
    assert text not in await operator.reads("/account")
    async with door.get("/api/v1/kpi", headers={"Authorization": f"Bearer {text}"}) as answer:
        assert answer.status == 200
    token = people.store.tokens()[0]
    assert token.scopes == (Permission.READ,)
    await operator.sends(f"/account/tokens/{token.id}/revoke")
    async with door.get("/api/v1/kpi", headers={"Authorization": f"Bearer {text}"}) as answer:
        assert answer.status == 401
    await operator.sends("/account/tokens", status=400, name="too much", scope=["accounts"], days="")
    assert len(people.store.tokens()) == 1


async def test_nobody_revokes_another_s_token(people: People, operator: Browser) -> None:
    """It is not there for them."""
    token, _ = people.token(Role.ADMINISTRATOR, Permission.READ)
    await operator.sends(f"/account/tokens/{token.id}/revoke", status=404)
    assert people.store.tokens()[0].revoked_ms is None


async def test_the_last_administrator_stays(people: People, admin: Browser) -> None:
    """Neither disabled nor made something less."""
    account = people.accounts[Role.ADMINISTRATOR]
    assert "last administrator" in await admin.sends(f"/accounts/{account.id}/disable", status=400)
    less = {"display_name": "x", "role": "wall"}
    assert "last administrator" in await admin.sends(f"/accounts/{account.id}", status=400, **less)
    people.registry.add("second", Role.ADMINISTRATOR)
    await admin.sends(f"/accounts/{account.id}/disable")
    assert people.again(Role.ADMINISTRATOR).disabled_ms is not None


async def test_the_audit_says_who_did_what(people: People, admin: Browser, operator: Browser) -> None:
    """Also what was refused; by one account, and page by page."""
    await operator.sends("/accounts", status=403, name="x", role="wall")
    await operator.sends("/account/sessions/end")
    page = await admin.reads("/audit?who=operator-1")
    assert "POST /accounts" in page
    assert "refused" in page
    (first, second) = people.store.audit(limit=2)
    assert (first.what, first.outcome) == ("POST /account/sessions/end", Outcome.DONE)
    assert (second.what, second.outcome) == ("POST /accounts", Outcome.REFUSED)
    for n in range(120):
        people.store.note(replace(first, about=f"number {n}"))
    page = await admin.reads("/audit")
    (older,) = re.findall(r"before=(\d+)", page)
    assert "number 0<" not in page
    assert "number 0<" in await admin.reads(f"/audit?before={older}")


async def test_names_stay_text(people: People, admin: Browser, desk: FakeDesk) -> None:
    """A script in a display name, a token's name, a case's title or an address is shown, never run."""
    people.store.save(replace(people.again(Role.ADMINISTRATOR), display_name=SCRIPT), end_sessions=False)
    people.token(Role.ADMINISTRATOR, Permission.READ)
    people.store.add_token(replace(people.store.tokens()[0], name=SCRIPT, hash="another"))
    people.store.note(replace(_line(), who=SCRIPT, about=SCRIPT, what=SCRIPT, address=SCRIPT))
    desk.all_cases = [replace(case, title_zh=SCRIPT, title_en=SCRIPT) for case in desk.all_cases]
    for path in ("/", "/account", "/accounts", f"/accounts/{people.accounts[Role.ADMINISTRATOR].id}", "/audit"):
        page = await admin.reads(path)
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path
    assert "<script>alert" not in await admin.reads(f"/audit?who={SCRIPT}")


def _line() -> Audit:
    return Audit(id=0, at_ms=1, who="x", address="x", what="x", about="x", outcome=Outcome.DONE)


async def test_pages_need_no_script_and_keep_the_policy(door: Client, admin: Browser, people: People) -> None:
    """No script, nothing inline, nothing from elsewhere; every field has its label."""
    account = people.accounts[Role.KEEPER]
    for path in ("/sign-in?next=/audit", "/account", "/accounts", f"/accounts/{account.id}", "/audit"):
        page = await admin.reads(path) if "sign-in" not in path else await (await door.get(path)).text()
        assert "<script" not in page
        assert " style=" not in page
        assert "onclick" not in page
        fields = re.findall(r'<(?:input|select) id="([\w-]+)"', page)
        assert set(fields) <= set(re.findall(r'<label for="([\w-]+)"', page)), path
    async with door.get("/sign-in") as answer:
        assert "form-action 'self'" in answer.headers["Content-Security-Policy"]


async def test_whoever_is_signed_in_is_so_where_there_is_no_page(operator: Browser, people: People) -> None:
    """The header is theirs, too: nobody has signed them out."""
    html = await operator.reads("/cases/1/2/3", status=404)
    assert "/sign-in" not in html
    assert people.accounts[Role.OPERATOR].display_name in html


async def test_a_silence_is_made_of_names_that_there_are(operator: Browser) -> None:
    """Lists of rules and devices stand behind their fields, by their names; a wrong one is refused in words."""
    html = await operator.reads("/rules/silences")
    for name, value in (("rules", "charger-smoke"), ("devices", "charger-01"), ("devices", "cam-001")):
        offered = html.partition(f'<datalist id="silence-{name}">')[2].partition("</datalist>")[0]
        assert f'<option value="{value}">' in offered
        assert f'list="silence-{name}"' in html


async def test_who_may_not_is_told_in_words(operator: Browser, people: People) -> None:
    """And is led to nothing that is not for them."""
    page = await operator.reads("/", status=200)
    assert 'href="/accounts"' not in page
    assert 'href="/account"' in page
    await operator.reads("/accounts", status=403)
