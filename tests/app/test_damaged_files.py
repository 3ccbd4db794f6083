"""Damaged files under a running line: judging goes on, storing waits, and the state says so."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from app.readers.series_writer import SERIES
from domain.errors import StoreUnavailable
from domain.finding import AlarmState
from domain.message import RejectReason
from domain.point import Point
from storage.series.embedded import EmbeddedSeries
from tests.app.line import LEAK_MA, LEAK_RULE, NOON_MS, QUIET_MA, Line, message, residual

PAGE = 4096


def spoil(path: Path) -> None:
    """All but the first page is not what it was, and no process has it in memory."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE what_another_has_written (n)")
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xa5" * (size - PAGE))


def test_damaged_dead_letters_blame_no_record_and_stop_nothing(line: Line) -> None:
    """The batch is read once more: its alarm is raised, and what cannot be used has its letter in the new file."""
    reader = line.reader()
    line.journal.append([message(b"rubbish" * 1000, NOON_MS + number) for number in range(20)])
    reader.step()
    spoil(line.folder / "deadletters.db")
    line.journal.append([message(b"more rubbish", NOON_MS + 100), residual(LEAK_MA, NOON_MS + 101)])

    with pytest.raises(StoreUnavailable, match="begun anew"):
        reader.step()
    reader.restore()
    while reader.cursor < line.journal.head():
        reader.step()

    alarms = [alarm.state for alarm in line.store.alarms(open_only=False) if alarm.rule_id == LEAK_RULE]
    assert alarms == [AlarmState.FIRING]
    assert [(letter.seq, letter.reason) for letter in line.deadletters.list()] == [(21, RejectReason.DECODE)]
    assert len(list(line.folder.glob("deadletters.db.damaged-?"))) == 1


def test_a_damaged_series_file_is_said_and_readings_wait_for_the_restart(line: Line) -> None:
    """Nothing is stored and nothing lost: after a restart a new file has what the journal held."""
    store = EmbeddedSeries(line.folder / "series.db")
    writer = line.writer(store)
    line.journal.append([residual(QUIET_MA)])
    writer.step()
    spoil(line.folder / "series.db")
    line.journal.append([residual(QUIET_MA, NOON_MS + 1)])

    assert writer.step() > 0.0
    assert (writer.cursor, writer.reachable) == (1, False)
    assert "series.db is damaged" in writer.trouble
    assert "restart" in writer.trouble

    store.close()
    with closing(EmbeddedSeries(line.folder / "series.db")) as store:
        writer = line.writer(store)
        writer.step()
        assert (store.count(), line.journal.cursor(SERIES), writer.trouble) == (1, 2, "")


class Surprising(EmbeddedSeries):
    """Fails once, of something that nobody has thought of."""

    failed = False

    def write(self, points: Sequence[Point]) -> None:
        """The second time it works."""
        if not self.failed:
            self.failed = True
            raise RuntimeError("nobody has thought of this")
        super().write(points)


def test_whatever_stops_storing_is_seen_in_the_state(line: Line) -> None:
    """It is over when the batch is through."""
    with closing(Surprising(line.folder / "series.db")) as store:
        writer = line.writer(store)
        line.journal.append([residual(QUIET_MA)])
        with pytest.raises(RuntimeError):
            writer.step()
        assert (writer.reachable, writer.cursor) == (False, 0)
        assert "nobody has thought of this" in writer.trouble
        writer.step()
        assert (writer.reachable, writer.trouble, writer.cursor) == (True, "", 1)
