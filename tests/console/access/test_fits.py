"""What is listed fits where it is read: nothing scrolls inside its box on a phone, and no number breaks in two."""

import os
from pathlib import Path

import pytest

from domain.permission import Role
from tests.console.access.people import People
from tests.console.access.test_audit import WIDER
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, chromium
from tests.fakes.desk import FakeDesk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]
_BROKEN = r"""[...document.querySelectorAll("main dd")].flatMap(dd => [...dd.childNodes]).filter(one =>
    one.nodeType === 3 && /\d/.test(one.data)).flatMap(one => [...one.data.matchAll(/\d[\d,.]*/g)].map(found => {
        const range = document.createRange();
        range.setStart(one, found.index);
        range.setEnd(one, found.index + found[0].length);
        return [found[0], new Set([...range.getClientRects()].map(box => Math.round(box.top))).size];
    })).filter(([, lines]) => lines > 1).map(([number]) => number)"""
"""Numbers that stand on more than one line."""


async def test_the_list_of_accounts_does_not_scroll_inside_its_box(
    door: Client, people: People, tmp_path: Path
) -> None:
    """On a phone each account is a block of lines; every word of it is there to be read."""
    people.registry.add("a" * 60, Role.OPERATOR, display_name="值守台三班的王工程师")
    started = await people.started(Role.ADMINISTRATOR)
    async with chromium(tmp_path / "profile") as tab:
        url = str(door.make_url("/accounts"))
        await tab.call("Network.setCookie", name="longcheng_session", value=started.secret, url=url)
        for width in (390, 768, 1440):
            await tab.open(url, width=width)
            assert await tab.run("document.documentElement.scrollWidth") <= width
            assert await tab.run(WIDER) == [], width


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_no_number_on_health_breaks_in_two(
    door: Client, people: People, desk: FakeDesk, tmp_path: Path, language: str
) -> None:
    """Beside a long word the word wraps, not the number."""
    assert desk.state.messages_received > 100_000
    started = await people.started(Role.ADMINISTRATOR)
    async with chromium(tmp_path / "profile") as tab:
        url = str(door.make_url("/health"))
        for name, value in (("longcheng_session", started.secret), ("lang", language)):
            await tab.call("Network.setCookie", name=name, value=value, url=url)
        for width in (390, 1280, 1440, 1920):
            await tab.open(url, width=width)
            assert await tab.run("document.querySelectorAll('main dd').length") > 10
            assert await tab.run(_BROKEN) == [], width
