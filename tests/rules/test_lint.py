"""What is hardly meant: each kind of doubt about rules, with its line."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from config.limits import Override
from config.lint import Doubt
from config.load import SHARED, Site, load_site
from config.workdays import NAME as WORKDAYS
from config.workdays import read_workdays
from rules.files import load_rules
from rules.lint import doubts
from tests.rules.city import rules_from, small_city

WORDS = """\
text: {zh: 出了事, en: something is wrong}
first: {zh: 去看看, en: go and look}
source: the manual
confidence: high
"""
HOT = f"""\
id: hot
kind: threshold
for_each: {{kind: charger}}
metric: temp_c
raise: {{above: 55}}
severity: warn
{WORDS}"""
LEAN = f"""\
id: lean
kind: threshold
for_each: {{kind: tree}}
metric: tilt_deg
relative_to: baseline
raise: {{above: 1}}
severity: warn
{WORDS}"""
GONE = f"""\
id: gone
kind: silent
for_each: {{kind: charger}}
severity: warn
{WORDS}"""
BIKE = f"""\
id: bike
kind: presence
for_each: {{kind: camera}}
classes: [bicycle]
zone_roles: [frontage]
confirm: {{k: 2, n: 3}}
clear: {{k: 2, n: 2}}
severity: warn
{WORDS}"""


def told(folder: Path, *texts: str, site: Site | None = None) -> list[str]:
    """All doubts about these rules: `9: what is doubted`, the line counted from the first rule's id as 1."""
    city = site or small_city()
    return [_said(doubt) for doubt in doubts(rules_from(folder, city, *texts), city)]


def _said(doubt: Doubt) -> str:
    return f"{doubt.path.name}: {doubt.problem}" if doubt.line is None else f"{doubt.line - 3}: {doubt.problem}"


@pytest.mark.parametrize("text", [HOT, LEAN, GONE, BIKE])
def test_what_is_meant_is_not_doubted(tmp_path: Path, text: str) -> None:
    """Rules with words, source and confidence, over limits that can be reached."""
    assert told(tmp_path, text) == []


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (HOT.replace("source: the manual\n", ""), "1: rule 'hot': nobody will know where its numbers come from"),
        (HOT.replace("confidence: high\n", ""), "1: rule 'hot': nobody will know how sure its numbers are"),
        (HOT.replace("text: {zh: 出了事, en: something is wrong}\n", ""), "10: rule 'hot': there is no text"),
        (
            HOT.replace("first: {zh: 去看看, en: go and look}\n", "").replace("warn", "critical")
            + "case: {policy: none}\n",
            "11: rule 'hot': it is critical, and nothing says what to do first",
        ),
        (HOT.replace("出了事", "wrong"), "7: rule 'hot': text.zh is 'wrong', which is no Chinese"),
        (HOT.replace("go and look", "去看看"), "8: rule 'hot': first.en is '去看看', which is no English"),
        (HOT.replace("something is wrong", "''"), "7: rule 'hot': text.en is '', which is no English"),
        (HOT + "title: {zh: '{value} 度', en: hot}", "11: rule 'hot': title is '{value} 度'; it names the alarm"),
        (HOT + "overrides: {cs-1: {raise: {above: 60}}}", "11: rule 'hot': cs-1 has limits of its own, and no source"),
        (HOT.replace("55", "250"), "5: rule 'hot': warn is raised only by exactly the last plausible value"),
        (HOT + "for: 20s", "11: rule 'hot': for is 20 s, less than the 30 s between two values"),
        (HOT + "schedule: 22:00-06:00\nfor: 9h", "12: rule 'hot': for is 9 h, but it speaks for 8 h at a time"),
        (
            HOT.replace("raise: {above: 55}\nseverity: warn", "levels: {warn: {raise: {above: 55}, for: 5s}}"),
            "5: rule 'hot': for is 5 s, less than the 30 s between two values",
        ),
        (LEAN.replace("above: 1", "above: 95"), "6: rule 'lean': warn can never be raised for anybody"),
        (HOT + "inhibited_by: [hot]", "11: rule 'hot': it is inhibited by itself"),
        (
            BIKE + "max_gap: 10s",
            "13: rule 'bike': max_gap is 10 s, less than the time between two looks of cam-1, cam-2",
        ),
        (BIKE.replace("frontage", "fire_lane"), "zones.csv: no zone is a fire_lane: bike will find nothing"),
        (GONE.replace("charger", "gateway"), "devices.csv: no device is a gateway: gone will find nothing"),
    ],
)
def test_each_doubt_is_told_with_its_line(tmp_path: Path, text: str, doubt: str) -> None:
    """And nothing else is."""
    found = told(tmp_path, text)
    assert [each[: len(doubt)] for each in found] == [doubt]


