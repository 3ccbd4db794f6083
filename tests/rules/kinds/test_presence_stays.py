"""`kind: presence`: each class has its own time, and each zone may have hours."""

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from domain.errors import ConfigError
from rules.kinds.presence import Presence
from tests.rules.city import rules_from, small_city
from tests.rules.timetable import Timetable

RULE = """
id: out
kind: presence
for_each: {kind: camera}
classes: [bicycle, chair, truck]
zone_roles: [frontage]
min_stay: {bicycle: 10m, default: 30m}
confirm: {k: 2, n: 3}
clear: {k: 2, n: 2}
"""


def test_each_class_has_its_own_time(tmp_path: Path) -> None:
    """A chair may stand for longer than a bicycle; the finding tells the limit of what stood too long."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, RULE), site).play(
        """
        08:00  cam-1 healthy front: chair 20m, bicycle 9m
        08:01  cam-1 healthy front: chair 21m
        08:02  cam-1 healthy front: chair 22m, bicycle 10m
        08:03  cam-1 healthy front: chair 23m, bicycle 11m   → raised out cam-1/front
        08:04  cam-1 healthy front: chair 31m                → renewed out cam-1/front
        08:05  cam-1 healthy front: chair 32m, bicycle 16m   → renewed out cam-1/front
        """
    )
    assert [(step.value, step.limit) for step in found] == [(660, 600), (1860, 1800), (960, 600)]
    assert {step.limit_source for step in found} == {"rules.yaml:9 out"}


def test_one_of_a_class_with_time_left_is_no_violation_but_not_clear(tmp_path: Path) -> None:
    """The bicycle is gone; a chair that came five minutes ago neither holds the alarm nor ends it."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, RULE), site).play(
        """
        08:00  cam-1 healthy front: bicycle 12m
        08:01  cam-1 healthy front: bicycle 13m              → raised out cam-1/front
        08:02  cam-1 healthy front: chair 5m
        08:03  cam-1 healthy front: chair 6m
        08:04  cam-1 healthy front:
        08:05  cam-1 healthy front:                          → resolved out cam-1/front
        """
    )


def test_the_demo_runs_each_time_in_a_thirtieth(tmp_path: Path) -> None:
    """All of them alike."""
    site = small_city(compress=30)
    found = Timetable(rules_from(tmp_path, site, RULE), site).play(
        """
        08:00:00  cam-1 healthy front: chair 59s, bicycle 19s
        08:00:06  cam-1 healthy front: chair 65s
        08:00:12  cam-1 healthy front: chair 71s             → raised out cam-1/front
        """
    )
    assert found[0].limit == 60


@pytest.mark.parametrize(
    ("stay", "stays_s"),
    [
        ("10m", {"bicycle": 600, "chair": 600, "truck": 600}),
        ("{default: 5m}", {"bicycle": 300, "chair": 300, "truck": 300}),
        ("{bicycle: 1m, chair: 2m, truck: 3m}", {"bicycle": 60, "chair": 120, "truck": 180}),
        ("{truck: 1h, default: 90s}", {"bicycle": 90, "chair": 90, "truck": 3600}),
    ],
)
def test_what_a_rule_says_of_each_class(tmp_path: Path, stay: str, stays_s: dict[str, float]) -> None:
    """One time for all, or some of their own and a default."""
    text = RULE.replace("{bicycle: 10m, default: 30m}", stay)
    [rule] = rules_from(tmp_path, small_city(), text)
    assert isinstance(rule.spec, Presence)
    assert rule.spec.stays_s == stays_s


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"),
    [
        (
            "bicycle: 10m",
            "motorcycle: 10m",
            9,
            "min_stay names 'motorcycle', of which the rule does not speak; there is",
        ),
        (", default: 30m", "", 9, "min_stay says nothing of chair, truck; add them, or default: 10m"),
        ("bicycle: 10m", "bicycle: 600", 9, "bicycle is 600: write a duration with its unit"),
        ("{bicycle: 10m, default: 30m}", "600", 9, "min_stay is 600: write a duration with its unit"),
        (
            "[bicycle, chair, truck]",
            "[bicycle, chair, lorry]",
            7,
            "classes has 'lorry'; there is bicycle, motorcycle, car",
        ),
        ("[bicycle, chair, truck]", "[person]", 7, "classes has 'person'; there is bicycle, motorcycle, car"),
        ("[frontage]", "[front]", 8, "zone_roles"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(tmp_path: Path, good: str, bad: str, line: int, says: str) -> None:
    """The key, the value and what is allowed."""
    with pytest.raises(ConfigError) as told:
        rules_from(tmp_path, small_city(), RULE.replace(good, bad))

    assert str(told.value).startswith(f"{tmp_path / 'rules.yaml'} line {line}: ")
    assert says in str(told.value)


def test_no_rule_can_speak_of_people(tmp_path: Path) -> None:
    """What cameras tell of has no word for them, so a rule that names them is refused."""
    with pytest.raises(ConfigError, match="classes has 'person'"):
        rules_from(tmp_path, small_city(), RULE.replace("[bicycle, chair, truck]", "[bicycle, person]"))


def test_outside_a_zones_hours_a_look_counts_neither_for_nor_against(tmp_path: Path) -> None:
    """Unlike a rule's hours, in which a clear look clears: of a closed zone nothing is said, whoever sends the look."""
    site = small_city()
    camera = site.cameras["cam-1"]
    zones = tuple(structs.replace(zone, hours="07:00-22:00") for zone in camera.zones)
    site = replace(site, cameras={"cam-1": structs.replace(camera, zones=zones)})
    Timetable(rules_from(tmp_path, site, RULE), site).play(
        """
        06:50     cam-1 healthy front: bicycle 1h
        06:59     cam-1 healthy front: bicycle 1h
        07:00     cam-1 healthy front: bicycle 1h
        07:01     cam-1 healthy front: bicycle 1h            → raised out cam-1/front
        21:59     cam-1 healthy front:
        22:00     cam-1 healthy front:
        23:00     cam-1 healthy front: bicycle 1h
        1d 06:59  cam-1 healthy front:
        1d 07:00  cam-1 healthy front:                       → resolved out cam-1/front
        """
    )
