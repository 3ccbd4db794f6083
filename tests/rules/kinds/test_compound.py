"""`kind: compound`: what follows from other rules and from a subject's own values, and what from not knowing."""

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

from domain.finding import Change, Severity
from domain.register import Camera
from tests.rules.city import rules_from, small_city
from tests.rules.kinds.compounds import HOT, LIVE_WHILE_OFF, SILENT, SILENT_AFTER_HEAT, STEP, STEP_IN_NO_WIND, played
from tests.rules.timetable import Timetable, clock_ms


def test_power_on_a_port_that_is_off(tmp_path: Path) -> None:
    """For 30 s of event time; a moment in which it is not so begins anew."""
    played(tmp_path, LIVE_WHILE_OFF).play("""
        08:00:00  cs-1/1 power_w=20 relay_on=false
        08:00:15  cs-1/1 power_w=20 relay_on=true
        08:00:20  cs-1/1 power_w=20 relay_on=false
        08:00:45  cs-1/1 power_w=20
        08:00:50  cs-1/1 power_w=20                    → raised live cs-1/1
        08:00:55  cs-1/2 power_w=20 relay_on=true
        08:01:00  cs-1/1 power_w=10                    → resolved live cs-1/1
    """)


def test_values_may_come_apart_and_are_known_until_they_are_too_old(tmp_path: Path) -> None:
    """Three intervals of the station, 90 s: what was said before that says nothing now, and a hold is broken."""
    played(tmp_path, LIVE_WHILE_OFF).play("""
        08:00:00  cs-1/1 power_w=20
        08:00:10  cs-1/1 relay_on=false
        08:00:40  cs-1/1 power_w=20                    → raised live cs-1/1
        08:01:40  cs-1/1 power_w=20                    → renewed live cs-1/1
        08:01:41  cs-1/1 power_w=20                    → stale live cs-1/1
        08:02:00  cs-1/1 power_w=20
        08:02:10  cs-1/1 power_w=5                     → resolved live cs-1/1
        08:03:00  cs-1/1 power_w=20 relay_on=false
        08:04:31  cs-1/1 power_w=20 relay_on=false
        08:05:00  cs-1/1 power_w=20 relay_on=false
        08:05:01  cs-1/1 power_w=20 relay_on=false     → raised live cs-1/1
    """)


def test_a_hold_is_broken_by_a_value_that_was_too_old_in_between(tmp_path: Path) -> None:
    """The power was not known from 08:01:30 on for ten seconds, though the relay was told all the time."""
    played(tmp_path, LIVE_WHILE_OFF.replace("for: 30s", "for: 2m")).play("""
        08:00:00  cs-1/1 power_w=20 relay_on=false
        08:01:20  cs-1/1 relay_on=false
        08:01:40  cs-1/1 power_w=20
        08:02:30  cs-1/1 power_w=20 relay_on=false
        08:03:39  cs-1/1 power_w=20 relay_on=false
        08:03:40  cs-1/1 power_w=20 relay_on=false     → raised live cs-1/1
    """)


def test_a_port_sees_what_only_its_station_says(tmp_path: Path) -> None:
    """The door is the station's; a temperature that the port sends itself is the port's own."""
    rule = dedent("""
        id: open
        kind: compound
        for_each: {kind: charger, part: port}
        when: door_open && power_w > 10 && temp_c < 40
    """)
    played(tmp_path, rule).play("""
        08:00:00  cs-1/1 power_w=20 temp_c=20
        08:00:10  cs-1 door_open=false temp_c=60
        08:00:20  cs-1 door_open=true temp_c=60        → raised open cs-1/1
        08:00:30  cs-1/2 power_w=20
        08:00:40  restart
        08:00:50  cs-1 temp_c=30                       → raised open cs-1/2
        08:01:00  cs-1 door_open=false                 → resolved open cs-1/1; resolved open cs-1/2
    """)


def test_a_port_is_asked_for_what_its_station_said_before(tmp_path: Path) -> None:
    """What the port itself never says is not missing: the door stood open long before the socket is in use."""
    rule = "id: open\nkind: compound\nfor_each: {kind: charger, part: port}\nwhen: door_open && power_w > 10"
    played(tmp_path, rule).play("""
        08:00:00  cs-1 door_open=true
        08:00:10  cs-1/1 power_w=5
        08:00:20  cs-1/1 power_w=20                    → raised open cs-1/1
    """)


