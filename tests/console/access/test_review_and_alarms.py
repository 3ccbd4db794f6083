"""Who may what on the pages of the review and of alarms, and that a keeper sees only their streets there."""

import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from config.load import Site
from console.access.registry import Changes
from domain.clock import ManualClock
from domain.permission import MAY, Permission, Role
from domain.review import Queue
from tests.console.access.people import MINE, People
from tests.console.access.test_keepers import at, strangers
from tests.console.reader import Client, next_event
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_city import Invention
from tests.fakes.reviewing import ReviewJudge, waiting_case, waiting_contest, waiting_finds

BUTTONS = {"data-ack=": Permission.ACK, 'id="release-dialog"': Permission.RELEASE, "data-silence": Permission.SILENCE}


@pytest.fixture
def judge(desk: FakeDesk, site: Site, clock: ManualClock, tmp_path: Path) -> ReviewJudge:
    """Nine finds, a contest and a case wait."""
    city = Invention(site, clock.now_ms(), tmp_path)
    waiting_contest(desk, city)
    waiting_case(desk, city)
    return waiting_finds(desk, city, 9)


async def headers(people: People, role: Role) -> dict[str, str]:
    started = await people.started(role)
    return {
        "Cookie": f"longcheng_session={started.secret}",
        "X-CSRF-Token": started.session.csrf,
        "Sec-Fetch-Site": "same-origin",
    }


async def read(door: Client, path: str, shown: dict[str, str], status: int = 200) -> str:
    async with door.get(path, headers=shown) as answer:
        assert answer.status == status, (path, answer.status)
        return await answer.text()


@pytest.mark.parametrize("role", Role)
async def test_buttons_are_there_for_those_who_may(
    door: Client, site: Site, desk: FakeDesk, people: People, role: Role
) -> None:
    """Alarm 2 is latched, and nobody has it: taking on, releasing and silencing it are offered as the table says."""
    here = next(name for name, one in site.devices.items() if one.location.sub_district == MINE)
    desk.all_alarms[1] = replace(desk.all_alarms[1], device_id=here)
    shown = await headers(people, role)
    page = await read(door, "/alarms/2", shown)
    assert {mark: mark in page for mark in BUTTONS} == {mark: may in MAY[role] for mark, may in BUTTONS.items()}
    for path in ("/", "/alarms"):
        page = await read(door, path, shown)
        assert ("data-ack=" in page) is (Permission.ACK in MAY[role]), path
        assert ('id="ack-dialog"' in page) is (Permission.ACK in MAY[role]), path


@pytest.mark.usefixtures("judge")
@pytest.mark.parametrize("role", Role)
async def test_queues_are_offered_to_those_who_decide_on_them(door: Client, people: People, role: Role) -> None:
    """A wall has no review at all, and no way to it."""
    shown = await headers(people, role)
    if Permission.CONFIRM not in MAY[role]:
        await read(door, "/review", shown, 403)
        assert 'href="/review"' not in await read(door, "/", shown)
        return
    page = await read(door, "/review", shown)
    offered = set(re.findall(r'href="/review\?queue=(\w+)"', page))
    needs = {"contest": Permission.DECIDE_CONTEST, "verify": Permission.CLOSE_CASE}
    assert offered == {"confirm", "look"} | {name for name, may in needs.items() if may in MAY[role]}
    for name, may in needs.items():
        await read(door, f"/review?queue={name}", shown, 200 if may in MAY[role] else 403)
        if may not in MAY[role]:
            await read(door, f"/live?view=review&queue={name}", shown, 403)


@pytest.mark.parametrize("path", ["/review", "/api/v1/review?limit=100", "/alarms", "/alarms?state=all"])
async def test_a_keeper_reads_nothing_of_elsewhere(
    door: Client, site: Site, people: People, judge: ReviewJudge, path: str
) -> None:
    """No id and no name of another sub-district."""
    assert judge.decided == []
    body = await read(door, path, await headers(people, Role.KEEPER))
    assert [name for name in strangers(site) if f'"{name}"' in body or f">{name}<" in body] == []


async def test_a_keeper_reviews_their_streets(
    door: Client, site: Site, desk: FakeDesk, people: People, judge: ReviewJudge
) -> None:
    """All of theirs, none of others'; these are not to be claimed, asked for or decided."""
    shown = await headers(people, Role.KEEPER)
    finds = [one for one in desk.review.all_waiting if one.queue is Queue.CONFIRM]
    mine = {one.key for one in finds if at(site, one.device_id, one.shop_id) == MINE}
    others = {one.key for one in finds} - mine
    assert mine
    assert others
    told = json.loads(await read(door, "/api/v1/review?limit=100", shown))
    assert {item["key"] for item in told["items"]} == mine
    assert told["waiting"] == len(mine)
    other = min(others)
    await read(door, f"/api/v1/review?item={other}", shown, 404)
    desk.review.claim(Queue.CONFIRM, [other], seat="somebody", who="李姐")
    body = json.dumps({"queue": "confirm", "seat": "keepers-seat", "keys": [other, min(mine)]})
    async with door.post("/api/v1/review/claims", data=body, headers=shown) as answer:
        assert json.loads(await answer.text()) == {"held": {}, "over": [other]}
    async with door.post(f"/api/v1/ladders/{other}/confirm", data="{}", headers=shown) as answer:
        assert answer.status == 404
    async with door.post(f"/api/v1/ladders/{min(mine)}/confirm", data="{}", headers=shown) as answer:
        assert answer.status == 200
    assert [key for _, key, _, _ in judge.decided] == [min(mine)]
    done = [line.what for line in people.store.audit(limit=9)]
    assert done == ["POST /api/v1/ladders/{id}/confirm"] * 2, "what a page claims by itself is none of it"


