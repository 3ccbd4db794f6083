"""Live: what happens, as it comes."""

import asyncio
import re

import pytest
from msgspec.structs import replace

from config.load import Site
from console.pages.events import event_row
from console.words import Words
from domain.case import Alarm, LogEntry
from domain.clock import ManualClock
from domain.event import LOST, SET_ASIDE, EventChoice, EventKind
from domain.finding import Severity
from tests.console.reader import Client, json_of, next_event, text_of
from tests.fakes.desk import FakeDesk
from tests.fakes.events import FakeEvents
from tests.fakes.invented_city import HOSTILE

_ROW = re.compile(r'data-key="event-(\d+)"')


def line(desk: FakeDesk, what: str, **facts: str | float | None) -> LogEntry:
    """One more line, about the first alarm."""
    alarm = desk.all_alarms[0]
    told = {"title_zh": alarm.title_zh, "title_en": alarm.title_en, "rule_id": alarm.rule_id, "rule_version": "ab12"}
    said = LogEntry(
        id=max((one.id for one in desk.lines), default=0) + 1,
        at_ms=desk.lines[-1].at_ms + 1000,
        who="rules",
        what=what,
        facts={**told, "severity": "critical", "since_ms": desk.lines[-1].at_ms, **facts},
        alarm_id=alarm.id,
    )
    desk.lines.append(said)
    desk.touch()
    return said


@pytest.fixture(autouse=True)
def numbered(desk: FakeDesk) -> None:
    """Each line of the invented city has an id of its own, as in the store."""
    desk.lines = [replace(one, id=n) for n, one in enumerate(sorted(desk.lines, key=lambda one: one.at_ms), 1)]


async def test_the_newest_is_on_top_and_says_what_happened(client: Client, desk: FakeDesk) -> None:
    """Exact time, what kind of thing, how bad, in words without the rule's version; with links to what it is about."""
    new = line(desk, "alarm_raised")
    page = await text_of(client, "/events?lang=en")
    found = [int(one) for one in _ROW.findall(page)]
    assert found[0] == new.id
    assert found == sorted(found, reverse=True)
    top = page[page.index(f'data-key="event-{new.id}"') :]
    top = top[: top.index("</li>")]
    assert desk.all_alarms[0].title_en in top
    assert "Critical" in top
    assert "version ab12)</p>" not in top.replace("\n", "")
    assert f"/cases/{desk.lines[0].case_id}" in page


def test_what_is_over_is_no_cause_for_alarm(site: Site, desk: FakeDesk, clock: ManualClock) -> None:
    """A line that something is normal again bears the severity of what is over, and does not shout it."""
    line(desk, "alarm_resolved")
    events = FakeEvents(site, desk.lines, desk.all_alarms, desk.all_cases)
    row = event_row(events.page(EventChoice(), limit=1).events[0], site, Words(site, "en", clock.now_ms()))
    assert (row.severity, row.over) == (None, True)


def _leads_to(site: Site, desk: FakeDesk, about: Alarm, what: str = "alarm_raised") -> list[tuple[str, str]]:
    """Where a line about this alarm leads, but for the alarm's own page."""
    said = replace(line(desk, what), alarm_id=about.id)
    event = FakeEvents(site, [said], desk.all_alarms, desk.all_cases).page(EventChoice(), limit=1).events[0]
    links = event_row(event, site, Words(site, "zh-CN", said.at_ms)).links
    return [(word, href) for word, href in links if not href.startswith("/alarms/")]


def test_a_line_leads_to_what_it_is_about(site: Site, desk: FakeDesk) -> None:
    """An alarm that a camera saw, a shop's and a view's lead to the camera, a device's to the device; of whom no
    register knows there is no page."""
    seen = next(one for one in desk.all_alarms if one.zone)
    view = next(one for one in desk.all_alarms if one.kind == "camera" and not one.zone)
    device = next(one for one in desk.all_alarms if one.device_id in site.devices)
    for about, what in ((seen, "alarm_raised"), (seen, "shop_corrected"), (view, "alarm_raised")):
        assert _leads_to(site, desk, about, what) == [("摄像头", f"/cameras/{about.device_id}")], what
    assert _leads_to(site, desk, device) == [("设备", f"/devices/{device.device_id}")]
    desk.all_alarms.append(replace(device, id=999, device_id="nobody-knows", subject="nobody-knows"))
    assert _leads_to(site, desk, desk.all_alarms[-1]) == []


