"""A file that several processes open at once, of whichever store it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.errors import StoreUnavailable
from storage.sqlite import Database, write_ahead

SCHEMA = "CREATE TABLE IF NOT EXISTS things (id INTEGER PRIMARY KEY)"
BUSY = "database is locked"


def opened(path: Path, *, patience_s: float = 60.0) -> sqlite3.Connection:
    """As a process of its own would."""
    return sqlite3.connect(path, timeout=patience_s, isolation_level=None)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else, who is about to make the tables of a new file."""
    with closing(opened(tmp_path / "new.db")) as one:
        one.execute("BEGIN IMMEDIATE")
        one.execute(SCHEMA)
        yield one


def test_who_opens_a_file_that_another_is_making_waits_for_its_turn(tmp_path: Path, other: sqlite3.Connection) -> None:
    """By itself SQLite refuses it on the spot, however long its patience is."""
    asked: list[str] = []

    def hear(statement: str) -> None:
        asked.append(statement)
        if statement == "BEGIN IMMEDIATE":  # here it would wait
            other.execute("COMMIT")

    with closing(opened(tmp_path / "new.db")) as one:
        with pytest.raises(sqlite3.OperationalError, match=BUSY):
            one.execute("PRAGMA journal_mode = WAL")
        one.set_trace_callback(hear)
        write_ahead(one)
        assert one.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert asked[:4] == ["PRAGMA journal_mode = WAL", "BEGIN IMMEDIATE", "ROLLBACK", "PRAGMA journal_mode = WAL"]


def test_a_file_that_is_written_ahead_already_is_left_as_it_is(tmp_path: Path) -> None:
    """Even while another writes."""
    Database(tmp_path / "old.db", SCHEMA).close()
    with closing(opened(tmp_path / "old.db")) as writes, closing(opened(tmp_path / "old.db", patience_s=0)) as one:
        writes.execute("BEGIN IMMEDIATE")
        write_ahead(one)
        assert one.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_who_has_waited_in_vain_says_so(tmp_path: Path, other: sqlite3.Connection) -> None:
    """The other stays in the middle of it."""
    with (
        closing(opened(tmp_path / "new.db", patience_s=0)) as one,
        pytest.raises(sqlite3.OperationalError, match=BUSY),
    ):
        write_ahead(one)


def test_a_file_that_is_none_is_not_asked_again(tmp_path: Path) -> None:
    """What is no matter of turns is told at once."""
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StoreUnavailable, match=r"folder\.db cannot be opened"):
        Database(tmp_path / "folder.db", SCHEMA)
