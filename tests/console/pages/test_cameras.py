"""The wall of cameras, one camera, and the editor: what stands on them, and that names stay names."""

import re
from dataclasses import replace as site_with

import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from config.load import Site
from console.pages.camera_day import stretches_of
from console.server import make_app
from console.words import Words
from domain.clock import ManualClock
from domain.picture import ViewFacts
from domain.register import Zone, ZoneRole
from domain.sighting import LookMark, ViewHealth
from tests.console.access.test_one_camera import BIKE, CAM, LEFT, seen
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk
from tests.fakes.invented_site import invented_site

EVIL = '<script>alert("x")</script>'
MINUTE_MS = 60_000


async def text(client: Client, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, (path, answer.status)
        return await answer.text()


async def test_the_wall_has_words_for_every_view(client: Client, site: Site) -> None:
    body = await text(client, "/cameras")
    for camera in site.cameras.values():
        assert camera.name in body
    assert "遮挡" in body
    assert 'loading="lazy"' in body or "暂无画面" in body


async def test_the_wall_is_turned_page_by_page(
    clock: ManualClock, desk: FakeDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However many cameras there are, sixty are on a page, and every one is on some."""
    city = invented_site(tmp_path_factory.mktemp("city"), cameras=130)
    found: list[str] = []
    async with TestClient(TestServer(make_app(desk, city, clock))) as client:
        for page in (1, 2, 3):
            body = await text(client, f"/cameras?page={page}")
            here = [camera_id for camera_id in city.cameras if f'data-key="camera-{camera_id}"' in body]
            assert len(here) <= 60
            found += here
    assert sorted(found) == sorted(city.cameras)


async def test_filters_narrow_the_wall(client: Client, site: Site) -> None:
    road = site.cameras[CAM].location.road
    body = await text(client, f"/cameras?road={road}&text={CAM}")
    assert f'data-key="camera-{CAM}"' in body
    assert body.count('data-key="camera-') == 1
    assert "没有符合条件的摄像头" in await text(client, "/cameras?text=nowhere-at-all")
    async with client.get("/cameras?health=sleepy") as answer:
        assert answer.status == 400


async def test_a_camera_leads_to_the_rules_that_judge_it(client: Client) -> None:
    """And to none of trees or chargers."""
    [link] = set(re.findall(r'href="(/rules\?[^"]*)"', await text(client, f"/cameras/{CAM}")))
    listed = re.findall(r'href="/rules/([^"?]+)"', await text(client, link))
    assert "camera-offline" in listed
    assert not {rule for rule in listed if rule.startswith(("tree-", "charger-"))}


async def test_a_camera_tells_what_stands_in_its_zones(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    desk.sights.all_looks = [seen(clock.now_ms() - MINUTE_MS, bikes=(BIKE,))]
    desk.sights.facts[CAM] = ViewFacts(
        camera_id=CAM, taken_ms=clock.now_ms() - 3_600_000, view=ViewHealth.HEALTHY, size_px=(640, 480)
    )
    body = await text(client, f"/cameras/{CAM}")
    assert "自行车 ×1" in body
    assert "1 小时前拍摄" in body
    assert "立即取一张" not in body  # nobody is signed in


async def test_names_stay_names(site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """A zone, a shop and a camera that are called like a script are on all three pages, and none of them runs."""
    shop = replace(next(iter(site.shops.values())), name=EVIL)
    zone = Zone(camera_id=CAM, zone=EVIL, role=ZoneRole.FRONTAGE, polygon=LEFT, shop_id=shop.shop_id)
    camera = replace(site.cameras[CAM], name=EVIL, zones=(zone,))
    named = site_with(site, shops={**site.shops, shop.shop_id: shop}, cameras={**site.cameras, CAM: camera})
    desk.sights.drawn[CAM] = (zone,)
    desk.sights.facts[CAM] = ViewFacts(camera_id=CAM, taken_ms=1, view=ViewHealth.HEALTHY, size_px=(640, 480))
    async with TestClient(TestServer(make_app(desk, named, clock))) as client:
        for path in ("/cameras", f"/cameras/{CAM}", f"/cameras/{CAM}/zones"):
            body = await text(client, path)
            assert EVIL not in body
            assert "&lt;script&gt;alert(" in body


def test_of_a_day_without_looks_nothing_is_known(site: Site, clock: ManualClock) -> None:
    now = clock.now_ms()
    assert [(one.view, one.width) for one in stretches_of([], Words(site, "en", now), now - 86_400_000)] == [
        ("unknown", 1440.0)
    ]


def test_a_day_has_no_gap_and_nothing_is_believed_for_long(site: Site, clock: ManualClock) -> None:
    now = clock.now_ms()
    words = Words(site, "en", now)
    marks = [
        LookMark(taken_ms=now - 120 * MINUTE_MS, view=ViewHealth.HEALTHY, things=0),
        LookMark(taken_ms=now - 115 * MINUTE_MS, view=ViewHealth.HEALTHY, things=2),
        LookMark(taken_ms=now - 110 * MINUTE_MS, view=ViewHealth.COVERED, things=0),
        LookMark(taken_ms=now - 5 * MINUTE_MS, view=ViewHealth.HEALTHY, things=0),
    ]

    found = stretches_of(marks, words, now - 86_400_000)

    assert [(one.view, one.width) for one in found] == [
        ("unknown", 1320.0),
        ("healthy", 10.0),
        ("covered", 15.0),
        ("unknown", 90.0),
        ("healthy", 5.0),
    ]
