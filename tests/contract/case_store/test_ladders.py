"""Ladders, cases, what shops say and what may be said to them without a person, on both databases."""

from msgspec.structs import replace

from domain.case import CaseState, ClosedReason
from domain.ladder import LadderStep, NoticeRight, ReplyKind, ShopReply, Verdicts
from domain.notice import NoticeState
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, CASE, LADDER, NOTICE, fill

REPLY = ShopReply(
    id=0, ladder_id=1, shop_id="S1", matter="09010", kind=ReplyKind.CONTEST, given_ms=5, words="不是我家的"
)


def test_a_cases_notices_are_its_own_and_its_ladders(store: CaseStore) -> None:
    """Newest first; a case without a ladder has no other's."""
    fill(store)
    with store.transaction() as tx:
        tx.add_case(replace(CASE, id="2", ladder_id=None))
        tx.add_notice(replace(NOTICE, key="case", case_id=CASE.id))
        tx.add_notice(replace(NOTICE, key="elsewhere"))

    assert [notice.key for notice in store.notices(case_id=CASE.id)] == ["case", "k"]
    assert store.notices(case_id="2") == []


def test_told_ladders_are_those_whose_reminder_went_out(store: CaseStore) -> None:
    """A pending reminder is none, nor is a command, nor the word about its case."""
    fill(store)
    (ladder,) = store.ladders(open_only=False)
    with store.transaction() as tx:
        tx.add_notice(replace(NOTICE, key="look", channel="command", ladder_id=ladder.id))
        tx.add_notice(replace(NOTICE, key="case", ladder_id=ladder.id, case_id=CASE.id))
    by_key = {notice.key: notice.id for notice in store.notices()}
    store.mark_sent(by_key["look"], 1)
    store.mark_sent(by_key["case"], 1)
    assert store.told_ladders() == frozenset()

    store.mark_sent(by_key["k"], 1)

    assert store.told_ladders() == {ladder.id}


def test_a_ladder_is_not_due_while_its_reminder_waits(store: CaseStore) -> None:
    """Its reminders are those to people, oldest first, in every state; a command holds nothing up."""
    fill(store)
    (ladder,) = store.ladders(open_only=True)
    with store.transaction() as tx:
        tx.add_notice(replace(NOTICE, key="look", channel="command", ladder_id=ladder.id))
        tx.add_notice(replace(NOTICE, key="case", ladder_id=ladder.id, case_id=CASE.id))
        tx.add_notice(replace(NOTICE, key="k2", ladder_id=ladder.id))
        first, second = tx.reminders(ladder.id)
        assert tx.ladders_due(20, 0) == []
    assert (first.key, second.key) == ("k", "k2")
    store.mark_dead(first.id, "gone", 1)
    store.mark_sent(second.id, 15)

    with store.transaction() as tx:
        assert [due.id for due, _alarm in tx.ladders_due(20, 0)] == [ladder.id]
        assert [notice.state for notice in tx.reminders(ladder.id)] == [NoticeState.DEAD, NoticeState.SENT]


def test_what_withdraws_a_ladders_notices_leaves_others(store: CaseStore) -> None:
    """On one channel or on all; what went out stays."""
    fill(store)
    (ladder,) = store.ladders(open_only=True)
    with store.transaction() as tx:
        tx.add_notice(replace(NOTICE, key="look", channel="command", ladder_id=ladder.id))
        tx.add_notice(replace(NOTICE, key="elsewhere"))
        tx.withdraw_notices(ladder.id, channel="command")

    assert [one.key for one in store.notices_in(NoticeState.WITHDRAWN, 9)] == ["look"]
    assert len(store.notices_in(NoticeState.PENDING, 9)) == 2


def test_episodes_are_counted_by_shop_or_by_place(store: CaseStore) -> None:
    """Of one matter, begun after a moment; where a shop answers its own, else those of the place without one."""
    with store.transaction() as tx:
        for number, (shop, at_ms) in enumerate((("S1", 5), ("S1", 9), (None, 9), ("S2", 9))):
            alarm = tx.add_alarm(replace(ALARM, subject=str(number)))
            tx.add_ladder(replace(LADDER, alarm_id=alarm.id, shop_id=shop, started_ms=at_ms))

        def count(shop_id: str | None, since_ms: int) -> int:
            return tx.episodes("09010", shop_id=shop_id, subject=LADDER.subject, since_ms=since_ms)

        assert [count("S1", 4), count("S1", 5), count(None, 4), count("S3", 4)] == [2, 1, 1, 0]
        assert tx.episodes("01054", shop_id="S1", subject=LADDER.subject, since_ms=0) == 0


