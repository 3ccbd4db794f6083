"""The ladder's decisions, as a table."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from cases.ladder import Move, Pace, Told, case_at_once, compressed_ms, next_move, recheck_ms
from domain.case import Alarm
from domain.finding import AlarmState, CasePolicy, Severity
from domain.ladder import Ladder, LadderStep
from domain.notice import NoticeState
from tests.cases.city import make_site

MIN = 60_000
PACE = Pace(after_ms=15 * MIN, patience_ms=10 * MIN, confirm_ms=30 * MIN, strike_window_ms=7 * 86_400_000, strikes=3)
TOLD = Told(state=NoticeState.SENT, sent_ms=0, someone_else=True)
LADDER = Ladder(
    id=1,
    alarm_id=1,
    subject="C1/door-1",
    matter="09010",
    camera_id="C1",
    shop_id="S1",
    step=LadderStep.NOTICE_1,
    started_ms=0,
    recheck_ms=15 * MIN,
)
ALARM = Alarm(
    id=1,
    rule_id="bike-misparked",
    rule_version="ab12cd34",
    title_zh="门前乱停非机动车",
    title_en="Bicycles parked out of place",
    subject="C1/door-1",
    kind="camera",
    device_id="C1",
    state=AlarmState.FIRING,
    severity=Severity.NOTICE,
    since_ms=0,
    raised_ms=0,
    seen_ms=0,
    matter="09010",
    policy=CasePolicy.LADDER,
)


@pytest.mark.parametrize(
    ("minute", "seen", "asked", "state", "first", "second"),
    [
        (0, 0, None, AlarmState.FIRING, Move.WAIT, Move.WAIT),
        (14, 14, None, AlarmState.FIRING, Move.WAIT, Move.WAIT),
        (15, 14, None, AlarmState.FIRING, Move.ASK, Move.ASK),
        (16, 14, 15, AlarmState.FIRING, Move.WAIT, Move.WAIT),
        (24, 14, 15, AlarmState.FIRING, Move.WAIT, Move.WAIT),
        (25, 14, 15, AlarmState.FIRING, Move.ASK, Move.ASK),
        (500, 14, 495, AlarmState.FIRING, Move.WAIT, Move.WAIT),
        (500, 14, 490, AlarmState.STALE, Move.ASK, Move.ASK),
        (15, 15, None, AlarmState.FIRING, Move.NOTICE_2, Move.CASE),
        (16, 16, 15, AlarmState.FIRING, Move.NOTICE_2, Move.CASE),
        (14, 16, None, AlarmState.FIRING, Move.WAIT, Move.WAIT),
        (5, 0, None, AlarmState.RESOLVED, Move.SELF_CORRECTED, Move.SELF_CORRECTED),
        (20, 16, 15, AlarmState.RESOLVED, Move.SELF_CORRECTED, Move.SELF_CORRECTED),
    ],
)
def test_next_move(minute: int, seen: int, asked: int | None, state: AlarmState, first: Move, second: Move) -> None:
    """Re-check at minute 15, patience of 10: only a look at or after the re-check moves it on, absence never does."""
    alarm = replace(ALARM, state=state, seen_ms=seen * MIN)
    ladder = replace(LADDER, asked_ms=None if asked is None else asked * MIN)
    told_twice = replace(ladder, step=LadderStep.NOTICE_2)

    assert next_move(ladder, alarm, TOLD, minute * MIN, PACE) is first
    assert next_move(told_twice, alarm, TOLD, minute * MIN, PACE) is second


@pytest.mark.parametrize(
    ("state", "someone_else", "minute", "move"),
    [
        (NoticeState.PENDING, True, 500, Move.WAIT),
        (NoticeState.PENDING, False, 500, Move.WAIT),
        (NoticeState.DEAD, True, 3, Move.INSTEAD),
        (NoticeState.DEAD, True, 500, Move.INSTEAD),
        (NoticeState.DEAD, False, 3, Move.WAIT),
        (NoticeState.DEAD, False, 500, Move.NOTICE_2),
    ],
)
def test_nobody_is_pressed_who_was_not_told(state: NoticeState, someone_else: bool, minute: int, move: Move) -> None:
    """A notice that waits holds the ladder up, one that is dead goes to someone else; a clear look ends it anyway."""
    told = Told(state=state, sent_ms=None, someone_else=someone_else)
    alarm = replace(ALARM, seen_ms=minute * MIN)

    assert next_move(LADDER, alarm, told, minute * MIN, PACE) is move
    cleared = replace(alarm, state=AlarmState.RESOLVED)
    assert next_move(LADDER, cleared, told, minute * MIN, PACE) is Move.SELF_CORRECTED


@pytest.mark.parametrize(("sent", "due"), [(None, 15), (0, 15), (-5, 15), (7, 22)])
def test_the_clock_counts_from_when_people_were_told(sent: int | None, due: int) -> None:
    """15 minutes from the notice's going out, and never before the plan."""
    told = replace(TOLD, sent_ms=None if sent is None else sent * MIN)

    assert recheck_ms(LADDER, told, 15 * MIN) == due * MIN
    assert recheck_ms(LADDER, None, 15 * MIN) == 15 * MIN


@pytest.mark.parametrize(("earlier", "strikes", "at_once"), [(0, 3, False), (1, 3, False), (2, 3, True), (0, 1, True)])
def test_the_nth_episode_is_a_case_at_once(earlier: int, strikes: int, at_once: bool) -> None:
    """The third in the window by default; with `strikes: 1` there is no ladder at all."""
    assert case_at_once(earlier, replace(PACE, strikes=strikes)) is at_once


def test_a_demo_runs_its_ladders_faster(tmp_path: Path) -> None:
    """Everything the ladder waits for is divided by `compress`."""
    site = make_site(tmp_path, compress=30)

    assert compressed_ms(1800, site) == 60_000
    assert Pace.of(site, "09010") == Pace(
        after_ms=30_000, patience_ms=20_000, confirm_ms=60_000, strike_window_ms=20_160_000, strikes=3
    )
