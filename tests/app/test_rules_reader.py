"""The rules reader on real files: a batch counts once or not at all, whatever fails in between."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from app.readers.rules_reader import RULES, RulesReader
from domain.clock import ManualClock
from domain.finding import AlarmState
from domain.message import RejectReason
from domain.reading import DeviceState
from tests.app.line import (
    LEAK_MA,
    LEAK_RULE,
    NOON_MS,
    QUIET_MA,
    Line,
    message,
    refused,
    residual,
    starter,
    with_stations,
)
from tests.app.reading import leaks, read_all


def as_the_loop_does(line: Line, reader: RulesReader) -> int:
    """Step until nothing is left, beginning again after each failure; how many there were."""
    failures = 0
    while reader.cursor < line.journal.head() and failures < 10:
        try:
            reader.step()
        except IntegrityError:
            failures += 1
            reader.restore()
    return failures


def test_a_leak_is_an_alarm_a_case_and_a_notice_and_the_cursor_stands_behind_it(line: Line) -> None:
    """One step takes a batch from the journal to the outbox; the journal may forget what the store has."""
    reader = line.reader()
    line.journal.append([residual(QUIET_MA), residual(LEAK_MA, NOON_MS + 1000)])

    assert reader.step() == 0.0

    assert leaks(line) == [AlarmState.FIRING]
    assert [case.subject for case in line.store.cases()] == ["cs-001/3"]
    assert len(line.store.notices()) == 1
    assert reader.cursor == line.journal.cursor(RULES) == 2
    assert [device.state for device in reader.presence.devices() if device.device_id == "cs-001"] == [
        DeviceState.ONLINE
    ]


@pytest.mark.parametrize("table", ["rule_states", "device_presence", "alarms", "cases", "log", "notices", "cursors"])
def test_a_batch_that_fails_anywhere_leaves_no_trace_and_counts_once_later(line: Line, table: str) -> None:
    """Whichever of the tables refuses: no alarm without its cursor, no cursor without its alarm."""
    reader = line.reader()
    line.journal.append([residual(LEAK_MA)])

    with refused(line.folder, table), pytest.raises(IntegrityError, match="refused"):
        reader.step()
    assert (leaks(line), line.store.cases(), line.store.notices(), line.store.rule_states()) == ([], [], [], {})
    assert line.reader().cursor == line.journal.cursor(RULES) == 0

    reader.restore()
    reader.step()
    assert leaks(line) == [AlarmState.FIRING]
    assert len(line.store.cases()) == len(line.store.notices()) == 1
    assert line.reader().cursor == line.journal.cursor(RULES) == 1


def test_after_a_failure_the_next_start_knows_what_the_store_knows(line: Line) -> None:
    """Rule states and presence of the repeated batch are saved too: after a crash the leak's end ends the alarm."""
    reader = line.reader()
    line.journal.append([residual(LEAK_MA)])
    with refused(line.folder, "cursors"), pytest.raises(IntegrityError):
        reader.step()
    reader.restore()
    reader.step()

    after_a_crash = line.reader()
    heard = [device.seen_ms for device in after_a_crash.presence.devices() if device.device_id == "cs-001"]
    line.journal.append([residual(QUIET_MA, NOON_MS + 1000)])
    after_a_crash.step()

    assert heard == [NOON_MS]
    assert leaks(line) == [AlarmState.RESOLVED]


def test_a_start_repeats_nothing(line: Line) -> None:
    """A reader with nothing in memory goes on behind what was committed; a leak that is still there is the same one."""
    line.journal.append([residual(LEAK_MA)])
    line.reader().step()

    again = line.reader()
    assert again.cursor == 1
    line.journal.append([residual(LEAK_MA, NOON_MS + 1000)])
    again.step()

    assert leaks(line) == [AlarmState.FIRING]
    assert len(line.store.cases()) == 1


def test_a_crash_between_the_store_and_the_journal_is_made_good(line: Line) -> None:
    """The store decides; the journal's own cursor, which only pruning needs, follows at the next start."""
    reader = line.reader()
    line.journal.append([residual(LEAK_MA)])
    behind = line.journal.cursor(RULES)
    reader.step()

    assert behind == 0
    assert line.reader().cursor == line.journal.cursor(RULES) == 1


def test_what_cannot_be_used_is_set_aside_once_however_often_it_is_read(line: Line) -> None:
    """Neither a failed batch nor its repetition doubles a dead letter, or costs the good messages beside it."""
    reader = line.reader()
    line.journal.append([message(b"rubbish"), residual(LEAK_MA)])

    with refused(line.folder, "cursors"), pytest.raises(IntegrityError):
        reader.step()
    reader.restore()
    read_all(line, reader)

    assert [letter.reason for letter in line.deadletters.list()] == [RejectReason.DECODE]
    assert leaks(line) == [AlarmState.FIRING]


