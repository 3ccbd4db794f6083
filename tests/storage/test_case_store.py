"""The case store: one transaction for everything, durable, and open to readers meanwhile."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy import Engine, event

from domain.case import Alarm, Case, CaseState, Counts, LogEntry
from domain.errors import StoreRefused, StoreUnavailable
from domain.finding import AlarmState, CasePolicy, Change, Evidence, Severity
from domain.ladder import Ladder, LadderStep
from domain.notice import Notice, NoticeState
from domain.presence import CameraPresence, DevicePresence
from domain.reading import DeviceState
from domain.sighting import ViewHealth
from storage.case_engine import open_engine, writing
from storage.case_store import CaseStore
from storage.case_tables import metadata

LOOK = Evidence(look_id="look-1", taken_ms=2, picture="C1/20261122/look-1", picture_sha256="00", model="m")
ALARM = Alarm(
    id=0,
    rule_id="bike-misparked",
    rule_version="ab12cd34",
    title_zh="门前乱停",
    title_en="Misparked",
    subject="C1/door-1",
    kind="camera",
    device_id="C1",
    state=AlarmState.FIRING,
    severity=Severity.NOTICE,
    since_ms=1,
    raised_ms=1_763_812_800_123,
    seen_ms=2,
    matter="09010",
    policy=CasePolicy.LADDER,
    zone="door-1",
    shop_id="S1",
    value=0.1,
    limit=2,
    evidence=LOOK,
    latch=True,
)
LADDER = Ladder(
    id=0,
    alarm_id=1,
    subject="C1/door-1",
    matter="09010",
    camera_id="C1",
    shop_id="S1",
    step=LadderStep.NOTICE_1,
    started_ms=10,
    recheck_ms=20,
    onset=LOOK,
)
CASE = Case(
    id="202611223204000001",
    alarm_id=1,
    ladder_id=1,
    matter="09010",
    title_zh="门前乱停",
    title_en="Misparked",
    subject="C1/door-1",
    kind="camera",
    device_id="C1",
    shop_id="S1",
    severity=Severity.NOTICE,
    state=CaseState.PENDING_HANDLE,
    unit="城管中队",
    opened_ms=30,
    due_ms=40,
    onset=LOOK,
)
NOTICE = Notice(
    id=0,
    key="k",
    channel="log",
    recipient="shop:S1",
    step="notice_1",
    subject="C1/door-1",
    body={"text_zh": "您好。", "deadline_ms": 20, "share": 0.5, "loud": False, "picture": None},
    state=NoticeState.PENDING,
    created_ms=10,
    not_before_ms=10,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaseStore]:
    """An empty store."""
    store = CaseStore(url_of(tmp_path))
    yield store
    store.close()


def url_of(folder: Path) -> str:
    """A store in a file of this folder."""
    return f"sqlite:///{folder / 'cases.db'}"


def take_back(url: str, revision: str) -> None:
    """Make the tables those of an earlier version."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    engine = open_engine(url)
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()


def fill(store: CaseStore) -> None:
    """One of each: an alarm, its ladder, its case, a line about each, and a notice."""
    with store.transaction() as tx:
        alarm = tx.add_alarm(ALARM)
        ladder = tx.add_ladder(replace(LADDER, alarm_id=alarm.id))
        tx.add_case(replace(CASE, alarm_id=alarm.id, ladder_id=ladder.id))
        tx.append_log(LogEntry(id=0, at_ms=1, who="rules", what="alarm_seen", facts={"n": 1}, alarm_id=alarm.id))
        tx.append_log(
            LogEntry(id=0, at_ms=2, who="ladder", what="notice_1", facts={}, alarm_id=alarm.id, ladder_id=ladder.id)
        )
        tx.append_log(LogEntry(id=0, at_ms=3, who="book", what="case_filed", facts={}, case_id=CASE.id))
        tx.add_notice(replace(NOTICE, ladder_id=ladder.id))


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


