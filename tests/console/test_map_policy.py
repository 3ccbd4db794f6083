"""Which other hosts the page of the map may load pictures from: those of its tiles, and no page else any."""

from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from config.load import Site
from config.map import Map, Tiles
from console.server import make_app
from domain.clock import ManualClock
from tests.console.reader import Client
from tests.fakes.desk import FakeDesk

TILES = Tiles(
    url="https://{s}.tianditu.gov.cn/vec_w/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=key",
    labels_url="https://labels.example/{z}/{x}/{y}.png",
    attribution="天地图",
    subdomains=("t0", "t1"),
)


async def policy(client: Client, path: str) -> dict[str, str]:
    """What is allowed there, by what it is for."""
    async with client.get(path) as answer:
        assert answer.status == 200
        parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


async def test_without_tiles_there_is_no_other_host(client: Client) -> None:
    """The map is drawn by the console itself."""
    assert await policy(client, "/map") == await policy(client, "/")
    assert (await policy(client, "/map"))["img-src"] == "'self'"


async def test_tiles_are_let_in_on_the_map_alone(site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """Exactly their hosts, for pictures alone; every other page stays as it was."""
    settings = site.settings.model_copy(update={"map": Map(tiles=TILES)})
    async with TestClient(TestServer(make_app(desk, replace(site, settings=settings), clock))) as client:
        found, other = await policy(client, "/map"), await policy(client, "/")
    hosts = "https://t0.tianditu.gov.cn https://t1.tianditu.gov.cn https://labels.example"
    assert found.pop("img-src") == f"'self' {hosts}"
    assert other.pop("img-src") == "'self'"
    assert found == other


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("https://tiles.example/{z}/{x}.png", "{y}"),
        ("ftp://tiles.example/{z}/{x}/{y}.png", "no address of tiles"),
        ("https://{z}.example/{x}/{y}.png", "host"),
        ("https://tiles.example/{z}/{x}/{y}.png; script-src *", "percent-encoded"),
        ("https://{s}.example/{z}/{x}/{y}.png", "subdomains"),
    ],
)
def test_an_address_that_is_none_is_refused(url: str, wrong: str) -> None:
    """With what is wrong with it; nothing of it reaches a policy."""
    with pytest.raises(ValueError, match=wrong.replace("{", r"\{").replace("}", r"\}")):
        Tiles(url=url, attribution="x")
