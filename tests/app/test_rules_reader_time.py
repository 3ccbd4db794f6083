"""The rules reader and the clock: silence, ticks, and how long a commit may wait."""

import pytest
from sqlalchemy.exc import IntegrityError

from app.readers.rules_reader import RulesReader
from domain.finding import AlarmState
from tests.app.line import (
    LEAK_MA,
    NOON_MS,
    QUIET_MA,
    Line,
    refused,
    residual,
    upright,
)
from tests.app.reading import leaks, read_all

BATCH = 1000
TICK_S = 4
STATION_SILENT = "charger-silent"


def silences(line: Line) -> list[str]:
    """The devices whose silence has led to an alarm."""
    return [alarm.device_id for alarm in line.store.alarms(open_only=False) if alarm.rule_id == STATION_SILENT]


def live(line: Line, reader: RulesReader, *, seconds: int) -> None:
    """So much time goes by, second by second as far as the reader can tell; the tree speaks, nobody else."""
    for _ in range(seconds // TICK_S):
        line.clock.advance(seconds=TICK_S)
        line.journal.append([upright(line.clock.now_ms())])
        reader.step()


def test_a_backlog_is_not_silence(line: Line) -> None:
    """Two minutes long only the tree's messages are read; the station's word waits behind them. It is not silent."""
    reader = line.reader()
    steps = 30
    line.journal.append([upright(NOON_MS + number) for number in range(steps * BATCH)])
    line.journal.append([residual(QUIET_MA, NOON_MS + number) for number in range(BATCH)])

    for _ in range(steps):
        line.clock.advance(seconds=TICK_S)
        reader.step()
    assert reader.cursor == steps * BATCH
    assert silences(line) == []
    read_all(line, reader)

    assert silences(line) == []


def test_silence_is_noticed_once_everything_is_read(line: Line) -> None:
    """The tree goes on speaking, the station does not; a word from it ends the alarm."""
    reader = line.reader()
    line.journal.append([residual(QUIET_MA)])
    reader.step()

    live(line, reader, seconds=120)
    assert silences(line) == ["cs-001"]
    line.journal.append([residual(QUIET_MA, line.clock.now_ms())])
    reader.step()

    assert [alarm.device_id for alarm in line.store.alarms(open_only=True) if alarm.rule_id == STATION_SILENT] == []


def test_nobody_is_silent_while_we_cannot_hear(line: Line) -> None:
    """The broker is away for two minutes: that is no word about any device, then or afterwards."""
    hears = [True]
    reader = line.reader(hearing=lambda: hears[0])
    line.journal.append([residual(QUIET_MA)])
    reader.step()

    hears[0] = False
    live(line, reader, seconds=120)
    assert silences(line) == []
    hears[0] = True
    live(line, reader, seconds=20)

    assert silences(line) == []


def test_a_tick_that_fails_is_made_up_for(line: Line) -> None:
    """The silence found in a tick that could not be committed is found again."""
    reader = line.reader()

    with refused(line.folder, "alarms"), pytest.raises(IntegrityError):
        live(line, reader, seconds=120)
    assert silences(line) == []
    reader.restore()
    live(line, reader, seconds=120)

    assert silences(line) == ["cs-001"]


def test_what_leads_to_nothing_is_committed_once_a_second_or_when_idle(line: Line) -> None:
    """A crash in between only means that it is judged again, with the same end."""
    reader = line.reader()
    for number in range(3):
        line.journal.append([residual(QUIET_MA, NOON_MS + number)])
        reader.step()
    assert reader.cursor == 1, "the first at once, the others in memory"
    assert line.reader().cursor == 1, "a crash now begins again behind the first"

    reader.step()
    assert reader.cursor == 3, "nothing else to do"


def test_a_finding_is_committed_at_once_with_all_before_it(line: Line) -> None:
    """An alarm never waits for the second to be over."""
    reader = line.reader()
    for milliampere in (QUIET_MA, QUIET_MA, LEAK_MA):
        line.journal.append([residual(milliampere, line.clock.now_ms())])
        reader.step()
        line.clock.advance(seconds=0.1)
    assert (leaks(line), reader.cursor) == ([AlarmState.FIRING], 3)


def test_a_clock_that_is_set_back_stops_neither_commits_nor_ticks(line: Line) -> None:
    """Eight hours back: what is read goes on being committed, and silence goes on being watched from there."""
    reader = line.reader()
    live(line, reader, seconds=8)
    line.clock.advance(seconds=-8 * 3600)
    before = reader.cursor
    live(line, reader, seconds=8)
    assert reader.cursor >= before + 1
    live(line, reader, seconds=600)
    assert silences(line) == ["cs-001"]