async def test_filters_keep_to_what_was_asked(client: Client, desk: FakeDesk) -> None:
    """Kind, severity and words; what cannot be is refused, not guessed."""
    lost = line(desk, LOST, recipient="shop:nobody", channel="sms", error="no such number", severity="warn")
    assert _ROW.findall(await text_of(client, "/events?kind=notice")) == [str(lost.id)]
    assert _ROW.findall(await text_of(client, "/events?severity=warn")) == [str(lost.id)]
    assert _ROW.findall(await text_of(client, "/events?text=no+such+number")) == [str(lost.id)]
    assert _ROW.findall(await text_of(client, "/events?text=nothing+like+it")) == []
    await text_of(client, "/events?kind=weather", status=400)


async def test_a_day_is_jumped_to_and_older_pages_follow(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """By the site's own clock; the day before everything began is empty."""
    assert _ROW.findall(await text_of(client, "/events?day=2026-08-22"))
    assert not _ROW.findall(await text_of(client, "/events?day=2020-01-01"))
    for n in range(130):
        line(desk, "alarm_raised", n=n)
    found: list[int] = []
    path: str | None = "/events"
    while path:
        page = await text_of(client, path)
        found += [int(one) for one in _ROW.findall(page)]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = older and older.group(1).replace("&amp;", "&")
    assert found == [one.id for one in reversed(desk.lines)]


async def test_a_strangers_words_are_only_words(client: Client, desk: FakeDesk) -> None:
    """A shop's name, a reason, a topic: nothing of them is markup."""
    line(desk, SET_ASIDE, n=3, letter_reason="decode", letter=1, topic=HOSTILE)
    page = await text_of(client, "/events?lang=en")
    assert "<script>alert" not in page
    assert "3 could not be used (cannot be decoded)" in page


async def test_as_data_a_page_at_a_time(client: Client, desk: FakeDesk) -> None:
    """The cursor goes on without a gap and without a repeat."""
    for n in range(7):
        line(desk, "alarm_raised", n=n)
    whole = (await json_of(client, "/api/v1/events?limit=1000"))["items"]
    first = await json_of(client, "/api/v1/events?limit=4")
    rest = await json_of(client, f"/api/v1/events?limit=1000&cursor={first['next']}")
    assert first["items"] + rest["items"] == whole
    assert first["newest"] == desk.lines[-1].id
    only = await json_of(client, "/api/v1/events?kind=alarm")
    assert {one["kind"] for one in only["items"]} == {EventKind.ALARM.value}
    worst = await json_of(client, "/api/v1/events?severity=critical")
    assert {one["severity"] for one in worst["items"]} == {Severity.CRITICAL.value}
    await json_of(client, "/api/v1/events?cursor=nonsense", status=400)


async def test_a_stream_misses_nothing(client: Client, desk: FakeDesk) -> None:
    """Who comes again tells the last id it has, and hears what came meanwhile, once and in order."""
    async with client.get("/api/v1/events/live") as stream:
        hello = await next_event(stream, "hello")
        assert hello["after"] == desk.lines[-1].id
        first = line(desk, "alarm_raised")
        assert (await next_event(stream, "event"))["id"] == first.id
    missed = [line(desk, "alarm_worse"), line(desk, "alarm_resolved")]
    async with client.get("/api/v1/events/live", headers={"Last-Event-ID": str(first.id)}) as stream:
        assert [(await next_event(stream, "event"))["id"] for _ in missed] == [one.id for one in missed]


async def test_a_stream_passes_over_what_is_not_wanted(client: Client, desk: FakeDesk) -> None:
    """And a beat says how far it has come, so that nothing is looked through twice."""
    async with client.get("/api/v1/events/live?kind=product") as stream:
        await next_event(stream, "hello")
        new = line(desk, "alarm_raised")
        async with asyncio.timeout(60):
            while (await stream.content.readline()).decode().strip() != f"id: {new.id}":
                pass
    await json_of(client, "/api/v1/events/live?after=-1", status=400)
