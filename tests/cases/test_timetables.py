"""Whole episodes as timetables: when, what happens, and the log lines it adds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.case import CaseStep
from domain.finding import Change
from domain.ladder import LadderStep
from domain.notice import NoticeState
from tests.cases.city import Town, bikes, clock_ms, make_site

SEEN, AGAIN, CLEAR, GONE_QUIET, TICK = Change.RAISED, Change.RENEWED, Change.RESOLVED, Change.STALE, None
FILED = "case_collected case_filed case_limit case_dispatched"
Timetable = tuple[tuple[str, Change | None, str], ...]

TIMETABLES: dict[str, Timetable] = {
    "two notices, then a case": (
        ("10:00", SEEN, "alarm_seen notice_1"),
        ("10:05", AGAIN, ""),
        ("10:14", TICK, ""),
        ("10:15", TICK, "look_asked"),
        ("10:16", AGAIN, "notice_2"),
        ("10:30", AGAIN, ""),
        ("10:31", TICK, "look_asked"),
        ("10:32", AGAIN, f"still_there {FILED}"),
        ("10:33", TICK, ""),
        ("10:50", AGAIN, ""),
        ("11:10", CLEAR, "alarm_clear_seen case_reported_seen"),
    ),
    "a look in time need not be asked for": (
        ("10:00", SEEN, "alarm_seen notice_1"),
        ("10:15", AGAIN, "notice_2"),
        ("10:30", AGAIN, f"still_there {FILED}"),
    ),
    "corrected after the first notice": (
        ("10:00", SEEN, "alarm_seen notice_1"),
        ("10:12", CLEAR, "alarm_clear_seen self_corrected"),
        ("10:15", TICK, ""),
        ("12:00", TICK, ""),
    ),
    "corrected after the second notice": (
        ("10:00", SEEN, "alarm_seen notice_1"),
        ("10:16", AGAIN, "notice_2"),
        ("10:31", TICK, "look_asked"),
        ("10:33", CLEAR, "alarm_clear_seen self_corrected"),
        ("10:50", TICK, ""),
    ),
    "a black camera is no correction": (
        ("10:00", SEEN, "alarm_seen notice_1"),
        ("10:15", TICK, "look_asked"),
        ("10:16", GONE_QUIET, "alarm_stale"),
        ("10:24", TICK, ""),
        ("10:25", TICK, "look_asked"),
        ("10:35", TICK, "look_asked"),
        ("15:00", TICK, "look_asked"),
        ("15:05", AGAIN, "alarm_back notice_2"),
    ),
    "gone and back is a new episode": (
        ("10:00", SEEN, "alarm_seen notice_1"),
        ("10:10", CLEAR, "alarm_clear_seen self_corrected"),
        ("10:20", SEEN, "alarm_seen notice_1"),
        ("10:30", CLEAR, "alarm_clear_seen self_corrected"),
    ),
    "the third episode in seven days is a case at once": (
        ("20 10:00", SEEN, "alarm_seen notice_1"),
        ("20 10:10", CLEAR, "alarm_clear_seen self_corrected"),
        ("21 10:00", SEEN, "alarm_seen notice_1"),
        ("21 10:10", CLEAR, "alarm_clear_seen self_corrected"),
        ("27 09:59", SEEN, f"alarm_seen strike {FILED}"),
        ("27 10:30", TICK, ""),
    ),
    "what is more than seven days ago does not count": (
        ("15 10:00", SEEN, "alarm_seen notice_1"),
        ("15 10:10", CLEAR, "alarm_clear_seen self_corrected"),
        ("21 10:00", SEEN, "alarm_seen notice_1"),
        ("21 10:10", CLEAR, "alarm_clear_seen self_corrected"),
        ("22 10:01", SEEN, "alarm_seen notice_1"),
    ),
    "back while its case is open: the shop is told again, then it joins that case": (
        ("10:00", SEEN, "alarm_seen notice_1"),
        ("10:15", AGAIN, "notice_2"),
        ("10:30", AGAIN, f"still_there {FILED}"),
        ("11:00", CLEAR, "alarm_clear_seen case_reported_seen"),
        ("12:00", SEEN, "alarm_seen notice_1"),
        ("12:15", AGAIN, "notice_2"),
        ("12:30", AGAIN, "still_there case_joined case_returned"),
    ),
}


@pytest.mark.parametrize("name", TIMETABLES)
@pytest.mark.parametrize("manner", ["plain", "restarts", "twice"])
def test_timetable(name: str, manner: str, town: Town) -> None:
    """Each row adds just its lines; a restart before every row, or every batch recorded twice, changes nothing."""
    for at, change, expected in TIMETABLES[name]:
        at_ms = clock_ms(at)
        if manner == "restarts":
            town.restart()
        happened = town.tick(at_ms) if change is TICK else town.record(bikes(change, at_ms))
        if manner == "twice" and change is not TICK:
            happened += town.record(bikes(change, at_ms))

        assert happened == expected.split(), at


def test_a_whole_days_batch_recorded_twice_ends_as_once(town: Town) -> None:
    """Raised, cleared and raised again in one batch: the second time nothing is added."""
    batch = [bikes(SEEN, clock_ms("10:00")), bikes(CLEAR, clock_ms("10:05")), bikes(SEEN, clock_ms("10:06"))]
    town.record(*batch)
    before = (town.store.alarms(open_only=False), town.store.ladders(open_only=False), town.store.notices())

    assert town.record(*batch) == []
    assert (town.store.alarms(open_only=False), town.store.ladders(open_only=False), town.store.notices()) == before


def test_a_crash_before_the_commit_leaves_nothing(town: Town) -> None:
    """The batch that crashed ends, recorded again, as if it had not."""
    finding = bikes(SEEN, clock_ms("10:00"))

    def crash() -> None:
        with town.store.transaction() as tx:
            town.book.record(tx, [finding], finding.at_ms)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert town.store.alarms(open_only=False) == []
    town.restart()

    assert town.record(finding) == ["alarm_seen", "notice_1"]


def test_a_case_of_a_ladder_has_both_pictures(town: Town) -> None:
    """The onset is the confirmed look, the confirmation the newest; the number is day, division, running number."""
    for at, change in (("10:00", SEEN), ("10:15", AGAIN), ("10:30", AGAIN)):
        town.record(bikes(change, clock_ms(at)))

    (case,) = town.store.cases()
    assert case.id == "202611223204000001"
    assert case.onset is not None
    assert case.confirmed is not None
    assert (case.onset.taken_ms, case.confirmed.taken_ms) == (clock_ms("10:00"), clock_ms("10:30"))
    assert (case.opened_ms, case.due_ms) == (clock_ms("10:30"), clock_ms("23 10:00"))  # a Sunday
    assert case.step is CaseStep.DISPATCHED
    assert case.unit == "天宁街道城管中队"
    assert [line.what for line in town.store.log(case_id=case.id)] == [
        "alarm_seen",
        "notice_1",
        "notice_2",
        "still_there",
        "case_collected",
        "case_filed",
        "case_limit",
        "case_dispatched",
    ]


def test_a_corrected_ladder_keeps_the_look_that_showed_it(town: Town) -> None:
    """No case; the clear look is kept; an unsent command is taken back."""
    town.record(bikes(SEEN, clock_ms("10:00")))
    town.tick(clock_ms("10:15"))
    town.record(bikes(CLEAR, clock_ms("10:16")))

    (ladder,) = town.store.ladders(open_only=False)
    assert ladder.step is LadderStep.SELF_CORRECTED
    assert ladder.cleared is not None
    assert ladder.cleared.taken_ms == clock_ms("10:16")
    assert town.store.cases() == []
    assert [notice.state for notice in town.store.notices()] == [NoticeState.WITHDRAWN, NoticeState.SENT]


def test_without_a_clear_look_nothing_is_corrected(town: Town) -> None:
    """ "Resolved" without a look is no evidence: the alarm stays, the ladder waits."""
    town.record(bikes(SEEN, clock_ms("10:00")))

    assert town.record(bikes(CLEAR, clock_ms("10:05"), look=False)) == ["alarm_unproven"]
    assert len(town.store.ladders(open_only=True)) == 1


def test_strikes_count_for_the_shop_and_not_for_its_neighbour(town: Town) -> None:
    """Two episodes of one shop leave another shop's first one a first one."""
    for at in ("10:00", "10:30"):
        town.record(bikes(SEEN, clock_ms(at)))
        town.record(bikes(CLEAR, clock_ms(at) + 60_000))

    assert town.record(bikes(SEEN, clock_ms("11:00"), zone="door-2")) == ["alarm_seen", "notice_1"]


