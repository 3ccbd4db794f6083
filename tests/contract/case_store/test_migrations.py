"""One history of tables for both databases: up from nothing and from every version, down, and up again."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy import text

from domain.case import CaseState
from domain.errors import StoreRefused
from domain.presence import DevicePresence
from domain.reading import DeviceState
from storage.case_engine import open_engine, writing
from storage.case_store import CaseStore
from storage.case_tables import metadata
from tests.contract.case_store import samples
from tests.contract.case_store.tables import REVISIONS, fill, held, move, take_back

PATIENCE_S = 200.0
OPEN = "import sys; from storage.case_store import CaseStore; CaseStore(sys.argv[1]).close()"


def differences(url: str) -> list[object]:
    """What the tables have and the model lacks, or the other way round."""
    engine = open_engine(url)
    with engine.connect() as connection:
        found = list(compare_metadata(MigrationContext.configure(connection), metadata))
    engine.dispose()
    return found


def run(url: str, sql: str, **given: object) -> None:
    """One statement past the store."""
    engine = open_engine(url)
    with writing(engine) as connection:
        connection.execute(text(sql), given)
    engine.dispose()


def test_from_nothing_they_make_the_tables_that_the_store_uses(empty_url: str) -> None:
    """No more and no less."""
    CaseStore(empty_url).close()

    assert differences(empty_url) == []


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_store_of_every_version_is_brought_up_with_its_rows(empty_url: str, revision: str) -> None:
    """A row in each table, with a value in each column; all are there as they were, where the column still is."""
    move(empty_url, revision)
    before = fill(empty_url)

    CaseStore(empty_url).close()

    assert differences(empty_url) == []
    after = held(empty_url)
    assert {name: len(rows) for name, rows in after.items() if rows} == dict.fromkeys(before, 1)
    for name, (row,) in before.items():
        (kept,) = after[name]
        assert {column: kept[column] for column in row if column in kept} == {
            column: value for column, value in row.items() if column in kept
        }


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_store_is_taken_back_and_brought_up_again(store: CaseStore, url: str, revision: str) -> None:
    """What both versions know of is as before."""
    samples.fill(store)
    (alarm,) = store.alarms(open_only=False)
    store.close()

    take_back(url, revision)
    again = CaseStore(url)

    assert differences(url) == []
    assert again.alarms(open_only=False) == [alarm]
    assert [case.state for case in again.cases()] == [CaseState.PENDING_HANDLE]
    assert [line.what for line in again.log(case_id=samples.CASE.id)] == ["alarm_seen", "notice_1", "case_filed"]
    assert [notice.key for notice in again.notices()] == ["k"]
    again.close()


def test_all_of_it_can_be_taken_back(store: CaseStore, url: str) -> None:
    """Then there is no table, and a new start makes them anew."""
    samples.fill(store)
    store.close()

    move(url, "base")

    assert held(url) == {}
    again = CaseStore(url)
    assert again.cases() == []
    again.close()


def test_a_state_of_the_first_version_goes_by_when_the_device_was_heard(store: CaseStore, url: str) -> None:
    """Nothing older will change it."""
    store.close()
    take_back(url, "0001")
    run(url, "INSERT INTO device_presence VALUES ('E1', 'charger', 7, 'offline'), ('E2', 'tree', 8, NULL)")

    upgraded = CaseStore(url)
    found = upgraded.presence()
    upgraded.close()

    assert sorted(found, key=str) == [
        DevicePresence(device_id="E1", kind="charger", seen_ms=7, state=DeviceState.OFFLINE, state_ms=7),
        DevicePresence(device_id="E2", kind="tree", seen_ms=8),
    ]


def test_what_waited_and_was_critical_stays_so(store: CaseStore, url: str) -> None:
    """Until the fifth version it was only known from its body."""
    with store.transaction() as tx:
        tx.add_notice(replace(samples.NOTICE, key="smoke", body={"severity": "critical", "share": 0.5}))
        tx.add_notice(samples.NOTICE)
    store.close()
    take_back(url, "0004")

    upgraded = CaseStore(url)
    urgent = {notice.key: notice.urgent for notice in upgraded.notices()}
    upgraded.close()

    assert urgent == {"smoke": True, "k": False}


def test_a_store_of_a_newer_version_is_refused(store: CaseStore, url: str) -> None:
    """Its tables may be anything; they are left as they are."""
    samples.fill(store)
    store.close()
    run(url, "UPDATE alembic_version SET version_num = :newer", newer="9999")
    before = held(url)

    with pytest.raises(StoreRefused, match=r"the case store, .*cases.*, was written by another version"):
        CaseStore(url)
    assert held(url) == before


def test_several_processes_may_meet_an_empty_database(empty_url: str) -> None:
    """One makes the tables, the others wait for it, and all come up."""
    starting = [subprocess.Popen([sys.executable, "-c", OPEN, empty_url], stderr=subprocess.PIPE) for _ in range(4)]
    told = [one.communicate(timeout=PATIENCE_S)[1].decode() for one in starting]

    assert [one.returncode for one in starting] == [0] * 4, told
    assert differences(empty_url) == []
