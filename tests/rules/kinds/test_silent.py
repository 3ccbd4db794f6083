"""`kind: silent`, and what silence does to other alarms."""

from pathlib import Path

from domain.finding import Change
from rules.files import load_rules
from tests.rules.city import rules_from, shipped, small_city
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


def test_three_intervals_without_a_word(tmp_path: Path) -> None:
    """Raised for the device, not for its ports; any of them ends it; value and limit are seconds."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        00:01:00  cs-1/2 temp_c=20
        00:02:00  cs-1 smoke=false
        00:03:29  tick
        00:03:30  tick                  → raised quiet cs-1
        00:03:31  tick
        00:05:00  cs-1/3 temp_c=20      → resolved quiet cs-1
        """
    )
    assert [(step.value, step.limit, step.since_ms) for step in found] == [
        (90, 90, clock_ms("00:02")),
        (180, 90, clock_ms("00:02")),
    ]
    assert found[0].limit_source == "rules.yaml:7 quiet"


def test_silence_is_counted_from_when_we_began_to_listen(tmp_path: Path) -> None:
    """A device never heard of is silent too, but what was before we listened is not its fault."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, QUIET), site, listening_since="09:00")
    found = table.play(
        """
        09:01:29  tick
        09:01:30  tick                  → raised quiet cs-1
        """
    )
    assert found[0].since_ms == clock_ms("09:00")


def test_at_least_wins_over_short_intervals(tmp_path: Path) -> None:
    """Three short intervals are no silence yet."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET + "at_least: 5m"), site).play(
        """
        00:04:59  tick
        00:05:00  tick                  → raised quiet cs-1
        """
    )


def test_a_last_will_raises_at_once(tmp_path: Path) -> None:
    """The broker says that it is gone: no need to wait, unless the rule says so; online ends it."""
    site = small_city()
    patient = QUIET.replace("id: quiet", "id: quiet-long") + "at_least: 30m\noffline: wait"
    Timetable(rules_from(tmp_path, site, QUIET, patient), site).play(
        """
        00:00:10  cs-1/1 temp_c=20
        00:00:20  cs-1 offline          → raised quiet cs-1
        00:00:21  cs-1 offline
        00:02:30  tick
        00:02:31  cs-1 online           → resolved quiet cs-1
        00:02:32  cs-1 offline          → raised quiet cs-1
        00:32:31  tick                  → raised quiet-long cs-1
        00:33:00  cs-1/1 temp_c=20      → resolved quiet cs-1; resolved quiet-long cs-1
        """
    )


def test_a_last_will_older_than_the_last_word_is_overtaken(tmp_path: Path) -> None:
    """An offline that was received before the newest reading says nothing any more."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET), site).play("00:01:00  cs-1 online\n00:00:59  cs-1 offline")


def test_of_a_last_will_and_a_reading_of_one_moment_the_last_will_stands(tmp_path: Path) -> None:
    """In either order, and heard again; only what is received after the newest last will ends the silence."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        00:01:00  cs-1 online
        00:01:00  cs-1 offline          → raised quiet cs-1
        00:01:10  cs-1 offline
        00:01:10  cs-1 smoke=false
        00:01:10  cs-1 offline
        00:01:11  cs-1 smoke=false      → resolved quiet cs-1
        00:01:12  cs-1 offline          → raised quiet cs-1
        00:01:12  cs-1 smoke=false
        """
    )


def test_back_filled_history_is_a_sign_of_life(tmp_path: Path) -> None:
    """Silence is measured by when we hear something, not by how old it is."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        00:01:30                tick            → raised quiet cs-1
        00:02:00  at 00:00:10   cs-1 temp_c=20  → resolved quiet cs-1
        00:03:29                tick
        """
    )


def test_silence_makes_alarms_stale_and_never_ends_them(tmp_path: Path) -> None:
    """What was too hot when the device fell silent is neither held nor ended until its data return."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, QUIET, HOT), site).play(
        """
        00:01:00  cs-1/1 temp_c=60      → raised hot cs-1/1
        00:01:00  cs-1/2 temp_c=60      → raised hot cs-1/2
        00:01:00  cs-1/3 temp_c=60      → raised hot cs-1/3
        00:01:10  cs-1/3 temp_c=52
        00:02:40  tick                  → raised quiet cs-1; stale hot cs-1/1; stale hot cs-1/2; stale hot cs-1/3
        00:30:00  tick
        00:31:00  cs-1 smoke=false      → resolved quiet cs-1
        00:31:01  cs-1/1 temp_c=61      → renewed hot cs-1/1
        00:31:02  cs-1/2 temp_c=20      → resolved hot cs-1/2
        00:31:03  cs-1/3 temp_c=52      → renewed hot cs-1/3
        00:31:04  cs-1/3 temp_c=49      → resolved hot cs-1/3
        """
    )
    stale = [step for step in found if step.change is Change.STALE]
    assert {(step.value, step.limit, step.at_ms) for step in stale} == {(None, 55, clock_ms("00:02:40"))}