def test_everything_survives_a_reopening(store: CaseStore, tmp_path: Path) -> None:
    """Closed and opened again: the same alarms, states, presence and cursors."""
    fill(store)
    with store.transaction() as tx:
        tx.save_rule_states({("r", "s"): b"\x00\xff"})
        tx.save_presence([DevicePresence(device_id="E1", kind="charger")])
        tx.advance("rules", 7)
    before = (store.alarms(open_only=False), store.rule_states(), store.presence(), store.cursor("rules"))
    store.close()

    again = CaseStore(url_of(tmp_path))

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

    with pytest.raises(Exception, match="UNIQUE"), store.transaction() as tx:
        tx.add_alarm(ALARM)
    assert len(store.alarms(open_only=False)) == 2


def test_a_log_line_of_nothing_known_is_refused(store: CaseStore) -> None:
    """Foreign keys hold: no line about an alarm that is not there."""
    with pytest.raises(Exception, match="FOREIGN KEY"), store.transaction() as tx:
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


def test_a_cases_notices_are_its_own_and_its_ladders(store: CaseStore) -> None:
    """Newest first; a case without a ladder has no other's."""
    fill(store)
    with store.transaction() as tx:
        tx.add_case(replace(CASE, id="2", ladder_id=None))
        tx.add_notice(replace(NOTICE, key="case", case_id=CASE.id))
        tx.add_notice(replace(NOTICE, key="elsewhere"))

    assert [notice.key for notice in store.notices(case_id=CASE.id)] == ["case", "k"]
    assert store.notices(case_id="2") == []


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
    )


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


def test_notices_leave_in_due_order(store: CaseStore) -> None:
    """By time, then by age; what is not due, of another channel, or over the limit stays."""
    with store.transaction() as tx:
        for key, channel, due in (("c", "log", 30), ("a", "log", 10), ("x", "command", 5), ("b", "log", 10)):
            tx.add_notice(replace(NOTICE, key=key, channel=channel, not_before_ms=due))

    assert [notice.key for notice in store.due_notices(30, 10)] == ["x", "a", "b", "c"]
    assert [notice.key for notice in store.due_notices(29, 10, channel="log")] == ["a", "b"]
    assert [notice.key for notice in store.due_notices(30, 1)] == ["x"]


def test_a_withdrawn_notice_stays_unless_it_went_out_after_all(store: CaseStore) -> None:
    """A failure does not bring it back; a success is the truth."""
    fill(store)
    (notice,) = store.notices()
    with store.transaction() as tx:
        tx.withdraw_notices(notice.ladder_id or 0)

    store.mark_failed(notice.id, "late", 99)
    assert store.notices()[0].state is NoticeState.WITHDRAWN
    store.mark_sent(notice.id, 50)
    assert store.notices()[0].state is NoticeState.SENT


def test_a_notice_is_pending_until_something_became_of_it(store: CaseStore) -> None:
    """Put off it still is, and that is no try; sent it is not, nor one that never was."""
    fill(store)
    (notice,) = store.notices()
    store.put_off(notice.id, 99)
    assert store.still_pending(notice.id)
    assert (store.notices()[0].not_before_ms, store.notices()[0].attempts) == (99, 0)

    store.mark_sent(notice.id, 100)

    assert not store.still_pending(notice.id)
    assert not store.still_pending(notice.id + 1)


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
    store.mark_dead(first.id, "gone")
    store.mark_sent(second.id, 15)

    with store.transaction() as tx:
        assert [due.id for due, _alarm in tx.ladders_due(20, 0)] == [ladder.id]
        assert [notice.state for notice in tx.reminders(ladder.id)] == [NoticeState.DEAD, NoticeState.SENT]


