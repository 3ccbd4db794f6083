"""The map in a real browser: it draws, opens, is searched and read by keyboard, and asks no other host."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace as site_with
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from msgspec.structs import replace

from config.load import Site
from config.map import Map, Tiles
from console.server import make_app
from domain.clock import ManualClock
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, Tab, chromium
from tests.fakes.desk import FakeDesk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]
DRAWN = "document.documentElement.dataset.mapReady"
PAIRS = [  # WGS-84 and GCJ-02 as published with the tests of eviltransform, [longitude, latitude]
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]


@pytest.fixture
async def tab(tmp_path: Path) -> AsyncIterator[Tab]:
    async with chromium(tmp_path / "profile") as tab:
        yield tab


async def until(tab: Tab, condition: str) -> None:
    """Wait until a JavaScript expression is true."""
    async with asyncio.timeout(60):
        await tab.run(f"""new Promise(done => {{
            const look = () => ({condition}) ? done(true) : requestAnimationFrame(look);
            look();
        }})""")


async def opened(client: Client, tab: Tab, path: str, *, width: int = 1440) -> None:
    await tab.open(str(client.make_url(path)), width=width)
    await until(tab, DRAWN)


async def keys(tab: Tab, *names: str) -> None:
    """Press keys one after the other, where the focus is."""
    for name in names:
        text = name if len(name) == 1 else {"Enter": "\r"}.get(name, "")
        await tab.call("Input.dispatchKeyEvent", type="keyDown", key=name, text=text)
        await tab.call("Input.dispatchKeyEvent", type="keyUp", key=name)


async def position(tab: Tab, key: str) -> Any:
    """Zoom and focus of the address, and what is picked."""
    return await tab.run(f"new URLSearchParams(location.search).get({key!r})")


@pytest.mark.parametrize("width", [390, 1440])
async def test_it_draws_and_fits(client: Client, tab: Tab, width: int) -> None:
    """Without any other host; nothing is refused, nothing scrolls sideways, and everything in view is in the list."""
    await opened(client, tab, "/map", width=width)
    assert await tab.run("document.documentElement.scrollWidth") == width
    assert await tab.run("document.querySelector('.leaflet-marks-pane canvas').width") > width / 2
    said = await tab.run("document.getElementById('map-count').textContent")
    assert said.startswith("视野内")
    assert await tab.run("document.querySelectorAll('#map-list li').length") > 10
    assert tab.complaints == []


async def test_it_says_that_it_loads(client: Client, tab: Tab) -> None:
    """On the map and in the list: what is not known yet is not nothing."""
    await tab.call("Network.enable")
    await tab.call("Network.setBlockedURLs", urls=["*/api/v1/map*"])
    await tab.open(str(client.make_url("/map")), width=1440)
    await until(tab, "new URL(document.querySelector('.map-title').baseURI).pathname === '/map' && window.L")
    assert await tab.run("document.getElementById('map-count').textContent") == "正在载入地图……"
    await tab.run("document.getElementById('map-q').focus()")
    await tab.call("Input.insertText", text="充电")
    assert await tab.run("document.getElementById('map-count').textContent") == "正在载入地图……"


async def test_it_is_searched_by_keyboard(client: Client, tab: Tab) -> None:
    """`/` leads to the search; words find a station; an arrow and Enter open it; Esc leads back to the row."""
    await opened(client, tab, "/map")
    await keys(tab, "/")
    assert await tab.run("document.activeElement.id") == "map-q"
    await tab.call("Input.insertText", text="charger-03")
    await until(tab, "document.querySelectorAll('#map-list li').length === 1")
    await keys(tab, "ArrowDown")
    await keys(tab, "Enter")
    await until(tab, "!document.getElementById('map-pick').hidden")
    assert await position(tab, "pick") == "charger:charger-03"
    assert await tab.run("document.querySelector('#map-pick a.button').getAttribute('href')") == "/devices/charger-03"
    assert await tab.run("document.activeElement.closest('#map-pick') !== null")
    await keys(tab, "Escape")
    await until(tab, "document.getElementById('map-pick').hidden")
    assert await tab.run("document.activeElement.dataset.pick") == "charger:charger-03"
    assert tab.complaints == []


async def test_a_cluster_opens_and_the_address_says_where(client: Client, tab: Tab) -> None:
    """A click on many at once goes nearer; loaded again, the page is where it was."""
    await opened(client, tab, "/map?at=119.962,31.785,11")
    await until(tab, "document.querySelectorAll('#map-list li').length > 0")
    await tab.run("""(() => {
        const map = document.getElementById("map");
        const box = map.getBoundingClientRect();
        window.asked = [];
        for (let x = box.left + 20; x < box.right - 20; x += 6)
            for (let y = box.top + 20; y < box.bottom - 20; y += 6) window.asked.push([x, y]);
    })()""")
    spot = await tab.run("""(async () => {
        const map = document.getElementById("map");
        for (const [x, y] of window.asked) {
            map.dispatchEvent(new MouseEvent("mousemove", {clientX: x, clientY: y, bubbles: true}));
            if (map.classList.contains("is-over")) return [x, y, document.querySelector(".map-tip").textContent];
        }
    })()""")
    assert spot[2]
    for kind in ("mousePressed", "mouseReleased"):
        await tab.call("Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], button="left", clickCount=1)
    await until(tab, "Number(new URLSearchParams(location.search).get('at').split(',')[2]) > 11")
    nearer = await position(tab, "at")
    await tab.open(await tab.run("location.href"), width=1440)
    await until(tab, DRAWN)
    await until(tab, "new URLSearchParams(location.search).has('at')")
    assert await position(tab, "at") == nearer
    assert tab.complaints == []


CROWD = """import('/static/map_clusters.js').then(({ Clusters }) => {
    const spots = Array.from({ length: 3000 }, (_, n) => ({ key: n, level: n % 7 ? "good" : "warn",
        x: 119.9 + (n * 7919 % 997) / 9970, y: 31.7 + (n * 104729 % 991) / 9910 }));
    spots.push({ ...spots[0], key: 3000 }); // in the same place
    const crowd = new Clusters(spots, { to: 17, levels: ["warn", "good"] });
    const world = [-180, -85, 180, 85];
    const inPixels = ({ x, y }, zoom) => L.CRS.EPSG3857.latLngToPoint(L.latLng(y, x), zoom);
    const far = (a, b, zoom) => inPixels(a, zoom).distanceTo(inPixels(b, zoom));
    return [3, 10, 13, 15, 17].map((zoom) => {
        const found = crowd.within(world, zoom);
        const groups = found.map((one) => (one.spot ? [one.spot] : crowd.leaves(one.members)));
        const many = found.filter((one) => one.members);
        const together = many.find((one) => one.members.includes(0));
        return { zoom, n: found.length, keys: groups.flat().map((spot) => spot.key).sort((a, b) => a - b),
            sums: many.every((one) => one.n === one.members.length && one.n === one.counts.warn + one.counts.good),
            reach: Math.max(0, ...groups.flatMap((group) => group.map((spot) => far(spot, group[0], zoom)))),
            parts: together && crowd.parts(together.members, zoom), twins: crowd.parts([0, 3000], zoom) };
    }).concat(crowd.within(world, 18).length, crowd.within([119.9, 31.7, 119.95, 31.75], 18).length);
})"""


async def test_what_lies_close_together_is_one(client: Client, tab: Tab) -> None:
    """Each thing is in one place and no more, with those near it; nearer there are more; one place never parts."""
    await opened(client, tab, "/map")
    *zooms, alone, corner = await tab.run(CROWD)
    assert all(one["keys"] == list(range(3001)) and one["sums"] for one in zooms)
    assert [one["n"] for one in zooms] == sorted(one["n"] for one in zooms)
    assert zooms[0]["n"] == 1
    assert 1 < zooms[2]["n"] < 1000 < zooms[-1]["n"]
    assert all(0 < one["reach"] <= 2 * 56 for one in zooms[:3])
    assert zooms[0]["zoom"] < zooms[0]["parts"] <= 17
    assert {one["twins"] for one in zooms} == {18}
    assert alone == 3001
    assert 600 < corner < 900


async def test_all_is_asked_for_once_and_with_the_page(client: Client, tab: Tab) -> None:
    """What stands on the map comes while the scripts do, and is not asked for again by them."""
    await opened(client, tab, "/map")
    asked = await tab.run(
        "performance.getEntriesByType('resource').filter(one => one.name.endsWith('/api/v1/map'))"
        ".map(one => one.initiatorType)"
    )
    assert asked == ["link"]
    assert tab.complaints == []


async def test_news_come_by_themselves(client: Client, tab: Tab, desk: FakeDesk, clock: ManualClock) -> None:
    """A new alarm stands in the list without a reload, and only what has changed was asked for."""
    await opened(client, tab, "/map?trouble=1&layers=alarm")
    n = await tab.run("document.querySelectorAll('#map-list li').length")
    desk.all_alarms.append(replace(desk.all_alarms[0], id=99, subject="charger-04/1", device_id="charger-04"))
    clock.advance(seconds=1)
    desk.touch()
    await until(tab, f"document.querySelectorAll('#map-list li').length === {n + 1}")
    entries = (
        "performance.getEntriesByType('resource').map(one => one.name).filter(one => one.includes('/api/v1/map?since'))"
    )
    assert await tab.run(f"{entries}.length") >= 1
    assert tab.complaints == []


async def test_gcj02_agrees_with_published_pairs(client: Client, tab: Tab) -> None:
    """To a few centimetres, there and back; outside China nothing is shifted."""
    await opened(client, tab, "/map")
    for wgs, gcj in PAIRS:
        there, back = await tab.run(
            f"import('/static/gcj02.js').then(m => [m.toGcj({wgs[0]}, {wgs[1]}), m.toWgs({gcj[0]}, {gcj[1]})])"
        )
        assert there == pytest.approx(gcj, abs=1e-7)
        assert back == pytest.approx(wgs, abs=1e-6)
    for lon, lat in ((2.3522, 48.8566), (139.69, 35.68), (-122.4, 37.8)):
        assert await tab.run(f"import('/static/gcj02.js').then(m => m.toGcj({lon}, {lat}))") == [lon, lat]


GCJ = Tiles(url="http://127.0.0.1:9/{z}/{x}/{y}.png", attribution="a provider", datum="gcj02", max_zoom=18)


async def test_on_shifted_tiles_positions_are_read_as_wgs84(
    site: Site, desk: FakeDesk, clock: ManualClock, tab: Tab
) -> None:
    """What is drawn is shifted; the address, and what is picked, stay in WGS-84."""
    settings = site.settings.model_copy(update={"map": Map(tiles=GCJ)})
    async with TestClient(TestServer(make_app(desk, site_with(site, settings=settings), clock))) as client:
        await opened(client, tab, "/map?at=119.962000,31.785000,16&pick=camera:cam-012")
        await until(tab, "!document.getElementById('map-pick').hidden")
        await tab.run("window.dispatchEvent(new Event('resize'))")
        lon, lat, _ = (float(part) for part in (await position(tab, "at")).split(","))
        assert (lon, lat) == pytest.approx((119.962, 31.785), abs=2e-5)
        camera = site.cameras["cam-012"].location
        shown = await tab.run("document.querySelector('#map-pick .secret').textContent")
        assert shown == f"{camera.lon_deg:.6f}, {camera.lat_deg:.6f}"
        refused = [one for one in tab.complaints if "Content Security Policy" in one]
        assert refused == []
