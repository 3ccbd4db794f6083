"""Timetables of trouble: told when it lasts, over when it is over, and no flapping in between."""

import pytest
from msgspec.structs import replace

from app.wellbeing.selfwatch import Selfwatch
from console.desk.health import CollectorHealth, Health, StoreHealth
from domain.clock import ManualClock
from domain.finding import Severity
from domain.platform import PlatformStatus
from domain.service import Trouble, TroubleKind
from tests.app.line import NOON_MS
from tests.app.wellbeing import AWAY, FAILING, HIGH_WATER, JOURNAL, NO_BROKER, STOPPED, Timetable, filled
from tests.fakes.desk import WELL


@pytest.fixture
def days() -> Timetable:
    """Noon, and nothing has been seen yet."""
    return Timetable(ManualClock(NOON_MS))


@pytest.mark.parametrize(
    ("health", "short_s", "long_s", "said"),
    [
        (STOPPED, 2, 10, "4: journal_stopped raised critical"),
        (NO_BROKER, 58, 70, "60: broker_away raised critical"),
        (FAILING, 8, 20, "10: rules_failing raised critical"),
        (AWAY, 118, 130, "120: store_away raised warn"),
        (filled(AWAY, 0.79), 118, 130, "120: store_away raised warn"),
        (filled(WELL, 0.81), 28, 40, "30: journal_filling raised warn"),
        (filled(WELL, 0.1, full_in_s=5 * 3600), 28, 40, "30: journal_filling raised warn"),
        (filled(WELL, 0.1, full_in_s=1800), 28, 40, "30: journal_filling raised critical"),
    ],
)
def test_what_lasts_is_told_once_and_what_passes_is_not(health: Health, short_s: int, long_s: int, said: str) -> None:
    """A broker that is restarted wakes nobody; one that stays away does."""
    brief = Timetable(ManualClock(NOON_MS)).pass_time(health, short_s).pass_time(WELL, 300)
    lasting = Timetable(ManualClock(NOON_MS)).pass_time(health, long_s)

    assert brief.said == []
    assert lasting.said == [said]


def test_it_begins_with_the_first_moment_and_ends_when_it_has_been_well_for_a_while(days: Timetable) -> None:
    """`since` is when it began, not when it was told; a moment of health in between ends nothing."""
    days.pass_time(NO_BROKER, 100)
    assert days.watch.troubles == (Trouble(kind=TroubleKind.BROKER_AWAY, severity=Severity.CRITICAL, since_ms=NOON_MS),)
    days.pass_time(WELL, 40).pass_time(NO_BROKER, 4).pass_time(WELL, 100)

    assert days.said == ["60: broker_away raised critical", "202: broker_away resolved critical"]
    assert not days.watch.troubles


def test_a_broker_that_comes_and_goes_is_one_trouble(days: Timetable) -> None:
    """Ten minutes of half a minute here and half a minute there: told once, and over once."""
    days.pass_time(NO_BROKER, 70)
    for _ in range(10):
        days.pass_time(WELL, 30).pass_time(NO_BROKER, 30)
    days.pass_time(WELL, 70)

    assert [said.split(": ")[1] for said in days.said if "renewed" not in said] == [
        "broker_away raised critical",
        "broker_away resolved critical",
    ]


def test_a_store_that_is_away_turns_critical_as_the_journal_fills_and_back(days: Timetable) -> None:
    """It gets worse at once, and better only when it has been better for a while; the journal's own alarm beside it."""
    days.pass_time(filled(AWAY, 0.5), 130).pass_time(filled(AWAY, 0.81), 40)
    days.pass_time(filled(AWAY, 0.7), 100).pass_time(WELL, 130)

    assert days.said == [
        "120: store_away raised warn",
        "130: store_away renewed critical",
        "160: journal_filling raised warn",
        "228: store_away renewed warn",
        "288: journal_filling resolved warn",
        "328: store_away resolved warn",
    ]


def test_a_level_near_its_limit_does_not_flap(days: Timetable) -> None:
    """Up and down around the high-water mark, and around an hour: one alarm."""
    for _ in range(20):
        days.pass_time(filled(WELL, 0.81, full_in_s=3500), 40).pass_time(filled(WELL, 0.78, full_in_s=3700), 40)

    assert {said.split(": ")[1] for said in days.said} == {
        "journal_filling raised critical",
        "journal_filling renewed critical",
    }
    assert sum("raised" in said for said in days.said) == 1


def test_damage_is_told_for_a_day(days: Timetable) -> None:
    """It can't be undone, only looked at."""
    damaged = replace(WELL, journal=replace(JOURNAL, damaged_records=9, damaged_ms=NOON_MS - 3_600_000))
    days.pass_time(damaged, 4)
    days.clock.advance(seconds=23 * 3600)
    days.pass_time(damaged, 2)

    assert days.said == ["0: journal_damaged raised warn", "82804: journal_damaged resolved warn"]