def test_a_ladder_and_its_case_are_found(store: CaseStore) -> None:
    """By number, by alarm, by each other; open ones while they are."""
    fill(store)
    (ladder,) = store.ladders(open_only=True)
    (case,) = store.cases()
    with store.transaction() as tx:
        assert (tx.ladder(ladder.id), tx.ladder(ladder.id + 1)) == (ladder, None)
        assert tx.open_ladder(ladder.alarm_id) == ladder
        assert tx.case_of_ladder(ladder.id) == tx.case(case.id) == case
        assert tx.case_of_ladder(ladder.id + 1) is None
        assert tx.case("no such") is None
        assert tx.open_case("09010", device_id="C1", subject=None) == case
        assert tx.open_case("09010", device_id="C1", subject="C1/door-1") == case
        assert tx.open_case("09010", device_id="C1", subject="C1/door-2") is None
        assert tx.open_alarms("09010", "ladder", device_id="C1", subject=None) == 1
        assert tx.open_alarms("09010", "ladder", device_id="C1", subject="C1/door-2") == 0
        tx.save_ladder(replace(ladder, ended_ms=99, step=LadderStep.CASE))
        tx.save_case(replace(case, closed_ms=99))
        assert tx.open_ladder(ladder.alarm_id) is None
        assert tx.open_case("09010", device_id="C1", subject=None) is None
        assert tx.open_alarm(ALARM.rule_id, ALARM.subject) == tx.alarm(ladder.alarm_id)

    assert store.ladders(open_only=True) == []
    assert store.ladder(ladder.id) == replace(ladder, ended_ms=99, step=LadderStep.CASE)


def test_a_case_counts_its_changes(store: CaseStore) -> None:
    """From what the store has, not from what the writer had read: two who change it are two changes."""
    fill(store)
    (case,) = store.cases()
    for _ in range(2):
        with store.transaction() as tx:
            tx.save_case(replace(case, handler="王工"))

    assert store.case(case.id) == replace(case, handler="王工", version=case.version + 2)


