"""Cases at work: chosen, merged, counted on a ground; and that every method of the store is in this suite."""

import inspect
from pathlib import Path

from msgspec.structs import replace

from domain.case import CaseState, Counts, LogEntry, OpenAlarms
from domain.case_choice import CaseChoice
from domain.finding import Severity
from domain.ground import Ground
from domain.notice import NoticeState
from domain.presence import CameraPresence, DevicePresence
from domain.sighting import ViewHealth
from storage.case_store import CaseStore
from storage.case_transaction import Transaction
from tests.contract.case_store.samples import ALARM, CASE, LADDER, NOTICE, fill

WITHIN = {"touch", "tell_platform"}
"""Called by the store itself at the end of each transaction."""


def put_cases(store: CaseStore) -> None:
    """Three of one alarm: open and late, merged into it, and put off."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        base = replace(CASE, alarm_id=alarm.id, ladder_id=None)
        tx.add_case(replace(base, id="1", state_ms=9))
        tx.add_case(replace(base, id="2", opened_ms=31, state=CaseState.CLOSED, closed_ms=35, duplicate_of="1"))
        tx.add_case(replace(base, id="3", opened_ms=32, state=CaseState.DEFERRED, state_ms=5, unit="园林"))


def test_cases_are_chosen(store: CaseStore) -> None:
    """By whatever is named; with how many there are beyond the limit."""
    put_cases(store)

    def chosen(limit: int = 9, **wanted: object) -> tuple[list[str], int]:
        found, total = store.cases_chosen(CaseChoice(**wanted), 50, limit=limit)  # type: ignore[arg-type]
        return [case.id for case in found], total

    assert chosen() == (["3", "1", "2"], 3)
    assert chosen(1) == (["3"], 3)
    assert chosen(open=True, unit=CASE.unit) == (["1"], 1)
    assert chosen(open=False, matter=CASE.matter) == (["2"], 1)
    assert chosen(state=CaseState.DEFERRED) == (["3"], 1)
    assert chosen(overdue=True) == (["1"], 1)
    assert chosen(overdue=False) == (["3", "2"], 2)


def test_cases_at_work(store: CaseStore) -> None:
    """In some states, the longest there first; and what was merged into which."""
    put_cases(store)
    with store.transaction() as tx:
        assert [case.id for case in tx.cases_in((CaseState.PENDING_HANDLE, CaseState.DEFERRED))] == ["3", "1"]
        assert tx.cases_in(()) == []
        assert [case.id for case in tx.cases_merged_into("1")] == ["2"]
        merged = tx.merged_case(CASE.matter, device_id="C1", subject=CASE.subject)
        assert merged == tx.merged_case(CASE.matter, device_id="C1", subject=None)
        assert merged is not None
        assert merged.id == "2"
        assert tx.merged_case(CASE.matter, device_id="C1", subject="other") is None


def test_who_was_heard_of_is_known(store: CaseStore) -> None:
    """A device or a camera, by its id; nobody else."""
    device = DevicePresence(device_id="E1", kind="charger", seen_ms=5)
    camera = CameraPresence(camera_id="C1", view=ViewHealth.DARK, taken_ms=6, healthy_ms=4)
    with store.transaction() as tx:
        tx.save_presence([device, camera])
        assert [tx.presence(name) for name in ("E1", "C1", "E2")] == [device, camera, None]


def test_a_cases_own_lines_and_notices(store: CaseStore) -> None:
    """The newest line; what waits about it is taken back, and nothing else."""
    fill(store)
    with store.transaction() as tx:
        assert tx.last_line("no such") is None
        tx.append_log(LogEntry(id=0, at_ms=9, who="王工", what="case_taken", facts={}, case_id=CASE.id))
        last = tx.last_line(CASE.id)
        assert last is not None
        assert last.what == "case_taken"
        tx.add_notice(replace(NOTICE, key="case", case_id=CASE.id))
        tx.withdraw_case_notices(CASE.id)

    assert {one.key: one.state for one in store.notices()} == {
        "k": NoticeState.PENDING,
        "case": NoticeState.WITHDRAWN,
    }


def test_ladders_at_work(store: CaseStore) -> None:
    """Open ones with their alarms; of an alarm its one; and the matters that were seen."""
    fill(store)
    (ladder,) = store.ladders(open_only=True)
    with store.transaction() as tx:
        alarm = tx.alarm(ladder.alarm_id)
        other = tx.add_alarm(replace(ALARM, subject="other"))
        over = tx.add_ladder(replace(LADDER, alarm_id=other.id, matter="01054", ended_ms=5))
        assert tx.open_ladders() == [(ladder, alarm)]
        assert (tx.ladder_of(ladder.alarm_id), tx.ladder_of(other.id), tx.ladder_of(99)) == (ladder, over, None)
        assert (tx.found_matters(9), tx.found_matters(10)) == (["01054", "09010"], [])


def test_everything_is_counted_on_a_ground(store: CaseStore) -> None:
    """What lies there, by its shop or else by its device; notices to people lie where what they are about does."""
    fill(store)
    with store.transaction() as tx:
        tx.add_alarm(replace(ALARM, subject="over", resolved_ms=9))
        tree = tx.add_alarm(replace(ALARM, subject="T1", device_id="T1", shop_id=None))
        tx.add_notice(replace(NOTICE, key="look", channel="command"))
        tx.add_notice(replace(NOTICE, key="tree", ladder_id=None, case_id=None, alarm_id=tree.id))
    nowhere = Ground(sub_districts=frozenset(), shops=frozenset(), devices=frozenset(), elsewhere=frozenset())
    shops, trees = replace(nowhere, shops=frozenset(["S1"])), replace(nowhere, devices=frozenset(["T1"]))
    nothing = Counts(
        alarms_open=0,
        alarms_total=0,
        cases_open=0,
        cases_total=0,
        cases_by_kind={},
        ladders_open=0,
        self_corrected=0,
        notices_sent=0,
        notices_pending=0,
        notices_dead=0,
    )

    there = replace(nothing, alarms_open=1, alarms_total=2, cases_open=1, cases_total=1, cases_by_kind={"camera": 1})
    one, two = (OpenAlarms(severity=ALARM.severity, n=1),), (OpenAlarms(severity=ALARM.severity, n=2),)
    there = replace(there, ladders_open=1, notices_pending=1, standing=one)
    assert store.counts(shops) == there
    assert store.counts(trees) == replace(nothing, alarms_open=1, alarms_total=1, notices_pending=1, standing=one)
    assert store.counts(nowhere) == nothing
    assert store.counts() == replace(there, alarms_open=2, alarms_total=3, notices_pending=2, standing=two)


def test_open_alarms_are_counted_by_severity_and_by_who_may_hear_of_them(store: CaseStore) -> None:
    """However many there are; a silence that has run out silences nothing."""
    with store.transaction() as tx:
        for number, (severity, until_ms) in enumerate(
            [(Severity.WARN, None), (Severity.CRITICAL, 50), (Severity.CRITICAL, None), (Severity.CRITICAL, 50)]
        ):
            tx.add_alarm(replace(ALARM, subject=f"{number}", severity=severity, silenced_until_ms=until_ms))
    counts = store.counts()

    assert counts.standing == (
        OpenAlarms(severity=Severity.WARN, n=1),
        OpenAlarms(severity=Severity.CRITICAL, n=1),
        OpenAlarms(severity=Severity.CRITICAL, silenced_until_ms=50, n=2),
    )
    assert counts.severities() == {Severity.WARN: 1, Severity.CRITICAL: 3}
    assert counts.audible(49) == {Severity.WARN: 1, Severity.CRITICAL: 1}
    assert counts.audible(50) == {Severity.WARN: 1, Severity.CRITICAL: 3}


def test_episodes_are_read_without_their_pictures(store: CaseStore) -> None:
    """The newest of them, to be counted; all else of a ladder is there."""
    fill(store)
    with store.transaction() as tx:
        other = tx.add_alarm(replace(ALARM, subject="other"))
        newest = tx.add_ladder(replace(LADDER, alarm_id=other.id))
    first, _ = sorted(store.ladders(open_only=False), key=lambda one: one.id)
    assert newest.onset is not None

    plain = [replace(one, onset=None, confirmed=None, cleared=None, context=None) for one in (newest, first)]
    assert store.episodes(limit=9) == plain
    assert store.episodes(limit=1) == plain[:1]


def test_every_method_is_in_this_suite() -> None:
    """What was only tried on SQLite need not work on PostgreSQL: a new method wants a test in this folder."""
    said = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    missing = [
        f"{kind.__name__}.{name}"
        for kind in (CaseStore, Transaction)
        for name, _ in inspect.getmembers(kind, callable)
        if not name.startswith("_") and name not in WITHIN and f".{name}(" not in said
    ]

    assert missing == []
