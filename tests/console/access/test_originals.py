"""Originals: only who may, only for a reason, and never before it is written down."""

import json
from typing import Any

import pytest
from yarl import URL

from config.console import Console
from domain.account import Audit, Outcome
from domain.errors import StoreUnavailable
from domain.permission import MAY, Permission, Role
from tests.console.access.people import MINE, People
from tests.console.reader import TOKEN, Client
from tests.fakes.desk import FakeDesk

WHY = "复核商户异议"
WHAT = "POST /originals/{name}.jpg"
BY_API = "POST /api/v1/originals"


@pytest.fixture
def console() -> Console:
    return Console(api_token=TOKEN, open="none")


@pytest.fixture
def name(desk: FakeDesk) -> str:
    return next(iter(desk.pictures))


async def bearing(people: People, role: Role) -> dict[str, str]:
    """What this role's browser sends, and what its page carries."""
    started = await people.started(role)
    return {
        "Cookie": f"longcheng_session={started.secret}",
        "Sec-Fetch-Site": "same-origin",
        "X-CSRF-Token": started.session.csrf,
    }


async def asked(door: Client, name: str, headers: dict[str, str], why: str | None = WHY) -> tuple[int, bytes, Any]:
    """The status, the body and the headers."""
    form = {} if why is None else {"reason": why}
    async with door.post(f"/originals/{name}.jpg", data=form, headers=headers) as answer:
        assert "reason" not in str(answer.url)
        return answer.status, await answer.read(), answer.headers


