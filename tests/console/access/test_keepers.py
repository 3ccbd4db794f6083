"""A keeper sees and touches what lies in their sub-districts, and nothing else by any route."""

import json

import pytest

from config.load import Site
from console.scope.registers import scoped_site
from domain.case import LogEntry
from domain.permission import Role
from tests.console.access.people import MINE, THEIRS, People
from tests.console.reader import Client, next_event
from tests.fakes.desk import FakeDesk


def at(site: Site, device_id: str, shop_id: str | None) -> str | None:
    """Where something lies, worked out apart from the code under test."""
    found = site.shops.get(shop_id or "") or site.cameras.get(device_id) or site.devices.get(device_id)
    return None if found is None else found.location.sub_district


@pytest.fixture
async def keeper(people: People) -> dict[str, str]:
    """The headers of the keeper's browser."""
    started = await people.started(Role.KEEPER)
    return {
        "Cookie": f"longcheng_session={started.secret}",
        "X-CSRF-Token": started.session.csrf,
        "Sec-Fetch-Site": "same-origin",
    }


async def read(door: Client, path: str, headers: dict[str, str], *, status: int = 200) -> str:
    """What a keeper reads there."""
    async with door.get(path, headers=headers) as answer:
        assert answer.status == status, (path, answer.status)
        return await answer.text()


def strangers(site: Site) -> set[str]:
    """Names and ids of all that lies elsewhere and of no thing that is the keeper's."""
    mine = scoped_site(site, {MINE})
    out: set[str] = set()
    for whole, part in ((site.devices, mine.devices), (site.cameras, mine.cameras), (site.shops, mine.shops)):
        own = {one.name for one in part.values()}
        for key, one in whole.items():
            if key not in part:
                out |= {key} | ({one.name} - own)
    return out


LISTS = [
    "/api/v1/alarms?limit=1000&open=false",
    "/api/v1/cases?limit=1000",
    "/api/v1/map",
    "/api/v1/map/ground",
    "/api/v1/figures?by=shop",
    "/figures?by=shop&days=90",
    "/figures/export.csv?by=shop&days=90",
    "/figures/export.csv?by=road&days=90",
    "/map",
    "/api/v1/ladders?limit=1000&open=false",
    "/api/v1/contests?undecided=false",
    "/api/v1/rights",
    "/api/v1/cameras",
    "/cameras",
    "/cameras?sort=road",
    "/api/v1/devices",
    "/devices",
    "/rules",
    "/rules/silences?show=past",
    "/api/v1/rules",
    "/api/v1/replays",
    "/api/v1/rule-tests",
    "/api/v1/notices?limit=1000",
    "/api/v1/silences?open=false",
    "/api/v1/deadletters",
    "/api/v1/events?limit=1000",
    "/api/v1/health",
    "/api/v1/mended-letters",
    "/",
    "/cases?state=any",
    "/cases?look=list&state=any",
    "/events",
    "/deadletters",
    "/health",
]


@pytest.mark.parametrize("path", LISTS)
async def test_lists_name_nothing_of_elsewhere(door: Client, site: Site, keeper: dict[str, str], path: str) -> None:
    """No id and no name of a device, camera or shop of another sub-district stands in what a keeper reads."""
    body = await read(door, path, keeper)
    signs = ('"{}"', ">{}<", ",{},", "\n{},")
    assert [name for name in strangers(site) if any(sign.format(name) in body for sign in signs)] == []


async def test_figures_are_of_what_is_theirs(door: Client, site: Site, desk: FakeDesk, keeper: dict[str, str]) -> None:
    """The overview counts no alarm, case or ladder of another sub-district."""
    here = json.loads(await read(door, "/api/v1/overview", keeper))
    kpi = json.loads(await read(door, "/api/v1/kpi", keeper))
    mine = [case for case in desk.all_cases if at(site, case.device_id, case.shop_id) == MINE]
    assert 0 < len(mine) < len(desk.all_cases)
    assert kpi["cases_total"] == len(mine)
    assert here["cases_open"] == sum(case.closed_ms is None for case in mine)
    alarms = [one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) == MINE]
    assert sum(here["alarms_open"].values()) == sum(one.resolved_ms is None for one in alarms)
    ladders = [one for one in desk.all_ladders if at(site, one.camera_id, one.shop_id) == MINE]
    assert here["ladders_open"] == sum(one.ended_ms is None for one in ladders)
    assert sum(here["cameras"].values()) == len(scoped_site(site, {MINE}).cameras)
    assert here["dead_letters"] == {}


