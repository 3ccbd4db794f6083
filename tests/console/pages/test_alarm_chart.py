"""What led to an alarm: the curve of its reading, and the looks of its camera around it."""

import json
import os
from html import unescape
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.rule_cards import card_of
from config.load import Site, load_site
from console.pages.alarm_chart import alarm_curve, looks_around
from console.pages.looking import Looking, View
from console.seat import Seat
from console.words import Words
from domain.case import Alarm
from domain.clock import ManualClock, SystemClock
from domain.finding import Severity
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.files import load_rules
from tests.console.reader import Client, text_of
from tests.fakes.chromium import BINARY, Tab
from tests.fakes.desk import FakeDesk
from tests.fakes.person import Person

CHARGER = "charger-01"
CAM = "cam-001"
THING = SeenObject(label="bicycle", score=0.9, box=(0.1, 0.6, 0.2, 0.8), overlap=1.0, stay_s=60.0, looks=2)


def of_reading(desk: FakeDesk, now_ms: int) -> Alarm:
    """A port that is too hot, and has been for ten minutes."""
    return replace(
        desk.all_alarms[0],
        device_id=CHARGER,
        subject=f"{CHARGER}/3",
        kind="charger",
        rule_id="charger-hot",
        port=3,
        zone=None,
        shop_id=None,
        metric="temp_c",
        value=71.0,
        limit=65.0,
        severity=Severity.WARN,
        evidence=None,
        since_ms=now_ms - 600_000,
        raised_ms=now_ms - 590_000,
        resolved_ms=None,
        acked_ms=now_ms - 300_000,
        acked_by="王工",
        acked_why="去看",
    )


def of_camera(desk: FakeDesk, since_ms: int) -> Alarm:
    """Something in a zone of a camera."""
    return replace(
        of_reading(desk, since_ms), device_id=CAM, subject=f"{CAM}/front", kind="camera", port=None, zone="front",
        metric=None, value=None, limit=None, since_ms=since_ms,
    )  # fmt: skip


def looked(
    taken_ms: int, *, things: int = 0, view: ViewHealth = ViewHealth.HEALTHY, picture: str | None = None
) -> Sighting:
    """A look of the camera."""
    zones = (ZoneSighting(zone="front", objects=(THING,) * things), ZoneSighting(zone="other", objects=(THING,)))
    return Sighting(
        camera_id=CAM,
        look_id=f"{CAM}-{taken_ms}",
        taken_ms=taken_ms,
        received_ms=taken_ms,
        view=view,
        zones=zones if view is ViewHealth.HEALTHY else (),
        picture=picture,
    )


def test_a_curve_begins_an_hour_before_and_ends_with_the_alarm(desk: FakeDesk, site: Site, clock: ManualClock) -> None:
    """Open at its end while the alarm stands; it began, was taken on, and is over."""
    now_ms, words = clock.now_ms(), Words(site, "en", clock.now_ms())
    alarm = of_reading(desk, now_ms)
    found = alarm_curve(alarm, site, words)
    assert found is not None
    assert (found.device_id, found.port, found.metric, found.unit) == (
        CHARGER,
        3,
        "temp_c",
        site.metrics["temp_c"].unit,
    )
    assert (found.from_ms, found.to_ms) == (now_ms - 600_000 - 3_600_000, None)
    assert [(one.name, now_ms - one.at_ms) for one in found.moments] == [("began", 600_000), ("taken on", 300_000)]
    over = alarm_curve(replace(alarm, resolved_ms=now_ms - 60_000), site, words)
    assert over is not None
    assert over.to_ms == now_ms
    assert [one.name for one in over.moments] == ["began", "taken on", "over"]


def test_what_a_rule_looks_at_is_said_where_it_is_not_the_value_itself(desk: FakeDesk, clock: ManualClock) -> None:
    """Of lean the curve shows where the tree stands, the rule how far that is from where it stood at first."""
    demo = load_site("demo", {})
    tree = next(one for one in demo.devices.values() if "tilt_deg" in one.baseline)
    cards = {rule.id: card_of(rule, demo) for rule in load_rules(demo.rule_files, demo)}
    words, alarm = Words(demo, "en", clock.now_ms()), of_reading(desk, clock.now_ms())
    alarm = replace(alarm, device_id=tree.device_id, subject=tree.device_id, kind="tree", port=None, metric="tilt_deg")

    def said(rule_id: str, card: str | None) -> str:
        found = alarm_curve(replace(alarm, rule_id=rule_id), demo, words, cards[card] if card else None)
        assert found is not None
        return found.measured

    first = words.measured("tilt_deg", tree.baseline["tilt_deg"])
    assert first is not None
    assert f"at installation it was {first}" in said("tree-tilt", "tree-tilt")
    assert "at installation it was" not in said("tree-tilt-step", "tree-tilt-step")
    assert said("tree-tilt-step", "tree-tilt-step").startswith("This rule looks at: ")
    assert said("tree-tilt", "charger-smoke") == said("gone", None) == ""


