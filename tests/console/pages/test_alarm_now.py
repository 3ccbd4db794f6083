"""What an alarm's value says of now: nothing. It stands with its time, and beside it what is measured now."""

import re

import msgspec
import pytest
from msgspec.structs import replace

from config.load import Site
from console.pages.looking import View
from console.pages.render import Pages
from domain.case import Alarm
from domain.clock import ManualClock
from domain.finding import AlarmState, Severity
from rules.alarm_life import Hold, Life
from tests.fakes.desk import FakeDesk

RAISED = {"zh-CN": "02:36 的数值", "en": "as of 02:36"}


@pytest.fixture
def smoke(desk: FakeDesk, clock: ManualClock) -> Alarm:
    """Smoke half an hour ago, latched; there is none now."""
    some, at_ms = next(one for one in desk.all_alarms if one.rule_id == "charger-smoke"), clock.now_ms() - 2_165_000
    times = {"since_ms": at_ms, "raised_ms": at_ms, "seen_ms": at_ms, "resolved_ms": None}
    alarm = replace(some, state=AlarmState.FIRING, latch=True, **times)
    hold = Hold(since_ms=at_ms, seen_ms=at_ms, count=1, firing=True)
    life = Life(AlarmState.RECOVERING, at_ms, {Severity.CRITICAL: hold}, severity=Severity.CRITICAL, renewed_ms=at_ms)
    desk.all_alarms = [alarm]
    desk.device_states = {(alarm.rule_id, alarm.subject): msgspec.json.encode(life)}
    desk.values = {("charger", alarm.device_id, None): {"smoke": (clock.now_ms() - 4_000, False)}}
    return alarm


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_rows_say_when_it_was(desk: FakeDesk, site: Site, clock: ManualClock, smoke: Alarm, language: str) -> None:
    """On the overview, in the list, on its own page and on that of its device."""
    pages = Pages(desk, site, clock)
    for name, about in (("overview", ""), ("alarms", ""), ("alarm", str(smoke.id)), ("device", smoke.device_id)):
        html = pages.page(View(language=language, name=name, about=about)) or ""
        assert RAISED[language] in html, name


@pytest.mark.parametrize(
    ("language", "now"), [("zh-CN", ("现在", "恢复中", "无")), ("en", ("Now", "recovering", "no"))]
)
def test_its_page_says_how_it_is_now(
    desk: FakeDesk, site: Site, clock: ManualClock, smoke: Alarm, language: str, now: tuple[str, str, str]
) -> None:
    """As the rule looks at it; of what is over, or what nobody can say, nothing."""
    word, state, value = now

    def says() -> bool:
        html = Pages(desk, site, clock).page(View(language=language, name="alarm", about=str(smoke.id))) or ""
        (figures,) = re.findall(r'<dl class="alarm-figure.*?</dl>', html, re.DOTALL)
        return f"<dt>{word} · " in figures and f" · {state}</dt><dd>{value}</dd>" in figures

    assert says()
    desk.all_alarms = [replace(smoke, resolved_ms=clock.now_ms(), state=AlarmState.RESOLVED)]
    assert not says()
    desk.all_alarms, desk.values = [smoke], {}
    assert not says()


def test_the_list_of_devices_shows_the_newest_value(
    desk: FakeDesk, site: Site, clock: ManualClock, smoke: Alarm
) -> None:
    """Of what its worst alarm is about; where nobody knows one, that of the alarm, with its time."""

    def row() -> str:
        view = View(language="en", name="devices", asked=(("alarm", "1"),))
        html = Pages(desk, site, clock).page(view) or ""
        return html[html.index(f'data-key="device-{smoke.device_id}"') :].partition("</tr>")[0]

    assert "<b>no</b>" in row()
    assert RAISED["en"] not in row()
    desk.values = {}
    assert "<b>yes</b>" in row()
    assert RAISED["en"] in row()


def test_of_ten_sockets_the_one_that_burns_is_meant(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """With what it measures now, whatever its neighbours do."""
    hot = next(one for one in desk.all_alarms if one.device_id == "charger-05" and one.port == 7)
    desk.all_alarms = [hot]
    at_ms = clock.now_ms() - 4_000
    desk.values = {("charger", "charger-05", port): {"temp_c": (at_ms, 20.0 + port)} for port in range(1, 11)}
    html = Pages(desk, site, clock).page(View(language="en", name="devices", asked=(("alarm", "1"),))) or ""
    assert "<b>27 °C</b>" in html
    assert "port 7" in html
