"""Writers take turns, in one process or in several; readers wait for nobody and see one moment; on both databases."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event, func, select
from sqlalchemy.exc import DBAPIError

from domain.errors import StoreUnavailable
from domain.finding import AlarmState
from domain.presence import DevicePresence
from storage import case_tables as t
from storage.case_engine import open_engine, reading
from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, LADDER

FIRST = {"sqlite": "BEGIN IMMEDIATE", "postgres": "SELECT pg_advisory_xact_lock"}
"""How a transaction that writes begins."""
PATIENCE_S = 60.0


def test_readers_do_not_wait_for_the_writer_nor_it_for_them(store: CaseStore) -> None:
    """In the middle of a transaction another thread reads, and sees what was before."""
    seen: list[int] = []
    with store.transaction() as tx:
        tx.add_alarm(ALARM)
        reader = threading.Thread(target=lambda: seen.append(len(store.alarms(open_only=False))))
        reader.start()
        reader.join(60)

    assert seen == [0]
    assert len(store.alarms(open_only=False)) == 1


def test_a_glance_waits_for_nobody_and_changes_nothing(store: CaseStore) -> None:
    """In the middle of a transaction it sees what was before, and answers what a transaction would."""
    alarm = None
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
    seen: list[object] = []

    def glance() -> None:
        with store.glance() as tx:
            seen.append(tx.alarm(alarm.id))

    revision = store.revision()
    with store.transaction() as tx:
        tx.save_alarm(replace(alarm, state=AlarmState.STALE))
        reader = threading.Thread(target=glance)
        reader.start()
        reader.join(60)
        assert seen == [alarm]
    assert store.revision() != revision


def test_writers_take_turns(store: CaseStore) -> None:
    """Ten threads at once: each gets a number of its own."""
    numbers: list[int] = []

    def take() -> None:
        with store.transaction() as tx:
            numbers.append(tx.next_case_number("20261122"))

    threads = [threading.Thread(target=take) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert numbers == list(range(1, 11))


def test_another_process_waits_for_its_turn_and_then_sees_all(store: CaseStore, url: str) -> None:
    """Whoever reads in its own transaction reads what all before it have written, and no one writes between."""
    other, seen = CaseStore(url), list[int]()
    with store.transaction() as tx:
        tx.next_case_number("20261122")

        def take() -> None:
            with other.transaction() as theirs:
                seen.append(theirs.next_case_number("20261122"))

        waiting = threading.Thread(target=take)
        waiting.start()
        waiting.join(0.2)
        assert seen == []
        assert tx.next_case_number("20261122") == 2
    waiting.join(PATIENCE_S)
    other.close()

    assert seen == [3]


def test_what_is_read_is_of_one_moment(store: CaseStore, url: str) -> None:
    """However many questions it takes, and whatever is committed meanwhile."""
    engine = open_engine(url)
    alarms = select(func.count()).select_from(t.alarms)
    with reading(engine) as connection:
        before = connection.execute(alarms).scalar_one()
        with store.transaction() as tx:
            tx.add_alarm(ALARM)
        after = connection.execute(alarms).scalar_one()
    with reading(engine) as connection:
        later = connection.execute(alarms).scalar_one()
    engine.dispose()

    assert (before, after, later) == (0, 0, 1)


@pytest.mark.parametrize("database", [pytest.param("postgres", marks=pytest.mark.server)], indirect=True)
def test_whoever_reads_cannot_write(store: CaseStore, url: str) -> None:
    """Not even by mistake: it would be no writer's turn."""
    engine = open_engine(url)
    with pytest.raises((DBAPIError, StoreUnavailable), match="read-only transaction"), reading(engine) as connection:
        connection.execute(t.cursors.insert(), {"name": "x", "seq": 1})
    engine.dispose()


def test_a_store_can_be_opened_in_the_middle_of_anothers_turn(store: CaseStore, url: str) -> None:
    """Tables that are up to date need no turn: no command waits for `serve`, and reports may use a standby."""
    with store.transaction() as tx:
        tx.add_alarm(ALARM)
        opened = CaseStore(url)
        assert opened.counts().alarms_total == 0
        opened.close()


def test_a_busy_batch_without_findings_is_cheap(store: CaseStore, database: str) -> None:
    """500 rule states, 50 devices and the cursor: a few statements for hundreds of rows, and one commit for all."""
    states: dict[tuple[str, str], bytes | None] = {
        (f"rule-{number % 7}", f"E{number}"): bytes(60) for number in range(500)
    }
    devices = [DevicePresence(device_id=f"E{number}", kind="charger", seen_ms=1) for number in range(50)]

    with asked_of_databases() as asked, store.transaction() as tx:
        tx.save_rule_states(states)
        tx.save_presence(devices)
        tx.advance("rules", 1)

    assert asked[FIRST[database]] == asked["COMMIT"] == asked["INSERT INTO cursors"] == 1
    assert 1 <= asked["INSERT INTO rule_states"] < 10
    assert 1 <= asked["INSERT INTO device_presence"] < 10
    assert len(asked) == 5


def test_a_hundred_ladders_are_read_with_their_alarms_at_once(store: CaseStore) -> None:
    """One question each, however many are due or open; each ladder has its own alarm, and all of that."""
    with store.transaction() as tx:
        alarms = [tx.add_alarm(replace(ALARM, subject=f"C1/door-{number}")) for number in range(100)]
        for alarm in reversed(alarms):
            tx.add_ladder(replace(LADDER, alarm_id=alarm.id, subject=alarm.subject, recheck_ms=alarm.id))

    with asked_of_databases() as asked, store.transaction() as tx:
        due, every = tx.ladders_due(1000, 0), tx.open_ladders()

    assert [alarm for _ladder, alarm in due] == alarms
    assert [alarm for _ladder, alarm in every] == alarms[::-1]
    assert all(
        ladder == replace(LADDER, id=ladder.id, alarm_id=alarm.id, subject=alarm.subject, recheck_ms=alarm.id)
        for ladder, alarm in due
    )
    assert sum(count for statement, count in asked.items() if statement.startswith("SELECT ladders")) == 2
    assert not any(statement.startswith("SELECT alarms") for statement in asked)


@contextmanager
def asked_of_databases() -> Iterator[Counter[str]]:
    """How every statement begins, and the commits, from now on; each with how often it came."""
    asked = Counter[str]()

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked[" ".join(statement.partition("(")[0].split()[:3])] += 1

    def note_commit(_connection: object) -> None:
        asked["COMMIT"] += 1

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", note_commit)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Engine, "commit", note_commit)