async def test_another_s_alarm_has_no_page(door: Client, site: Site, desk: FakeDesk, people: People) -> None:
    """Nor a stream, as one that never was; nor are orders and notices about it told."""
    shown = await headers(people, Role.KEEPER)
    other = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) != MINE)
    for path in (f"/alarms/{other.id}", f"/live?view=alarm&about={other.id}", "/alarms/99999", "/alarms/x"):
        await read(door, path, shown, 404)
    own = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) == MINE and not one.resolved_ms)
    assert f"POST /api/v1/alarms/{own.id}" not in await read(door, f"/alarms/{own.id}", shown)
    assert f'data-ack="{own.id}"' in await read(door, f"/alarms/{own.id}", shown)


async def test_what_is_ordered_is_said_until_it_is_so(door: Client, desk: FakeDesk, people: People) -> None:
    """And is not offered again meanwhile."""
    shown = await headers(people, Role.OPERATOR)
    async with door.post("/api/v1/alarms/1/ack", data=json.dumps({"why": "去看看"}), headers=shown) as answer:
        assert answer.status == 202
    page = await read(door, "/alarms/1", shown)
    assert "operator-1的接手已下达，正在生效" in page
    assert 'data-ack="1"' not in page
    order = desk.orders[0]
    desk.orders[0] = replace(order, done_ms=9)
    desk.all_alarms[0] = replace(desk.all_alarms[0], acked_ms=8, acked_by="operator-1", acked_why="去看看")
    page = await read(door, "/alarms/1", shown)
    assert "operator-1已接手：去看看" in page
    assert 'data-ack="1"' not in page


async def test_another_is_offered_to_take_it_over(door: Client, desk: FakeDesk, people: People) -> None:
    """Told who is on it and since when; the audit says from whom it was taken."""
    shown = await headers(people, Role.ADMINISTRATOR)
    at_ms = people.clock.now_ms()
    desk.now_ms = at_ms
    desk.all_alarms[0] = replace(desk.all_alarms[0], acked_ms=at_ms, acked_by="operator-1", acked_why="去看看")
    page = await read(door, "/alarms/1", shown)
    assert 'data-instead-of="operator-1" data-taken="operator-1自 03:12 起已接手。改由你接手？"' in page
    assert "data-instead-of" in await read(door, "/alarms", shown)
    said = {"why": "我在附近"}
    own = await read(door, "/alarms/1", await headers(people, Role.OPERATOR))
    assert "data-instead-of" not in own
    async with door.post("/api/v1/alarms/1/ack", data=json.dumps(said), headers=shown) as answer:
        assert answer.status == 412
        assert "operator-1 has taken alarm 1 on" in json.loads(await answer.text())["detail"]
    said["instead_of"] = "operator-1"
    async with door.post("/api/v1/alarms/1/ack", data=json.dumps(said), headers=shown) as answer:
        assert answer.status == 202
    (change,) = people.store.audit(limit=1)[0].changes
    assert (change.what, change.before, change.after) == ("alarm_taken_over", "operator-1", "administrator-1")
    assert "告警 1 从“operator-1”手中接过" in await read(door, "/audit", shown)


async def test_a_stranger_s_words_are_text(door: Client, desk: FakeDesk, people: People) -> None:
    """A title, a reason and a search that are scripts are shown as they are."""
    hostile = '"><script>alert(1)</script>'
    desk.all_alarms[0] = replace(desk.all_alarms[0], title_zh=hostile, text_zh=hostile, subject=hostile)
    shown = await headers(people, Role.ADMINISTRATOR)
    for path in ("/alarms/1", "/alarms?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/"):
        assert "<script>alert(1)" not in await read(door, path, shown)


@pytest.mark.usefixtures("judge")
async def test_a_stream_ends_when_its_reader_may_no_more_see_it(door: Client, desk: FakeDesk, people: People) -> None:
    """A token goes on when its account is given a lesser role, but not the review that it opened before."""
    _, text = people.token(Role.OPERATOR, Permission.READ, Permission.CONFIRM)
    shown = {"Authorization": f"Bearer {text}"}
    async with door.get("/live?view=review", headers=shown) as stream:
        await next_event(stream, "update")
        people.registry.change(people.accounts[Role.OPERATOR].id, Changes(role=Role.WALL))
        desk.touch()
        assert b"event: update" not in await stream.content.read()
    await read(door, "/live?view=review", shown, 403)
    await read(door, "/api/v1/kpi", shown)