def test_rows_that_the_store_lets_fall_are_told_for_an_hour(days: Timetable) -> None:
    """As long as there were new ones lately."""
    dropping = replace(WELL, store=StoreHealth(lost_rows={"big_timestamp": 3}, lost_ms=NOON_MS))
    days.pass_time(dropping, 4)
    days.clock.advance(seconds=3600)
    days.pass_time(dropping, 2)

    assert days.said == ["0: store_drops raised warn", "3604: store_drops resolved warn"]


def _with(*, restarts: int = 0, reconnects: int = 0) -> Health:
    one = CollectorHealth(name="one", connected=True, paused=False, restarts=restarts, reconnects=reconnects)
    return replace(WELL, collectors=(one,))


def test_a_collector_that_begins_again_and_again_is_told(days: Timetable) -> None:
    """Three restarts within ten minutes, whatever the process did in its life before; over ten minutes later."""
    for restarts in (40, 41, 42, 43):
        days.pass_time(_with(restarts=restarts), 60)
    days.pass_time(_with(restarts=43), 1200)

    assert days.said == ["180: collector_restless raised warn", "660: collector_restless resolved warn"]


def test_a_collector_that_is_restarted_now_and_then_is_not(days: Timetable) -> None:
    """Once in six minutes is a nuisance, and no alarm; nor is one connection lost in three minutes."""
    for restarts in range(10):
        days.pass_time(_with(restarts=restarts), 360)
    for reconnects in range(10):
        days.pass_time(_with(restarts=9, reconnects=reconnects), 180)

    assert days.said == []


def test_two_clients_that_throw_each_other_out_are_told(days: Timetable) -> None:
    """The broker takes one client of a name; each connect ends the other's."""
    for reconnects in range(6):
        days.pass_time(_with(reconnects=reconnects), 20)

    assert days.said == ["100: collector_restless raised warn"]


def test_what_goes_on_is_renewed_every_ten_minutes(days: Timetable) -> None:
    """So that people see that it was looked at lately."""
    days.pass_time(AWAY, 1330)

    assert days.said == [
        "120: store_away raised warn",
        "720: store_away renewed warn",
        "1320: store_away renewed warn",
    ]


def test_what_an_earlier_process_told_goes_on_or_ends(days: Timetable) -> None:
    """Nothing is raised twice, and nothing stays open for ever."""
    earlier_ms = NOON_MS - 900_000
    for kind in (TroubleKind.BROKER_AWAY, TroubleKind.STORE_AWAY):
        days.watch.resume(kind, Severity.CRITICAL, since_ms=earlier_ms, at_ms=earlier_ms, now_ms=NOON_MS)
    days.pass_time(NO_BROKER, 80)

    assert days.said == ["60: store_away resolved critical"]
    assert days.watch.troubles == (
        Trouble(kind=TroubleKind.BROKER_AWAY, severity=Severity.CRITICAL, since_ms=earlier_ms),
    )


def test_a_clock_that_is_set_back_holds_nothing_up(days: Timetable) -> None:
    """An hour back, while something lasts and while it is over: told and ended after as long as ever."""
    days.pass_time(NO_BROKER, 30)
    days.clock.advance(seconds=-3600)
    days.pass_time(NO_BROKER, 40)
    days.pass_time(WELL, 30)
    days.clock.advance(seconds=-3600)
    days.pass_time(WELL, 40)

    assert [(step.kind.value, step.change.value) for step in days.steps] == [
        ("broker_away", "raised"),
        ("broker_away", "resolved"),
    ]
    assert days.steps[0].at_ms < days.steps[1].at_ms


def test_the_worst_comes_first() -> None:
    """Critical before warnings, and of those the most urgent."""
    everything = replace(filled(STOPPED, 0.9), broker_connected=False, store_reachable=False, rules_failing=True)
    watch = Timetable(ManualClock(NOON_MS), Selfwatch(high_water=HIGH_WATER)).pass_time(everything, 200).watch

    assert [(trouble.kind.value, trouble.severity.value) for trouble in watch.troubles] == [
        ("journal_stopped", "critical"),
        ("broker_away", "critical"),
        ("rules_failing", "critical"),
        ("store_away", "critical"),
        ("journal_filling", "warn"),
    ]


def test_a_platform_that_does_not_hear_is_told_and_what_it_refuses_for_a_day(days: Timetable) -> None:
    """Late while the oldest event waits too long. What was given up is told until it is retried, or for a day."""
    late = replace(WELL, platform=PlatformStatus(pending=3, oldest_age_s=901, late=True))
    days.pass_time(late, 20).pass_time(replace(WELL, platform=PlatformStatus()), 100)
    assert days.said == ["10: platform_late raised warn", "78: platform_late resolved warn"]

    died_ms = days.clock.now_ms()
    dead = replace(WELL, platform=PlatformStatus(dead=1, died_ms=died_ms))
    retried = Timetable(ManualClock(died_ms)).pass_time(dead, 10).pass_time(WELL, 10)
    left = Timetable(ManualClock(died_ms)).pass_time(dead, 86_400 + 10)
    assert retried.said == ["0: platform_refuses raised warn", "10: platform_refuses resolved warn"]
    assert [said for said in left.said if "renewed" not in said] == [
        "0: platform_refuses raised warn",
        "86400: platform_refuses resolved warn",
    ]
