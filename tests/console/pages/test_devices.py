"""The list of devices, and one device: what needs somebody first, why it stands as it does, what it led to."""

from html import unescape

import msgspec
import pytest
from msgspec.structs import replace

from config.load import Site
from console.pages.devices import PAGE, main_metric
from console.pages.looking import View
from console.pages.render import Pages
from domain.clock import ManualClock
from domain.errors import OrderRefused
from domain.finding import AlarmState, Severity
from domain.reading import DeviceState
from rules.alarm_life import Hold, Life
from tests.fakes.desk import FakeDesk


def page(
    desk: FakeDesk, site: Site, clock: ManualClock, name: str, about: str = "", *, language: str = "en", **asked: str
) -> str:
    """A page as it is read."""
    view = View(language=language, name=name, about=about, asked=tuple(sorted(asked.items())))
    return unescape(Pages(desk, site, clock).page(view) or "")


def names_in(html: str, site: Site) -> list[str]:
    """The devices of a list, in its order."""
    found = [(html.find(f'data-key="device-{name}"'), name) for name in site.devices]
    return [name for at, name in sorted(found) if at >= 0]


def test_what_needs_somebody_comes_first(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """A critical alarm, then what is out of reach, then warnings, then all others."""
    critical, warn = desk.all_alarms[0], desk.all_alarms[1]
    desk.all_alarms = [
        replace(critical, id=1, severity=Severity.CRITICAL, device_id="charger-09", subject="charger-09"),
        replace(warn, id=2, severity=Severity.WARN, device_id="charger-02", subject="charger-02"),
    ]
    offline = {"charger-05"}
    desk.all_devices = [
        replace(
            one, seen_ms=clock.now_ms(), state=DeviceState.OFFLINE if one.device_id in offline else DeviceState.ONLINE
        )
        for one in desk.all_devices
    ]
    html = page(desk, site, clock, "devices")
    assert names_in(html, site)[:3] == ["charger-09", "charger-05", "charger-02"]
    assert names_in(page(desk, site, clock, "devices", alarm="1"), site) == ["charger-09", "charger-02"]
    assert names_in(page(desk, site, clock, "devices", reach="offline"), site) == ["charger-05"]


def test_the_list_is_narrowed_and_turned(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """By kind, street and text; fifty at a time, and what nobody asks is refused."""
    trees = [name for name, one in site.devices.items() if one.kind == "tree"]
    assert sorted(names_in(page(desk, site, clock, "devices", kind="tree"), site)) == sorted(trees)
    street = site.devices["charger-01"].location.sub_district
    there = {name for name, one in site.devices.items() if one.location.sub_district == street}
    assert set(names_in(page(desk, site, clock, "devices", street=street), site)) == there
    assert names_in(page(desk, site, clock, "devices", q="CHARGER-07"), site) == ["charger-07"]
    assert PAGE <= 100
    assert "No device fits" in page(desk, site, clock, "devices", q="nothing of this name")
    with pytest.raises(OrderRefused):
        page(desk, site, clock, "devices", colour="red")


def test_the_last_value_and_its_metric(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """What lives may depend on comes before what a model names first."""
    assert main_metric(site, "charging-station") == "temp_c"
    assert main_metric(site, "heritage-tree") == "tilt_deg"
    desk.values = {
        ("tree", "tree-1", None): {"tilt_deg": (clock.now_ms(), 3.25), "battery_pct": (clock.now_ms(), 12.0)}
    }
    desk.all_alarms = []
    html = page(desk, site, clock, "devices", q="tree-1")
    assert "3.25°" in html
    assert '<span class="low">12%</span>' in html


def test_a_device_says_what_it_is_and_measures(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Its values with what is plausible and what was doubted; a port only its own."""
    at_ms = clock.now_ms() - 4000
    desk.values = {("charger", "charger-01", 3): {"temp_c": (at_ms, 58.5), "temp_c_spike": (at_ms, True)}}
    html = page(desk, site, clock, "device", "charger-01", port="3")
    for said in ("58.5 °C", "-40 – 250", "spike", "charger-01", site.devices["charger-01"].name, "port 3"):
        assert said in html, said
    assert "58.5" not in page(desk, site, clock, "device", "charger-01", port="4")


def test_what_is_not_there_has_no_page(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """No such device, no such port, no word of another language."""
    assert page(desk, site, clock, "device", "charger-99") == ""
    assert page(desk, site, clock, "device", "charger-01", port="11") == ""


def test_why_there_is_an_alarm_and_why_not(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Each rule: the limit, where it stands, what was measured, how long it has held and what is still missing."""
    now_ms = clock.now_ms()
    desk.values = {("charger", "charger-01", 3): {"temp_c": (now_ms, 58.5)}}
    held = Hold(since_ms=now_ms - 30_000, seen_ms=now_ms, count=2, firing=False)
    life = Life(state=AlarmState.PENDING, since_ms=now_ms - 30_000, holds={Severity.WARN: held})
    desk.device_states = {("charger-hot", "charger-01/3"): msgspec.json.encode(life)}
    html = page(desk, site, clock, "device", "charger-01", port="3")
    hot = html[html.index('data-key="judged-charger-hot-charger-01/3"') :].partition("</details>")[0]
    assert "now 58.5 °C" in hot
    assert "chargers.yaml:" in hot
    assert "short of it" in hot  # of what is critical
    assert "GB 42295" in hot or "source" in hot
    assert 'href="/rules/charger-hot"' in hot


def test_its_alarms_and_how_one_came_about(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Open ones with a way to take them on for who may; past ones folded; the story only when it is asked for."""
    alarm = next(one for one in desk.all_alarms if one.device_id.startswith("charger"))
    past = replace(alarm, id=77, state=AlarmState.RESOLVED, resolved_ms=alarm.raised_ms + 60_000)
    desk.all_alarms = [alarm, past]
    html = page(desk, site, clock, "device", alarm.device_id)
    assert f'id="alarm-{alarm.id}"' in html
    assert "1 before" in html
    assert 'data-api="POST /api/v1/alarms' not in html  # nobody is signed in
    assert 'data-key="how"' not in html
    told = page(desk, site, clock, "device", alarm.device_id, alarm=str(alarm.id))
    assert 'data-key="how"' in told
    assert "same then and now" in told or alarm.rule_version in told


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_both_languages(desk: FakeDesk, site: Site, clock: ManualClock, language: str) -> None:
    """And no key of a catalogue is left unfilled."""
    for name, about in (("devices", ""), ("device", "tree-1"), ("device", "charger-01")):
        html = page(desk, site, clock, name, about, language=language)
        assert len(html) > 2000
        assert "device." not in html.replace("devices.css", "").replace("device.js", "")
