"""What people order: alarms taken on, ended, and silenced for a time."""

import pytest
from msgspec.structs import replace

from domain.case import OVERFLOW, Alarm, shown_state
from domain.finding import AlarmState, CasePolicy, Change, Severity
from domain.order import AlarmOrder, OrderKind, Outcome, wrong_order
from domain.silence import Silence, wrong_silence
from tests.cases.city import Town, tree
from tests.cases.heat import ELEVEN, FILED, NINE, NOON, TEN, hot, only

MINUTE_MS = 60_000


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


def test_who_takes_it_over_is_told_and_from_whom(town: Town) -> None:
    """Also where both ordered it before the first was done. The same person again only says something else of it."""
    town.record(hot(Change.RAISED, TEN))
    town.give(OrderKind.ACK, only(town), TEN)
    town.give(OrderKind.ACK, only(town), TEN, who="李姐")
    assert town.obey(TEN + 1) == ["alarm_acked", "alarm_taken_over"]
    taken = town.log()[-1]
    assert (taken.who, taken.facts["before"], only(town).acked_by) == ("李姐", "王工", "李姐")
    town.give(OrderKind.ACK, only(town), TEN + 2, until_ms=ELEVEN, who="李姐")
    assert town.obey(TEN + 2) == ["alarm_acked_until"]
    town.give(OrderKind.ACK, only(town), TEN + 3, until_ms=NOON)
    assert town.obey(TEN + 3) == ["alarm_taken_over_until"]
    town.give(OrderKind.ACK, only(town), NOON, who="李姐")
    assert town.obey(NOON) == ["alarm_acked"]  # what had been taken on until then is nobody's


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
