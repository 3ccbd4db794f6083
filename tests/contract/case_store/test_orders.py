"""People's orders about alarms, and silences, on both databases."""

from msgspec.structs import replace

from domain.finding import Severity
from domain.order import AlarmOrder, OrderKind, Outcome
from domain.silence import Silence, SilenceState
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, NOTICE

ORDER = AlarmOrder(id=0, kind=OrderKind.ACK, alarm_id=1, who="王工", why="已派人到场", given_ms=5, until_ms=50)
SILENCE = Silence(
    id=0, who="李姐", why="检修", from_ms=10, until_ms=20, given_ms=5, rule_id="bike-misparked", even_critical=True
)


def test_an_order_waits_until_it_is_done(store: CaseStore) -> None:
    """In the order in which they were given."""
    assert not store.has_orders()
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        first = tx.add_order(replace(ORDER, alarm_id=alarm.id))
        second = tx.add_order(replace(ORDER, alarm_id=alarm.id, kind=OrderKind.RELEASE, until_ms=None))
        assert tx.waiting_orders() == [first, second]
    assert store.has_orders()
    assert (store.order(first.id), store.order(second.id + 1)) == (first, None)

    done = replace(first, done_ms=9, outcome=Outcome.DONE)
    with store.transaction() as tx:
        tx.save_order(done)
        assert tx.waiting_orders() == [second]
        tx.save_order(replace(second, done_ms=9))
    assert store.order(first.id) == done
    assert not store.has_orders()


def test_a_silence_is_due_held_and_over(store: CaseStore) -> None:
    """By the clock; what was carried out is not due again, and what a person ended is."""
    with store.transaction() as tx:
        silence = tx.add_silence(SILENCE)
        assert (tx.silences_due(9), tx.silences_held(9)) == ([], [])
        assert tx.silences_due(10) == tx.silences_held(10) == [silence]
        tx.save_silence(replace(silence, state=SilenceState.IN_FORCE))
        assert tx.silences_due(19) == []
        assert [one.id for one in tx.silences_held(19)] == [silence.id]
        assert [one.id for one in tx.silences_due(20)] == [silence.id]
        assert not tx.end_silence(silence.id, "王工", 20)
        assert tx.end_silence(silence.id, "王工", 19)
        assert not tx.end_silence(silence.id, "王工", 19)
        assert tx.silences_held(19) == []
        assert [one.ended_by for one in tx.silences_due(19)] == ["王工"]
    assert store.silences(19, open_only=True) == []
    assert [one.id for one in store.silences(19, open_only=False)] == [silence.id]
    assert (store.silence(silence.id), store.silence(silence.id + 1)) == (
        replace(silence, state=SilenceState.IN_FORCE, ended_ms=19, ended_by="王工"),
        None,
    )


def test_of_several_silences_the_one_that_lasts_longest_comes_first(store: CaseStore) -> None:
    """And of those to look at, the newest."""
    with store.transaction() as tx:
        short, long = tx.add_silence(SILENCE), tx.add_silence(replace(SILENCE, until_ms=99))
        assert [one.id for one in tx.silences_held(15)] == [long.id, short.id]

    assert [one.id for one in store.silences(15, open_only=True)] == [long.id, short.id]
    assert [one.id for one in store.silences(30, open_only=True, limit=1)] == [long.id]


def test_what_a_silence_covers(store: CaseStore) -> None:
    """Open alarms under it."""
    with store.transaction() as tx:
        silence = tx.add_silence(SILENCE)
        covered = tx.add_alarm(replace(ALARM, silence_id=silence.id))
        tx.add_alarm(replace(ALARM, subject="over", silence_id=silence.id, resolved_ms=9))
        other = tx.add_alarm(replace(ALARM, subject="other", severity=Severity.CRITICAL))
        assert tx.alarms_silenced_by(silence.id) == [covered]
        assert tx.every_open_alarm() == [covered, other]


def test_notices_about_an_alarm_are_put_off_and_brought_forward(store: CaseStore) -> None:
    """Those that wait; neither commands, nor what is put off longer already, nor what went out."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        for key, channel, at_ms in (("a", "log", 10), ("far", "log", 99), ("look", "command", 10), ("sent", "log", 10)):
            tx.add_notice(replace(NOTICE, key=key, channel=channel, not_before_ms=at_ms, alarm_id=alarm.id))
    store.mark_sent(store.notices()[0].id, 11)

    def due() -> dict[str, int]:
        return {notice.key: notice.not_before_ms for notice in store.notices()}

    with store.transaction() as tx:
        tx.put_off_notices(alarm.id, 50)
    assert due() == {"a": 50, "far": 99, "look": 10, "sent": 10}
    with store.transaction() as tx:
        tx.bring_forward_notices(alarm.id, 20)
    assert due() == {"a": 20, "far": 20, "look": 10, "sent": 10}
