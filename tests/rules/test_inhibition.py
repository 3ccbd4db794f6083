"""One alarm for a gateway, instead of one for everything behind it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from config.load import Site
from rules.files import load_rules
from rules.rule import Rule
from tests.rules.city import behind, rules_from, shipped, small_city
from tests.rules.timetable import Timetable, clock_ms

HOT = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
"""
QUIET = """
id: quiet
kind: silent
for_each: {kind: charger}
after_intervals: 3
"""
GATE = """
id: gate
kind: silent
for_each: {kind: gateway}
after_intervals: 3
"""


def _city() -> Site:
    """The station speaks every 30 s and is heard through a gateway, which speaks every 60 s."""
    return behind(small_city(), {"cs-1": "gw-1"})


def _rules(folder: Path, site: Site, *more: str, quiet: str = QUIET, swapped: bool = False) -> Sequence[Rule]:
    return rules_from(folder, site, *((GATE, quiet) if swapped else (quiet, GATE)), *more)


@pytest.mark.parametrize("swapped", [False, True])
def test_a_silent_gateway_speaks_for_what_is_behind_it(tmp_path: Path, swapped: bool) -> None:
    """The station's time is up first, but the gateway has not been heard since; then the gateway's alarm stands."""
    site = _city()
    Timetable(_rules(tmp_path, site, swapped=swapped), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1 smoke=false
        08:01:30  tick
        08:02:59  tick
        08:03:00  tick                  → raised gate gw-1
        08:10:00  tick
        08:10:01  restart
        08:30:00  tick
        """
    )


def test_after_the_gateways_return_everyone_has_their_time_again(tmp_path: Path) -> None:
    """Counted from when the gateway is heard, over a restart too; the alarm tells since when nothing was heard."""
    site = _city()
    found = Timetable(_rules(tmp_path, site), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1 smoke=false
        08:03:00  tick                  → raised gate gw-1
        08:10:00  gw-1 online           → resolved gate gw-1
        08:10:01  restart
        08:11:00  gw-1 online
        08:11:29  tick
        08:11:30  tick
        08:12:00  gw-1 online
        08:12:00  tick                  → raised quiet cs-1
        08:12:30  cs-1 smoke=false      → resolved quiet cs-1
        """
    )
    assert found[2].since_ms == clock_ms("08:00")


def test_a_gateway_that_lives_explains_nothing(tmp_path: Path) -> None:
    """Heard once more after the station's time was up, it shows that the station alone is silent."""
    site = _city()
    Timetable(_rules(tmp_path, site), site).play(
        """
        08:00:00  gw-1 online
        08:00:10  cs-1 smoke=false
        08:01:00  gw-1 online
        08:01:40  tick
        08:02:00  gw-1 online
        08:02:00  tick                  → raised quiet cs-1
        """
    )


