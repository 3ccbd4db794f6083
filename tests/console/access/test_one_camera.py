"""One camera over HTTP: its looks, its zones, and who saves them with which version."""

import json
from pathlib import Path

import pytest

from app.today import GONE_MS, counted, things_of
from config.load import Site
from console.desk.cameras import ZoneChange
from domain.account import Outcome
from domain.clock import ManualClock
from domain.permission import Role
from domain.picture import ViewFacts
from domain.register import Zone, ZoneRole
from domain.sighting import Box, SeenElsewhere, SeenObject, Sighting, ViewHealth, ZoneSighting
from tests.console.access.people import People
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk

CAM = "cam-001"
BIKE: Box = (0.1, 0.6, 0.2, 0.8)
LEFT = ((0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0))


def seen(taken_ms: int, *, bikes: tuple[Box, ...] = (), beside: tuple[Box, ...] = ()) -> Sighting:
    """A healthy look."""
    things = tuple(SeenObject(label="bicycle", score=0.9, box=box, overlap=1.0, stay_s=60.0, looks=2) for box in bikes)
    return Sighting(
        camera_id=CAM,
        look_id=f"{CAM}-{taken_ms}",
        taken_ms=taken_ms,
        received_ms=taken_ms,
        view=ViewHealth.HEALTHY,
        zones=(ZoneSighting(zone="front", objects=things),),
        elsewhere=tuple(SeenElsewhere(label="bicycle", score=0.8, box=box) for box in beside),
    )


async def headers_of(people: People, role: Role) -> dict[str, str]:
    """Of a browser."""
    started = await people.started(role)
    return {
        "Cookie": f"longcheng_session={started.secret}",
        "X-CSRF-Token": started.session.csrf,
        "Sec-Fetch-Site": "same-origin",
    }


def body(**changes: object) -> str:
    """One zone, on the left."""
    zone = {"zone": "left", "role": "pavement", "polygon": LEFT} | changes
    return json.dumps({"zones": [zone]})


def test_what_stands_is_one_thing_however_often_it_is_seen() -> None:
    shaken = (0.105, 0.6, 0.205, 0.8)
    looks = [seen(1000), seen(2000, bikes=(BIKE,)), seen(3000, bikes=(shaken,)), seen(4000, beside=(BIKE,))]

    [thing] = things_of(looks)

    assert (thing.label, thing.first_ms, thing.last_ms, thing.looks) == ("bicycle", 2000, 4000, 3)


def test_what_comes_back_later_or_stands_elsewhere_is_another() -> None:
    later = 3000 + GONE_MS
    looks = [seen(2000, bikes=(BIKE, (0.7, 0.6, 0.8, 0.8))), seen(later, bikes=(BIKE,))]
    assert len(things_of(looks)) == 3


def test_things_are_counted_by_the_rules_of_the_product(site: Site) -> None:
    """By foot, in one zone of each role, not in masks, and in the zone's hours."""
    zones = (
        Zone(camera_id=CAM, zone="left", role=ZoneRole.PAVEMENT, polygon=LEFT),
        Zone(camera_id=CAM, zone="right", role=ZoneRole.PAVEMENT, polygon=RIGHT, hours="08:00-09:00"),
    )
    at_three = 1_787_338_800_000  # 03:00 in Shanghai: the right one does not count
    things = things_of([seen(at_three, bikes=(BIKE, (0.7, 0.6, 0.8, 0.8)))])
    assert [(one.zone, one.total) for one in counted(things, zones, site.timezone)] == [("left", 1), ("right", 0)]
    hidden = (*zones, Zone(camera_id=CAM, zone="m", role=ZoneRole.MASK, polygon=LEFT))
    assert [(one.zone, one.total) for one in counted(things, hidden, site.timezone)] == [("left", 0), ("right", 0)]


async def test_a_camera_tells_its_last_picture_and_never_its_login(
    client: Client, desk: FakeDesk, clock: ManualClock
) -> None:
    desk.sights.facts[CAM] = ViewFacts(
        camera_id=CAM, taken_ms=clock.now_ms(), view=ViewHealth.HEALTHY, size_px=(640, 480)
    )
    async with client.get(f"/api/v1/cameras/{CAM}") as answer:
        said = await answer.json()
    assert said["picture"]["url"] == f"/cameras/{CAM}/view.jpg?at={clock.now_ms()}"
    assert said["source"] in {"http", "https", "rtsp", "file"}
    assert "://" not in json.dumps(said)


async def test_looks_go_on_before_a_time(client: Client, desk: FakeDesk) -> None:
    desk.sights.all_looks = [seen(1_787_338_800_000 + n * 1000, bikes=(BIKE,)) for n in range(5)]
    async with client.get(f"/api/v1/cameras/{CAM}/looks?limit=2") as answer:
        first = (await answer.json())["items"]
    async with client.get(f"/api/v1/cameras/{CAM}/looks", params={"before": first[-1]["taken_at"]}) as answer:
        rest = (await answer.json())["items"]
    assert [one["look_id"] for one in first + rest] == [f"{CAM}-{1_787_338_804_000 - n * 1000}" for n in range(5)]


