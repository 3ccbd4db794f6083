"""Alarms in a real browser: taken on by two keys, silenced by what was chosen."""

import os

import pytest
from msgspec.structs import replace

from domain.clock import ManualClock, SystemClock
from domain.finding import AlarmState
from domain.permission import Role
from tests.console.access.people import People
from tests.console.pages.seated import press, sign_in, until
from tests.console.reader import Client
from tests.fakes.chromium import BINARY, Tab
from tests.fakes.desk import FakeDesk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed"),
]


async def test_an_alarm_is_taken_on_by_two_keys(door: Client, tab: Tab, desk: FakeDesk, people: People) -> None:
    """From the overview: the button, and the first reason; then the page says that it is on its way."""
    await sign_in(tab, door, people, Role.OPERATOR)
    await tab.open(str(door.make_url("/")), width=1440)
    await until(tab, "document.getElementById('live').classList.contains('on')")
    await tab.run("document.querySelector('[data-ack=\"1\"]').focus()")
    await press(tab, "Enter")
    await until(tab, "document.getElementById('ack-dialog').open")
    await press(tab, "Enter")
    await until(tab, "!document.getElementById('ack-dialog').open")
    assert [(order.kind, order.alarm_id, order.who, order.why) for order in desk.orders] == [
        ("ack", 1, "operator-1", "已看到，正在处理")
    ]
    desk.touch()
    await until(tab, "document.querySelector('#alarms').textContent.includes('正在生效')")
    assert await tab.run("document.querySelector('[data-ack=\"1\"]')") is None


async def test_an_alarm_is_taken_over_on_purpose(door: Client, tab: Tab, desk: FakeDesk, people: People) -> None:
    """The dialog says who is on it, and the order from whom it is taken; of the next alarm it says nothing of them."""
    desk.all_alarms[0] = replace(
        desk.all_alarms[0], acked_ms=people.clock.now_ms(), acked_by="wang", acked_why="去看看"
    )
    await sign_in(tab, door, people, Role.OPERATOR)
    await tab.open(str(door.make_url("/alarms")), width=1440)
    await until(tab, "document.getElementById('live').classList.contains('on')")
    await tab.run("document.querySelector('[data-ack=\"1\"]').focus()")
    await press(tab, "Enter")
    await until(tab, "document.getElementById('ack-dialog').open")
    assert "wang自 " in await tab.run("document.querySelector('[data-ack-taken]:not([hidden])').textContent")
    await press(tab, "Enter")
    await until(tab, "!document.getElementById('ack-dialog').open")
    assert [(order.alarm_id, order.who) for order in desk.orders] == [(1, "operator-1")]
    await tab.run("document.querySelector('[data-ack]:not([data-instead-of])').click()")
    assert await tab.run("document.querySelector('[data-ack-taken]').hidden")
    assert await tab.run("document.querySelector('#ack-dialog [name=instead_of]').value") == ""


async def test_a_sub_district_is_silenced_and_the_silence_ended(
    door: Client, tab: Tab, desk: FakeDesk, people: People, clock: ManualClock
) -> None:
    """Only what was chosen is said: not the subject or the rule too, and nothing critical unless it is ticked."""
    clock.advance(seconds=(SystemClock().now_ms() - clock.now_ms()) / 1000)  # the browser's own clock says until when
    await sign_in(tab, door, people, Role.OPERATOR)
    await tab.open(str(door.make_url("/alarms/3")), width=1440)
    await until(tab, "document.getElementById('live').classList.contains('on')")
    await tab.run("document.querySelector('[data-opens=silence-dialog]').click()")
    await tab.run("""(() => {
        const set = (id, value) => {
            const field = document.getElementById(id);
            field.value = value;
            field.dispatchEvent(new Event("input", { bubbles: true }));
        };
        set("silence-cover", "sub_district");
        set("silence-for", "480");
        set("silence-why", "检修");
        document.querySelector("form[data-silence]").requestSubmit();
    })()""")
    await until(tab, "!document.getElementById('silence-dialog').open")
    (silence,) = desk.all_silences
    assert (silence.subject, silence.rule_id, silence.even_critical) == (None, None, False)
    assert silence.sub_district
    assert silence.why == "检修"
    desk.all_alarms = [
        replace(alarm, silence_id=silence.id, silenced_until_ms=silence.until_ms, silenced_by="x", silenced_why="y")
        if alarm.id == 3
        else alarm
        for alarm in desk.all_alarms
    ]
    desk.touch()
    end = 'form[data-api="DELETE /api/v1/silences/1"] button'
    await until(tab, f"document.querySelector('{end}')")
    await tab.run(f"document.querySelector('{end}').click()")
    await until(tab, "document.getElementById('said-now').textContent === '静默已结束。'")
    assert desk.all_silences[0].ended_by == "operator-1"


async def test_what_is_released_is_as_it_is_when_the_dialog_opens(
    door: Client, tab: Tab, desk: FakeDesk, people: People, clock: ManualClock
) -> None:
    """Smoke that was seen, and has gone since the page came: the dialog, too, says that there is none now."""
    smoke = next(one for one in desk.all_alarms if one.rule_id == "charger-smoke")
    desk.all_alarms = [replace(smoke, state=AlarmState.FIRING, resolved_ms=None, latch=True)]
    part = ("charger", smoke.device_id, None)
    desk.values = {part: {"smoke": (clock.now_ms(), True)}}
    await sign_in(tab, door, people, Role.OPERATOR)
    await tab.open(str(door.make_url(f"/alarms/{smoke.id}")), width=1440)
    await until(tab, "document.getElementById('live').classList.contains('on')")
    desk.values = {part: {"smoke": (clock.now_ms(), False)}}
    desk.touch()
    await until(tab, "document.querySelector('#release-now').textContent.includes('烟雾 无')")
    await tab.run("document.querySelector('[data-opens=release-dialog]').click()")
    await until(tab, "document.getElementById('release-dialog').open")
    said = await tab.run("document.querySelector('#release-dialog [data-now]').innerText")
    assert said.startswith("现在：烟雾 无"), said