async def test_another_s_case_is_not_there(door: Client, site: Site, desk: FakeDesk, keeper: dict[str, str]) -> None:
    """Nor its page, its stream, its notices, its alarm: 404, as for one that never was."""
    other = next(case for case in desk.all_cases if at(site, case.device_id, case.shop_id) != MINE)
    for path in (f"/cases/{other.id}", f"/live?view=case&about={other.id}", f"/api/v1/cases/{other.id}"):
        await read(door, path, keeper, status=404)
    assert json.loads(await read(door, f"/api/v1/notices?case_id={other.id}", keeper))["items"] == []
    alarm = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) != MINE)
    await read(door, f"/api/v1/alarms/{alarm.id}", keeper, status=404)
    ack = f"/api/v1/alarms/{alarm.id}/ack"
    async with door.post(ack, data=json.dumps({"why": "mine now"}), headers=keeper) as answer:
        assert answer.status == 404
    assert desk.orders == []


@pytest.mark.parametrize("act", ["take", "report", "send-back"])
async def test_another_s_case_is_not_handled(
    door: Client, site: Site, desk: FakeDesk, keeper: dict[str, str], act: str
) -> None:
    """Whatever is said of it."""
    other = next(case for case in desk.all_cases if at(site, case.device_id, case.shop_id) != MINE)
    body = json.dumps({"why": "done"} if act != "take" else {})
    async with door.post(f"/api/v1/cases/{other.id}/{act}", data=body, headers=keeper) as answer:
        assert answer.status == 404, await answer.text()


@pytest.mark.parametrize("act", ["confirm", "reject"])
async def test_another_s_ladder_is_not_decided(
    door: Client, site: Site, desk: FakeDesk, keeper: dict[str, str], act: str
) -> None:
    """Nor is it told that there is one."""
    other = next(one for one in desk.all_ladders if at(site, one.camera_id, one.shop_id) != MINE)
    body = json.dumps({"why": "none"} if act == "reject" else {})
    async with door.post(f"/api/v1/ladders/{other.id}/{act}", data=body, headers=keeper) as answer:
        assert answer.status == 404, await answer.text()


async def test_their_own_is(door: Client, site: Site, desk: FakeDesk, keeper: dict[str, str]) -> None:
    """And they take an alarm on in their own name."""
    own = next(case for case in desk.all_cases if at(site, case.device_id, case.shop_id) == MINE)
    assert own.id in await read(door, f"/cases/{own.id}", keeper)
    alarm = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) == MINE and not one.resolved_ms)
    ack = f"/api/v1/alarms/{alarm.id}/ack"
    async with door.post(ack, data=json.dumps({"why": "on my way"}), headers=keeper) as answer:
        assert answer.status == 202, await answer.text()
    assert [order.who for order in desk.orders] == ["keeper-1"]
    async with door.post(ack, data=json.dumps({"why": "x", "who": "the mayor"}), headers=keeper) as answer:
        assert answer.status == 400
    assert len(desk.orders) == 1


async def test_pictures(door: Client, site: Site, desk: FakeDesk, keeper: dict[str, str]) -> None:
    """Those of their cameras; of any other, and by any detour, none."""
    picture = next(iter(desk.pictures.values()))
    mine = next(iter(scoped_site(site, {MINE}).cameras))
    theirs = next(one for one in site.cameras if one not in scoped_site(site, {MINE}).cameras)
    desk.pictures = {f"{mine}/20260822/look": picture, f"{theirs}/20260822/look": picture}
    async with door.get(f"/evidence/{mine}/20260822/look.jpg", headers=keeper) as answer:
        assert answer.status == 200
    detours = [
        f"/evidence/{theirs}/20260822/look.jpg",
        f"/evidence/{mine}/../{theirs}/20260822/look.jpg",
        f"/evidence/{mine}/%2e%2e/{theirs}/20260822/look.jpg",
        f"/evidence/{mine}%2f..%2f{theirs}/20260822/look.jpg",
        f"/evidence//{theirs}/20260822/look.jpg",
        "/evidence/..%2f..%2fetc%2fpasswd.jpg",
        f"/evidence/{theirs}/20260822/look.original.jpg",
    ]
    for path in detours:
        await read(door, path, keeper, status=404)


