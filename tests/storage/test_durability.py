"""What a store has confirmed must survive a power cut: each commit waits for the disk, and not only for the system."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from domain.message import Record, Reject, RejectReason
from domain.point import Point
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.series.embedded import EmbeddedSeries
from tests.storage.messages import message

FULL = 2


def write_journal(folder: Path) -> Callable[[], None]:
    """A message that will be acknowledged."""
    journal = Journal(folder / "journal.db", max_bytes=1 << 20)
    journal.append([message(1)])
    return journal.close


def write_dead_letter(folder: Path) -> Callable[[], None]:
    """A message that the cursor will pass."""
    letters = DeadLetters(folder / "deadletters.db")
    letters.add_all(
        [(Record(seq=1, message=message(1)), [Reject(reason=RejectReason.DECODE, detail="no")])], decoder="1"
    )
    return letters.close


def write_points(folder: Path) -> Callable[[], None]:
    """A point whose message the journal may then forget."""
    series = EmbeddedSeries(folder / "series.db")
    series.write([Point(measurement="tree", tags=(("device_id", "tree-1"),), fields={"tilt_deg": 1.0}, at_ms=1)])
    return series.close


def write_case_store(folder: Path) -> Callable[[], None]:
    """A cursor, and all that is committed with it."""
    store = CaseStore(f"sqlite:///{folder / 'cases.db'}")
    with store.transaction() as tx:
        tx.advance("rules", 1)
    return store.close


@pytest.mark.parametrize("write", [write_journal, write_dead_letter, write_points, write_case_store])
def test_whatever_writes_waits_for_the_disk(
    write: Callable[[Path], Callable[[], None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every connection that has written has `synchronous` at FULL. SQLite itself is asked, as a crash can't be."""
    opened: list[sqlite3.Connection] = []
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def remembered(connect: Callable[..., sqlite3.Connection], *args: Any, **kwargs: Any) -> sqlite3.Connection:
        opened.append(connect(*args, **kwargs))
        return opened[-1]

    for module in (sqlite3, sqlite3.dbapi2):
        monkeypatch.setattr(module, "connect", partial(remembered, connect))
    close = write(tmp_path)

    levels = [one.execute("PRAGMA synchronous").fetchone()[0] for one in opened if one.total_changes]
    close()
    assert levels != []
    assert set(levels) == {FULL}
