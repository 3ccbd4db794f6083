"""The parts of alerting that go wrong elsewhere, each as a timetable that an operator can read."""

from pathlib import Path

from domain.finding import AlarmState, Change
from rules.files import load_rules
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
HOTTER = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
levels:
  warn: {raise: {above: 55}, clear: {below: 50}}
  critical: {raise: {above: 70}, clear: {below: 65}}
"""
SMOKE = """
id: burning
kind: threshold
for_each: {kind: charger}
metric: smoke
raise: {equals: true}
latch: true
severity: critical
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
STUCK = """
id: stuck
kind: stuck
for_each: {kind: charger}
metric: temp_c
raise: {above: 1h}
max_gap: 30m
"""
SILENT = """
id: silent
kind: silent
for_each: {kind: charger}
after_intervals: 3
"""


def _table(tmp_path: Path, *rules: str) -> Timetable:
    site = small_city()
    return Timetable(rules_from(tmp_path, site, *rules), site)


def test_hysteresis(tmp_path: Path) -> None:
    """Between the two limits nothing is raised and nothing ends; on the edge, the alarm wins."""
    _table(tmp_path, HOT).play(
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
    _table(tmp_path, HOT + "for: 5m\nmax_gap: 2m").play(
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
    _table(tmp_path, HOT + "samples: 2", SAWING, BIKES).play(
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
    _table(tmp_path, HOT).play(
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
    table = _table(tmp_path, HOT + "flapping: {changes: 6, within: 1h}")
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
    table = _table(tmp_path, HOTTER + "flapping: {changes: 4, within: 10m}")
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


def test_late_data_within_the_lateness(tmp_path: Path) -> None:
    """Values are heard in the order of their times: what comes late may fill a hold, or show that it never was one."""
    rule = HOT + "for: 2m\nmax_gap: 1m\nlateness: 2m"
    table = _table(tmp_path, rule)
    table.play(
        """
        08:00:00               cs-1 temp_c=60
        08:02:00               cs-1 temp_c=60
        08:02:01  at 08:01:00  cs-1 temp_c=60
        08:02:02  restart
        08:03:00               cs-1 temp_c=20
        08:04:00               cs-1/2 temp_c=20   → raised hot cs-1
        08:05:00               cs-1/2 temp_c=20   → resolved hot cs-1
        """
    )
    _table(tmp_path, rule).play(
        """
        08:00:00               cs-1 temp_c=60
        08:02:00               cs-1 temp_c=60
        08:02:01  at 08:01:00  cs-1 temp_c=20
        08:05:00               cs-1 temp_c=60
        """
    )


def test_late_data_that_nobody_follows(tmp_path: Path) -> None:
    """A device that says nothing more lets nothing wait for ever: by our clock, what is waited for comes no more."""
    table = _table(tmp_path, HOT + "lateness: 2m")
    table.play(
        """
        08:00:00               cs-1 temp_c=60
        08:01:59               tick
        08:02:00               tick              → raised hot cs-1
        08:02:10  at 07:59:00  cs-1 temp_c=20
        """
    )
    assert table.engine.late == 1


def test_late_data_beyond_the_lateness(tmp_path: Path) -> None:
    """It is counted; it clears nothing, and raises only what is urgent and not too old."""
    table = _table(tmp_path, HOT + "lateness: 1m", SMOKE + "max_age: 1h")
    table.play(
        """
        08:00:00               cs-1 temp_c=60 smoke=false
        08:01:00               cs-1 temp_c=60 smoke=false   → raised hot cs-1
        08:02:00  at 07:59:00  cs-1 temp_c=20 smoke=true    → raised burning cs-1
        """
    )
    assert table.engine.late == 2


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


def test_no_data(tmp_path: Path) -> None:
    """Device, gateway, feed: three alarms of their own. What fires goes stale; nothing ends by silence."""
    site = behind(small_city(), {"cs-1": "gw-1"})
    gateway = SILENT.replace("charger", "gateway").replace("id: silent", "id: gateway-silent")
    feed = SILENT.replace("charger", "feed").replace("id: silent", "id: feed-silent")
    table = Timetable(rules_from(tmp_path, site, HOT, SMOKE, SILENT, gateway, feed), site)
    table.play(
        """
        08:00:00    heard from longcheng
        08:00:00    gw-1 online
        08:00:00    cs-1 temp_c=60 smoke=true   → raised hot cs-1; raised burning cs-1
        08:01:35    gw-1 online
        08:01:40    tick                        → raised silent cs-1; stale hot cs-1
        08:02:00    cs-1 temp_c=60              → resolved silent cs-1; renewed hot cs-1
        08:04:40    tick                        → raised gateway-silent gw-1; stale hot cs-1
        08:30:00    tick                        → raised feed-silent longcheng
        2d 08:10:00 tick
        2d 08:11:00 heard from longcheng        → resolved feed-silent longcheng
        2d 08:11:00 gw-1 online                 → resolved gateway-silent gw-1
        2d 08:11:10 cs-1 temp_c=20 smoke=false  → resolved hot cs-1
        2d 08:12:00 tick
        """
    )


def test_silence_ends_no_flapping_and_no_flood(tmp_path: Path) -> None:
    """What flaps stays open and what waits goes on waiting, for days without a word."""
    table = _table(tmp_path, HOT + "flapping: {changes: 4, within: 10m}\nat_most: {raised: 3, within: 10m}", SILENT)
    table.play(
        """
        08:00:00     cs-1 temp_c=60     → raised hot cs-1
        08:00:20     cs-1 temp_c=20     → resolved hot cs-1
        08:00:40     cs-1 temp_c=60     → raised hot cs-1
        08:01:00     cs-1 temp_c=20     → flapping hot cs-1
        08:01:10     cs-1/1 temp_c=60   → raised hot cs-1/1
        08:01:20     cs-1/2 temp_c=60   → raised hot @overflow
        08:03:00     tick               → raised silent cs-1; stale hot cs-1; stale hot cs-1/1
        08:11:00     tick               → raised hot cs-1/2; stale hot cs-1/2; resolved hot @overflow
        3d 08:05:00  tick
        3d 08:06:00  restart
        3d 08:06:01  tick
        """
    )
    assert {(subject, state) for _, subject, state, _ in table.engine.states()} == {
        ("cs-1", AlarmState.STALE),
        ("cs-1", AlarmState.FIRING),
        ("cs-1/1", AlarmState.STALE),
        ("cs-1/2", AlarmState.STALE),
    }


def test_bad_data(tmp_path: Path) -> None:
    """What is no number says nothing; a value that never changes is an alarm of its own."""
    _table(tmp_path, HOT, STUCK).play(
        """
        08:00  cs-1 temp_c=60    → raised hot cs-1
        08:01  cs-1 temp_c=nan
        08:02  cs-1 temp_c=59    → renewed hot cs-1
        08:20  cs-1 temp_c=59    → renewed hot cs-1
        08:40  cs-1 temp_c=59    → renewed hot cs-1
        09:02  cs-1 temp_c=59    → renewed hot cs-1; raised stuck cs-1
        """
    )


def test_clock(tmp_path: Path) -> None:
    """A reading from ahead, within what is believed, and then back: nothing sticks longer than the clock was ahead."""
    ordered = HOT.replace("id: hot", "id: hot-in-order") + "lateness: 1m"
    table = _table(tmp_path, HOT, ordered)
    table.play(
        """
        08:00:00               cs-1 temp_c=20
        08:00:30  at 08:05:30  cs-1 temp_c=20
        08:01:00               cs-1 temp_c=60
        08:02:00               cs-1 temp_c=60   → raised hot-in-order cs-1
        08:05:30               cs-1 temp_c=60   → raised hot cs-1; renewed hot-in-order cs-1
        """
    )
    assert table.engine.late == 2


def test_maintenance(tmp_path: Path) -> None:
    """Outside its hours a rule raises nothing, by the site's own clock; what stands when they begin is told then."""
    table = _table(tmp_path, HOT + 'schedule: "07:00-22:00"')
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
    table = _table(tmp_path, HOT + "at_most: {raised: 2, within: 1m}", leak)
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
    _table(tmp_path, HOT + "cooldown: 10m").play(
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
        _table(tmp_path, HOT + "inhibited_by: [leaking]", leak).play(
            f"""
            08:00  cs-1/1 {said}                → raised leaking cs-1/1
            08:01  cs-1/2 temp_c=60
            08:02  cs-1/1 residual_ma=20        → resolved leaking cs-1/1
            08:02  tick                         → raised hot cs-1/1; raised hot cs-1/2
            """
        )


def test_two_words_about_one_moment(tmp_path: Path) -> None:
    """The worse one counts, whichever came first: an alarm ends as if the other had never been said."""
    found = _table(tmp_path, HOT).play(
        """
        08:00:00               cs-1 temp_c=60   → raised hot cs-1
        08:00:30               cs-1 temp_c=20   → resolved hot cs-1
        08:00:31  at 08:00:30  cs-1 temp_c=51   → raised hot cs-1
        08:00:32  at 08:00:30  cs-1 temp_c=20
        08:00:33  at 08:00:30  cs-1 temp_c=56
        08:00:34  restart
        08:00:35  at 08:00:30  cs-1 temp_c=55
        08:01:00               cs-1 temp_c=20   → resolved hot cs-1
        """
    )
    assert [finding.since_ms for finding in found] == [clock_ms("08:00")] * 4