async def test_cameras_of_elsewhere_are_not_there(
    door: Client, site: Site, desk: FakeDesk, keeper: dict[str, str]
) -> None:
    """Their pages, pictures, looks and zones; and nobody's camera is asked for a look."""
    picture = next(iter(desk.pictures.values()))
    mine = next(iter(scoped_site(site, {MINE}).cameras))
    theirs = next(one for one in site.cameras if one not in scoped_site(site, {MINE}).cameras)
    desk.sights.pictures = {mine: picture, theirs: picture}
    for path in ("/cameras/{}", "/cameras/{}/zones", "/cameras/{}/view.jpg", "/cameras/{}/thumb.jpg"):
        async with door.get(path.format(mine), headers=keeper) as answer:
            assert answer.status == 200, path
        await read(door, path.format(theirs), keeper, status=404)
    for path in ("/api/v1/cameras/{}", "/api/v1/cameras/{}/looks", "/api/v1/cameras/{}/zones"):
        await read(door, path.format(mine), keeper)
        await read(door, path.format(theirs), keeper, status=404)
    await read(door, f"/live?view=camera&about={theirs}", keeper, status=404)
    for camera_id, status in ((mine, 202), (theirs, 404)):
        async with door.post(f"/api/v1/cameras/{camera_id}/look", data="{}", headers=keeper) as answer:
            assert answer.status == status, await answer.text()
    assert desk.sights.asked == [mine]


async def test_readings_and_figures_of_elsewhere_are_not_there(
    door: Client, site: Site, keeper: dict[str, str]
) -> None:
    """As for a device that does not exist."""
    device = next(one for one in site.devices.values() if one.location.sub_district != MINE)
    asked = f"kind={device.kind}&device_id={device.device_id}"
    await read(door, f"/api/v1/readings/latest?{asked}", keeper, status=404)
    await read(door, f"/api/v1/series?{asked}&metric=x", keeper, status=404)


async def test_the_stream_is_theirs_and_ends_with_the_session(
    door: Client, site: Site, desk: FakeDesk, people: People, keeper: dict[str, str]
) -> None:
    """Two who watch at once each see their own; an account that is disabled sees no more."""
    desk_of_duty = await people.started(Role.OPERATOR)
    duty = {"Cookie": f"longcheng_session={desk_of_duty.secret}"}
    async with door.get("/api/v1/live", headers=duty) as all_of_it, door.get("/api/v1/live", headers=keeper) as stream:
        whole, part = await next_event(all_of_it, "update"), await next_event(stream, "update")
        assert sum(part["cameras"].values()) < sum(whole["cameras"].values())
        people.registry.disable(people.accounts[Role.KEEPER].id)
        desk.touch()
        rest = await stream.content.read()
        assert b"event: update" not in rest
        assert (await next_event(all_of_it, "update"))["cameras"] == whole["cameras"]


async def test_a_stream_of_events_tells_nothing_of_elsewhere(
    door: Client, site: Site, desk: FakeDesk, keeper: dict[str, str]
) -> None:
    """Not even that something happened: of two events the first that is heard is the keeper's own."""
    number = max(one.id for one in desk.lines)
    own = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) == MINE)
    other = next(one for one in desk.all_alarms if at(site, one.device_id, one.shop_id) != MINE)
    for alarm in (other, own):
        number += 1
        desk.lines.append(LogEntry(id=number, at_ms=1, who="rules", what="alarm_raised", facts={}, alarm_id=alarm.id))
    async with door.get(f"/api/v1/events/live?after={number - 2}", headers=keeper) as stream:
        assert (await next_event(stream, "event"))["id"] == number
    named = f"/api/v1/events?sub_district={THEIRS}"
    assert json.loads(await read(door, named, keeper))["items"] == []


async def test_dead_letters_are_the_whole_citys(door: Client, keeper: dict[str, str]) -> None:
    """Nobody knows where a message comes from that could not be read; and Health does not count them."""
    await read(door, "/deadletters/1", keeper, status=404)
    assert json.loads(await read(door, "/api/v1/health", keeper))["dead_letters"] is None


async def test_the_map_is_of_theirs(door: Client, site: Site, keeper: dict[str, str]) -> None:
    """Things, titles and places, and the hulls and names derived from them, are of their sub-district alone."""
    found = json.loads(await read(door, "/api/v1/map", keeper))
    mine = scoped_site(site, {MINE})
    assert {spot[1] for spot in found["spots"] if spot[0] == "camera"} == set(mine.cameras)
    assert {place["sub_district"] for place in found["places"]} == {MINE}
    ground = json.loads(await read(door, "/api/v1/map/ground", keeper))["features"]
    assert {one["properties"]["name"] for one in ground if one["properties"]["kind"] == "boundary"} == {MINE}
    roads = {one["properties"]["name"] for one in ground if one["properties"]["kind"] == "label"}
    assert roads == {camera.location.road for camera in mine.cameras.values()}
    theirs = next(key for key in site.cameras if key not in mine.cameras)
    await read(door, f"/map/pick/camera:{theirs}", keeper, status=404)
    await read(door, f"/map/pick/camera:{next(iter(mine.cameras))}", keeper)
