"""The hard parts of what is heard: it comes late, comes wrongly, comes twice, or does not come."""

from pathlib import Path

from domain.finding import AlarmState
from tests.rules.city import behind, rules_from, small_city
from tests.rules.hard_rules import HOT, SILENT, SMOKE, a_table
from tests.rules.timetable import Timetable, clock_ms

STUCK = """
id: stuck
kind: stuck
for_each: {kind: charger}
metric: temp_c
raise: {above: 1h}
max_gap: 30m
"""


def test_late_data_within_the_lateness(tmp_path: Path) -> None:
    """Values are heard in the order of their times: what comes late may fill a hold, or show that it never was one."""
    rule = HOT + "for: 2m\nmax_gap: 1m\nlateness: 2m"
    table = a_table(tmp_path, rule)
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
    a_table(tmp_path, rule).play(
        """
        08:00:00               cs-1 temp_c=60
        08:02:00               cs-1 temp_c=60
        08:02:01  at 08:01:00  cs-1 temp_c=20
        08:05:00               cs-1 temp_c=60
        """
    )


def test_late_data_that_nobody_follows(tmp_path: Path) -> None:
    """A device that says nothing more lets nothing wait for ever: by our clock, what is waited for comes no more."""
    table = a_table(tmp_path, HOT + "lateness: 2m")
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
    table = a_table(tmp_path, HOT + "lateness: 1m", SMOKE + "max_age: 1h")
    table.play(
        """
        08:00:00               cs-1 temp_c=60 smoke=false
        08:01:00               cs-1 temp_c=60 smoke=false   → raised hot cs-1
        08:02:00  at 07:59:00  cs-1 temp_c=20 smoke=true    → raised burning cs-1
        """
    )
    assert table.engine.late == 2


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
    table = a_table(tmp_path, HOT + "flapping: {changes: 4, within: 10m}\nat_most: {raised: 3, within: 10m}", SILENT)
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
    a_table(tmp_path, HOT, STUCK).play(
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
    table = a_table(tmp_path, HOT, ordered)
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


def test_two_words_about_one_moment(tmp_path: Path) -> None:
    """The worse one counts, whichever came first: an alarm ends as if the other had never been said."""
    found = a_table(tmp_path, HOT).play(
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
