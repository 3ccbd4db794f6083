"""`kind: presence`: what counts for a shop, and what against it."""

from pathlib import Path

import pytest

from domain.finding import CasePolicy, Change
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.engine import Engine
from rules.files import load_rules
from tests.rules.city import rules_from, shipped, small_city
from tests.rules.timetable import Timetable, clock_ms

BIKE = """
id: bike
kind: presence
for_each: {kind: camera}
classes: [bicycle, motorcycle]
zone_roles: [frontage]
min_stay: 10m
confirm: {k: 2, n: 3}
clear: {k: 2, n: 2}
"""
RAISED = """
    08:00  cam-1 healthy front: bicycle 12m
    08:01  cam-1 healthy front: bicycle 13m         → raised bike cam-1/front
"""


def test_one_bicycle_from_confirmed_to_cleared() -> None:
    """Two of three looks raise, each later one renews with its own picture, two clear ones resolve with theirs."""
    site = small_city()
    found = Timetable(load_rules(shipped("storefronts"), site), site).play(
        """
        08:00  cam-1 healthy front: bicycle 9m, person 3m; kerb:
        08:02  cam-1 healthy front: bicycle 11m; kerb:
        08:03  cam-1 healthy front:; kerb: bicycle 20m
        08:04  cam-1 healthy front: bicycle 13m; kerb:   → raised bike-misparked cam-1/front
        08:05  cam-1 healthy front: bicycle 14m; kerb:   → renewed bike-misparked cam-1/front
        08:06  cam-1 healthy front: person 1m; kerb:
        08:07  cam-1 healthy front:; kerb:               → resolved bike-misparked cam-1/front
        08:08  cam-1 healthy front: bicycle 12m; kerb:
        """
    )
    raised, renewed, resolved = found
    assert (raised.device_id, raised.zone, raised.shop_id) == ("cam-1", "front", "S-1")
    assert (raised.matter, raised.policy) == ("09010", CasePolicy.LADDER)
    assert (raised.value, raised.limit) == (780, 600)
    assert raised.since_ms == clock_ms("07:51")
    looks = [step.evidence and (step.evidence.look_id, step.evidence.taken_ms) for step in (raised, renewed, resolved)]
    assert looks == [("look-4", clock_ms("08:04")), ("look-5", clock_ms("08:05")), ("look-7", clock_ms("08:07"))]


@pytest.mark.parametrize("view", [view for view in ViewHealth if view is not ViewHealth.HEALTHY])
def test_a_look_that_is_not_healthy_never_clears(tmp_path: Path, view: ViewHealth) -> None:
    """False all-clear: however long the camera sees nothing, and whatever it says, only healthy looks end the alarm."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, BIKE), site)
    table.play(RAISED)
    table.play("\n".join(f"{hour:02}:{minute:02}  cam-1 {view} front:" for hour in (9, 10) for minute in range(60)))
    table.play(
        f"""
        11:00  cam-1 healthy front:
        11:01  cam-1 {view} front: bicycle 3h
        11:02  cam-1 healthy front:                      → resolved bike cam-1/front
        """
    )


def test_looks_that_are_not_healthy_count_neither_for_nor_against(tmp_path: Path) -> None:
    """A dark look is skipped: it fills no place among the last three, and what it shows is not believed."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, BIKE), site).play(
        """
        08:00  cam-1 healthy front: bicycle 12m
        08:01  cam-1 dark
        08:02  cam-1 blurred front: bicycle 14m
        08:03  cam-1 offline
        08:04  cam-1 healthy front: bicycle 16m          → raised bike cam-1/front
        """
    )


def test_a_zone_that_a_look_does_not_speak_of_is_unknown(tmp_path: Path) -> None:
    """No word about a zone is no proof that it is clear."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, BIKE), site)
    table.play(RAISED)
    table.play(
        """
        08:02  cam-1 healthy kerb:
        08:03  cam-1 healthy
        08:04  cam-1 healthy front:
        08:05  cam-1 healthy kerb:
        08:06  cam-1 healthy front:                      → resolved bike cam-1/front
        """
    )


def test_something_that_just_came_neither_renews_nor_clears(tmp_path: Path) -> None:
    """Another bicycle that stands for a minute is no violation yet, but the zone is not clear either."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, BIKE), site)
    table.play(RAISED)
    table.play(
        """
        08:02  cam-1 healthy front: bicycle 1m
        08:03  cam-1 healthy front: bicycle 2m
        08:04  cam-1 healthy front:
        08:05  cam-1 healthy front: bicycle 1m
        08:06  cam-1 healthy front:                      → resolved bike cam-1/front
        """
    )


def test_a_look_that_shows_it_breaks_the_clear_ones(tmp_path: Path) -> None:
    """Clear, there, clear is not gone: a van stood before it."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, BIKE), site)
    table.play(RAISED)
    table.play(
        """
        08:02  cam-1 healthy front:
        08:03  cam-1 healthy front: bicycle 15m          → renewed bike cam-1/front
        08:04  cam-1 healthy front:
        08:05  cam-1 healthy front:                      → resolved bike cam-1/front
        """
    )


def test_late_and_repeated_looks_say_nothing(tmp_path: Path) -> None:
    """A look older than the newest, or the newest again, neither raises nor clears."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, BIKE), site)
    table.play(
        """
        08:00            cam-1 healthy front: bicycle 12m
        08:00  at 08:00  cam-1 healthy front: bicycle 12m
        08:01  at 07:59  cam-1 healthy front: bicycle 11m
        08:02            cam-1 healthy front: bicycle 14m    → raised bike cam-1/front
        08:03  at 08:01  cam-1 healthy front:
        08:04  at 08:02  cam-1 healthy front:
        """
    )
    assert table.engine.late == 2


