"""Whatever a page leads to is there."""

import re
from html import unescape

import pytest
from msgspec.structs import replace

from tests.console.every_page import CASE
from tests.console.reader import Client, text_of
from tests.fakes.desk import FakeDesk

_LINK = re.compile(r'<a [^>]*href="(/[^"]*)"')
_OF_SITE = re.compile(r"^/(static|evidence|originals)/")
"""Files, which the desk of a test need not have."""


@pytest.mark.parametrize(
    "path",
    ["/", "/alarms", "/alarms?state=all", "/alarms/1", "/rules", "/events", f"/cases/{CASE}", "/devices/charger-01"],
)
async def test_links_of_a_page(client: Client, path: str) -> None:
    """Each but once, with what it asks."""
    await _lead_somewhere(client, path)


async def test_links_of_rules_over_cameras_and_devices(client: Client, desk: FakeDesk) -> None:
    """Of every shipped rule that an alarm is of, and of what has left the registers."""
    rules = {one.id for one in desk.rulebook.in_force().rules} & {alarm.rule_id for alarm in desk.all_alarms}
    desk.all_alarms += [replace(desk.all_alarms[0], id=9001, device_id="gone-1", subject="gone-1", port=None)]
    assert {"bike-misparked", "charger-residual"} <= rules
    for rule_id in sorted(rules):
        await _lead_somewhere(client, f"/rules/{rule_id}")


async def _lead_somewhere(client: Client, path: str) -> None:
    links = {unescape(one).partition("#")[0] for one in _LINK.findall(await text_of(client, path))}
    assert len(links) > 5, path
    for link in sorted(links):
        if not _OF_SITE.match(link):
            async with client.get(link) as answer:
                assert answer.status == 200, (path, link)
