"""What a page's first view loads: so many bytes of script, from here alone, each file once."""

import re

from console.pages.render import FOLDER
from domain.permission import Role
from tests.console.access.people import People
from tests.console.every_page import pages
from tests.console.reader import Client

MOST_BYTES = 200_000
STATIC = FOLDER / "static"
_LOADED = re.compile(r'<script[^>]* src="/static/[0-9a-f]{12}/([^"]+)"')
_IMPORTED = re.compile(r'^import\b[^"\n]*"\./([^"]+)"', re.MULTILINE)


def scripts_of(page: str) -> dict[str, int]:
    """Bytes of every script that a page loads before it begins, with all that those import."""
    found: dict[str, int] = {}
    waiting = _LOADED.findall(page)
    while waiting:
        name = waiting.pop()
        if name not in found:
            text = (STATIC / name).read_text(encoding="utf-8")
            found[name] = len(text.encode())
            folder = name.rpartition("/")[0]
            waiting += [f"{folder}/{other}".lstrip("/") for other in _IMPORTED.findall(text)]
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
