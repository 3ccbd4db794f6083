"""The rules reader behind several collectors: it waits a moment for what may be overtaken, and misses nothing by it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.readers.rules_reader import RulesReader
from domain.finding import AlarmState
from tests.app.line import LEAK_MA, LEAK_RULE, QUIET_MA, Line, residual, starter, upright

STATION_SILENT = "charger-silent"


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A line whose site has three collectors."""
    site = starter(tmp_path)
    ingest = site.settings.ingest.model_copy(update={"collectors": 3})
    opened = Line(replace(site, settings=site.settings.model_copy(update={"ingest": ingest})))
    yield opened
    opened.close()


def leaks(line: Line) -> list[AlarmState]:
    """The states of all alarms that the leak has led to."""
    return [alarm.state for alarm in line.store.alarms(open_only=False) if alarm.rule_id == LEAK_RULE]


def settle(line: Line, reader: RulesReader) -> None:
    """A second passes in which nothing comes."""
    reader.step()
    line.clock.advance(seconds=1)
    reader.step()
    reader.step()


def test_a_leak_is_judged_a_moment_later(line: Line) -> None:
    """Not before it is settled, and then at once."""
    reader = line.reader()
    line.journal.append([residual(LEAK_MA, line.clock.now_ms())])
    reader.step()
    assert leaks(line) == []
    line.clock.advance(seconds=0.3)
    reader.step()
    assert leaks(line) == [AlarmState.FIRING]


def test_what_was_overtaken_is_judged_in_the_devices_own_order(line: Line) -> None:
    """The end of a leak that is in the journal before its beginning still ends it."""
    reader = line.reader()
    now_ms = line.clock.now_ms()
    line.journal.append([residual(QUIET_MA, now_ms)])
    line.journal.append([residual(LEAK_MA, now_ms - 2000)])
    settle(line, reader)
    assert leaks(line) == [AlarmState.RESOLVED]


def test_also_at_the_seam_of_two_batches_of_a_backlog(line: Line) -> None:
    """A pair that is swapped across the thousandth record of what waited is put right like any other."""
    now_ms = line.clock.now_ms()
    before = [upright(now_ms - 5000 + number) for number in range(999)]
    after = [upright(now_ms - 900 + number) for number in range(500)]
    pair = [residual(QUIET_MA, now_ms - 3990), residual(LEAK_MA, now_ms - 3995)]
    line.journal.append([*before, *pair, *after])
    reader = line.reader()
    for _ in range(6):
        settle(line, reader)
    assert leaks(line) == [AlarmState.RESOLVED]


def test_silence_is_judged_under_steady_traffic(line: Line) -> None:
    """There is always something that waits; that must not stop the clock of the silent."""
    reader = line.reader()
    for _ in range(60):
        line.clock.advance(seconds=4)
        line.journal.append([upright(line.clock.now_ms())])
        reader.step()
    assert STATION_SILENT in {alarm.rule_id for alarm in line.store.alarms(open_only=True)}


def test_a_clock_that_is_set_back_holds_nothing_back(line: Line) -> None:
    """What came before the step and what comes after it is judged, an hour before its time or not."""
    reader = line.reader()
    line.journal.append([residual(QUIET_MA, line.clock.now_ms())])
    reader.step()
    line.clock.advance(seconds=-3600)
    line.journal.append([residual(LEAK_MA, line.clock.now_ms(), port=2)])
    settle(line, reader)
    assert leaks(line) == [AlarmState.FIRING]
