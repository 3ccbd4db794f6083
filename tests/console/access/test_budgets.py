"""What a page's first view loads: so many bytes of script, from here alone, each file once."""

import os
import re
from dataclasses import replace as site_with
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from config.load import Site
from config.map import Map, Tiles
from console.pages.render import FOLDER
from console.server import make_app
from domain.clock import ManualClock
from domain.permission import Role
from tests.console.access.people import People
from tests.console.every_page import pages
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, chromium
from tests.fakes.desk import FakeDesk

MOST_BYTES = 200_000
STATIC = FOLDER / "static"
_NAMED = re.compile(r'<(?:script[^>]* src|link rel="modulepreload" href)="/static/[0-9a-f]{12}/([^"]+)"')
_LOADED = re.compile(r'<script[^>]* src="/static/[0-9a-f]{12}/[^"]+"')
_IMPORTED = re.compile(r'(?:^import\b[^"\n]*|\bimport\()"\./([^"]+)"', re.MULTILINE)
ONLY_WHERE = {"gcj02.js": "the site's tiles need it"}
"""What is imported on a condition that the page does not meet, unless the page itself names it."""
GCJ = Map(tiles=Tiles(url="http://127.0.0.1:9/{z}/{x}/{y}.png", attribution="a provider", datum="gcj02", max_zoom=18))
SCRIPTS = """performance.getEntriesByType("resource").filter(one => new URL(one.name).pathname.endsWith(".js"))
    .map(one => [new URL(one.name).pathname.split("/").slice(3).join("/"), one.decodedBodySize])"""
DRAWN = f"""document.documentElement.dataset.mapReady && {SCRIPTS}.some(([name]) => name === "map_ground.js")
    && (!location.search || document.querySelector("#map-pick h2"))"""


def scripts_of(page: str) -> dict[str, int]:
    """Bytes of every script that a page loads, with all that those import, at once or later in the first view."""
    found: dict[str, int] = {}
    waiting = _NAMED.findall(page)
    while waiting:
        name = waiting.pop()
        if name not in found:
            text = (STATIC / name).read_text(encoding="utf-8")
            found[name] = len(text.encode())
            folder = name.rpartition("/")[0]
            waiting += [f"{folder}/{other}".lstrip("/") for other in _IMPORTED.findall(text) if other not in ONLY_WHERE]
    return found


async def test_no_page_loads_more_than_200_kb_of_script(door: Client, people: People) -> None:
    """Counted unpacked, libraries and all, for whoever is shown most."""
    started = await people.started(Role.ADMINISTRATOR)
    headers = {"Cookie": f"longcheng_session={started.secret}", "Accept": "text/html"}
    sums, loaded = {}, {}
    for path in pages(door):
        async with door.get(path, headers=headers) as answer:
            page = await answer.text()
        assert page.count("<script") == len(_LOADED.findall(page)), path  # nothing inline, nothing from elsewhere
        loaded[path] = scripts_of(page)
        sums[path] = sum(loaded[path].values())
    print("\n".join(f"{size:>8,} {path}" for path, size in sorted(sums.items(), key=lambda one: -one[1])))  # noqa: T201
    assert {path: loaded[path] for path, size in sums.items() if size > MOST_BYTES} == {}
    assert "live.js" in loaded["/"]
    assert {"map_ground.js", "map_panel.js"} <= set(loaded["/map"])  # it imports them later


@pytest.mark.browser
@pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed")
@pytest.mark.parametrize(
    ("settings", "asked", "more"), [(Map(), "?pick=camera:cam-001", set()), (GCJ, "", {"gcj02.js"})]
)
async def test_a_browser_loads_what_is_counted(
    site: Site, clock: ManualClock, desk: FakeDesk, tmp_path: Path, settings: Map, asked: str, more: set[str]
) -> None:
    """The heaviest page: with something picked, which brings the panel, and on tiles that are shifted."""
    its = site_with(site, settings=site.settings.model_copy(update={"map": settings}))
    async with TestClient(TestServer(make_app(desk, its, clock))) as client, chromium(tmp_path / "profile") as tab:
        async with client.get("/map", headers={"Accept": "text/html"}) as answer:
            counted = scripts_of(await answer.text())
        await tab.open(str(client.make_url(f"/map{asked}")), width=1440)
        await tab.run(f"""new Promise(done => {{
            const look = () => ({DRAWN}) ? done(true) : requestAnimationFrame(look);
            look();
        }})""")
        loaded = dict(await tab.run(SCRIPTS))
    later = set() if asked else {"map_panel.js", "said.js"}
    assert loaded == {name: size for name, size in counted.items() if name not in later}
    assert more <= set(loaded)
    assert sum(loaded.values()) <= MOST_BYTES
