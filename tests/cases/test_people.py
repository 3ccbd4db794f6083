"""What people order: alarms taken on, ended, and silenced for a time."""

import pytest
from msgspec.structs import replace

from domain.case import OVERFLOW, Alarm, shown_state
from domain.finding import AlarmState, CasePolicy, Change, Finding, Severity
from domain.ladder import LadderStep
from domain.notice import NoticeState
from domain.order import AlarmOrder, OrderKind, Outcome, wrong_order
from domain.silence import Silence, SilenceState, wrong_silence
from tests.cases.city import Town, bikes, charger, clock_ms, tree

FILED = ["case_collected", "case_filed", "case_limit", "case_dispatched"]
EIGHT, NINE, TEN, ELEVEN, NOON = (clock_ms(f"{hour:02}:00") for hour in (8, 9, 10, 11, 12))
MINUTE_MS = 60_000


def hot(change: Change, at_ms: int, severity: Severity = Severity.WARN) -> Finding:
    """A warning about a charging station's port."""
    return charger(change, at_ms, severity=severity)


def only(town: Town) -> Alarm:
    """The one alarm there is."""
    (alarm,) = town.store.alarms(open_only=False)
    return alarm


# Releasing


def test_a_person_ends_a_latched_alarm_with_name_and_reason(town: Town) -> None:
    """However the readings are; both stand in the story, and the case waits to be verified."""
    town.record(tree(Change.RAISED, TEN))
    order = town.give(OrderKind.RELEASE, only(town), TEN + 1)

    assert town.obey(TEN + MINUTE_MS) == ["alarm_released", "case_reported_read"]

    assert (only(town).state, only(town).resolved_ms) == (AlarmState.RESOLVED, TEN + MINUTE_MS)
    said = town.log()[-2]
    assert (said.who, said.facts["person"], said.facts["why"]) == ("王工", "王工", "已派人到场")
    done = town.store.order(order.id)
    assert done is not None
    assert (done.done_ms, done.outcome) == (TEN + MINUTE_MS, Outcome.DONE)
    assert town.obey(TEN + 2 * MINUTE_MS) == []


def test_what_comes_after_a_release_is_a_new_alarm(town: Town) -> None:
    """It still leans: another alarm, and the case goes back."""
    town.record(tree(Change.RAISED, TEN))
    town.give(OrderKind.RELEASE, only(town), TEN)
    town.obey(TEN + MINUTE_MS)

    assert town.record(tree(Change.RAISED, ELEVEN)) == ["alarm_read", "case_joined", "case_returned"]
    assert len(town.store.alarms(open_only=False)) == 2


def test_an_order_about_an_alarm_that_is_over_comes_too_late(town: Town) -> None:
    """Nothing happens, and the order says so."""
    town.record(hot(Change.RAISED, TEN))
    orders = [town.give(kind, only(town), TEN) for kind in OrderKind]
    town.record(hot(Change.RESOLVED, TEN + MINUTE_MS))

    assert town.obey(ELEVEN) == []
    assert {(town.store.order(order.id) or order).outcome for order in orders} == {Outcome.TOO_LATE}


def test_orders_are_carried_out_in_their_order(town: Town) -> None:
    """Taken on, ended, and taken on too late."""
    town.record(hot(Change.RAISED, TEN))
    kinds = (OrderKind.ACK, OrderKind.RELEASE, OrderKind.ACK)
    orders = [town.give(kind, only(town), TEN) for kind in kinds]

    assert town.obey(ELEVEN) == ["alarm_acked", "alarm_released", "case_reported_read"]
    assert [(town.store.order(order.id) or order).outcome for order in orders] == ["done", "done", "too_late"]


# Taking on


def test_taken_on_is_shown_until_it_expires_and_ends_nothing(town: Town) -> None:
    """Who, why and until when; afterwards it fires as before."""
    town.record(hot(Change.RAISED, TEN))
    town.give(OrderKind.ACK, only(town), TEN, until_ms=ELEVEN)

    assert town.obey(TEN + 1) == ["alarm_acked_until"]

    alarm = only(town)
    assert (alarm.acked_by, alarm.acked_why, alarm.acked_until_ms) == ("王工", "已派人到场", ELEVEN)
    assert shown_state(alarm, ELEVEN - 1) is AlarmState.ACKED
    assert shown_state(alarm, ELEVEN) is AlarmState.FIRING
    assert alarm.state is AlarmState.FIRING
    assert town.record(hot(Change.RESOLVED, NOON)) == ["alarm_resolved", "case_reported_read"]


