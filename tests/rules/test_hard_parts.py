"""The parts of alerting that go wrong elsewhere, each as a timetable that an operator can read."""

from pathlib import Path

from domain.finding import AlarmState, Change
from rules.files import load_rules
from tests.rules.city import shipped, small_city
from tests.rules.hard_rules import HOT, a_table
from tests.rules.timetable import Timetable, clock_ms

HOTTER = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
levels:
  warn: {raise: {above: 55}, clear: {below: 50}}
  critical: {raise: {above: 70}, clear: {below: 65}}
"""
SAWING = """
id: sawing
kind: count
for_each: {kind: tree}
metric: vibration_rms_g
event: {above: 0.3}
over: 10m
raise: {above: 3}
"""
BIKES = """
id: bikes
kind: presence
for_each: {kind: camera}
classes: [bicycle]
zone_roles: [frontage]
confirm: {k: 2, n: 3}
clear: {k: 2, n: 2}
"""


def test_hysteresis(tmp_path: Path) -> None:
    """Between the two limits nothing is raised and nothing ends; on the edge, the alarm wins."""
    a_table(tmp_path, HOT).play(
        """
        08:00:00  cs-1 temp_c=54.9
        08:00:30  cs-1 temp_c=55     → raised hot cs-1
        08:01:00  cs-1 temp_c=51
        08:01:30  cs-1 temp_c=50
        08:02:00  cs-1 temp_c=49.9   → resolved hot cs-1
        08:02:30  cs-1 temp_c=54.9
        """
    )


def test_duration(tmp_path: Path) -> None:
    """`for` is time that was seen to hold: a gap longer than `max_gap` starts it anew, by the device's own clock."""
    a_table(tmp_path, HOT + "for: 5m\nmax_gap: 2m").play(
        """
        08:00               cs-1 temp_c=60
        08:02               cs-1 temp_c=60
        08:07               cs-1 temp_c=60
        08:09               cs-1 temp_c=60
        09:00  at 08:10:30  cs-1 temp_c=60
        09:00  at 08:11:59  cs-1 temp_c=60
        09:00  at 08:12     cs-1 temp_c=60   → raised hot cs-1
        """
    )


def test_repeats(tmp_path: Path) -> None:
    """So many values in a row, so many events within a time, k of n looks: three ways to mean repeated."""
    a_table(tmp_path, HOT + "samples: 2", SAWING, BIKES).play(
        """
        08:00:00  cs-1 temp_c=60
        08:00:30  cs-1 temp_c=20
        08:01:00  cs-1 temp_c=60
        08:01:30  cs-1 temp_c=60                → raised hot cs-1
        08:02:00  tree-1 vibration_rms_g=0.4
        08:03:00  tree-1 vibration_rms_g=0.5
        08:04:00  tree-1 vibration_rms_g=0.4    → raised sawing tree-1
        08:05:00  cam-1 healthy front: bicycle 5m; kerb:
        08:06:00  cam-1 healthy front:; kerb:
        08:07:00  cam-1 healthy front: bicycle 7m; kerb:   → raised bikes cam-1/front
        """
    )


def test_dedup(tmp_path: Path) -> None:
    """One alarm for a rule and a subject, however often it is seen; a point told twice is told once."""
    a_table(tmp_path, HOT).play(
        """
        08:00:00               cs-1 temp_c=60     → raised hot cs-1
        08:00:01  at 08:00:00  cs-1 temp_c=60
        08:00:30               cs-1 temp_c=61
        08:01:00               cs-1/1 temp_c=60   → raised hot cs-1/1
        08:01:00               cs-1 temp_c=62     → renewed hot cs-1
        08:01:01  at 08:01:00  cs-1 temp_c=62
        08:01:30               cs-1 temp_c=20     → resolved hot cs-1
        08:01:31  at 08:01:30  cs-1 temp_c=20
        """
    )


def test_flapping(tmp_path: Path) -> None:
    """What comes and goes is called so once and stays open; when it is steady again it goes on, or ends, by data."""
    table = a_table(tmp_path, HOT + "flapping: {changes: 6, within: 1h}")
    table.play(
        """
        08:00  cs-1 temp_c=60   → raised hot cs-1
        08:05  cs-1 temp_c=20   → resolved hot cs-1
        08:10  cs-1 temp_c=60   → raised hot cs-1
        08:15  cs-1 temp_c=20   → resolved hot cs-1
        08:20  cs-1 temp_c=60   → raised hot cs-1
        08:25  cs-1 temp_c=20   → flapping hot cs-1
        08:26  restart
        08:30  cs-1 temp_c=60
        08:35  cs-1 temp_c=20
        """
    )
    assert list(table.engine.states()) == [("hot", "cs-1", AlarmState.FLAPPING, clock_ms("08:00"))]
    table.play(
        """
        09:24  cs-1 temp_c=20
        09:25  cs-1 temp_c=20   → resolved hot cs-1
        09:26  cs-1 temp_c=60   → raised hot cs-1
        """
    )


