"""A shop matter that turns critical under way leaves its ladder: a case at once, and the desk is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.finding import Change, Finding, Severity
from domain.ladder import LadderStep
from domain.notice import NoticeState
from tests.cases.city import Town, bikes, clock_ms, make_site

FILED = ["case_collected", "case_filed", "case_limit", "case_dispatched"]
SEEN, AGAIN, CLEAR, TICK = "seen", "again", "clear", "tick"
CRITICAL, LATCHED = "critical", "latched"
TIMETABLES: dict[str, tuple[tuple[str, str, list[str]], ...]] = {
    "after the first notice": (
        ("10:00", SEEN, ["alarm_seen", "notice_1"]),
        ("10:05", CRITICAL, ["alarm_worse", "turned_urgent", *FILED]),
        ("10:06", CRITICAL, []),
        ("10:15", TICK, []),
        ("10:16", AGAIN, ["alarm_milder"]),
        ("10:31", TICK, []),
        ("11:00", CLEAR, ["alarm_clear_seen", "case_reported_seen"]),
    ),
    "while a look is waited for": (
        ("10:00", SEEN, ["alarm_seen", "notice_1"]),
        ("10:15", TICK, ["look_asked"]),
        ("10:16", CRITICAL, ["alarm_worse", "turned_urgent", *FILED]),
        ("10:25", TICK, []),
    ),
    "after the second notice": (
        ("10:00", SEEN, ["alarm_seen", "notice_1"]),
        ("10:15", AGAIN, ["notice_2"]),
        ("10:20", CRITICAL, ["alarm_worse", "turned_urgent", *FILED]),
    ),
    "only a person may end it any more": (
        ("10:00", SEEN, ["alarm_seen", "notice_1"]),
        ("10:05", LATCHED, ["turned_urgent", *FILED]),
        ("10:20", CLEAR, ["alarm_held"]),
    ),
    "before anybody was told, by night": (
        ("22:00", SEEN, ["alarm_seen", "notice_1"]),
        ("22:05", CRITICAL, ["alarm_worse", "turned_urgent", *FILED]),
    ),
    "after it had become a case": (
        ("10:00", SEEN, ["alarm_seen", "notice_1"]),
        ("10:15", AGAIN, ["notice_2"]),
        ("10:30", AGAIN, ["still_there", *FILED]),
        ("10:40", CRITICAL, ["alarm_worse", "case_worse"]),
    ),
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town that sleeps from nine to eight."""
    town = Town(make_site(tmp_path / "site", quiet='"21:00-08:00"'), tmp_path)
    yield town
    town.store.close()


def what(kind: str, at_ms: int) -> Finding:
    """Bicycles, and what has become of them."""
    change = {SEEN: Change.RAISED, CLEAR: Change.RESOLVED}.get(kind, Change.RENEWED)
    severity = Severity.CRITICAL if kind == CRITICAL else Severity.NOTICE
    return replace(bikes(change, at_ms), severity=severity, latch=kind == LATCHED)


@pytest.mark.parametrize("name", TIMETABLES)
def test_each_timetable(name: str, town: Town) -> None:
    """Line for line; with what is urgent there is no step of a ladder any more, and one word of it to the desk."""
    for at, kind, lines in TIMETABLES[name]:
        news = town.tick(clock_ms(at)) if kind == TICK else town.record(what(kind, clock_ms(at)))
        assert news == lines, at

    urgent = [notice for notice in town.notices() if notice.urgent]
    assert [notice.recipient for notice in urgent] == ["duty-desk"]
    assert len(town.store.cases()) == 1


def test_what_waits_to_go_out_to_the_shop_is_taken_back(town: Town) -> None:
    """It sleeps and is not told in the morning; the desk is told now, and knows that nobody was."""
    town.record(what(SEEN, clock_ms("22:00")))
    town.record(what(CRITICAL, clock_ms("22:05")))

    shop, desk = town.notices()
    assert (shop.recipient, shop.state) == ("shop:S1", NoticeState.WITHDRAWN)
    assert (desk.step, desk.urgent, desk.not_before_ms) == ("case_shop_urgent", True, clock_ms("22:05"))
    assert "已提醒 0 次；情况变得紧急" in str(desk.body["text_zh"])


def test_the_ladder_has_ended_with_the_case(town: Town) -> None:
    """The case is its ladder's, critical, with the picture of when it came."""
    town.record(what(SEEN, clock_ms("10:00")))
    town.record(what(CRITICAL, clock_ms("10:05")))

    (case,) = town.store.cases()
    with town.store.transaction() as tx:
        ladder = tx.ladder_of(case.alarm_id)
        assert ladder is not None
        assert (ladder.step, ladder.ended_ms, case.ladder_id) == (LadderStep.CASE, clock_ms("10:05"), ladder.id)
        assert tx.open_ladders() == []
    assert case.severity is Severity.CRITICAL
    assert case.onset is not None
    assert case.onset.look_id == f"look-{clock_ms('10:00')}"


@pytest.mark.parametrize("paused", ["contested", "permitted", "confirm"])
def test_no_pause_of_a_ladder_holds_it_back(paused: str, town: Town) -> None:
    """A shop contests, has leave, or a person was asked: what is critical waits for none of them."""
    town.record(what(SEEN, clock_ms("10:00")))
    with town.store.transaction() as tx:
        ((ladder, _alarm),) = tx.open_ladders()
        states = {
            "contested": replace(ladder, contested_ms=clock_ms("10:02")),
            "permitted": replace(ladder, step=LadderStep.PERMITTED, permit="准-1", recheck_ms=clock_ms("23 10:00")),
            "confirm": replace(ladder, step=LadderStep.CONFIRM),
        }
        tx.save_ladder(states[paused])

    assert town.record(what(CRITICAL, clock_ms("10:05"))) == ["alarm_worse", "turned_urgent", *FILED]


def test_under_a_silence_it_is_handed_over_when_that_is_over(town: Town) -> None:
    """No second ladder begins, and none goes on."""
    town.record(what(SEEN, clock_ms("10:00")))
    town.silence(clock_ms("10:01"), clock_ms("10:12"), device_id="C1", even_critical=True)
    town.tick(clock_ms("10:01"))
    town.record(what(CRITICAL, clock_ms("10:05")))
    assert town.store.cases() == []

    assert town.tick(clock_ms("10:12"))[-5:] == ["turned_urgent", *FILED]