@pytest.mark.parametrize(
    "other", [{"metric": None}, {"metric": "no_such"}, {"metric": "soil_ph"}, {"device_id": "gone"}]
)
def test_without_a_reading_there_is_no_curve(
    desk: FakeDesk, site: Site, clock: ManualClock, other: dict[str, str | None]
) -> None:
    """Of silence, of what a device does not send, of a device that is no more."""
    alarm = replace(of_reading(desk, clock.now_ms()), **other)
    assert alarm_curve(alarm, site, Words(site, "en", clock.now_ms())) is None


def test_the_looks_around_the_beginning(desk: FakeDesk, site: Site, clock: ManualClock, tmp_path: Path) -> None:
    """Six on each side, in order; with what stood in its zone, and only pictures that may be shown."""
    since_ms = clock.now_ms() - 3_600_000
    alarm = of_camera(desk, since_ms)
    shared = tmp_path / "shared.jpg"
    shared.write_bytes(b"\xff\xd8\xff")
    desk.pictures["shared"] = shared
    desk.sights.all_looks = [
        looked(since_ms + n * 60_000, things=2 if n >= 0 else 0, picture="shared" if n in {0, 1} else "kept/x.original")
        for n in range(-10, 30)
    ]
    desk.sights.all_looks[8] = looked(since_ms - 120_000, view=ViewHealth.DARK, picture="shared")
    looking = Looking(
        view=View(language="en", name="alarm", about="1"),
        seat=Seat(desk=desk, site=site),
        words=Words(site, "en", clock.now_ms()),
    )
    found = looks_around(alarm, looking)
    assert [(one.at_ms - since_ms) // 60_000 for one in found] == list(range(-6, 6))
    assert [one.after for one in found] == [False] * 6 + [True] * 6
    assert [place for place, one in enumerate(found, -6) if one.url] == [0, 1]
    assert found[4].said == "too dark"
    assert (found[5].said, found[6].said) == ("nothing in the zone", "2 things in the zone")
    assert looks_around(of_reading(desk, clock.now_ms()), looking) == []


async def test_the_page_has_both(client: Client, desk: FakeDesk, clock: ManualClock) -> None:
    """A curve with a table beside it of a reading; of a camera the strip, and no chart's script."""
    now_ms = clock.now_ms()
    desk.all_alarms = [of_reading(desk, now_ms)]
    page = unescape(await text_of(client, f"/alarms/{desk.all_alarms[0].id}?lang=en"))
    facts = json.loads(page.partition('data-facts="')[2].partition('" hidden')[0])
    assert (facts["to_ms"], facts["moments"][0]["name"]) == (None, "began")
    assert "alarm_chart.js" in page
    assert "uPlot.iife" in page
    desk.all_alarms = [of_camera(desk, now_ms - 600_000)]
    desk.sights.all_looks = [looked(now_ms - 600_000, things=1)]
    page = await text_of(client, f"/alarms/{desk.all_alarms[0].id}?lang=en")
    assert "1 thing in the zone" in page
    assert "uPlot.iife" not in page


@pytest.mark.browser
@pytest.mark.timeout(300)
@pytest.mark.skipif(BINARY is None and os.environ.get("CI") != "true", reason="Chromium is not installed")
async def test_the_curve_is_drawn_and_read(client: Client, tab: Tab, desk: FakeDesk, clock: ManualClock) -> None:
    """With its limit and when it began; an arrow reads the value out, the table has it too; no word of complaint."""
    clock.advance(seconds=(SystemClock().now_ms() - clock.now_ms()) / 1000)
    now_ms = clock.now_ms()
    desk.all_alarms = [of_reading(desk, now_ms)]
    desk.values = {("charger", CHARGER, 3): {"temp_c": (now_ms - 60_000, 71.5)}}
    person = Person(tab)
    for width in (1440, 390):
        await tab.open(str(client.make_url(f"/alarms/{desk.all_alarms[0].id}?lang=en")), width=width)
        await person.until("document.querySelector('#alarm-chart canvas') !== null")
        assert await tab.run("document.documentElement.scrollWidth") == width
    label = await tab.run("document.querySelector('#alarm-chart [role=slider]').getAttribute('aria-label')")
    assert "began" in label
    assert "taken on" in label
    await tab.run("document.querySelector('#alarm-chart [role=slider]').focus()")
    await person.press("End")
    await person.until(
        "document.querySelector('#alarm-chart [role=slider]').getAttribute('aria-valuetext').includes('71.5')"
    )
    rows = await tab.run(
        "[...document.querySelectorAll('#alarm-chart tbody tr')].map((row) => row.innerText).join('|')"
    )
    assert "71.5" in await tab.run("document.querySelector('#alarm-chart tbody').textContent")
    assert rows.count("|") == 2
    assert tab.complaints == []
