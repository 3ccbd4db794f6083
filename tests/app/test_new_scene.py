"""A new scene of the city needs files and no code: the site of docs/new-scene.md, from its messages to its alarms."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.readers.rules_reader import RulesReader
from config.load import Site, load_site
from domain.case import Alarm
from domain.finding import AlarmState, Severity
from domain.message import RawMessage
from domain.reading import DeviceState
from storage.series.embedded import EmbeddedSeries
from tests.app.line import NOON_MS, Line, message

PAGE = Path(__file__).parents[2] / "docs" / "new-scene.md"
OURS, VENDORS = "mh-001", "mh-002"
_BLOCK = re.compile(r"^`([\w-]+\.(?:yaml|csv))`[^\n]*\n(?:[^\n]+\n)*\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """The site that the page describes, with its data beside it."""
    folder = tmp_path / "manholes"
    folder.mkdir()
    blocks = dict(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))
    assert sorted(blocks) == [
        "devices.csv",
        "manholes.yaml",
        "matters.yaml",
        "metrics.yaml",
        "profiles.yaml",
        "site.yaml",
    ]
    for name, text in blocks.items():
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "data").mkdir()
    return load_site(str(folder), {"LONGCHENG_DATA": str(tmp_path / "data")})


@pytest.fixture
def line(site: Site) -> Iterator[Line]:
    """An empty line of that site."""
    opened = Line(site)
    yield opened
    opened.close()


@pytest.fixture
def series(line: Line) -> Iterator[EmbeddedSeries]:
    """The embedded store."""
    store = EmbeddedSeries(line.folder / "series.db")
    yield store
    store.close()


def ours(**metrics: float | bool) -> RawMessage:
    """A cover that speaks our own payload."""
    content = {"ts": NOON_MS, "metrics": metrics}
    return message(json.dumps(content).encode(), topic=f"longcheng/v1/manhole/{OURS}/telemetry")


def vendors(at_s: int = NOON_MS // 1000, **data: object) -> RawMessage:
    """A cover that speaks its vendor's."""
    return message(json.dumps({"ts": at_s, "seq": 12, "data": data}).encode(), topic="acme/manhole/AC-7702/up")


def read(line: Line) -> tuple[RulesReader, list[Alarm]]:
    """What has become of all messages."""
    reader = line.reader()
    while reader.cursor < line.journal.head():
        reader.step()
    return reader, line.store.alarms(open_only=False)


def test_an_open_cover_is_an_alarm_a_case_and_a_point(line: Line, series: EmbeddedSeries) -> None:
    """From our own payload to a critical alarm in both languages, a case with its matter, and the stored values."""
    line.journal.append([ours(open=True, tilt_deg=31.5, water_level_m=0.3, battery_pct=88)])

    _, [alarm] = read(line)
    assert (alarm.rule_id, alarm.subject, alarm.state) == ("manhole-open", OURS, AlarmState.FIRING)
    assert (alarm.severity, alarm.title_zh, alarm.title_en) == (
        Severity.CRITICAL,
        "井盖打开",
        "Manhole cover open",
    )
    [case] = line.store.cases()
    assert (case.kind, case.matter, case.subject) == ("manhole", "91001", OURS)
    assert case.due_ms == line.clock.now_ms() + 3_600_000
    [notice] = line.store.notices()
    assert "和平路一号井" in str(notice.body)
    assert line.deadletters.count() == 0

    line.writer(series).step()
    tags = {"device_id": OURS}
    assert series.range("manhole", "open", tags, NOON_MS, NOON_MS + 1) == [(NOON_MS, True)]
    assert series.range("manhole", "water_level_m", tags, NOON_MS, NOON_MS + 1) == [(NOON_MS, 0.3)]


def test_a_vendors_cover_is_one_like_any_other(line: Line, series: EmbeddedSeries) -> None:
    """Its own topic, names, units and clock; the same rule, and the same measurement in the store."""
    line.journal.append([vendors(cover=1, angle=4.5, water_cm=130, bat="88", fw="1.4", net={"csq": 21})])

    _, alarms = read(line)
    assert {(alarm.rule_id, alarm.subject) for alarm in alarms} == {
        ("manhole-open", VENDORS),
        ("manhole-water", VENDORS),
    }
    assert line.deadletters.count() == 0

    line.writer(series).step()
    tags = {"device_id": VENDORS}
    assert series.range("manhole", "open", tags, NOON_MS, NOON_MS + 1) == [(NOON_MS, True)]
    assert series.range("manhole", "water_level_m", tags, NOON_MS, NOON_MS + 1) == [(NOON_MS, 1.3)]


def test_a_vendors_wrong_clock_is_put_right(line: Line) -> None:
    """Local time sent as UTC would be eight hours ahead, and the water of this noon tonight's."""
    line.journal.append([vendors(NOON_MS // 1000 + 8 * 3600, water_cm=130)])
    _, [alarm] = read(line)
    assert (alarm.rule_id, alarm.seen_ms) == ("manhole-water", NOON_MS)


def test_a_closed_cover_ends_the_alarm(line: Line) -> None:
    """What the files say about the end of an alarm holds as well."""
    line.journal.append([ours(open=True), message(_closed(), NOON_MS + 60_000, topic=ours().topic)])
    _, [alarm] = read(line)
    assert alarm.state is AlarmState.RESOLVED


def test_a_vendors_last_will_is_silence(line: Line) -> None:
    """The word that the files name takes the device offline, and its silence is the alarm of the files' rule."""
    there = "acme/manhole/AC-7702/lwt"
    line.journal.append([vendors(water_cm=10), message(b"down", NOON_MS + 1000, topic=there)])
    reader, [alarm] = read(line)
    assert (alarm.rule_id, alarm.device_id) == ("manhole-silent", VENDORS)
    assert {one.device_id: one.state for one in reader.presence.devices()}[VENDORS] is DeviceState.OFFLINE


def _closed() -> bytes:
    return json.dumps({"ts": NOON_MS + 60_000, "metrics": {"open": False}}).encode()