def test_readers_do_not_wait_for_the_writer_nor_it_for_them(store: CaseStore) -> None:
    """In the middle of a transaction another thread reads, and sees what was before."""
    seen: list[int] = []
    with store.transaction() as tx:
        tx.add_alarm(ALARM)
        reader = threading.Thread(target=lambda: seen.append(len(store.alarms(open_only=False))))
        reader.start()
        reader.join(5)

    assert seen == [0]
    assert len(store.alarms(open_only=False)) == 1


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
        thread.join(10)

    assert numbers == list(range(1, 11))


def test_a_commit_is_on_the_disk(store: CaseStore) -> None:
    """Write-ahead log and a full sync at each commit, foreign keys on: asked of the connection that writes."""
    engine = open_engine(str(store._engine.url))
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_the_migrations_make_the_tables_that_the_store_uses(store: CaseStore, tmp_path: Path) -> None:
    """Nothing that the tables have and the migrations lack, or the other way round."""
    engine = open_engine(url_of(tmp_path))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def test_a_store_of_the_first_version_is_brought_up(store: CaseStore, tmp_path: Path) -> None:
    """A state it holds goes by the time the device was heard last: nothing older will change it."""
    fill(store)
    store.close()
    take_back(url_of(tmp_path), "0001")
    with closing(sqlite3.connect(tmp_path / "cases.db")) as connection:
        connection.execute(
            "INSERT INTO device_presence VALUES ('E1', 'charger', 7, 'offline'), ('E2', 'tree', 8, NULL)"
        )
        connection.commit()

    upgraded = CaseStore(url_of(tmp_path))
    found, alarms = upgraded.presence(), upgraded.alarms(open_only=False)
    upgraded.close()

    assert [replace(alarm, id=0) for alarm in alarms] == [ALARM]
    assert found == [
        DevicePresence(device_id="E1", kind="charger", seen_ms=7, state=DeviceState.OFFLINE, state_ms=7),
        DevicePresence(device_id="E2", kind="tree", seen_ms=8),
    ]


def test_a_store_of_a_newer_version_is_refused(store: CaseStore, tmp_path: Path) -> None:
    """Its tables may be anything; the file is left as it is."""
    store.close()
    with sqlite3.connect(tmp_path / "cases.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(StoreRefused, match=r"cases\.db, was written by another version"):
        CaseStore(url_of(tmp_path))


def test_a_store_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    """A folder in its place is trouble; a store in memory can't be shared by threads."""
    (tmp_path / "cases.db").mkdir()
    with pytest.raises(StoreUnavailable, match="unable to open"):
        CaseStore(url_of(tmp_path))
    with pytest.raises(ValueError, match="SQLite needs a file"):
        CaseStore("sqlite://")


def test_a_busy_batch_without_findings_is_cheap(store: CaseStore) -> None:
    """500 rule states, 50 devices and the cursor: a few statements for hundreds of rows, and one commit for all."""
    states: dict[tuple[str, str], bytes | None] = {
        (f"rule-{number % 7}", f"E{number}"): bytes(60) for number in range(500)
    }
    devices = [DevicePresence(device_id=f"E{number}", kind="charger", seen_ms=1) for number in range(50)]

    with asked_of_databases() as asked, store.transaction() as tx:
        tx.save_rule_states(states)
        tx.save_presence(devices)
        tx.advance("rules", 1)

    assert asked["BEGIN IMMEDIATE"] == asked["COMMIT"] == asked["INSERT INTO cursors"] == 1
    assert 1 <= asked["INSERT INTO rule_states"] < 10
    assert 1 <= asked["INSERT INTO device_presence"] < 10
    assert len(asked) == 5


@contextmanager
def asked_of_databases() -> Iterator[Counter[str]]:
    """How every statement begins, and the commits, from now on; each with how often it came."""
    asked = Counter[str]()

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked[" ".join(statement.split()[:3])] += 1

    def note_commit(_connection: object) -> None:
        asked["COMMIT"] += 1

    event.listen(Engine, "before_cursor_execute", note)
    event.listen(Engine, "commit", note_commit)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)
        event.remove(Engine, "commit", note_commit)