def test_cases_fall_due_once(store: CaseStore) -> None:
    """Open, past their deadline, and not marked; the oldest deadline first."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        base = replace(CASE, alarm_id=alarm.id, ladder_id=None)
        for number, more in enumerate(({}, {"due_ms": 39}, {"overdue_ms": 41}, {"closed_ms": 30}, {"due_ms": 50})):
            tx.add_case(replace(base, **{"id": str(number), **more}))

        assert [case.id for case in tx.cases_falling_due(50)] == ["1", "0"]
        assert tx.cases_falling_due(39) == []


def test_what_shops_say_is_kept(store: CaseStore) -> None:
    """On its ladder, and among what waits for a person until one has decided."""
    fill(store)
    (ladder,) = store.ladders(open_only=True)
    with store.transaction() as tx:
        said = tx.add_reply(replace(REPLY, ladder_id=ladder.id))
        done = tx.add_reply(replace(REPLY, ladder_id=ladder.id, kind=ReplyKind.CORRECTED, picture="p"))
        assert tx.replies(ladder.id) == [said, done]
        assert tx.undecided_contests() == [said] == [tx.reply(said.id)]
        assert tx.reply(done.id + 1) is None
    assert store.replies(ladder_id=ladder.id) == [done, said]
    assert store.replies(undecided_only=True) == [said]
    assert store.replies(ladder_id=ladder.id + 1) == []

    with store.transaction() as tx:
        tx.save_reply(replace(said, decided_ms=9, decided_by="李姐", upheld=False, why="照片里是"))
        assert tx.undecided_contests() == []
    assert store.replies(undecided_only=True) == []
    assert store.replies(limit=2)[1].upheld is False


def test_a_right_to_notices_is_lost_and_given_back(store: CaseStore) -> None:
    """One row for each matter; one that has none has the right."""
    lost = NoticeRight(matter="09010", lost_ms=5, precision=0.75, n=20)
    with store.transaction() as tx:
        assert not tx.notice_right("09010").is_lost
        tx.save_notice_right(NoticeRight(matter="01054", lost_ms=1, n=3))
        tx.save_notice_right(lost)
        tx.save_notice_right(lost)
        assert tx.notice_right("09010") == lost
    assert [right.matter for right in store.notice_rights()] == ["01054", "09010"]

    back = replace(lost, restored_ms=9, restored_by="李姐", why="换了模型")
    with store.transaction() as tx:
        tx.save_notice_right(back)
    assert store.notice_rights()[1] == back


def test_verdicts_are_counted(store: CaseStore) -> None:
    """Of what was told, or looked at by a person before: all, and those that were none."""
    with store.transaction() as tx:
        made = []
        for number in range(4):
            alarm = tx.add_alarm(replace(ALARM, subject=str(number)))
            made.append(tx.add_ladder(replace(LADDER, alarm_id=alarm.id, subject=str(number))))
        told, rejected, wrong, untold = made
        tx.save_ladder(replace(rejected, step=LadderStep.REJECTED, confirmed_ms=12, confirmed_by="王工"))
        closed = replace(CASE, ladder_id=wrong.id, closed_ms=60, closed_reason=ClosedReason.FALSE_POSITIVE)
        tx.add_case(replace(closed, alarm_id=wrong.alarm_id))
        for ladder in (told, wrong, untold):
            tx.add_notice(replace(NOTICE, key=str(ladder.id), ladder_id=ladder.id))
    for notice in store.notices():
        if notice.ladder_id != untold.id:
            store.mark_sent(notice.id, 20)

    with store.transaction() as tx:
        assert tx.verdicts("09010", 9) == Verdicts(n=3, wrong=2, judged=2)
        assert tx.verdicts("09010", 10) == Verdicts(n=0, wrong=0, judged=0)
        tx.add_reply(
            replace(REPLY, kind=ReplyKind.CONTEST, ladder_id=told.id, decided_ms=30, decided_by="李姐", upheld=False)
        )
        assert tx.verdicts("09010", 9) == Verdicts(n=3, wrong=2, judged=3)


def test_what_was_only_told_is_judged_by_nobody(store: CaseStore) -> None:
    """Until its case is closed as fixed: somebody has been there."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id))
        tx.add_notice(replace(NOTICE, ladder_id=ladder.id))
    store.mark_sent(store.notices()[0].id, 20)
    with store.transaction() as tx:
        assert tx.verdicts("09010", 9) == Verdicts(n=1, wrong=0, judged=0)
        tx.add_case(
            replace(CASE, alarm_id=alarm.id, ladder_id=ladder.id, closed_ms=60, closed_reason=ClosedReason.FIXED)
        )
        assert tx.verdicts("09010", 9) == Verdicts(n=1, wrong=0, judged=1)


def test_matters_closed_as_none_are_those_of_ladders_since_then(store: CaseStore) -> None:
    """Refused, false or not reproduced; not what was fixed, what no ladder led to, or what is older."""
    fill(store)
    with store.transaction() as tx:
        ended = {
            "false": replace(CASE, matter="m1", closed_ms=20, closed_reason=ClosedReason.FALSE_POSITIVE),
            "refused": replace(CASE, matter="m2", closed_ms=20, state=CaseState.NOT_ACCEPTED),
            "fixed": replace(CASE, matter="m3", closed_ms=20, closed_reason=ClosedReason.FIXED),
            "of a sensor": replace(
                CASE, matter="m4", closed_ms=20, ladder_id=None, closed_reason=ClosedReason.NOT_REPRODUCED
            ),
            "old": replace(CASE, matter="m5", closed_ms=19, closed_reason=ClosedReason.NOT_REPRODUCED),
        }
        for case_id, case in ended.items():
            tx.add_case(replace(case, id=case_id))

        assert tx.matters_closed_as_none(20) == ["m1", "m2"]
        assert tx.matters_closed_as_none(19) == ["m1", "m2", "m5"]


def test_who_was_told_of_an_alarm_was_whatever_became_of_the_word(store: CaseStore) -> None:
    """By its step; a word of another step, or about another alarm, is none."""
    with store.transaction() as tx:
        alarm, other = tx.add_alarm(ALARM), tx.add_alarm(replace(ALARM, subject="C1/door-2"))
        assert not tx.was_told(alarm.id, "caseless")
        tx.add_notice(replace(NOTICE, step="caseless", alarm_id=alarm.id))
    store.mark_dead(store.notices()[0].id, "gone", 1)

    with store.transaction() as tx:
        assert tx.was_told(alarm.id, "caseless")
        assert not tx.was_told(alarm.id, "caseless_over")
        assert not tx.was_told(other.id, "caseless")
