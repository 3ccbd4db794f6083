"""What is asked of SQLite alone."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from domain.errors import ConfigError, StoreUnavailable
from storage.case_engine import migrate, open_engine, writing
from storage.case_store import CaseStore


def test_a_commit_is_on_the_disk(tmp_path: Path) -> None:
    """Write-ahead log and a full sync at each commit, foreign keys on: asked of the connection that writes."""
    engine = open_engine(f"sqlite:///{tmp_path / 'cases.db'}")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()

    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_whoever_opens_it_waits_until_another_has_made_the_tables(tmp_path: Path) -> None:
    """On a slow machine that takes longer than any other transaction may; those go back to their own patience."""
    engine = open_engine(f"sqlite:///{tmp_path / 'cases.db'}")
    patience_ms: list[int] = []

    @event.listens_for(engine, "before_cursor_execute")
    def about_to(_connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement == "BEGIN IMMEDIATE":
            patience_ms.append(cursor.connection.execute("PRAGMA busy_timeout").fetchone()[0])

    migrate(engine)
    with writing(engine):
        pass
    engine.dispose()

    assert patience_ms == [600_000, 10_000]


def test_a_store_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    """A folder in its place is trouble; threads can't share a store in memory; other databases are none of ours."""
    (tmp_path / "cases.db").mkdir()
    with pytest.raises(StoreUnavailable, match=r"cases\.db, did not take it: unable to open"):
        CaseStore(f"sqlite:///{tmp_path / 'cases.db'}")
    with pytest.raises(ValueError, match="SQLite needs a file"):
        CaseStore("sqlite://")
    with pytest.raises(ConfigError, match="begins with mysql; it can be postgresql"):
        CaseStore("mysql://u:secret@h/d")
    with pytest.raises(ConfigError, match="url is none: postgresql") as told:
        CaseStore("postgresql//u:secret@h/d")
    assert "secret" not in str(told.value)
