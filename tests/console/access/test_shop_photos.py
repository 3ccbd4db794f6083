"""Photos that shops send with their word: only for those who decide, and never before it is written down."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from yarl import URL

from config.console import Console
from config.load import Site
from domain.account import Audit, Outcome
from domain.clock import ManualClock
from domain.errors import StoreUnavailable
from domain.ladder import ReplyKind
from domain.permission import MAY, Permission, Role
from domain.review import Done
from tests.console.access.people import MINE, People
from tests.console.access.test_originals import bearing
from tests.console.reader import TOKEN, Client
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import Invention
from tests.fakes.reviewing import ReviewJudge, waiting_case, waiting_contest, waiting_finds

WHAT = "GET /shop-photos/{id}.jpg"
NUMBER = 71
PATH = f"/shop-photos/{NUMBER}.jpg"


@pytest.fixture
def console() -> Console:
    return Console(api_token=TOKEN, open="none")


@pytest.fixture(autouse=True)
def judge(desk: FakeDesk, site: Site, clock: ManualClock, tmp_path: Path) -> ReviewJudge:
    """A contest with a photo waits; its camera is in MINE."""
    city = Invention(site, clock.now_ms(), tmp_path)
    one = waiting_contest(desk, city, NUMBER)
    mine = next(name for name, camera in site.cameras.items() if camera.location.sub_district == MINE)
    assert one.ladder is not None
    ladder = replace(one.ladder, camera_id=mine, shop_id=None)
    desk.review.all_waiting[:] = [
        replace(one, ladder=ladder, alarm=replace(one.alarm, device_id=mine, shop_id=None)),
    ]
    return waiting_finds(desk, city, 0)


async def fetched(door: Client, headers: dict[str, str], path: str = PATH) -> tuple[int, bytes, dict[str, str]]:
    async with door.get(path, headers=headers) as answer:
        return answer.status, await answer.read(), dict(answer.headers)


async def test_it_is_seen_and_stands_in_ledger_and_audit(door: Client, people: People, desk: FakeDesk) -> None:
    """One line each; nobody keeps it on the way, nor the browser, and it is a picture and nothing else."""
    status, body, told = await fetched(door, await bearing(people, Role.REVIEWER))
    assert (status, body, told["Content-Type"]) == (200, b"\xff\xd8 as the shop took it", "image/jpeg")
    assert (told["Cache-Control"], told["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    assert told["Cross-Origin-Resource-Policy"] == "same-origin"
    assert desk.seen == [("shop:somewhere", "reviewer-1", f"reply {NUMBER}", "127.0.0.1")]
    (line,) = people.store.audit(limit=9, before_id=None, who="reviewer-1")
    assert (line.what, line.about, line.outcome) == (WHAT, f"reply {NUMBER}", Outcome.DONE)


@pytest.mark.parametrize("role", Role)
async def test_only_who_decides(door: Client, people: People, desk: FakeDesk, role: Role) -> None:
    """And who may not is written down, too."""
    status, _, _ = await fetched(door, await bearing(people, role))
    assert status == (200 if Permission.DECIDE_CONTEST in MAY[role] else 403)
    assert [line[1] for line in desk.seen] == ([f"{role}-1"] if status == 200 else [])
    (line,) = people.store.audit(limit=9, before_id=None, who=f"{role}-1")
    assert line.outcome is (Outcome.DONE if status == 200 else Outcome.REFUSED)


async def test_only_in_ones_own_streets(door: Client, people: People, desk: FakeDesk) -> None:
    """Who is held to other sub-districts finds nothing there, as if there were none."""
    for streets, wanted in (((MINE,), 200), (("红梅街道",), 404)):
        _, text = people.registry.add_token(
            people.accounts[Role.REVIEWER], streets[0], (Permission.DECIDE_CONTEST,), sub_districts=streets
        )
        status, _, _ = await fetched(door, {"Authorization": f"Bearer {text}"})
        assert status == wanted, streets
    assert [line[1] for line in desk.seen] == [f"reviewer-1/{MINE}"]


async def test_what_cannot_be_written_down_is_not_shown(
    door: Client, people: People, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where the ledger is full nor where the audit is away."""
    headers = await bearing(people, Role.REVIEWER)
    desk.ledger_full = True
    status, body, _ = await fetched(door, headers)
    assert (status, b"shop took it" in body) == (503, False)
    assert people.store.audit(limit=1, before_id=None, who=None)[0].outcome is Outcome.FAILED
    desk.ledger_full = False

    def away(_line: Audit) -> Audit:
        raise StoreUnavailable("the database is away")

    monkeypatch.setattr(people.store, "note", away)
    status, body, _ = await fetched(door, headers)
    assert (status, b"shop took it" in body) == (503, False)


@pytest.mark.parametrize(
    "trick",
    [
        "../71",
        "71/../71",
        "%2e%2e%2f71",
        "0071.jpg",
        "71%00",
        "71%2f",
        "-71",
        "7%E0%A5%A7",
        "",
        "somewhere",
        "9" * 19,
        "72",
    ],
)
async def test_nothing_but_a_number_of_ours_leads_to_one(
    door: Client, people: People, desk: FakeDesk, trick: str
) -> None:
    """There is no name of a file in its address, and so no way out."""
    base = str(door.make_url("/")).rstrip("/")
    url = URL(f"{base}/shop-photos/{trick}.jpg", encoded=True)
    async with door.session.get(url, headers=await bearing(people, Role.REVIEWER)) as answer:
        assert answer.status == 404, await answer.text()
    assert desk.seen == []


async def test_not_from_another_site_and_not_by_head(door: Client, people: People, desk: FakeDesk) -> None:
    """A picture in a stranger's page would write into the ledger in somebody's name."""
    headers = await bearing(people, Role.REVIEWER)
    assert (await fetched(door, headers | {"Sec-Fetch-Site": "cross-site"}))[0] == 403
    async with door.head(PATH, headers=headers) as answer:
        assert answer.status == 405
    assert desk.seen == []


async def test_the_api_says_where_it_is(
    door: Client, people: People, desk: FakeDesk, site: Site, clock: ManualClock, tmp_path: Path
) -> None:
    """In the list of contests, in the queue, and of a case beside the shop's word that it is done."""
    _, text = people.token(Role.REVIEWER, Permission.READ, Permission.CONFIRM, Permission.DECIDE_CONTEST)
    headers = {"Authorization": f"Bearer {text}"}
    done = waiting_case(desk, Invention(site, clock.now_ms(), tmp_path / "again"))
    said = desk.review.all_waiting[0].contest
    assert said is not None
    desk.review.all_done[done.key] = Done(shop_said=replace(said, id=72, kind=ReplyKind.CORRECTED))
    async with door.get("/api/v1/contests", headers=headers) as answer:
        assert [one["photo_url"] for one in (await answer.json())["items"]] == [PATH]
    async with door.get("/api/v1/review?queue=contest", headers=headers) as answer:
        assert [one["photo_url"] for one in (await answer.json())["items"]] == [PATH]
    async with door.get("/api/v1/review?queue=verify", headers=headers) as answer:
        (item,) = (await answer.json())["items"]
    assert item["shop_done"]["photo_url"] == "/shop-photos/72.jpg"
    assert (await fetched(door, headers, "/shop-photos/72.jpg"))[0] == 200