def test_one_message_never_keeps_all_others_from_being_judged(line: Line) -> None:
    """What fails by itself, twice, is set aside with its reason; what came before and after it counts once."""
    reader = line.reader()
    line.journal.append([residual(LEAK_MA, port=port) for port in (2, 3, 4)])

    with refused(line.folder, "alarms", when="new.subject = 'cs-001/3'"):
        assert as_the_loop_does(line, reader) == 2  # together with its neighbours, and alone

    assert [(letter.seq, letter.reason) for letter in line.deadletters.list()] == [(2, RejectReason.EVALUATION)]
    assert sorted(alarm.subject for alarm in line.store.alarms(open_only=True) if alarm.rule_id == LEAK_RULE) == [
        "cs-001/2",
        "cs-001/4",
    ]
    reader.step()
    assert line.journal.cursor(RULES) == 3


def test_a_new_journal_is_read_from_its_beginning(line: Line) -> None:
    """The journal was lost and begins at 1 again: the cursor that the store kept belongs to the old one."""
    line.journal.append([residual(QUIET_MA), residual(QUIET_MA, NOON_MS + 1000)])
    line.reader().step()
    line.journal.close()
    for path in line.folder.glob("journal.db*"):
        path.unlink()

    anew = Line(line.site)
    anew.journal.append([residual(LEAK_MA, NOON_MS + 2000)])
    anew.reader().step()

    assert leaks(anew) == [AlarmState.FIRING]
    anew.close()


def test_changes_are_recorded_in_the_order_of_the_journal(line: Line) -> None:
    """Leak, end, leak within one batch are two alarms, the first of them over."""
    steps = (LEAK_MA, QUIET_MA, LEAK_MA)
    line.journal.append([residual(value, NOON_MS + 1000 * number) for number, value in enumerate(steps)])

    line.reader().step()

    assert leaks(line) == [AlarmState.FIRING, AlarmState.RESOLVED]


def test_records_the_journal_cannot_read_back_are_a_dead_letter_and_the_rest_is_judged(line: Line) -> None:
    """A flipped bit in one group costs that group, says so, and holds nothing back."""
    for milliampere in (QUIET_MA, QUIET_MA, LEAK_MA):
        line.journal.append([residual(milliampere, line.clock.now_ms())])
        line.clock.advance(seconds=1)
    with closing(sqlite3.connect(line.folder / "journal.db")) as other:
        other.execute("UPDATE groups SET messages = CAST(replace(messages, 'ts', 'tt') AS BLOB) WHERE last_seq = 2")
        other.commit()

    read_all(line, line.reader())

    assert leaks(line) == [AlarmState.FIRING]
    (letter,) = line.deadletters.list()
    assert (letter.reason, letter.seq) == (RejectReason.DAMAGED, 2)
    assert b"residual_ma" in letter.payload


@pytest.mark.parametrize("collectors", [1, 3])
def test_of_very_many_findings_the_first_are_told_before_the_last_are_written(tmp_path: Path, collectors: int) -> None:
    """Nobody else could write meanwhile. Whatever fails behind them, they stand, and each message counts once."""
    site = with_stations(starter(tmp_path), 250)
    ingest = site.settings.ingest.model_copy(update={"collectors": collectors})
    line = Line(replace(site, settings=site.settings.model_copy(update={"ingest": ingest})))
    reader = line.reader()
    line.journal.append([residual(LEAK_MA, NOON_MS, station=f"many-{number:03}") for number in range(250)])
    line.clock.advance(seconds=1)
    with refused(line.folder, "alarms", when="NEW.device_id = 'many-240'"), pytest.raises(IntegrityError):
        reader.step()
    assert len(leaks(line)) == 200

    after_a_crash = line.reader()
    read_all(line, after_a_crash)
    found = Counter(alarm.device_id for alarm in line.store.alarms(open_only=False, limit=1000))
    assert {found[f"many-{number:03}"] for number in range(250)} == {1}
    assert len(line.store.notices(limit=1000)) == 250
    line.close()


class Interrupted(ManualClock):
    """When it is asked next, something happens."""

    happens: Callable[[], None] | None = None

    def now_ms(self) -> int:
        """Once only."""
        happens, self.happens = self.happens, None
        if happens:
            happens()
        return super().now_ms()


def test_who_takes_over_while_another_does_is_not_forgotten(line: Line) -> None:
    """The files may change again while an engine is made of what they were."""
    line.clock = clock = Interrupted(NOON_MS)
    without = [rule for rule in line.rules if rule.id != LEAK_RULE]
    reader = line.reader()
    reader.take_over(line.rules, line.site)
    clock.happens = lambda: reader.take_over(without, line.site)
    reader.step()
    assert clock.happens is None

    line.journal.append([residual(LEAK_MA)])
    read_all(line, reader)
    assert leaks(line) == []