def test_two_shops_before_one_camera_have_cases_of_their_own(town: Town) -> None:
    """One camera sees both; what one shop owes is not the other's case."""
    for at, change in (("10:00", SEEN), ("10:15", AGAIN), ("10:30", AGAIN)):
        both = [bikes(change, clock_ms(at), zone=zone) for zone in ("door-1", "door-2")]
        town.record(*both)

    assert {(case.subject, case.shop_id) for case in town.store.cases()} == {("C1/door-1", "S1"), ("C1/door-2", "S2")}


@pytest.fixture
def quiet_town(tmp_path: Path) -> Iterator[Town]:
    """A town that sleeps from 21:00 to 08:00."""
    town = Town(make_site(tmp_path / "site", quiet='"21:00-08:00"'), tmp_path)
    yield town
    town.store.close()


def test_in_quiet_hours_the_notice_waits_and_so_does_the_re_check(quiet_town: Town) -> None:
    """Seen at 23:00: told at 08:00, re-checked at 08:15, however often it is seen by night."""
    town = quiet_town
    town.record(bikes(SEEN, clock_ms("23:00")))
    town.record(bikes(AGAIN, clock_ms("23 02:00")))
    assert town.tick(clock_ms("23 08:14")) == []
    assert town.tick(clock_ms("23 08:15")) == ["look_asked"]

    (notice,) = town.notices()
    assert (notice.created_ms, notice.not_before_ms) == (clock_ms("23:00"), clock_ms("23 08:00"))
    assert notice.body["deadline_ms"] == clock_ms("23 08:15")