def test_what_gets_worse_has_to_be_taken_on_anew(town: Town) -> None:
    """A warning was taken on; that it is critical now was not, and the desk is told."""
    town.record(hot(Change.RAISED, TEN))
    town.give(OrderKind.ACK, only(town), TEN)
    town.obey(TEN + 1)

    assert town.record(hot(Change.RENEWED, ELEVEN)) == []
    assert shown_state(only(town), ELEVEN) is AlarmState.ACKED
    news = town.record(hot(Change.RENEWED, NOON, Severity.CRITICAL))

    assert news == ["alarm_worse", "alarm_ack_overtaken", "case_worse"]
    assert shown_state(only(town), NOON) is AlarmState.FIRING
    assert [notice.step for notice in town.notices()] == ["case_sensor", "case_worse"]


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


# Coming and going, and getting worse


def test_coming_and_going_is_told_once_until_it_is_steady(town: Town) -> None:
    """One line; renewed it is steady, and what was told once is not told again."""
    town.record(hot(Change.RAISED, TEN))

    assert town.record(hot(Change.FLAPPING, TEN + 1)) == ["alarm_flapping"]
    assert town.record(hot(Change.FLAPPING, TEN + 2)) == []
    assert shown_state(only(town), TEN + 2) is AlarmState.FLAPPING
    assert town.record(hot(Change.RENEWED, ELEVEN)) == ["alarm_steady"]
    assert len(town.notices()) == 1


def test_one_that_is_first_heard_of_as_coming_and_going_is_told_when_it_is_steady(town: Town) -> None:
    """Its earlier turns were alarms of their own; nobody is told of this one before it holds."""
    town.record(hot(Change.RAISED, NINE))
    town.record(hot(Change.RESOLVED, NINE + 1))
    assert town.record(hot(Change.FLAPPING, TEN)) == ["alarm_read", "alarm_flapping"]
    assert len(town.notices()) == 1

    assert town.record(hot(Change.RENEWED, ELEVEN)) == ["alarm_steady", "case_joined", "case_returned"]
    assert [notice.step for notice in town.notices()] == ["case_sensor", "case_joined"]


def test_one_that_falls_silent_before_it_is_steady_is_told_then(town: Town) -> None:
    """Nobody can wait for it any longer."""
    town.record(hot(Change.FLAPPING, TEN))
    assert town.record(hot(Change.STALE, ELEVEN)) == ["alarm_stale", *FILED]


def test_what_gets_worse_while_it_comes_and_goes_is_told_at_once(town: Town) -> None:
    """It is not steady for that."""
    town.record(hot(Change.RAISED, TEN))
    town.record(hot(Change.FLAPPING, TEN + 1))

    assert town.record(hot(Change.RENEWED, TEN + 2, Severity.CRITICAL)) == ["alarm_worse", "case_worse"]
    assert only(town).state is AlarmState.FLAPPING
    assert town.record(hot(Change.RENEWED, TEN + 3, Severity.CRITICAL)) == ["alarm_steady"]


def test_one_that_stands_for_many_says_so_in_its_own_words(town: Town) -> None:
    """How many are told, how many are not, and what to do about so many; the newest number counts."""
    flood = replace(
        hot(Change.RAISED, TEN), kind=OVERFLOW, subject="@overflow", device_id="@overflow", policy=CasePolicy.NONE,
        matter=None, metric=None, value=7.0, limit=50.0, text_en="It leaks.",
    )  # fmt: skip
    assert town.record(flood) == ["alarm_raised"]
    assert only(town).title_en == "Residual current too high: too many alarms at once"
    assert "50 alarms of “Residual current too high” came" in only(town).text_en
    assert "7 more are not told" in only(town).text_en

    town.record(replace(flood, change=Change.RENEWED, at_ms=TEN + 1, value=9.0))
    assert "另有 9 件" in only(town).text_zh
    assert town.record(replace(flood, change=Change.RESOLVED, at_ms=TEN + 2)) == ["alarm_resolved"]


def test_worse_is_told_once_for_each_severity_and_milder_not_at_all(town: Town) -> None:
    """One alarm, one case; the case keeps the worst."""
    town.record(hot(Change.RAISED, NINE, Severity.NOTICE))

    assert town.record(hot(Change.RENEWED, TEN)) == ["alarm_worse", "case_worse"]
    assert town.record(hot(Change.RENEWED, TEN + 1, Severity.NOTICE)) == ["alarm_milder"]
    assert town.record(hot(Change.RENEWED, TEN + 2)) == ["alarm_worse"]
    assert town.record(hot(Change.RENEWED, TEN + 3, Severity.CRITICAL)) == ["alarm_worse", "case_worse"]
    assert [notice.step for notice in town.notices()] == ["case_sensor", "case_worse", "case_worse"]
    assert town.store.cases()[0].severity is Severity.CRITICAL