def test_a_metric_that_no_registered_device_sends_is_doubted(tmp_path: Path) -> None:
    """Some model of the kind could send it; none of those that are there does."""
    city = small_city()
    bare = city.profiles["charging-station"].model_copy(update={"metrics": ("smoke",)})
    devices = {"cs-1": structs.replace(city.devices["cs-1"], profile="bare")}
    city = replace(city, profiles={**city.profiles, "bare": bare}, devices=devices)
    assert told(tmp_path, HOT, site=city) == [
        "4: rule 'hot': metric is 'temp_c', which no registered charger sends: it will find nothing"
    ]


def test_a_models_own_limits_want_a_source(tmp_path: Path) -> None:
    """Wherever numbers stand."""
    city = small_city()
    own = Override.model_validate({"raise": {"above": 60}})
    profile = city.profiles["charging-station"].model_copy(update={"limits": {"hot": own}})
    city = replace(city, profiles={**city.profiles, "charging-station": profile})
    [doubt] = told(tmp_path, HOT, site=city)
    assert doubt.endswith("has limits of its own for the rule 'hot', and no source for them")


def test_some_that_are_out_of_reach_are_named(tmp_path: Path) -> None:
    """A tree that leans much to one side can lean by so much more to the other; an upright one can't."""
    city = small_city()
    devices = {**city.devices, "tree-2": structs.replace(city.devices["tree-2"], baseline={"tilt_deg": 60})}
    text = LEAN.replace("above: 1", "above: 95")
    [doubt] = told(tmp_path, text, site=replace(city, devices=devices))
    assert doubt.startswith("6: rule 'lean': warn can never be raised for tree-1: no plausible value reaches its limit")


def test_hours_in_which_nobody_looks_are_doubted(tmp_path: Path) -> None:
    """By the cameras' duty, and by the zones' own hours."""
    city = small_city()
    cameras = {name: structs.replace(camera, duty="06:00-20:00") for name, camera in city.cameras.items()}
    night = BIKE + "schedule: 21:00-05:00"
    assert told(tmp_path, night) == []
    assert told(tmp_path, night, site=replace(city, cameras=cameras)) == [
        "13: rule 'bike': it speaks at 21:00-05:00, when nobody looks, or none of its zones counts"
    ]
    zones = {
        name: structs.replace(camera, zones=tuple(structs.replace(zone, hours="06:00-20:00") for zone in camera.zones))
        for name, camera in city.cameras.items()
    }
    assert len(told(tmp_path, night, site=replace(city, cameras=zones))) == 1


def test_rules_that_inhibit_each_other_or_nothing_are_doubted(tmp_path: Path) -> None:
    """Only what stands on the same device holds back, and only one of two can hold back the other."""
    assert told(tmp_path, LEAN + "inhibited_by: [gone]", GONE) == [
        "12: rule 'lean': 'gone' is about each charger, this one about each tree: they never stand on one device"
    ]
    assert told(tmp_path, HOT + "inhibited_by: [gone]", GONE + "inhibited_by: [hot]") == [
        "21: rule 'gone': 'hot' and this one inhibit each other: whichever comes first hides the other"
    ]
    assert told(tmp_path, HOT + "inhibited_by: [gone]", GONE) == []