def test_cleared_by_night_nobody_is_woken_or_told(quiet_town: Town) -> None:
    """The waiting notice is taken back."""
    quiet_town.record(bikes(SEEN, clock_ms("23:00")))
    quiet_town.record(bikes(CLEAR, clock_ms("23:30")))

    assert [notice.state for notice in quiet_town.notices()] == [NoticeState.WITHDRAWN]
    assert quiet_town.store.due_notices(clock_ms("23 09:00"), 10) == []


def test_a_case_by_night_is_told_at_once(quiet_town: Town) -> None:
    """Quiet hours are for shops; the duty desk is awake."""
    for at in ("10:00", "11:00"):
        quiet_town.record(bikes(SEEN, clock_ms(at)))
        quiet_town.record(bikes(CLEAR, clock_ms(at) + 60_000))
    quiet_town.record(bikes(SEEN, clock_ms("23:00")))

    assert quiet_town.notices()[-1].not_before_ms == clock_ms("23:00")
    assert quiet_town.notices()[-1].recipient == "duty-desk"


def test_a_compressed_town_has_a_minute_for_half_an_hour(tmp_path: Path) -> None:
    """Re-check 15 m ÷ 30 = 30 s, patience 10 m ÷ 30 = 20 s; handling keeps its 2 working hours."""
    town = Town(make_site(tmp_path / "site", compress=30), tmp_path)
    start = clock_ms("23 10:00")  # a Monday
    town.record(bikes(SEEN, start))
    assert town.tick(start + 29_999) == []
    assert town.tick(start + 30_000) == ["look_asked"]
    assert town.tick(start + 49_999) == []
    assert town.tick(start + 50_000) == ["look_asked"]
    town.record(bikes(AGAIN, start + 51_000))
    town.record(bikes(AGAIN, start + 81_000))

    (case,) = town.store.cases()
    lunch_ms = 7_200_000
    assert case.due_ms - case.opened_ms == 7_200_000 + lunch_ms  # people at work are not compressed
    town.store.close()
