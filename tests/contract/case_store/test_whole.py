"""One transaction for everything, whole or not at all, on both databases."""

import pytest
from msgspec.structs import replace
from sqlalchemy.exc import IntegrityError

from domain.case import Counts, LogEntry, OpenAlarms
from domain.finding import Change, Severity
from domain.ladder import LadderStep
from domain.presence import CameraPresence, DevicePresence
from domain.reading import DeviceState
from domain.sighting import ViewHealth
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, CASE, LADDER, NOTICE, fill


def test_nouns_come_back_as_they_went_in(store: CaseStore) -> None:
    """Enums, evidence, 64-bit times, whole and broken numbers, switches, and what is not there."""
    fill(store)

    (alarm,) = store.alarms(open_only=True)
    (ladder,) = store.ladders(open_only=True)
    (notice,) = store.notices()
    assert replace(alarm, id=0) == ALARM
    assert replace(ladder, id=0, alarm_id=1) == LADDER
    assert store.cases() == [replace(CASE, alarm_id=alarm.id, ladder_id=ladder.id)]
    assert store.case(CASE.id) == store.cases()[0]
    assert store.case("no such") is None
    assert replace(notice, id=0, ladder_id=None) == NOTICE
    assert store.log(alarm_id=alarm.id)[0].facts == {"n": 1}


def test_everything_survives_a_reopening(store: CaseStore, url: str) -> None:
    """Closed and opened again: the same alarms, states, presence and cursors."""
    fill(store)
    with store.transaction() as tx:
        tx.save_rule_states({("r", "s"): b"\x00\xff"})
        tx.save_presence([DevicePresence(device_id="E1", kind="charger")])
        tx.advance("rules", 7)
    before = (store.alarms(open_only=False), store.rule_states(), store.presence(), store.cursor("rules"))
    store.close()

    again = CaseStore(url)

    assert (again.alarms(open_only=False), again.rule_states(), again.presence(), again.cursor("rules")) == before
    again.close()


def test_a_transaction_is_all_or_nothing(store: CaseStore) -> None:
    """An exception undoes states, presence, alarms, notices and the cursor together."""

    def crash() -> None:
        with store.transaction() as tx:
            tx.save_rule_states({("r", "s"): b"1"})
            tx.save_presence([CameraPresence(camera_id="C1")])
            tx.add_alarm(ALARM)
            tx.add_notice(NOTICE)
            tx.advance("rules", 9)
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        crash()

    assert store.rule_states() == {}
    assert store.presence() == []
    assert store.alarms(open_only=False) == []
    assert store.notices() == []
    assert store.cursor("rules") == 0
    assert store.revision() == 0


def test_rule_states_are_replaced_and_forgotten(store: CaseStore) -> None:
    """The newest counts; None forgets; what is not named stays. Any number at a time."""
    with store.transaction() as tx:
        tx.save_rule_states({("r", str(number)): b"old" for number in range(2_345)})
    with store.transaction() as tx:
        tx.save_rule_states({("r", "0"): b"new"} | {("r", str(number)): None for number in range(1, 1_345)})

    states = store.rule_states()
    assert len(states) == 1_001
    assert (states["r", "0"], states["r", "2000"]) == (b"new", b"old")


def test_presence_is_replaced(store: CaseStore) -> None:
    """Devices and cameras beside each other; of one that is named twice the last counts."""
    device = DevicePresence(device_id="E1", kind="charger", seen_ms=1, state=DeviceState.ONLINE, state_ms=1)
    camera = CameraPresence(camera_id="C1", view=ViewHealth.DARK, fault="too dark", taken_ms=2, healthy_ms=1)
    with store.transaction() as tx:
        tx.save_presence([DevicePresence(device_id="E1", kind="charger"), camera])
        tx.save_presence([replace(device, seen_ms=0), device])

    assert store.presence() == [device, camera]


def test_a_cursor_never_goes_back(store: CaseStore) -> None:
    """5, then 3: still 5. Each name has its own."""
    for seq in (5, 3):
        with store.transaction() as tx:
            tx.advance("rules", seq)

    assert (store.cursor("rules"), store.cursor("series")) == (5, 0)


def test_one_change_is_recorded_once(store: CaseStore) -> None:
    """Just this rule, subject, change and time."""
    with store.transaction() as tx:
        assert tx.first_time("r", "s", Change.RAISED, 1)
        assert not tx.first_time("r", "s", Change.RAISED, 1)
        assert tx.first_time("r", "s", Change.RAISED, 2)
        assert tx.first_time("r", "s", Change.RESOLVED, 1)


def test_two_open_alarms_of_one_identity_cannot_be(store: CaseStore) -> None:
    """The database itself refuses the second; a resolved one leaves its place."""
    with store.transaction() as tx:
        first = tx.add_alarm(ALARM)
        tx.save_alarm(replace(first, resolved_ms=5))
        tx.add_alarm(ALARM)

    with pytest.raises(IntegrityError), store.transaction() as tx:
        tx.add_alarm(ALARM)
    assert len(store.alarms(open_only=False)) == 2