@pytest.mark.parametrize("path", ["", "/looks", "/zones"])
async def test_there_is_no_such_camera(client: Client, path: str) -> None:
    async with client.get(f"/api/v1/cameras/none{path}") as answer:
        assert answer.status == 404


async def test_zones_are_saved_by_who_has_seen_them(door: Client, people: People, desk: FakeDesk) -> None:
    """With the tag of the file; in their own name; and it stands in the audit."""
    admin = await headers_of(people, Role.ADMINISTRATOR)
    path = f"/api/v1/cameras/{CAM}/zones"
    async with door.get(path, headers=admin) as answer:
        tag = answer.headers["ETag"]
    async with door.put(path, data=body(), headers=admin | {"If-Match": tag}) as answer:
        assert answer.status == 200, await answer.text()
        assert (await answer.json())["saved"]
    assert desk.sights.saved == [(CAM, "administrator-1")]
    async with door.put(path, data=body(), headers=admin | {"If-Match": tag}) as answer:
        assert answer.status == 412
    async with door.put(path, data=body(), headers=admin) as answer:
        assert answer.status == 400
    lines = [(one.who, one.what, one.about) for one in people.store.audit(limit=9)]
    assert ("administrator-1", "PUT /api/v1/cameras/{camera_id}/zones", f"camera_id {CAM}") in lines


async def test_the_audit_says_what_was_changed_of_zones(door: Client, people: People, desk: FakeDesk) -> None:
    """As data in the store and over the API, in words of either language on the page; a refusal changed nothing."""
    admin = await headers_of(people, Role.ADMINISTRATOR)
    path = f"/api/v1/cameras/{CAM}/zones"
    desk.sights.changes = (
        ZoneChange(what="redrawn", zone="front", corners=2),
        ZoneChange(what="role", zone="front", before="frontage", after="pavement"),
        ZoneChange(what="renamed", zone="new", before="old", after="new"),
        ZoneChange(what="added", zone="side", after="mask"),
        ZoneChange(what="removed", zone="far", before="fire_lane"),
    )
    tag = desk.sights.tag
    async with door.put(path, data=body(), headers=admin | {"If-Match": f'"{tag}"'}) as answer:
        assert (await answer.json())["changes"][0]["corners"] == 2
    async with door.put(path, data=body(), headers=admin | {"If-Match": f'"{tag}"'}) as answer:
        assert answer.status == 412
    refused, saved = people.store.audit(limit=2)
    assert (refused.changes, refused.outcome) == ((), Outcome.REFUSED)
    assert [(one.what, one.thing, one.n) for one in saved.changes][:2] == [
        ("zone_redrawn", "front", 2),
        ("zone_role", "front", None),
    ]
    async with door.get("/api/v1/audit", headers=admin) as answer:
        told = (await answer.json())["items"][1]["changes"]
    assert told[3] == {"what": "zone_added", "thing": "side", "before": "", "after": "mask", "n": None}
    for language, sentences in {
        "en": (
            "2 corners moved",
            "a frontage → a pavement",
            "“old” renamed “new”",
            "added (a masked zone)",
            "deleted (a fire lane)",
        ),
        "zh-CN": ("动了 2 个角点", "由门前区改为人行道", "“old”改名为“new”", "新增区域“side”", "删除区域“far”"),
    }.items():
        async with door.get("/audit", headers=admin | {"Cookie": f"{admin['Cookie']}; lang={language}"}) as answer:
            page = await answer.text()
        assert [one for one in sentences if one.lower() not in page.lower()] == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
async def test_others_may_only_look(door: Client, people: People, desk: FakeDesk, role: Role) -> None:
    who = await headers_of(people, role)
    path = f"/api/v1/cameras/{CAM}/zones"
    async with door.put(path, data=body(), headers=who | {"If-Match": '"x"'}) as answer:
        assert answer.status == 403
    async with door.post(f"{path}/check", data=body(), headers=who) as answer:
        assert answer.status == 403
    assert desk.sights.saved == []


@pytest.mark.parametrize(
    "wrong",
    [{"role": "garden"}, {"polygon": "0,0 1,1"}, {"polygon": [[0, 0, 0]]}, {"colour": "red"}, {"anchor": "toe"}],
)
async def test_what_is_no_zone_is_refused(door: Client, people: People, wrong: dict[str, object]) -> None:
    admin = await headers_of(people, Role.ADMINISTRATOR)
    async with door.post(f"/api/v1/cameras/{CAM}/zones/check", data=body(**wrong), headers=admin) as answer:
        assert answer.status == 400


async def test_pictures_are_kept_by_browsers_only_by_their_time(client: Client, desk: FakeDesk, tmp_path: Path) -> None:
    path = tmp_path / "view.jpg"
    path.write_bytes(b"\xff\xd8\xff a picture")
    desk.sights.pictures[CAM] = path
    async with client.get(f"/cameras/{CAM}/view.jpg") as answer:
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-cache")
        tag = answer.headers["ETag"]
    async with client.get(f"/cameras/{CAM}/view.jpg", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    async with client.get(f"/cameras/{CAM}/thumb.jpg?at=1") as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    async with client.get("/cameras/cam-002/thumb.jpg") as answer:
        assert answer.status == 404
