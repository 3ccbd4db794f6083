"""The series writer as a process of its own: it stores what the journal has, comes back by itself, ends in order."""

import logging
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from app.processes.writer_process import WriterProcess
from storage.series.embedded import EmbeddedSeries
from tests.app.line import NOON_MS, QUIET_MA, Line, residual, starter
from tests.ingest.waiting import until

Start = Callable[..., WriterProcess]


@pytest.fixture
def start(line: Line) -> Iterator[Start]:
    """Starts writers of the line's journal, and stops them after the test."""
    started: list[WriterProcess] = []

    def begin(**environment: str) -> WriterProcess:
        writer = WriterProcess(starter(line.folder, **environment), line.journal)
        started.append(writer)
        writer.start()
        return writer

    yield begin
    for writer in started:
        writer.stop()


def fill(line: Line, first: int, last: int) -> None:
    """So many readings into the journal, one a second."""
    line.journal.append([residual(QUIET_MA, NOON_MS + number * 1000) for number in range(first, last)])


def stored(folder: Path) -> int:
    """How many values the embedded store holds."""
    series = EmbeddedSeries(folder / "series.db")
    try:
        return series.count()
    finally:
        series.close()


def test_one_that_is_killed_is_started_again_and_stores_each_reading_once(
    line: Line, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """One WARNING, one INFO; the counts go on."""
    caplog.set_level(logging.INFO, "app")
    writer = start()
    fill(line, 0, 100)
    until(lambda: writer.status.cursor == 100, "the first hundred")
    assert writer.pid is not None
    os.kill(writer.pid, signal.SIGKILL)
    fill(line, 100, 200)
    until(lambda: writer.status.cursor == 200, "the second hundred")
    assert writer.status.stored == stored(line.folder) == 200
    until(lambda: len(said(caplog)) >= 2, "the log has both")
    assert [record.levelno for record in said(caplog)] == [logging.WARNING, logging.INFO]


def said(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Of processes that end and begin."""
    return [record for record in caplog.records if record.name == "app.processes.children"]


def test_what_is_in_the_journal_at_the_stop_is_stored_before_the_end(line: Line, start: Start) -> None:
    """In order, and the process is gone."""
    writer = start()
    fill(line, 0, 1)
    until(lambda: writer.status.cursor == 1, "it has begun: one that has not may be killed at the stop")
    pid = writer.pid
    fill(line, 1, 300)
    writer.stop()
    assert stored(line.folder) == 300
    assert not psutil.pid_exists(pid or 0)


def test_a_store_that_is_away_is_told_and_nothing_is_passed_over(line: Line, start: Start) -> None:
    """What the store said, and a cursor that stays."""
    writer = start(VICTORIA_URL="http://127.0.0.1:1")
    fill(line, 0, 10)
    until(lambda: "127.0.0.1:1" in writer.status.trouble, "what the store said")
    assert not writer.status.reachable
    assert writer.status.cursor == 0