def test_what_led_to_nothing_may_lead_to_a_case_when_it_gets_worse(town: Town) -> None:
    """The policy of the finding that says so."""
    mild = hot(Change.RAISED, NINE, Severity.NOTICE)
    town.record(replace(mild, policy="none", matter=None))
    assert town.store.cases() == []

    assert town.record(hot(Change.RENEWED, TEN)) == ["alarm_worse", *FILED]


def test_its_text_is_kept_and_told(town: Town) -> None:
    """As the rule says it, newest first; a renewal without one leaves it."""
    first = replace(hot(Change.RAISED, NINE), text_zh="漏电，先断电", text_en="It leaks. First: power off.")
    town.record(first)
    assert "漏电，先断电。处置单位" in str(town.notices()[0].body["text_zh"])
    assert "It leaks. First: power off. To be handled by" in str(town.notices()[0].body["text_en"])

    town.record(hot(Change.RENEWED, TEN))
    assert only(town).text_en == "It leaks. First: power off."
    town.record(replace(first, change=Change.RENEWED, at_ms=ELEVEN, text_en="It still leaks."))
    assert only(town).text_en == "It still leaks."


# What can't be ordered


def test_the_state_that_is_shown_says_most_about_what_is_to_be_done() -> None:
    """Over, silenced, coming and going, unknown, taken on, and only then whether it fires or recovers."""
    alarm = Alarm(
        id=1, rule_id="r", rule_version="v", title_zh="", title_en="", subject="s", kind="k", device_id="s",
        state=AlarmState.FIRING, severity=Severity.WARN, since_ms=0, raised_ms=0, seen_ms=0,
        silenced_until_ms=100, acked_ms=1,
    )  # fmt: skip
    order = [AlarmState.RESOLVED, AlarmState.SILENCED, AlarmState.FLAPPING, AlarmState.STALE, AlarmState.ACKED]
    shown = [
        shown_state(replace(alarm, state=AlarmState.RESOLVED), 50),
        shown_state(replace(alarm, state=AlarmState.FLAPPING), 50),
        shown_state(replace(alarm, state=AlarmState.FLAPPING), 100),
        shown_state(replace(alarm, state=AlarmState.STALE), 100),
        shown_state(replace(alarm, state=AlarmState.RECOVERING), 100),
    ]
    assert shown == order
    assert shown_state(replace(alarm, acked_ms=None, state=AlarmState.RECOVERING), 100) is AlarmState.RECOVERING


DAY_MS = 86_400_000
ASKED = Silence(id=0, rule_id="a", who="王工", why="检修", from_ms=0, until_ms=DAY_MS, given_ms=0)


@pytest.mark.parametrize(
    ("silence", "problem"),
    [
        (ASKED, None),
        (replace(ASKED, until_ms=30 * DAY_MS), None),
        (replace(ASKED, until_ms=30 * DAY_MS + 1), "longer than 30 days"),
        (replace(ASKED, given_ms=DAY_MS), "over before it begins"),
        (replace(ASKED, from_ms=2 * DAY_MS), "over before it begins"),
        (replace(ASKED, rule_id=None), "cover everything"),
        (replace(ASKED, rule_id="*", subject="**"), "cover everything"),
        (replace(ASKED, who=" "), "whose it is"),
        (replace(ASKED, why=""), "whose it is"),
    ],
)
def test_a_silence_has_an_owner_a_reason_an_end_and_a_limit(silence: Silence, problem: str | None) -> None:
    """Or there is none."""
    found = wrong_silence(silence)
    assert problem in found if problem and found else found is None


def test_an_order_has_a_name_and_a_reason() -> None:
    """And, if it ends, ends later than it begins."""
    order = AlarmOrder(id=0, kind=OrderKind.ACK, alarm_id=1, who="王工", why="到场", given_ms=5)
    assert wrong_order(order) is None
    assert wrong_order(replace(order, until_ms=6)) is None
    assert wrong_order(replace(order, until_ms=5)) is not None
    assert wrong_order(replace(order, who="")) is not None
    assert wrong_order(replace(order, why=" ")) is not None