def test_the_resolving_of_silence_and_of_stale_alarms_survives_a_restart(tmp_path: Path) -> None:
    """Silence that was raised before a restart is not raised again after it, and ends as it would have."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET, HOT), site).play(
        """
        00:01:00  cs-1/1 temp_c=60      → raised hot cs-1/1
        00:01:10  cs-1 offline          → raised quiet cs-1; stale hot cs-1/1
        00:01:20  restart
        00:05:00  tick
        00:06:00  restart
        00:06:01  cs-1/1 temp_c=60      → resolved quiet cs-1; renewed hot cs-1/1
        """
    )


def test_what_was_heard_before_a_restart_still_counts(tmp_path: Path) -> None:
    """The reader that begins again after a failure listens no later than before; silence is told from the last word."""
    site = small_city()
    found = Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        00:02:00  cs-1/2 temp_c=20
        00:02:01  restart
        00:03:29  tick
        00:03:30  tick                  → raised quiet cs-1
        """
    )
    assert found[0].since_ms == clock_ms("00:02")


def test_a_camera_that_nobody_looks_at() -> None:
    """Any look is a sign of life, a failed one too; only no look at all is silence."""
    site = small_city()
    Timetable(load_rules(shipped("cameras"), site), site).play(
        """
        00:01:00  cam-1 healthy
        00:01:00  cam-2 healthy
        00:03:30  cam-2 offline
        00:12:59  tick
        00:13:00  tick                  → raised camera-silent cam-1
        00:13:10  cam-1 offline         → resolved camera-silent cam-1
        """
    )


def test_silence_ends_by_a_persons_word_and_may_begin_again(tmp_path: Path) -> None:
    """A released alarm comes back while the device is still silent: the word cannot make it speak."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, QUIET), site)
    table.play("00:01:30  tick  → raised quiet cs-1")
    assert [step.change for step in table.engine.release("quiet", "cs-1", clock_ms("00:02"))] == [Change.RESOLVED]
    table.play("00:02:01  tick  → raised quiet cs-1")


PATIENT = QUIET.replace("id: quiet", "id: quiet-30m") + "at_least: 30m\noffline: wait"


def test_a_retained_word_is_no_news(tmp_path: Path) -> None:
    """The broker repeats to a new subscription what it kept: `online` ends no silence, `offline` raises none."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        00:01:00  cs-1 online
        00:01:10  cs-1 offline retained
        00:02:30  tick                  → raised quiet cs-1
        00:02:40  restart
        00:02:41  cs-1 online retained
        00:02:42  tick
        00:03:00  cs-1 online           → resolved quiet cs-1
        00:03:10  cs-1 online retained
        00:04:30  tick                  → raised quiet cs-1
        """
    )


def test_restarts_do_not_begin_a_silence_anew(tmp_path: Path) -> None:
    """Mute for two hours, ten seconds of restart every 20 minutes: raised once, after half an hour of listening."""
    site = small_city()
    table = Timetable(rules_from(tmp_path, site, PATIENT), site)
    found = table.play("08:00:00  cs-1 smoke=false")
    for at_ms in range(clock_ms("08:00:01"), clock_ms("10:00"), 1000):
        if at_ms % 1_200_000 == 0:
            table.restart()
            table.engine.deaf(at_ms - 10_000, at_ms)
        elif at_ms % 1_200_000 < 1_190_000:
            found += table.engine.tick(at_ms)
    assert [(step.change, step.at_ms, step.since_ms) for step in found] == [
        (Change.RAISED, clock_ms("08:30:10"), clock_ms("08:00"))
    ]
    table.play("10:00:00  cs-1 smoke=false  → resolved quiet-30m cs-1")


def test_a_device_never_heard_is_silent_through_restarts(tmp_path: Path) -> None:
    """Since when we listen to it is remembered, whatever the next process says."""
    site = small_city()
    rules = rules_from(tmp_path, site, PATIENT)
    first = Timetable(rules, site, listening_since="08:00")
    first.play("08:00:00  tick\n08:19:50  tick\n08:19:51  restart")
    second = Timetable(rules, site, listening_since="08:20")
    second.saved = first.saved
    second.restart()
    found = second.play(
        """
        08:20:00  deaf since 08:19:50
        08:30:09  tick
        08:30:10  tick                  → raised quiet-30m cs-1
        """
    )
    assert found[0].since_ms == clock_ms("08:00")


def test_an_outage_of_ours_accuses_nobody(tmp_path: Path) -> None:
    """100 s without a broker: who spoke just before has its three intervals as ever, once; said twice is said once."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        08:00:00  cs-1 smoke=false
        08:00:10  tick
        08:01:50  deaf since 08:00:10
        08:01:50  tick
        08:02:00  deaf since 08:00:10
        08:03:00  deaf since 08:03:00
        08:03:19  tick
        08:03:20  tick                  → raised quiet cs-1
        """
    )


def test_a_backlog_shows_how_long_we_were_deaf_at_most(tmp_path: Path) -> None:
    """Deaf time is told before the journal's rest is read: what was received before it leaves it counting."""
    site = small_city()
    Timetable(rules_from(tmp_path, site, QUIET), site).play(
        """
        08:00:00  cs-1 smoke=false
        09:00:00  deaf since 08:00:30
        08:01:00  cs-1 smoke=false
        09:00:20  tick
        09:01:29  tick
        09:01:30  tick                  → raised quiet cs-1
        09:02:00  cs-1 smoke=false      → resolved quiet cs-1
        09:03:30  tick                  → raised quiet cs-1
        """
    )