def test_flapping_that_ends_as_an_alarm_goes_on_as_that_alarm(tmp_path: Path) -> None:
    """It is renewed once it stands still, or is worse than was told; then it lives on as that alarm."""
    table = a_table(tmp_path, HOTTER + "flapping: {changes: 4, within: 10m}")
    found = table.play(
        """
        08:00  cs-1 temp_c=60   → raised hot cs-1
        08:01  cs-1 temp_c=20   → resolved hot cs-1
        08:02  cs-1 temp_c=60   → raised hot cs-1
        08:03  cs-1 temp_c=20   → flapping hot cs-1
        08:04  cs-1 temp_c=60
        08:05  cs-1 temp_c=75   → renewed hot cs-1
        08:05:30  cs-1 temp_c=75
        08:06  cs-1 temp_c=75   → renewed hot cs-1
        08:14  cs-1 temp_c=20   → resolved hot cs-1
        """
    )
    assert [finding.severity for finding in found[-3:]] == ["critical", "critical", "critical"]


def test_restart() -> None:
    """At any line, and as often as one likes: nothing is lost, told twice or begun anew."""
    site = small_city()
    rules = load_rules(shipped("chargers"), site)
    plain, stopped = Timetable(rules, site), Timetable(rules, site)
    for number in range(12):
        line = f"08:00:{number * 5:02} cs-1 temp_c={60 - number} smoke=true residual_ma={number * 4}"
        expected = plain.hear(line)
        stopped.restart()
        assert stopped.hear(line) == expected, line


def test_maintenance(tmp_path: Path) -> None:
    """Outside its hours a rule raises nothing, by the site's own clock; what stands when they begin is told then."""
    table = a_table(tmp_path, HOT + 'schedule: "07:00-22:00"')
    table.play(
        """
        06:00:00  cs-1 temp_c=60
        06:30:00  cs-1/1 temp_c=60
        06:40:00  cs-1/1 temp_c=20
        06:59:30  cs-1 temp_c=61
        06:59:59  tick
        07:00:00  restart
        07:00:00  tick              → raised hot cs-1
        22:30:00  cs-1 temp_c=60    → renewed hot cs-1
        23:00:00  cs-1 temp_c=20    → resolved hot cs-1
        23:30:00  cs-1 temp_c=60
        """
    )


def test_overflow(tmp_path: Path) -> None:
    """The first are told, one alarm says how many wait, and they are told when there is room. Not so critical ones."""
    leak = HOT.replace("id: hot", "id: leaking").replace("temp_c", "residual_ma") + "severity: critical"
    table = a_table(tmp_path, HOT + "at_most: {raised: 2, within: 1m}", leak)
    found = table.play(
        """
        08:00:00  cs-1 temp_c=60 residual_ma=60     → raised hot cs-1; raised leaking cs-1
        08:00:01  cs-1/1 temp_c=60 residual_ma=60   → raised hot cs-1/1; raised leaking cs-1/1
        08:00:02  cs-1/2 temp_c=60 residual_ma=60   → raised hot @overflow; raised leaking cs-1/2
        08:00:03  cs-1/3 temp_c=60 residual_ma=60   → raised leaking cs-1/3
        08:00:20  tick                              → renewed hot @overflow
        08:00:30  restart
        08:00:40  cs-1/3 temp_c=20
        08:01:00  tick                              → raised hot cs-1/2
        08:01:01  tick                              → resolved hot @overflow
        """
    )
    told = {
        (finding.subject, finding.change): (finding.value, finding.limit)
        for finding in found
        if finding.kind == "overflow"
    }
    assert told == {
        ("@overflow", Change.RAISED): (1, 2),
        ("@overflow", Change.RENEWED): (2, 2),
        ("@overflow", Change.RESOLVED): (2, 2),
    }


def test_cooldown(tmp_path: Path) -> None:
    """So long after its end it is not raised again; what stands by then is."""
    a_table(tmp_path, HOT + "cooldown: 10m").play(
        """
        08:00  cs-1 temp_c=60   → raised hot cs-1
        08:01  cs-1 temp_c=20   → resolved hot cs-1
        08:05  cs-1 temp_c=60
        08:06  cs-1 temp_c=20
        08:09  cs-1 temp_c=60
        08:10  restart
        08:11  cs-1 temp_c=61   → raised hot cs-1
        """
    )


def test_an_alarm_that_inhibits_another(tmp_path: Path) -> None:
    """In whichever order one message names the metrics; when it ends, what still stands is told."""
    leak = HOT.replace("id: hot", "id: leaking").replace("temp_c", "residual_ma")
    for said in ("temp_c=60 residual_ma=60", "residual_ma=60 temp_c=60"):
        a_table(tmp_path, HOT + "inhibited_by: [leaking]", leak).play(
            f"""
            08:00  cs-1/1 {said}                → raised leaking cs-1/1
            08:01  cs-1/2 temp_c=60
            08:02  cs-1/1 residual_ma=20        → resolved leaking cs-1/1
            08:02  tick                         → raised hot cs-1/1; raised hot cs-1/2
            """
        )