def test_what_is_false_whatever_the_unknown_is_ends_it(tmp_path: Path) -> None:
    """Nobody knows the relay any more; without power it does not matter."""
    played(tmp_path, LIVE_WHILE_OFF.replace("for: 30s", "max_age: 1m")).play("""
        08:00:00  cs-1/1 power_w=20 relay_on=false     → raised live cs-1/1
        08:02:00  cs-1/1 power_w=20                    → stale live cs-1/1
        08:02:30  cs-1/1 power_w=0                     → resolved live cs-1/1
    """)


def test_a_silent_port_is_not_known(tmp_path: Path) -> None:
    """Its alarm goes stale, and what comes next decides; silence never ends it."""
    played(tmp_path, SILENT, LIVE_WHILE_OFF).play("""
        08:00:00  cs-1/1 power_w=20 relay_on=false
        08:00:30  cs-1/1 power_w=20 relay_on=false     → raised live cs-1/1
        08:05:30  tick                                 → raised silent cs-1; stale live cs-1/1
        08:10:00  restart
        08:20:00  cs-1/1 power_w=20 relay_on=false     → resolved silent cs-1; renewed live cs-1/1
        08:20:10  cs-1/1 power_w=20 relay_on=true      → resolved live cs-1/1
    """)


def test_a_station_that_falls_silent_after_it_was_hot_is_the_worst(tmp_path: Path) -> None:
    """The heat of any port counts as it was last heard; a station that was cool is only silent."""
    findings = played(tmp_path, HOT, SILENT, SILENT_AFTER_HEAT).play("""
        08:00:00  cs-1/1 temp_c=30
        08:00:00  cs-1/2 temp_c=60                     → raised hot cs-1/2
        08:05:00  tick                                 → raised silent cs-1; stale hot cs-1/2; raised burnt cs-1
        08:06:00  tick
        08:07:00  restart
        08:08:00  tick
        08:10:00  cs-1/2 temp_c=40                     → resolved silent cs-1; resolved hot cs-1/2; resolved burnt cs-1
        08:15:00  tick                                 → raised silent cs-1
    """)
    assert {finding.severity for finding in findings if finding.rule_id == "burnt"} == {Severity.CRITICAL}


def test_heat_that_nobody_knows_of_any_more_is_not_taken_for_heat(tmp_path: Path) -> None:
    """Unless the rule says so: then silence after heat is only silence."""
    played(tmp_path, HOT, SILENT, SILENT_AFTER_HEAT.replace("stale: stands", "stale: unknown")).play("""
        08:00:00  cs-1/2 temp_c=60                     → raised hot cs-1/2
        08:05:00  tick                                 → raised silent cs-1; stale hot cs-1/2
        08:10:00  cs-1/2 temp_c=60                     → resolved silent cs-1; renewed hot cs-1/2
    """)


def test_a_tree_that_moves_in_a_gale_is_not_leaning(tmp_path: Path) -> None:
    """Nor is one of which nobody knows the wind; the rule about the tilt itself speaks all the same."""
    played(tmp_path, STEP, STEP_IN_NO_WIND).play("""
        08:00  tree-1 tilt_deg=3.1 wind_m_s=20         → raised step tree-1
        08:00  tree-2 tilt_deg=3.1                     → raised step tree-2
        08:10  tree-1 tilt_deg=3.1 wind_m_s=17.2       → renewed step tree-1
        08:20  tree-1 tilt_deg=3.1 wind_m_s=17.1       → renewed step tree-1; raised leans tree-1
        08:30  tree-1 tilt_deg=3.1 wind_m_s=18         → renewed step tree-1; resolved leans tree-1
        08:40  tree-1 tilt_deg=2 wind_m_s=1            → resolved step tree-1
        09:20  tree-2 tilt_deg=3.1 wind_m_s=1          → renewed step tree-2; raised leans tree-2
    """)