@pytest.mark.parametrize(
    ("change", "twins"),
    [
        (("above: 55", "above: 56"), True),
        (("severity: warn", "severity: warn\nfor: 10m"), True),
        (("{kind: charger}", "{kind: charger, part: device}"), True),
        (
            (
                "raise: {above: 55}\nseverity: warn",
                "levels: {notice: {raise: {above: 50}}, warn: {raise: {above: 60}}}",
            ),
            True,
        ),
        (("above: 55", "below: 5"), False),
        (("severity: warn", "severity: notice"), False),
        (("temp_c", "power_w"), False),
    ],
)
def test_two_rules_that_say_the_same_are_doubted(tmp_path: Path, change: tuple[str, str], *, twins: bool) -> None:
    """One kind, metric, side and severity, and devices or ports that both speak about."""
    other = HOT.replace("id: hot", "id: hotter").replace(*change)
    found = told(tmp_path, HOT, other)
    assert [each.partition(": ")[2] for each in found] == [
        "rule 'hotter': it says much the same of the same devices as 'hot' (rules.yaml line 4): one will do"
    ] * twins
    assert told(tmp_path, GONE, GONE.replace("id: gone", "id: away")) != []


def test_what_is_grave_and_leads_to_nobody(tmp_path: Path) -> None:
    """Critical without a case; that no case is meant can be said, but not beside a matter."""
    grave = GONE.replace("severity: warn", "severity: critical")
    kept = 'case: {matter: "01054", policy: none}\n'

    for text in (grave, grave + kept):
        [doubted] = told(tmp_path, text)
        assert "it is critical and leads to no case: no unit gets it, and the duty desk is told of each" in doubted
    for meant in ("case: {policy: none}\n", 'case: {matter: "01054", policy: open}\n'):
        assert told(tmp_path, grave + meant) == []


def test_a_latched_level_below_its_cases_leads_to_nobody(tmp_path: Path) -> None:
    """Only a person may end it, and no unit gets it."""
    levels = "levels: {warn: {raise: {above: 60}, latch: true}, critical: {raise: {above: 70}}}"
    case = 'case: {matter: "01054", policy: open, from: critical}\n'

    [doubted] = told(tmp_path, HOT.replace("raise: {above: 55}\nseverity: warn", levels) + case)
    assert "it is warn and latched and leads to no case" in doubted


def test_devices_and_ports_are_not_the_same(tmp_path: Path) -> None:
    """A rule for each may have the same limit."""
    device, port = (HOT.replace("charger}", f"charger, part: {part}}}") for part in ("device", "port"))
    assert told(tmp_path, device, port.replace("id: hot", "id: hotter")) == []


def test_what_is_shipped_can_be_reached() -> None:
    """No doubt about limits, holds, hours, inhibition and twins of the shipped rules at the demo."""
    site = load_site("demo", {})
    found = doubts(load_rules(site.rule_files, site), site)
    about_words = ("there is no text", "what to do first", "will find nothing")
    assert [str(each) for each in found if not any(words in each.problem for words in about_words)] == []


def test_holidays_that_nobody_has_entered_are_a_doubt_where_a_rule_asks_for_them(tmp_path: Path) -> None:
    """Told with the rules that would speak on the wrong days; hours alone need no table."""
    city = replace(small_city(), workdays=read_workdays([SHARED / WORKDAYS]))
    rules = rules_from(tmp_path, city, BIKE + "schedule: {days: workdays, hours: 07:00-22:00}")
    [found] = doubts(rules, city, date(2027, 1, 1))
    assert str(found) == (
        "small-city/workdays.yaml: it does not have the holidays and make-up workdays of 2027, only 2025, 2026; add "
        "those that the State Council has published: bike would speak on the wrong days"
    )
    assert doubts(rules, city, date(2026, 6, 1)) == []
    plain = rules_from(tmp_path, city, BIKE + "schedule: {days: [sat], hours: 07:00-22:00}")
    assert doubts(plain, city, date(2027, 1, 1)) == []


@pytest.mark.parametrize(
    ("grave", "doubted"),
    [
        (HOT.replace("warn", "critical"), "critical"),
        (HOT + "latch: true\n", "latched"),
        (HOT, ""),
    ],
)
def test_hours_that_hold_back_what_is_grave(tmp_path: Path, grave: str, doubted: str) -> None:
    """Nobody is told of it until the schedule opens."""
    found = [each for each in told(tmp_path, grave + "schedule: 07:00-22:00") if "until the schedule opens" in each]
    assert [f"it is {doubted}" in each for each in found] == ([True] if doubted else [])
