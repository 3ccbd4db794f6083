"""What pages load: kept for a year by its address, packed, and nothing beside it."""

import gzip
import re

import pytest

from console.pages.render import FOLDER
from console.static_files import files
from tests.console.reader import Client, text_of

IMPORTED = re.compile(r'(?:^import\b[^"\n]*|\bimport\()"([^"]+)"', re.MULTILINE)
ADDRESS = re.compile(r'/static/([0-9a-f]{12})/([^"]+)')


async def test_what_a_page_names_is_kept_for_a_year(client: Client) -> None:
    """By the build in its address, also of what a module imports; without it the browser asks each time."""
    named = ADDRESS.findall(await text_of(client, "/"))
    assert {"console.css", "live.js"} <= {file for _, file in named}
    for build, file in [*named, (named[0][0], "api.js")]:
        async with client.get(f"/static/{build}/{file}") as answer:
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", file
        for other in (f"/static/{file}", f"/static/0123456789ab/{file}"):
            async with client.get(other) as answer:
                assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-cache")
                etag = answer.headers["ETag"]
            async with client.get(other, headers={"If-None-Match": etag}) as answer:
                assert (answer.status, await answer.read()) == (304, b"")


async def test_text_comes_packed_to_who_can_unpack(client: Client) -> None:
    """And is the file."""
    whole = (FOLDER / "static" / "console.css").read_bytes()
    headers = {"Accept-Encoding": "gzip"}
    async with client.request("GET", "/static/console.css", headers=headers, auto_decompress=False) as answer:
        packed = await answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed) == whole
    assert len(packed) < len(whole) / 2
    async with client.get("/static/console.css", headers={"Accept-Encoding": "identity"}) as answer:
        assert "Content-Encoding" not in answer.headers
        assert await answer.read() == whole


@pytest.mark.parametrize(
    "path", ["../server.py", "%2e%2e/server.py", "..%2fserver.py", "/etc/passwd", "vendor", ".", "x"]
)
async def test_only_files_of_the_folder_are_there(client: Client, path: str) -> None:
    """Whatever the address climbs to."""
    async with client.get(f"/static/{path}") as answer:
        assert answer.status == 404


def test_no_page_loads_a_file_by_two_addresses() -> None:
    """A module that is loaded by two addresses runs twice: pages name the build, and modules import beside them."""
    for template in (FOLDER / "templates").rglob("*.html"):
        for found in re.findall(r'(?:src|href)="/static/([^"]+)"', template.read_text(encoding="utf-8")):
            assert found.startswith("{{ build }}/"), (template.name, found)
    for name, path in files().items():
        if path.suffix == ".js" and not name.startswith("vendor/"):
            for imported in re.findall(
                r'(?:^import\b[^"\n]*|\bimport\()"([^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE
            ):
                assert imported.startswith("./"), (name, imported)
                assert "?" not in imported, (name, imported)