def test_a_hold_over_other_rules_is_full_at_a_tick(tmp_path: Path) -> None:
    """They stand until they end, though nothing more is said; the port's own counts before the station's."""
    rule = dedent("""
        id: long
        kind: compound
        for_each: {kind: charger, part: port}
        any: [hot]
        none: [silent]
        for: 2m
    """)
    table = played(tmp_path, HOT, SILENT, rule)
    table.play("""
        08:00:00  cs-1/1 temp_c=60                     → raised hot cs-1/1
        08:01:59  tick
        08:01:59  restart
        08:02:00  tick                                 → raised long cs-1/1
        08:02:10  cs-1/1 temp_c=49                     → resolved hot cs-1/1; resolved long cs-1/1
        08:03:00  cs-1/1 temp_c=60                     → raised hot cs-1/1
        08:04:00  cs-1/1 temp_c=49                     → resolved hot cs-1/1
        08:04:30  cs-1/1 temp_c=60                     → raised hot cs-1/1
        08:05:10  tick
    """)


def test_one_part_that_never_speaks_does_not_keep_the_others_from_being_known(tmp_path: Path) -> None:
    """Any port: those that never sent the metric are left out; of a station that never spoke nothing is known."""
    rule = dedent("""
        id: some
        kind: compound
        for_each: {kind: charger, part: device}
        any: [hot]
        of: device
    """)
    played(tmp_path, HOT, rule).play("""
        08:00:00  cs-1/1 temp_c=40
        08:00:10  cs-1/2 temp_c=60                     → raised hot cs-1/2; raised some cs-1
        08:00:20  cs-1/3 temp_c=60                     → raised hot cs-1/3
        08:00:30  cs-1/2 temp_c=40                     → resolved hot cs-1/2
        08:00:40  cs-1/3 temp_c=40                     → resolved hot cs-1/3; resolved some cs-1
    """)


def test_what_nobody_ever_heard_of_is_not_absent(tmp_path: Path) -> None:
    """`none` wants to know that it does not stand."""
    rule = LIVE_WHILE_OFF.replace("for: 30s", "none: [hot]")
    played(tmp_path, HOT, rule).play("""
        08:00:00  cs-1/1 power_w=20 relay_on=false
        08:00:10  cs-1/1 temp_c=40                     → raised live cs-1/1
        08:00:20  cs-1/1 temp_c=60                     → raised hot cs-1/1; resolved live cs-1/1
    """)


def test_a_condition_names_other_rules_too(tmp_path: Path) -> None:
    """By their ids with _ for -; a rule may conclude from one that concludes itself."""
    either = "id: either\nkind: compound\nfor_each: {kind: charger, part: port}\nwhen: hot || too-much\n"
    much = "id: too-much\nkind: compound\nfor_each: {kind: charger, part: port}\nwhen: power_w > 100 && age_s < 5\n"
    played(tmp_path, either.replace("too-much", "too_much"), much, HOT).play("""
        08:00:00  cs-1/1 power_w=200 temp_c=20         → raised too-much cs-1/1; raised either cs-1/1
        08:00:10  cs-1/1 power_w=200 temp_c=60         → raised hot cs-1/1
        08:00:20  cs-1/1 power_w=20 temp_c=60          → resolved too-much cs-1/1
        08:00:30  cs-1/1 power_w=20 temp_c=20          → resolved hot cs-1/1; resolved either cs-1/1
    """)


def test_what_a_conclusion_says_is_known_once_all_that_it_hangs_on_is(tmp_path: Path) -> None:
    """`none` of a conclusion: of one that cannot be drawn yet, or no more, nothing follows."""
    calm = "id: calm\nkind: compound\nfor_each: {kind: charger, part: port}\nnone: [live]\n"
    played(tmp_path, calm, SILENT, LIVE_WHILE_OFF).play("""
        08:00:00  cs-1/1 power_w=0
        08:00:10  cs-1/1 relay_on=false                → raised calm cs-1/1
        08:00:20  restart
        08:06:00  tick                                 → raised silent cs-1; stale calm cs-1/1
        08:07:00  cs-1/1 power_w=0                     → resolved silent cs-1; renewed calm cs-1/1
    """)