async def asked_by_api(door: Client, headers: dict[str, str], **body: str) -> tuple[int, bytes, Any]:
    """The same as a program asks."""
    async with door.post("/api/v1/originals", json=body, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_it_is_seen_and_stands_in_ledger_and_audit(
    door: Client, people: People, desk: FakeDesk, name: str
) -> None:
    """Who, why and from where; the browser keeps nothing of it."""
    headers = await bearing(people, Role.REVIEWER)
    status, body, told = await asked(door, name, headers)
    assert (status, body, told["Content-Type"]) == (200, b"\xff\xd8 as it was taken", "image/jpeg")
    assert (told["Cache-Control"], told["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert desk.seen == [(name, "reviewer-1", WHY, "127.0.0.1")]
    line, *others = people.store.audit(limit=9, before_id=None, who="reviewer-1")
    assert [other.what for other in others] == []
    assert (line.who, line.what, line.about) == ("reviewer-1", WHAT, f"{name}: {WHY}")
    assert (line.address, line.outcome) == ("127.0.0.1", Outcome.DONE)
    async with door.get("/audit", headers=await bearing(people, Role.ADMINISTRATOR)) as answer:
        page = await answer.text()
    assert name in page
    assert WHY in page


@pytest.mark.parametrize("role", Role)
async def test_only_who_may(door: Client, people: People, desk: FakeDesk, name: str, role: Role) -> None:
    """And who may not is written down, too."""
    status, _, _ = await asked(door, name, await bearing(people, role))
    assert status == (200 if Permission.READ_ORIGINALS in MAY[role] else 403)
    assert [line[1] for line in desk.seen] == ([f"{role}-1"] if status == 200 else [])
    line = people.store.audit(limit=1, before_id=None, who=None)[0]
    assert (line.who, line.outcome) == (f"{role}-1", Outcome.DONE if status == 200 else Outcome.REFUSED)


async def test_a_token_with_the_scope(door: Client, people: People, desk: FakeDesk, name: str) -> None:
    """Under its own name; one that may only read does not."""
    for scope, wanted in ((Permission.READ_ORIGINALS, 200), (Permission.READ, 403)):
        _, text = people.token(Role.REVIEWER, scope)
        status, _, _ = await asked(door, name, {"Authorization": f"Bearer {text}"})
        assert status == wanted, scope
        status, _, _ = await asked_by_api(door, {"Authorization": f"Bearer {text}"}, name=name, reason=WHY)
        assert status == wanted, scope
    assert [line[1] for line in desk.seen] == ["reviewer-1/probe"] * 2
    written = people.store.audit(limit=4, before_id=None, who=None)
    assert {(line.what, line.outcome) for line in written} == {
        (what, outcome) for what in (WHAT, BY_API) for outcome in (Outcome.DONE, Outcome.REFUSED)
    }


async def test_the_api_shows_the_same(door: Client, people: People, desk: FakeDesk, name: str) -> None:
    """As the page does, told in JSON; what is no order, or names nothing of ours, shows nothing."""
    headers = await bearing(people, Role.REVIEWER)
    status, body, told = await asked_by_api(door, headers, name=name, reason=WHY)
    assert (status, body, told["Content-Type"]) == (200, b"\xff\xd8 as it was taken", "image/jpeg")
    assert told["Cache-Control"] == "private, no-store"
    assert desk.seen == [(name, "reviewer-1", WHY, "127.0.0.1")]
    wrong = [{"name": name}, {"name": name, "reason": "abcd"}, {"name": name, "reason": "    abcd "}, {"reason": WHY}]
    for body_of_it in [*wrong, {"name": name, "reason": WHY, "who": "somebody else"}]:
        assert (await asked_by_api(door, headers, **body_of_it))[0] == 400, body_of_it
    for trick in ("../../etc/passwd", f"{name}.original", "cam-001/20260822/look\\", "nobody/20260822/look"):
        assert (await asked_by_api(door, headers, name=trick, reason=WHY))[0] == 404, trick
    assert len(desk.seen) == 1


async def test_a_reason_in_an_address_shows_nothing(door: Client, people: People, desk: FakeDesk, name: str) -> None:
    """Neither by GET, nor beside an empty form: histories and logs of proxies are no place for it."""
    headers = await bearing(people, Role.REVIEWER)
    async with door.get(f"/originals/{name}.jpg", params={"reason": WHY}, headers=headers) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    async with door.post(f"/originals/{name}.jpg", params={"reason": WHY}, headers=headers) as answer:
        assert answer.status == 400
    assert desk.seen == []


async def test_without_the_word_of_the_page_nothing_is_seen(
    door: Client, people: People, desk: FakeDesk, name: str
) -> None:
    """A form on another site cannot write into the ledger in somebody's name; the page's own field will do."""
    headers = await bearing(people, Role.REVIEWER)
    token = headers.pop("X-CSRF-Token")
    for form, wanted in (({}, 403), ({"csrf": "x" * 40}, 403), ({"csrf": token}, 200)):
        async with door.post(f"/originals/{name}.jpg", data={"reason": WHY, **form}, headers=headers) as answer:
            assert answer.status == wanted
    assert len(desk.seen) == 1


@pytest.mark.parametrize("why", [None, "", "    x     ", "abcd", "x" * 201, "a bell\x07 rings"])
async def test_without_a_reason_nothing_is_seen(
    door: Client, people: People, desk: FakeDesk, name: str, why: str | None
) -> None:
    """One letter is none, and neither is a novel."""
    status, body, _ = await asked(door, name, await bearing(people, Role.REVIEWER), why)
    assert (status, desk.seen) == (400, [])
    assert "reason" in json.loads(body)["detail"]


async def test_what_cannot_be_written_into_the_ledger_is_not_shown(
    door: Client, people: People, desk: FakeDesk, name: str
) -> None:
    """And the audit says that it came to nothing."""
    desk.ledger_full = True
    status, body, _ = await asked(door, name, await bearing(people, Role.REVIEWER))
    assert status == 503
    assert b"as it was taken" not in body
    assert people.store.audit(limit=1, before_id=None, who=None)[0].outcome is Outcome.FAILED


async def test_what_cannot_be_written_into_the_audit_is_not_shown(
    door: Client, people: People, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is away."""
    headers = await bearing(people, Role.REVIEWER)

    def away(_line: Audit) -> Audit:
        raise StoreUnavailable("the database is away")

    monkeypatch.setattr(people.store, "note", away)
    status, body, _ = await asked(door, name, headers)
    assert status == 503
    assert b"as it was taken" not in body


async def test_only_in_ones_own_streets(door: Client, people: People, desk: FakeDesk, name: str) -> None:
    """A reviewer of some sub-districts sees the originals of their cameras; of others there are none."""
    site = people.registry.sub_districts
    assert MINE in site
    account = people.accounts[Role.REVIEWER]
    _, text = people.registry.add_token(account, "street", (Permission.READ_ORIGINALS,), sub_districts=(MINE,))
    statuses = {
        camera: (await asked(door, f"{camera}/20260822/look", {"Authorization": f"Bearer {text}"}))[0]
        for camera in set_pictures(desk, name)
    }
    assert statuses == {"cam-004": 200, "cam-005": 404}
    assert [line[0] for line in desk.seen] == ["cam-004/20260822/look"]


def set_pictures(desk: FakeDesk, name: str) -> tuple[str, str]:
    """One camera in MINE, and one elsewhere, with a picture each."""
    desk.pictures = {f"{camera}/20260822/look": desk.pictures[name] for camera in ("cam-004", "cam-005")}
    return "cam-004", "cam-005"


async def test_not_too_many(door: Client, people: People, desk: FakeDesk, name: str) -> None:
    """Thirty in ten minutes; who waits sees more, and somebody else is not held up."""
    headers = await bearing(people, Role.REVIEWER)
    for _ in range(30):
        assert (await asked(door, name, headers))[0] == 200
    status, _, told = await asked(door, name, headers)
    assert (status, told["Retry-After"]) == (429, "601")
    assert len(desk.seen) == 30
    assert (await asked(door, name, await bearing(people, Role.ADMINISTRATOR)))[0] == 200
    people.clock.advance(seconds=600)
    assert (await asked(door, name, headers))[0] == 200


async def test_not_from_another_site_and_not_by_head(door: Client, people: People, desk: FakeDesk, name: str) -> None:
    """A picture in a stranger's page would write into the ledger in somebody's name."""
    headers = await bearing(people, Role.REVIEWER)
    status, _, _ = await asked(door, name, headers | {"Sec-Fetch-Site": "cross-site"})
    assert status == 403
    async with door.head(f"/originals/{name}.jpg", headers=headers) as answer:
        assert answer.status == 405
    assert desk.seen == []


@pytest.mark.parametrize("store", ["originals", "evidence"])
@pytest.mark.parametrize(
    "trick",
    [
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "cam-001/../cam-001/20260822/look",
        "cam-001%2f..%2f..%2fsecret",
        "%2fetc%2fpasswd",
        "/etc/passwd",
        "cam-001%5c..%5clook",
        "cam-001/20260822/look%00",
        "cam-001/20260822/look.original",
        "cam-001/20260822/.look",
        "cam-001/aside/look",
        "%252e%252e/secret",
        "",
    ],
)
async def test_no_name_leads_out(
    door: Client, people: People, desk: FakeDesk, name: str, store: str, trick: str
) -> None:
    """Encoded or not: there is nothing, and nobody's name is written down."""
    headers = await bearing(people, Role.REVIEWER)
    base = str(door.make_url("/")).rstrip("/")
    url, method = URL(f"{base}/{store}/{trick}.jpg", encoded=True), "POST" if store == "originals" else "GET"
    async with door.session.request(method, url, data={"reason": "because"}, headers=headers) as answer:
        assert answer.status == 404, await answer.text()
    assert desk.seen == []