def test_a_log_line_of_nothing_known_is_refused(store: CaseStore) -> None:
    """Foreign keys hold: no line about an alarm that is not there."""
    with pytest.raises(IntegrityError), store.transaction() as tx:
        tx.append_log(LogEntry(id=0, at_ms=1, who="book", what="x", facts={}, alarm_id=99))


def test_a_cases_story_has_its_ladders_and_its_alarms_lines(store: CaseStore) -> None:
    """In the order they were written; an alarm's own story has only its own."""
    fill(store)
    (alarm,) = store.alarms(open_only=False)
    (ladder,) = store.ladders(open_only=False)

    assert [line.what for line in store.log(case_id=CASE.id)] == ["alarm_seen", "notice_1", "case_filed"]
    assert [line.what for line in store.log(ladder_id=ladder.id)] == ["alarm_seen", "notice_1"]
    assert [line.what for line in store.log(alarm_id=alarm.id)] == ["alarm_seen", "notice_1"]
    with pytest.raises(TypeError, match="needs alarm_id, ladder_id or case_id"):
        store.log()


def test_counts(store: CaseStore) -> None:
    """People's notices only; commands to machines are no notices."""
    fill(store)
    with store.transaction() as tx:
        over = tx.add_alarm(replace(ALARM, subject="C1/door-2", resolved_ms=9))
        tx.add_ladder(replace(LADDER, alarm_id=over.id, step=LadderStep.SELF_CORRECTED, ended_ms=9))
        tx.add_case(replace(CASE, id="2", kind="tree", alarm_id=over.id, ladder_id=None, closed_ms=9))
        tx.add_notice(replace(NOTICE, key="command", channel="command"))
        tx.add_notice(replace(NOTICE, key="second"))
    store.mark_sent(store.notices()[0].id, 50)

    assert store.counts() == Counts(
        alarms_open=1,
        alarms_total=2,
        cases_open=1,
        cases_total=2,
        cases_by_kind={"camera": 1, "tree": 1},
        ladders_open=1,
        self_corrected=1,
        notices_sent=1,
        notices_pending=1,
        notices_dead=0,
        standing=(OpenAlarms(severity=ALARM.severity, n=1),),
    )


def test_the_revision_changes_with_what_people_see(store: CaseStore) -> None:
    """Not with rule states, presence or cursors; and not with a notice that had been there."""
    with store.transaction() as tx:
        tx.save_rule_states({("r", "s"): b"1"})
        tx.save_presence([CameraPresence(camera_id="C1")])
        tx.advance("rules", 9)
    assert store.revision() == 0
    fill(store)
    filled = store.revision()
    with store.transaction() as tx:
        tx.add_notice(NOTICE)

    assert (filled, store.revision()) == (1, 1)
    store.mark_sent(store.notices()[0].id, 5)
    assert store.revision() == 2


def test_text_is_kept_as_it_is(store: CaseStore) -> None:
    """Chinese, beyond the first plane, quotes, what looks like a placeholder; in JSON too, and there even a zero."""
    odd = """龙城𠮷‘’"'%s %(x)s ? :y \\ \t\n"""
    with store.transaction() as tx:
        tx.save_rule_states({(odd, odd): odd.encode()})
        alarm = tx.add_alarm(replace(ALARM, subject=odd, text_zh=odd))
        tx.append_log(LogEntry(id=0, at_ms=1, who=odd, what="x", facts={"said": odd + "\0"}, alarm_id=alarm.id))

    assert store.rule_states() == {(odd, odd): odd.encode()}
    assert store.alarm(alarm.id) == alarm
    (line,) = store.log(alarm_id=alarm.id)
    assert (line.who, line.facts) == (odd, {"said": odd + "\0"})


def test_numbers_are_kept_as_they_are(store: CaseStore) -> None:
    """64 bits of time, and all bits of a broken number."""
    far = replace(ALARM, raised_ms=2**63 - 1, seen_ms=-(2**63), value=0.1 + 0.2, limit=1e300)
    with store.transaction() as tx:
        alarm = tx.add_alarm(far)

    assert store.alarm(alarm.id) == alarm
    assert store.alarm(alarm.id + 1) is None


def test_of_open_alarms_the_worst_come_first(store: CaseStore) -> None:
    """So that a limit never cuts a critical one; of all, the newest."""
    with store.transaction() as tx:
        for number, severity in enumerate(("notice", "critical", "warn")):
            tx.add_alarm(replace(ALARM, subject=f"C1/{number}", severity=Severity(severity)))
        tx.add_alarm(replace(ALARM, subject="C1/over", severity=Severity.CRITICAL, resolved_ms=9))

    assert [alarm.subject for alarm in store.alarms(open_only=True, limit=2)] == ["C1/1", "C1/2"]
    assert [alarm.subject for alarm in store.alarms(open_only=False, limit=2)] == ["C1/over", "C1/2"]


def test_numbers_of_cases_run_by_the_day(store: CaseStore) -> None:
    """From 1, each day anew. One whose transaction was undone was never given."""
    with store.transaction() as tx:
        assert [tx.next_case_number("20261122") for _ in range(3)] == [1, 2, 3]
        assert tx.next_case_number("20261123") == 1

    def undone() -> None:
        with store.transaction() as tx:
            tx.next_case_number("20261122")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        undone()
    with store.transaction() as tx:
        assert tx.next_case_number("20261122") == 4
