"""What people order: alarms silenced for a time, and what is told of them then."""

import pytest
from msgspec.structs import replace

from domain.case import shown_state
from domain.finding import AlarmState, Change, Severity
from domain.ladder import LadderStep
from domain.notice import NoticeState
from domain.silence import SilenceState
from tests.cases.city import Town, bikes, tree
from tests.cases.heat import ELEVEN, FILED, NINE, NOON, TEN, hot, only

MINUTE_MS = 60_000


# Silences


def test_a_silenced_alarm_is_raised_and_shown_and_nobody_is_told(town: Town) -> None:
    """Until the silence ends by itself: then what was held back happens, once."""
    silence = town.silence(NINE, ELEVEN, rule_id="residual-*", kind="charger", sub_district="天宁*")
    town.tick(NINE)

    assert town.record(hot(Change.RAISED, TEN)) == ["alarm_read", "alarm_silenced"]
    assert (town.notices(), town.store.cases()) == ([], [])
    assert shown_state(only(town), TEN) is AlarmState.SILENCED
    assert (only(town).silenced_by, only(town).silenced_why, only(town).silence_id) == ("李姐", "检修", silence.id)

    assert town.tick(ELEVEN - 1) == []
    assert town.tick(ELEVEN) == ["alarm_unsilenced", *FILED]
    assert [notice.step for notice in town.notices()] == ["case_sensor"]
    assert shown_state(only(town), ELEVEN) is AlarmState.FIRING
    assert town.tick(ELEVEN + 1) == []
    assert town.record(hot(Change.RENEWED, NOON)) == []


def test_a_silence_is_ended_by_hand(town: Town) -> None:
    """At once, by a name; ended twice it is ended once."""
    silence = town.silence(NINE, ELEVEN, subject="E1/3")
    town.record(hot(Change.RAISED, TEN))

    assert town.end_silence(silence, TEN + 1) == ["alarm_unsilenced_early", *FILED]
    with town.store.transaction() as tx:
        assert not tx.end_silence(silence.id, "王工", TEN + 2)
    ended = town.store.silence(silence.id)
    assert ended is not None
    assert (ended.state, ended.ended_by, ended.ended_ms) == (SilenceState.OVER, "王工", TEN + 1)


def test_what_is_over_before_the_silence_was_never_told(town: Town) -> None:
    """Raised and resolved within it: no case, no notice, then or later."""
    town.silence(NINE, ELEVEN, device_id="E1")
    town.record(hot(Change.RAISED, TEN))

    assert town.record(hot(Change.RESOLVED, TEN + MINUTE_MS)) == ["alarm_resolved"]
    assert town.tick(ELEVEN) == []
    assert (town.notices(), town.store.cases()) == ([], [])


def test_a_silence_that_begins_later_covers_what_stands_then(town: Town) -> None:
    """Its case is there; what waits to go out waits on, and so does what comes of the clock."""
    town.sending = False
    town.silence(TEN, ELEVEN, rule_id="residual-current")
    town.tick(NINE)
    town.record(hot(Change.RAISED, NINE))

    assert town.tick(TEN) == ["alarm_silenced", "case_overdue"]
    notices = town.notices()
    assert [notice.step for notice in notices] == ["case_sensor", "case_overdue"]
    assert {(notice.state, notice.not_before_ms) for notice in notices} == {(NoticeState.PENDING, ELEVEN)}
    assert town.tick(ELEVEN) == ["alarm_unsilenced"]
    assert town.notices()[0].not_before_ms == ELEVEN
    assert town.store.due_notices(ELEVEN, 10) == town.notices()


def test_a_safety_alarm_is_silenced_only_where_that_is_said(town: Town) -> None:
    """A silence for a whole street leaves smoke audible; one that names it covers it, and the log says so."""
    town.silence(NINE, ELEVEN, sub_district="*街道")
    assert town.record(hot(Change.RAISED, TEN, Severity.CRITICAL)) == ["alarm_read", *FILED]
    assert town.record(replace(tree(Change.RAISED, TEN), severity=Severity.WARN)) == ["alarm_read", *FILED]

    town.silence(TEN, ELEVEN, rule_id="residual-current", even_critical=True)
    assert town.tick(TEN + 1) == ["alarm_silenced_safety"]