def test_outside_its_hours_a_rule_only_clears(tmp_path: Path) -> None:
    """07:00–22:00 in the site's zone: at night nothing is raised or renewed; a bicycle still there does not clear."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, BIKE + 'schedule: "07:00-22:00"'), site).play(
        """
        06:50     cam-1 healthy front: bicycle 1h
        06:59     cam-1 healthy front: bicycle 1h
        07:00     cam-1 healthy front: bicycle 1h
        07:01     cam-1 healthy front: bicycle 1h        → raised bike cam-1/front
        21:59     cam-1 healthy front: bicycle 1h        → renewed bike cam-1/front
        22:00     cam-1 healthy front: bicycle 1h
        22:01     cam-1 healthy front:
        22:02     cam-1 healthy front: bicycle 1h
        22:03     cam-1 healthy front:
        1d 03:00  cam-1 healthy front:                   → resolved bike cam-1/front
        1d 03:01  cam-1 healthy front: bicycle 1h
        1d 03:02  cam-1 healthy front: bicycle 1h
        """
    )


def test_a_long_gap_between_showing_looks_starts_over(tmp_path: Path) -> None:
    """Yesterday's bicycle does not confirm today's."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, BIKE + "max_gap: 1h"), site).play(
        """
        08:00     cam-1 healthy front: bicycle 12m
        09:01     cam-1 healthy front: bicycle 12m
        10:01     cam-1 healthy front: bicycle 1h        → raised bike cam-1/front
        """
    )


def test_zones_and_cameras_are_subjects_of_their_own(tmp_path: Path) -> None:
    """Only zones of the rule's roles are watched, and each for itself."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, BIKE), site).play(
        """
        08:00  cam-1 healthy front: bicycle 12m; kerb: bicycle 12m
        08:00  cam-2 healthy front: bicycle 12m; kerb: bicycle 12m
        08:01  cam-1 healthy front: bicycle 13m; kerb: bicycle 13m   → raised bike cam-1/front
        08:02  cam-1 healthy front: bicycle 13m; back: bicycle 13m   → renewed bike cam-1/front
        """
    )


def test_the_demo_runs_stays_in_a_thirtieth_of_their_time() -> None:
    """Ten minutes are twenty seconds there, and the finding says so."""
    site = small_city(compress=30)
    found = Timetable(load_rules(shipped("storefronts"), site), site).play(
        """
        08:00:00  cam-1 healthy kerb: car 19s; front:
        08:00:06  cam-1 healthy kerb: car 25s; front:
        08:00:12  cam-1 healthy kerb: car 31s; front:    → raised car-misparked cam-1/kerb
        """
    )
    assert found[0].limit == 20


def test_an_open_alarm_survives_a_restart_between_looks(tmp_path: Path) -> None:
    """Confirmation and clearing go on where they were."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, BIKE), site).play(
        """
        08:00  cam-1 healthy front: bicycle 12m
        08:00  restart
        08:01  cam-1 healthy front: bicycle 13m          → raised bike cam-1/front
        08:01  restart
        08:02  cam-1 healthy front:
        08:02  restart
        08:03  cam-1 healthy front:                      → resolved bike cam-1/front
        """
    )


def test_a_persons_word_ends_it_and_what_stays_is_confirmed_anew(tmp_path: Path) -> None:
    """Released, it needs two looks again; what was never raised can't be released."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, BIKE), site)
    table.play("08:00  cam-1 healthy front: bicycle 12m")
    assert table.engine.release("bike", "cam-1/front", clock_ms("08:00")) == []
    table.play("08:01  cam-1 healthy front: bicycle 13m  → raised bike cam-1/front")
    assert [step.change for step in table.engine.release("bike", "cam-1/front", clock_ms("08:02"))] == [Change.RESOLVED]
    table.play(
        """
        08:03  cam-1 healthy front: bicycle 15m
        08:04  cam-1 healthy front: bicycle 16m          → raised bike cam-1/front
        """
    )


def test_nothing_stands_since_before_1970(tmp_path: Path) -> None:
    """Whatever a look claims, what is told has a time that every calendar has."""
    site = small_city()
    rules = rules_from(tmp_path, site, BIKE.replace("{k: 2, n: 3}", "{k: 1, n: 1}"))
    bike = SeenObject(label="bicycle", score=0.8, box=(0.1, 0.1, 0.2, 0.2), overlap=1.0, stay_s=1e12, looks=3)
    look = Sighting(
        camera_id="cam-1",
        look_id="a",
        taken_ms=60_000,
        received_ms=60_000,
        view=ViewHealth.HEALTHY,
        zones=(ZoneSighting(zone="front", objects=(bike,)),),
    )
    [raised] = Engine(rules, site, saved={}, listening_since_ms=0).observe(look)
    assert (raised.change, raised.since_ms) == (Change.RAISED, 0)
