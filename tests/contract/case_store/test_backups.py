"""What docs/case-store.md says of backups, on both databases: taken while somebody writes, and gone back to."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from storage.case_store import CaseStore
from tests.contract.case_store.samples import ALARM, fill
from tests.contract.case_store.tables import held
from tests.fakes.postgres import Postgres


def back_up(url: str, folder: Path) -> str:
    """The file's own way: a copy of one moment. Returns where that is."""
    copy = folder / "copy.db"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute(f"VACUUM INTO '{copy}'")
    return f"sqlite:///{copy}"


def test_a_backup_is_of_one_moment_and_can_be_worked_on(
    store: CaseStore, url: str, database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """What is not committed is not in it, and what comes after it gets new numbers."""
    fill(store)
    with store.transaction() as tx:
        assert tx.next_case_number("20261122") == 1
    before = held(url)
    with store.transaction() as tx:
        tx.add_alarm(replace(ALARM, subject="in the middle"))
        if database == "sqlite":
            copy = back_up(url, tmp_path)
        else:
            server: Postgres = request.getfixturevalue("server")
            copy = server.restored(server.dump(url, tmp_path / "cases.dump"))

    assert held(copy) == before
    again = CaseStore(copy)
    with again.transaction() as tx:
        assert tx.add_alarm(replace(ALARM, subject="new")).id > max(alarm["id"] for alarm in before["alarms"])
        assert tx.next_case_number("20261122") == 2
    again.close()
    if database == "postgres":
        server.drop(copy)