def test_the_gateways_alarm_is_waited_for_no_longer_than_it_takes(tmp_path: Path) -> None:
    """A gateway that speaks once an hour would hold its station back for three; its own alarm comes as ever."""
    site = _city()
    hourly = site.profiles["gateway"].model_copy(update={"interval": 3600.0})
    profiles = {**site.profiles, "gateway": hourly}
    site = type(site)(**{name: getattr(site, name) for name in site.__slots__} | {"profiles": profiles})
    Timetable(_rules(tmp_path, site), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1 smoke=false
        10:59:59  tick
        11:00:00  tick                  → raised gate gw-1
        """
    )


def test_what_is_heard_while_its_gateway_is_silent_speaks_for_itself(tmp_path: Path) -> None:
    """It has another way to us; also where the gateway on the books was never heard at all."""
    site = _city()
    Timetable(_rules(tmp_path, site), site, listening_since="08:00").play(
        """
        08:00:00  cs-1 smoke=false
        08:03:00  tick                  → raised gate gw-1
        08:04:00  cs-1 smoke=false
        08:05:29  tick
        08:05:30  tick                  → raised quiet cs-1
        """
    )


def test_an_alarm_that_stands_already_stays(tmp_path: Path) -> None:
    """It was raised while the gateway lived, and ends when the station is heard."""
    site = _city()
    Timetable(_rules(tmp_path, site), site).play(
        """
        08:00:00  cs-1 smoke=false
        08:02:00  gw-1 online
        08:02:00  tick                  → raised quiet cs-1
        08:05:00  tick                  → raised gate gw-1
        08:06:00  gw-1 online           → resolved gate gw-1
        08:07:00  cs-1 smoke=false      → resolved quiet cs-1
        """
    )


def test_last_wills_of_a_gateway_and_of_all_behind_it(tmp_path: Path) -> None:
    """They come together; one alarm is raised. A station's alone is its own."""
    site = _city()
    Timetable(_rules(tmp_path, site), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1 online
        08:00:10  gw-1 offline          → raised gate gw-1
        08:00:10  cs-1 offline
        08:05:00  tick
        08:06:00  gw-1 online           → resolved gate gw-1
        08:06:01  cs-1 online
        08:06:10  cs-1 offline          → raised quiet cs-1
        """
    )


def test_what_a_held_back_device_last_said_is_stale_all_the_same(tmp_path: Path) -> None:
    """Whoever's fault the silence is: too hot then is unknown now."""
    site = _city()
    Timetable(_rules(tmp_path, site, HOT), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1/1 temp_c=60      → raised hot cs-1/1
        08:01:30  tick                  → stale hot cs-1/1
        08:01:31  tick
        08:03:00  tick                  → raised gate gw-1
        08:04:00  gw-1 online           → resolved gate gw-1
        08:04:01  cs-1/1 temp_c=60      → renewed hot cs-1/1
        """
    )


def test_our_own_deafness_is_nobodys_silence(tmp_path: Path) -> None:
    """It counts neither for the gateway nor for the station, before or after the gateway's return."""
    site = _city()
    Timetable(_rules(tmp_path, site), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1 smoke=false
        08:10:00  deaf since 08:00:10
        08:10:00  tick
        08:12:49  tick
        08:12:50  tick                  → raised gate gw-1
        08:20:00  gw-1 online           → resolved gate gw-1
        08:21:00  deaf since 08:20:30
        08:21:00  gw-1 online
        08:21:59  gw-1 online
        08:21:59  tick
        08:22:00  gw-1 online
        08:22:00  tick                  → raised quiet cs-1
        """
    )


def test_without_a_rule_for_the_gateway_nothing_is_held_back(tmp_path: Path) -> None:
    """Nobody would be told that the gateway is silent; so the stations say it."""
    site = _city()
    Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1 smoke=false
        08:01:30  tick                  → raised quiet cs-1
        """
    )


def test_a_rule_may_insist(tmp_path: Path) -> None:
    """`inhibit_by_gateway: false`: raised whatever the gateway does."""
    site = _city()
    Timetable(_rules(tmp_path, site, quiet=QUIET + "inhibit_by_gateway: false"), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1 smoke=false
        08:01:30  tick                  → raised quiet cs-1
        08:03:00  tick                  → raised gate gw-1
        """
    )


def test_gateways_behind_gateways(tmp_path: Path) -> None:
    """The one that is nearest to us is called silent, and stands for all."""
    site = behind(small_city(), {"cs-1": "gw-1", "gw-1": "gw-2"})
    Timetable(_rules(tmp_path, site), site).play(
        """
        08:00:00  gw-2 online
        08:00:30  gw-1 online
        08:00:30  cs-1 smoke=false
        08:03:00  tick                  → raised gate gw-2
        08:10:00  tick
        08:10:30  gw-2 online           → resolved gate gw-2
        08:10:31  gw-1 online
        08:12:00  gw-2 online
        08:12:10  gw-1 online
        08:12:10  tick                  → raised quiet cs-1
        """
    )


def test_the_shipped_rules(tmp_path: Path) -> None:
    """A gateway is called silent after three minutes, and again, more gravely, after half an hour."""
    site = behind(small_city(), {"tree-1": "gw-1", "cs-1": "gw-1"})
    Timetable(load_rules(shipped("network", "chargers"), site), site).play(
        """
        08:00:00  gw-1 online
        08:00:00  cs-1 smoke=false
        08:03:00  tick                  → raised gateway-silent gw-1
        08:30:00  tick                  → raised gateway-silent-30m gw-1
        09:00:00  gw-1 online           → resolved gateway-silent gw-1; resolved gateway-silent-30m gw-1
        09:00:01  cs-1 smoke=false
        """
    )
