"""The map over HTTP: everything once, then what has changed."""

from typing import Any

import pytest
from msgspec.structs import replace

from config.load import Site
from console.api.map import MapSpotOut
from domain.clock import ManualClock
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk

FIELDS = MapSpotOut.__struct_fields__


async def read(client: Client, path: str) -> Any:
    """An answer, each spot by the names of its fields."""
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        told = await answer.json()
    if "spots" in told:
        told["spots"] = [dict(zip(FIELDS, spot, strict=True)) for spot in told["spots"]]
    return told


def keys(answer: Any) -> set[str]:
    return {f"{spot['layer']}:{spot['id']}" for spot in answer["spots"]}


async def test_everything_stands_where_its_register_says(client: Client, site: Site) -> None:
    """Cameras, devices of every kind and shops, in WGS-84, each with its road."""
    found = await read(client, "/api/v1/map")
    assert found["whole"]
    spots = {f"{spot['layer']}:{spot['id']}": spot for spot in found["spots"]}
    for camera in site.cameras.values():
        spot = spots[f"camera:{camera.camera_id}"]
        assert (spot["lon_deg"], spot["lat_deg"]) == (camera.location.lon_deg, camera.location.lat_deg)
        assert found["places"][spot["place"]]["road"] == camera.location.road
    assert {f"{device.kind}:{device.device_id}" for device in site.devices.values()} <= spots.keys()
    assert {f"shop:{shop_id}" for shop_id in site.shops} <= spots.keys()


async def test_open_cases_and_alarms_stand_at_what_they_are_about(client: Client, site: Site) -> None:
    """A case at its shop where one answers for it, an alarm of a charger at the charger; closed ones nowhere."""
    found = await read(client, "/api/v1/map")
    spots = {f"{spot['layer']}:{spot['id']}": spot for spot in found["spots"]}
    case = spots["case:202608223204000003"]
    shop = site.shops["shop-009"].location
    assert (case["at"], case["lon_deg"], case["lat_deg"]) == ("shop:shop-009", shop.lon_deg, shop.lat_deg)
    assert (case["state"], case["level"]) == ("late", "warn")
    alarm = spots["alarm:1"]
    assert (alarm["at"], alarm["level"]) == ("charger:charger-01", "critical")
    assert found["titles"][alarm["title"]] == {"zh": "漏电流过大", "en": "Residual current too high"}
    assert "case:202608223204000004" not in spots
    assert "alarm:7" not in spots


async def test_a_thing_is_as_bad_as_the_worst_of_its_alarms(client: Client) -> None:
    """A station that reports, and whose current leaks away, is not well."""
    spots = {spot["id"]: spot for spot in (await read(client, "/api/v1/map"))["spots"]}
    assert spots["charger-01"]["level"] == "critical"
    assert spots["charger-01"]["state"] == "online"


async def test_what_has_changed_since_is_all_that_is_sent(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """New alarms, other states, and what is gone; a tag that nobody remembers gets everything."""
    first = await read(client, "/api/v1/map")
    same = await read(client, f"/api/v1/map?since={first['tag']}")
    assert (same["tag"], same["whole"], same["spots"], same["gone"]) == (first["tag"], False, [], [])

    desk.all_alarms = [alarm for alarm in desk.all_alarms if alarm.id != 3]
    desk.all_alarms.append(replace(desk.all_alarms[0], id=99, device_id="charger-04", subject="charger-04/1"))
    desk.touch()
    clock.advance(seconds=1)
    news = await read(client, f"/api/v1/map?since={first['tag']}")
    assert keys(news) == {"alarm:99", "charger:charger-04", "charger:charger-05"}
    assert news["gone"] == ["alarm:3"]
    assert not news["whole"]

    assert (await read(client, "/api/v1/map?since=0-00000000"))["whole"]


async def test_the_same_map_is_not_sent_twice(client: Client) -> None:
    """304, by the tag."""
    async with client.get("/api/v1/map") as answer:
        tag = answer.headers["ETag"]
    async with client.get("/api/v1/map", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
        assert await answer.read() == b""


@pytest.mark.parametrize("path", ["/api/v1/map", "/api/v1/map/ground"])
async def test_what_is_kept_for_all_is_sent_as_each_can_read_it(client: Client, path: str) -> None:
    """Packed or not, it says the same, by the same tag."""
    bodies, tags = [], set()
    for coding in ("gzip", "identity"):
        async with client.get(path, headers={"Accept-Encoding": coding}) as answer:
            assert answer.headers.get("Content-Encoding", "identity") == coding
            assert (answer.content_type, answer.headers["Vary"]) == ("application/json", "Accept-Encoding")
            assert answer.headers["Cache-Control"] == "private, no-cache"
            bodies.append(await answer.json())
            tags.add(answer.headers["ETag"])
    assert bodies[0] == bodies[1]
    async with client.get(path, headers={"If-None-Match": tags.pop()}) as answer:
        assert (answer.status, not tags) == (304, True)


async def test_what_has_no_place_is_counted(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """An alarm of a device that no register has any more."""
    before = (await read(client, "/api/v1/map"))["nowhere"]
    desk.all_alarms.append(replace(desk.all_alarms[0], id=98, device_id="gone", subject="gone"))
    desk.touch()
    clock.advance(seconds=1)
    assert (await read(client, "/api/v1/map"))["nowhere"] == before + 1


async def test_a_ground_is_derived_and_says_so(client: Client, site: Site) -> None:
    """Of a site without one: a hull for each sub-district that holds what stands in it, and each road's name."""
    found = await read(client, "/api/v1/map/ground")
    assert found["derived"]
    named = {(one["properties"]["kind"], one["properties"]["name"]) for one in found["features"]}
    assert {("boundary", one.location.sub_district) for one in site.cameras.values()} <= named
    assert {("label", one.location.road) for one in site.cameras.values()} <= named
    assert all(one["properties"]["derived"] for one in found["features"])