def test_what_gets_critical_leaves_its_silence(town: Town) -> None:
    """It was a warning when it was silenced: told the moment it is more than that."""
    town.silence(NINE, NOON, rule_id="residual-current")
    town.record(hot(Change.RAISED, TEN))

    news = town.record(hot(Change.RENEWED, ELEVEN, Severity.CRITICAL))

    assert news == ["alarm_worse", "alarm_past_silence", *FILED]
    assert [notice.body["severity"] for notice in town.notices()] == ["critical"]
    assert town.tick(NOON) == ["case_overdue"]


def test_the_longest_of_several_silences_holds(town: Town) -> None:
    """Another one that still covers it takes over; only the last tells."""
    short = town.silence(NINE, ELEVEN, rule_id="residual-current")
    town.record(hot(Change.RAISED, TEN))
    town.silence(TEN, NOON, device_id="E?")

    assert town.tick(TEN + 1) == ["alarm_silenced"]
    assert only(town).silenced_until_ms == NOON
    assert town.end_silence(short, TEN + 2) == []
    assert town.tick(ELEVEN) == []
    assert town.tick(NOON) == ["alarm_unsilenced", *FILED]


def test_a_ladder_rests_while_its_alarm_is_silenced(town: Town) -> None:
    """No notice, no look asked for, no case; what was due meanwhile comes then. A clear look ends it all the same."""
    town.record(bikes(Change.RAISED, NINE))
    town.silence(NINE + 1, TEN, rule_id="bike-misparked")
    town.tick(NINE + 1)
    town.tick(NINE + 20 * MINUTE_MS)
    assert town.record(bikes(Change.RENEWED, NINE + 21 * MINUTE_MS)) == []
    assert town.commands() == []

    assert town.tick(TEN) == ["alarm_unsilenced", "notice_2"]
    town.silence(TEN + 2, NOON, rule_id="bike-misparked")
    town.tick(TEN + 2)
    assert town.record(bikes(Change.RESOLVED, ELEVEN)) == ["alarm_clear_seen", "self_corrected"]


def test_an_episode_begins_when_its_silence_ends(town: Town) -> None:
    """The shop is told then, and has its time from then."""
    town.silence(NINE, ELEVEN, rule_id="bike-*")
    town.record(bikes(Change.RAISED, TEN))
    assert town.store.ladders(open_only=False) == []

    assert town.tick(ELEVEN) == ["alarm_unsilenced", "notice_1"]
    (ladder,) = town.store.ladders(open_only=True)
    assert (ladder.step, ladder.started_ms) == (LadderStep.NOTICE_1, ELEVEN)


def test_a_silence_that_the_book_slept_through_is_over(town: Town) -> None:
    """Nothing is covered by it afterwards."""
    silence = town.silence(NINE, TEN, rule_id="residual-current")
    town.restart()

    assert town.tick(ELEVEN) == []
    assert (town.store.silence(silence.id) or silence).state is SilenceState.OVER
    assert town.record(hot(Change.RAISED, NOON)) == ["alarm_read", *FILED]


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ({"rule_id": "residual-current"}, True),
        ({"rule_id": "residual"}, False),
        ({"rule_id": "res*", "device_id": "E2"}, False),
        ({"subject": "E1/*"}, True),
        ({"subject": "E1"}, False),
        ({"kind": "charger", "sub_district": "天宁街道"}, True),
        ({"kind": "tree"}, False),
        ({"sub_district": "茶山*"}, False),
    ],
)
def test_whom_a_silence_covers(town: Town, pattern: dict[str, str], covered: bool) -> None:
    """All that it names must fit, letter by letter or as a pattern."""
    town.silence(NINE, NOON, **pattern)
    news = town.record(hot(Change.RAISED, TEN))
    assert ("alarm_silenced" in news) == covered
