"""What waits for a person, and alarms as people look for them, on both databases."""

from msgspec.structs import replace

from domain.alarm_choice import AlarmChoice, Standing, place_in_list
from domain.case import CaseState
from domain.finding import AlarmState, CasePolicy, Severity
from domain.ladder import LadderStep, ReplyKind, ShopReply
from domain.order import AlarmOrder, OrderKind
from domain.review import ANSWERS
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, CASE, LADDER, NOTICE, fill

NOW_MS = 1_000
OPEN = AlarmChoice()


def many_alarms(store: CaseStore) -> None:
    """Nine open ones of all sorts, one over."""
    sorts = [
        {"severity": severity, "state": state, "silenced_until_ms": until_ms, "since_ms": n}
        for n, (severity, state, until_ms) in enumerate(
            (severity, state, until_ms)
            for severity in Severity
            for state, until_ms in ((AlarmState.FIRING, None), (AlarmState.STALE, None), (AlarmState.FIRING, 2_000))
        )
    ]
    with store.transaction() as tx:
        for n, facts in enumerate(sorts):
            tx.add_alarm(replace(ALARM, subject=f"C{n}", **facts))
        tx.add_alarm(replace(ALARM, subject="C0", resolved_ms=9, state=AlarmState.RESOLVED, kind="tree"))


def test_open_alarms_come_worst_first_page_by_page(store: CaseStore) -> None:
    """In the order that the noun's own place says, none twice and none left out, whatever the size of a page."""
    many_alarms(store)
    whole = store.alarms_chosen(OPEN, NOW_MS, limit=99)
    assert whole == sorted(whole, key=lambda one: place_in_list(one, OPEN, NOW_MS))
    assert [one.silenced_until_ms for one in whole] == [None] * 6 + [2_000] * 3
    assert whole[0].severity is Severity.CRITICAL
    for size in (1, 2, 4):
        seen, after = [], None
        while page := store.alarms_chosen(OPEN, NOW_MS, limit=size, after=after):
            seen += page
            after = place_in_list(page[-1], OPEN, NOW_MS)
        assert seen == whole


def test_alarms_are_chosen_by_what_is_named(store: CaseStore) -> None:
    """Each name narrows; silenced counts by the clock."""
    many_alarms(store)

    def n(**named: object) -> int:
        return len(store.alarms_chosen(AlarmChoice(**named), NOW_MS, limit=99))  # type: ignore[arg-type]

    assert n() == 9
    assert n(standing=Standing.ALL) == 10
    assert n(standing=Standing.OVER) == 1
    assert n(severity=Severity.WARN) == 3
    assert n(standing=Standing.ALL, kind="tree") == 1
    assert n(rule_id="other") == 0
    assert n(silenced=True) == 3
    assert n(silenced=False) == 6
    newest = store.alarms_chosen(AlarmChoice(standing=Standing.ALL), NOW_MS, limit=2)
    after = place_in_list(newest[-1], AlarmChoice(standing=Standing.ALL), NOW_MS)
    third = store.alarms_chosen(AlarmChoice(standing=Standing.ALL), NOW_MS, limit=1, after=after)
    assert [one.id for one in [*newest, *third]] == [10, 9, 8]


def test_finds_wait_until_somebody_says_whether_they_are_so(store: CaseStore) -> None:
    """A ladder that has gone on waits for nobody, nor does one whose alarm is over."""
    with store.transaction() as tx:
        for n, (step, over_ms) in enumerate(
            [(LadderStep.CONFIRM, None), (LadderStep.NOTICE_1, None), (LadderStep.CONFIRM, 5)]
        ):
            alarm = tx.add_alarm(replace(ALARM, subject=f"C{n}", resolved_ms=over_ms))
            tx.add_ladder(replace(LADDER, alarm_id=alarm.id, step=step))
    ((ladder, alarm),) = store.finds_to_confirm()
    assert (ladder.alarm_id, alarm.subject) == (alarm.id, "C0")