def test_a_latched_one_ends_by_a_persons_word(tmp_path: Path) -> None:
    """Neither by data nor by silence; and then it is raised by what is heard next."""
    table = played(tmp_path, SILENT, LIVE_WHILE_OFF.replace("for: 30s", "latch: true"))
    table.play("""
        08:00:00  cs-1/1 power_w=20 relay_on=false     → raised live cs-1/1
        08:00:10  cs-1/1 power_w=0 relay_on=false
        08:06:00  tick                                 → raised silent cs-1
    """)
    released = table.engine.release("live", "cs-1/1", clock_ms("08:07"))
    assert [(each.change, each.rule_id) for each in released] == [(Change.RESOLVED, "live")]
    table.play("08:08:00  cs-1/1 power_w=20 relay_on=false  → resolved silent cs-1; raised live cs-1/1")


def test_it_keeps_to_its_schedule(tmp_path: Path) -> None:
    """The night of a workday runs into the next day; 22 November 2026 is a Sunday."""
    night = LIVE_WHILE_OFF.replace("for: 30s", "schedule: {hours: 22:00-06:00, days: workdays}")
    played(tmp_path, night).play("""
        23:00  cs-1/1 power_w=20 relay_on=false
        23:01  cs-1/1 power_w=0 relay_on=false
        1d 05:59  cs-1/1 power_w=20 relay_on=false
        1d 06:01  cs-1/1 power_w=0 relay_on=false
        1d 22:00  cs-1/1 power_w=20 relay_on=false     → raised live cs-1/1
        1d 22:01  cs-1/1 power_w=0 relay_on=false      → resolved live cs-1/1
        2d 05:59  cs-1/1 power_w=20 relay_on=false     → raised live cs-1/1
    """)


def test_cameras_have_conclusions_too(tmp_path: Path) -> None:
    """Of the view and of any zone."""
    dark = "id: dark\nkind: view\nfor_each: {kind: camera}\nviews: [dark]\nconfirm: {k: 1, n: 1}\nclear: {k: 1, n: 1}"
    parked = (
        "id: parked\nkind: presence\nfor_each: {kind: camera}\nclasses: [car]\nzone_roles: [no_parking]\n"
        "confirm: {k: 1, n: 1}\nclear: {k: 1, n: 1}"
    )
    blind = "id: blind\nkind: compound\nfor_each: {kind: camera}\nall: [dark, parked]\nof: device"
    table = played(tmp_path, dark, parked, blind)
    table.play("""
        08:00  cam-1 healthy kerb: car 5m              → raised parked cam-1/kerb
        08:01  cam-1 dark                              → raised dark cam-1; raised blind cam-1
        08:02  cam-1 healthy kerb:      → resolved dark cam-1; resolved parked cam-1/kerb; resolved blind cam-1
    """)


def test_a_rule_that_is_not_loaded_is_not_known(tmp_path: Path) -> None:
    """Of half a file, as a replay may use, nothing follows: `all` of nothing would be true."""
    site = small_city()
    rules = rules_from(tmp_path, site, SILENT, HOT, SILENT_AFTER_HEAT)
    alone = [rule for rule in rules if rule.id != "silent"]
    Timetable(alone, site).play("08:00:00  cs-1/2 temp_c=60  → raised hot cs-1/2")


def test_where_it_was_written_is_told(tmp_path: Path) -> None:
    """The condition's line, or that of the rules it names."""
    found = played(tmp_path, LIVE_WHILE_OFF.replace("for: 30s", ""), HOT).play(
        "08:00:00  cs-1/1 power_w=20 relay_on=false     → raised live cs-1/1"
    )
    assert found[0].limit_source == "rules.yaml:7 live"
    assert (found[0].since_ms, found[0].at_ms, found[0].port) == (clock_ms("08:00"), clock_ms("08:00"), 1)


def test_cameras_are_named_with_their_zones(tmp_path: Path) -> None:
    """A camera without zones is one, too."""
    site = small_city()
    bare: dict[str, Camera] = {"cam-1": site.cameras["cam-1"]}
    rules = rules_from(
        tmp_path,
        replace(site, cameras=bare),
        "id: dark\nkind: view\nfor_each: {kind: camera}\nviews: [dark]\nconfirm: {k: 1, n: 1}\nclear: {k: 1, n: 1}",
        "id: x\nkind: compound\nfor_each: {kind: camera}\nany: [dark]\nof: device",
    )
    assert [watch.subject for watch in rules[1].spec.watches(rules[1], replace(site, cameras=bare))] == ["cam-1"]
