"""What people read of an alarm."""

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from config.load import SHARED, Site
from config.schema import Words
from config.texts import Texts
from domain.finding import Change, Finding, Severity
from domain.register import Zone, ZoneRole
from rules.telling import strange_placeholders, told
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable

LEAK = """
id: leak
title: {zh: 充电漏电, en: Residual current}
kind: threshold
for_each: {kind: charger, part: port}
metric: residual_ma
raise: {above: 30}
severity: critical
source: T/GBC 48-2025
confidence: high
text:
  zh: "{name} 的 {port} 号口漏电 {value} {unit}，限值 {limit}"
  en: "port {port} of {name} leaks {value} {unit}, limit {limit}"
first: {zh: 先断电，勿触碰车辆, en: cut the power before you touch anything}
"""


@pytest.fixture(scope="module")
def city() -> Site:
    return replace(small_city(), texts=Texts.load(SHARED / "texts"))


def _raised(site: Site, folder: Path, rule: str, table: str) -> Finding:
    rules = rules_from(folder, site, rule)
    (finding,) = Timetable(rules, site).play(table)
    return told(finding, rules[0], site)


def test_it_says_what_since_when_how_sure_and_what_to_do_first(city: Site, tmp_path: Path) -> None:
    """All four, in both languages, with the numbers of this alarm."""
    finding = _raised(city, tmp_path, LEAK, "08:30 cs-1/2 residual_ma=38.25 → raised leak cs-1/2")
    assert finding.text_zh == (
        "cs-1 的 2 号口漏电 38.25 mA，限值 30。11-22 08:30 起。把握：高，依据：T/GBC 48-2025。先做：先断电，勿触碰车辆"
    )
    assert finding.text_en == (
        "port 2 of cs-1 leaks 38.25 mA, limit 30. Since 11-22 08:30. "
        "Confidence: high; from: T/GBC 48-2025. First: cut the power before you touch anything"
    )


STANDING = """
id: bikes
kind: presence
for_each: {kind: camera}
min_stay: 1m
confirm: {k: 1, n: 1}
clear: {k: 1, n: 1}
zone_roles: [frontage, no_parking]
classes: [bicycle]
title: {zh: 乱停放, en: Bicycles}
text: {zh: "{zone}有车", en: "bicycles: {zone}"}
"""


@pytest.mark.parametrize(
    ("names", "zh", "en"),
    [
        (("front",), "店前区域有车", "bicycles: shop front"),
        (("front", "side"), "店前区域“front”有车", "bicycles: shop front “front”"),
    ],
)
def test_a_zone_is_told_by_what_it_is_for(city: Site, tmp_path: Path, names: tuple[str, ...], zh: str, en: str) -> None:
    """As the evidence picture says it; by its name, too, where the camera has several of them."""
    (rule,) = rules_from(tmp_path, city, STANDING)
    camera = next(iter(city.cameras.values()))
    square = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.4))
    zones = tuple(Zone(camera_id=camera.camera_id, zone=name, role=ZoneRole.FRONTAGE, polygon=square) for name in names)
    finding = Finding(
        rule_id=rule.id, rule_version=rule.version, subject=f"{camera.camera_id}/front", device_id=camera.camera_id,
        zone="front", kind="camera", severity=Severity.NOTICE, change=Change.RAISED, at_ms=0, since_ms=0,
            title_zh="", title_en="",
    )  # fmt: skip
    text = told(finding, rule, replace(city, cameras={camera.camera_id: structs.replace(camera, zones=zones)}))
    assert text.text_zh.startswith(f"{zh}。")
    assert text.text_en.startswith(f"{en}. ")


def test_a_rule_without_words_says_its_title_and_that_nobody_vouches_for_it(city: Site, tmp_path: Path) -> None:
    """Nothing is invented: no source and no confidence are said to be missing."""
    bare = "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 65}\nfor: 10m"
    rules = rules_from(tmp_path, city, bare)
    table = Timetable(rules, city)
    table.play("\n".join(f"08:{minute:02} cs-1 temp_c=70" for minute in range(10)))
    (finding,) = table.play("08:10 cs-1 temp_c=70 → raised hot cs-1")
    assert told(finding, rules[0], city).text_en == (
        "cs-1: rule. Since 11-22 08:00, for 10 min. Confidence: not said; from: not said"
    )


@pytest.mark.parametrize(
    ("known", "zh", "en"),
    [
        ({"road": ""}, "cs-1（红梅街道）过热", "cs-1 (红梅街道) is hot"),
        ({"road": "", "sub_district": ""}, "cs-1（天宁区）过热", "cs-1 (天宁区) is hot"),
        ({"road": "", "sub_district": "", "district": ""}, "cs-1过热", "cs-1 is hot"),
    ],
)
def test_no_brackets_are_empty(city: Site, tmp_path: Path, known: dict[str, str], zh: str, en: str) -> None:
    """Where the register has no road, the next larger place is named; where it has none at all, none is."""
    station = city.devices["cs-1"]
    placed = structs.replace(station, location=structs.replace(station.location, **known))
    site = replace(city, devices={**city.devices, "cs-1": placed})
    hot = (
        "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 65}\n"
        'text: {zh: "{name}（{place}）过热", en: "{name} ({place}) is hot"}'
    )
    finding = _raised(site, tmp_path, hot, "08:30 cs-1 temp_c=70 → raised hot cs-1")
    assert finding.text_zh.startswith(f"{zh}。")
    assert finding.text_en.startswith(f"{en}. ")


def test_the_end_of_an_alarm_has_no_text(city: Site, tmp_path: Path) -> None:
    """What is over needs nothing done first."""
    rules = rules_from(tmp_path, city, LEAK)
    _, end = Timetable(rules, city).play(
        "08:30 cs-1/2 residual_ma=38 → raised leak cs-1/2\n08:31 cs-1/2 residual_ma=1 → resolved leak cs-1/2"
    )
    assert end.change is Change.RESOLVED
    assert told(end, rules[0], city) == end


def test_what_nothing_fills_is_found() -> None:
    """Both languages are searched, each name is said once."""
    words = Words(zh="{value}{volt}", en="{value} {volt} {watt}")
    assert strange_placeholders(words) == ("volt", "watt")