def test_contests_wait_until_they_are_decided(store: CaseStore) -> None:
    """With the ladder and the alarm; what shops say beside contests never waits."""
    fill(store)
    reply = ShopReply(id=0, ladder_id=1, shop_id="S1", matter="09010", kind=ReplyKind.CONTEST, given_ms=5)
    with store.transaction() as tx:
        kept = tx.add_reply(reply)
        tx.add_reply(replace(reply, kind=ReplyKind.CORRECTED))
    ((contest, ladder, alarm),) = store.contests_to_decide()
    assert (contest, ladder.id, alarm.id) == (kept, 1, ladder.alarm_id)
    with store.transaction() as tx:
        tx.save_reply(replace(kept, decided_ms=6, decided_by="王工", upheld=True))
    assert store.contests_to_decide() == []


def test_cases_wait_that_were_reported_as_done(store: CaseStore) -> None:
    """The longest so first."""
    fill(store)
    with store.transaction() as tx:
        for n, at_ms in (("7", 70), ("5", 50)):
            tx.add_case(replace(CASE, id=n, ladder_id=None, state=CaseState.PENDING_VERIFY, state_ms=at_ms))
        tx.add_case(replace(CASE, id="9", ladder_id=None, state=CaseState.PENDING_VERIFY, closed_ms=9))
    assert [(case.id, alarm.id) for case, alarm in store.cases_to_verify()] == [("5", 1), ("7", 1)]


def test_alarms_with_a_picture_are_to_be_looked_at(store: CaseStore) -> None:
    """Until somebody takes them on or silences them; what leads to a case or a ladder has its own way."""
    loose = replace(ALARM, policy=CasePolicy.NONE)
    with store.transaction() as tx:
        for n, facts in enumerate(
            [
                {},
                {"evidence": None},
                {"acked_ms": 4},
                {"silence_id": 1},
                {"policy": CasePolicy.OPEN},
                {"resolved_ms": 5},
            ]
        ):
            tx.add_alarm(replace(loose, subject=f"C{n}", **facts))  # type: ignore[arg-type]
    assert [alarm.subject for alarm in store.alarms_to_look_at()] == ["C0"]


def test_ladders_alike_are_of_the_same_matter_and_shop(store: CaseStore) -> None:
    """Newest first, none from before."""
    with store.transaction() as tx:
        for n, facts in enumerate([{}, {"matter": "09005"}, {"shop_id": "S2"}, {"started_ms": 1}, {"started_ms": 99}]):
            alarm = tx.add_alarm(replace(ALARM, subject=f"C{n}"))
            tx.add_ladder(replace(LADDER, alarm_id=alarm.id, **facts))  # type: ignore[arg-type]
    found = store.ladders_alike("09010", "S1", since_ms=5, limit=9)
    assert [ladder.started_ms for ladder in found] == [99, 10]
    assert len(store.ladders_alike("09010", "S1", since_ms=5, limit=1)) == 1


def test_lines_that_say_an_answer_have_their_place(store: CaseStore) -> None:
    """Only those behind an id, and only of the kinds asked for."""
    fill(store)
    first = store.log(alarm_id=1)[0]
    with store.transaction() as tx:
        for who in ("王工", "李姐"):
            tx.append_log(replace(first, id=0, at_ms=77, who=who, what="confirm_yes", alarm_id=1))
    one, two = store.lines_said(ANSWERS, after_id=0)
    assert (one.who, one.what, one.at_ms, one.device_id, one.shop_id) == ("王工", "confirm_yes", 77, "C1", "S1")
    assert store.lines_said(ANSWERS, after_id=one.id) == [two]


def test_orders_wait_until_they_are_carried_out(store: CaseStore) -> None:
    """In the order in which they were given."""
    fill(store)
    order = AlarmOrder(id=0, kind=OrderKind.ACK, alarm_id=1, who="王工", why="去看看", given_ms=5)
    with store.transaction() as tx:
        one, two = tx.add_order(order), tx.add_order(replace(order, kind=OrderKind.RELEASE))
    assert store.orders_waiting() == [one, two]
    with store.transaction() as tx:
        tx.save_order(replace(one, done_ms=6))
    assert store.orders_waiting() == [two]


def test_notices_about_an_alarm_are_its_own_and_its_ladders(store: CaseStore) -> None:
    """Newest first; another's are not among them."""
    fill(store)
    with store.transaction() as tx:
        other = tx.add_alarm(replace(ALARM, subject="C2/door-1"))
        tx.add_notice(replace(NOTICE, key="own", alarm_id=1))
        tx.add_notice(replace(NOTICE, key="other", alarm_id=other.id))
    assert [one.key for one in store.notices_about(1, limit=9)] == ["own", "k"]
