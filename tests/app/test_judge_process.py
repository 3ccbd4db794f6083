"""The rules reader as a process of its own: every message counts once, it comes back by itself, and ends in order."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from app.lock import JUDGE, Lock
from app.processes.judge_process import JudgeProcess
from app.processes.judge_words import News, Order
from app.processes.late_reader import STUCK_S, LateReader
from app.readers.rules_reader import RULES, cursor_name
from domain.case import Alarm
from domain.clock import SystemClock
from domain.errors import ConfigError
from domain.message import RejectReason
from domain.presence import DevicePresence
from domain.sighting import Sighting, ViewHealth
from ingest.decoded import Reply
from storage.looks import FILE, Looks
from tests.app.line import LEAK_MA, LEAK_RULE, NOON_MS, QUIET_MA, Line, message, residual
from tests.ingest.waiting import until
from vision.wire import payload_of

Start = Callable[..., JudgeProcess]
PATIENCE_S = 60.0
ROOT = Path(__file__).parents[2]


class Ear:
    """Whether messages reach us, and what senders were told."""

    def __init__(self) -> None:
        self.hearing = True
        self.told: list[Reply] = []


@pytest.fixture
def ear() -> Ear:
    """One that hears."""
    return Ear()


@pytest.fixture
def start(line: Line, ear: Ear) -> Iterator[Start]:
    """Starts judges of the line's journal, and stops them after the test."""
    started: list[JudgeProcess] = []

    def begin() -> JudgeProcess:
        judge = JudgeProcess(
            site=line.site,
            rules=line.rules,
            journal=line.journal,
            store=line.store,
            clock=SystemClock(),
            hearing=lambda: ear.hearing,
            reply=ear.told.append,
        )
        started.append(judge)
        judge.start()
        return judge

    yield begin
    for judge in started:
        judge.stop()


def leaks(line: Line) -> list[Alarm]:
    """What the leak has led to, the oldest first."""
    return [alarm for alarm in line.store.alarms(open_only=False) if alarm.rule_id == LEAK_RULE][::-1]


def judged(judge: JudgeProcess, to: int) -> None:
    """Wait until everything up to there is."""
    until(lambda: judge.status.cursor >= to, f"judged to {to}", patience_s=PATIENCE_S)


def test_what_it_judges_is_in_the_case_store_and_what_it_counts_is_told(line: Line, start: Start) -> None:
    """An alarm, its cursor, who was heard of, and what could not be read."""
    judge = start()
    line.journal.append([residual(QUIET_MA), residual(LEAK_MA, NOON_MS + 1000), message(b"{", NOON_MS + 2000)])
    judged(judge, 3)

    assert [(alarm.subject, alarm.value) for alarm in leaks(line)] == [("cs-001/3", LEAK_MA)]
    assert (judge.status.read.parsed, judge.status.read.rejected) == (2, {RejectReason.DECODE: 1})
    until(lambda: seen(judge) == NOON_MS + 1000, "who was heard of is told", patience_s=PATIENCE_S)
    until(lambda: not judge.status.failing, "it is told that it judges", patience_s=PATIENCE_S)
    assert judge.status.restarts == 0


def seen(judge: JudgeProcess) -> int | None:
    """When the station was heard of last."""
    return next(one.seen_ms for one in judge.presence.devices() if one.device_id == "cs-001")


def test_one_that_is_killed_is_started_again_and_no_message_counts_twice(
    line: Line, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    """One alarm of one leak, over any number of deaths; the counts go on; meanwhile it is told that nobody judges."""
    caplog.set_level(logging.INFO, "app.processes")
    judge = start()
    line.journal.append([residual(LEAK_MA, NOON_MS + number * 1000) for number in range(100)])
    judged(judge, 100)
    assert judge.pid is not None
    os.kill(judge.pid, signal.SIGKILL)
    until(lambda: judge.status.failing, "it is told that nobody judges", patience_s=PATIENCE_S)
    line.journal.append([residual(LEAK_MA, NOON_MS + number * 1000) for number in range(100, 200)])
    judged(judge, 200)

    assert len(leaks(line)) == 1
    assert judge.status.read.parsed == 200
    until(lambda: not judge.status.failing, "it is told that it judges again", patience_s=PATIENCE_S)
    assert judge.status.restarts == 1
    until(lambda: len(caplog.records) >= 2, "the log has both")
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.INFO]


def test_what_is_in_the_journal_at_the_stop_is_judged_before_the_end(line: Line, start: Start) -> None:
    """In order, and the process is gone."""
    judge = start()
    judged(judge, 0)
    until(lambda: judge.status.read.commits > 0, "it runs", patience_s=PATIENCE_S)
    pid = judge.pid
    line.journal.append([residual(LEAK_MA, NOON_MS + number) for number in range(300)])
    judge.stop()

    assert judge.status.cursor == 300
    assert len(leaks(line)) == 1
    assert not psutil.pid_exists(pid or 0)


def test_other_rules_take_over_and_the_next_process_has_them_too(line: Line, start: Start) -> None:
    """Without the rule a leak raises nothing, nor does it after a death; with it again it does."""
    judge = start()
    without = [rule for rule in line.rules if rule.id != LEAK_RULE]
    judge.take_over(without, line.site)
    line.journal.append([residual(QUIET_MA)])
    judged(judge, 1)
    assert judge.pid is not None
    os.kill(judge.pid, signal.SIGKILL)
    until(lambda: judge.status.restarts == 1, "it is started again", patience_s=PATIENCE_S)
    line.journal.append([residual(LEAK_MA, NOON_MS + 1000)])
    judged(judge, 2)
    assert leaks(line) == []

    judge.take_over(line.rules, line.site)
    until(lambda: _leaks_again(line), "the rule judges again", patience_s=PATIENCE_S)


def _leaks_again(line: Line) -> bool:
    """A leak a moment, each later than the one before, until the rule is in force."""
    line.journal.append([residual(LEAK_MA, NOON_MS + 2000 + line.journal.head())])
    return bool(leaks(line))


def test_while_messages_cannot_reach_us_nobody_is_silent(line: Line, start: Start, ear: Ear) -> None:
    """What it is told of hearing gets through: until when it heard stands still while it does not."""
    judge = start()
    until(lambda: line.store.cursor("heard-until-ms") > 0, "it hears", patience_s=PATIENCE_S)
    ear.hearing = False
    until(lambda: _stands_still(line), "it does not hear", patience_s=PATIENCE_S)
    before_ms = line.store.cursor("heard-until-ms")
    ear.hearing = True
    until(lambda: line.store.cursor("heard-until-ms") > before_ms, "it hears again", patience_s=PATIENCE_S)
    assert not judge.status.failing


def _stands_still(line: Line) -> bool:
    heard_ms, now_ms = line.store.cursor("heard-until-ms"), SystemClock().now_ms()
    return now_ms - heard_ms > 3000


def test_looks_are_kept_for_who_looks_at_the_camera(line: Line, start: Start) -> None:
    """The process that judges writes them; `serve` reads the same file."""
    camera_id = next(iter(line.site.cameras))
    judge = start()
    look = Sighting(camera_id=camera_id, look_id="1", taken_ms=NOON_MS, received_ms=NOON_MS, view=ViewHealth.HEALTHY)
    line.journal.append([message(payload_of(look), NOON_MS, topic=f"longcheng/v1/camera/{camera_id}/sighting")])
    judged(judge, 1)
    judge.stop()
    looks = Looks(line.folder / FILE)
    kept = looks.newest(camera_id, limit=5)
    looks.close()

    assert [look.camera_id for look in kept] == [camera_id]


def test_two_never_judge_at_once(line: Line, start: Start) -> None:
    """One that a killed `serve` has left behind comes to its end first; meanwhile the next one waits."""
    held = Lock(line.folder, JUDGE)
    judge = start()
    line.journal.append([residual(LEAK_MA)])
    until(lambda: judge.pid is not None, "it has been started", patience_s=PATIENCE_S)
    with pytest.raises(ConfigError, match="another `judge`"):
        Lock(line.folder, JUDGE, wait_s=0.5)
    assert judge.status.cursor == 0
    held.release()
    judged(judge, 1)
    assert len(leaks(line)) == 1


def test_it_says_what_it_waits_for(line: Line, start: Start) -> None:
    """That another judges, and which; meanwhile nobody is told that messages are judged."""
    held = Lock(line.folder, JUDGE)
    judge = start()
    assert judge.status.failing
    until(lambda: f"process {os.getpid()}" in judge.status.failure, "it says who", patience_s=PATIENCE_S)
    held.release()
    until(lambda: not judge.status.failing, "it judges", patience_s=PATIENCE_S)
    assert judge.status.restarts == 0


def test_one_that_waits_ends_as_soon_as_it_is_to(line: Line, start: Start) -> None:
    """And leaves nothing behind that would keep the next from judging."""
    held = Lock(line.folder, JUDGE)
    judge = start()
    until(lambda: "another `judge`" in judge.status.failure, "it waits", patience_s=PATIENCE_S)
    pid = judge.pid
    judge.stop()
    held.release()

    assert not psutil.pid_exists(pid or 0)
    Lock(line.folder, JUDGE).release()


def test_one_that_hears_nothing_any_more_is_ended_all_the_same(line: Line, start: Start) -> None:
    """However much it was to be told: nobody waits for a word to be taken in."""
    judge = start()
    until(lambda: judge.status.read.commits > 0, "it runs", patience_s=PATIENCE_S)
    pid = judge.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    judge.take_over([replace(line.rules[0], path=Path("x" * 500, str(number))) for number in range(5000)], line.site)
    until(lambda: _waits_in_a_word(judge), "it is being told", patience_s=PATIENCE_S)
    began_s = time.monotonic()
    judge.stop()

    assert time.monotonic() - began_s < PATIENCE_S / 2
    assert not psutil.pid_exists(pid)


def _waits_in_a_word(judge: JudgeProcess) -> bool:
    """Whether whoever tells it of changes stands with the pen in its hand."""
    names = {frame.f_code.co_name for frame in sys._current_frames().values()}
    return "_write" in names


def test_who_was_heard_of_is_told_again_by_the_next(line: Line, start: Start) -> None:
    """What was committed last by one who died, or was left behind, and came to nobody's ears."""
    judge = start()
    until(lambda: judge.status.read.commits > 0, "it runs", patience_s=PATIENCE_S)
    with line.store.transaction() as tx:
        tx.save_presence([DevicePresence(device_id="cs-001", kind="charger", seen_ms=NOON_MS)])
    assert judge.pid is not None
    os.kill(judge.pid, signal.SIGKILL)
    until(lambda: seen(judge) == NOON_MS, "the next one tells", patience_s=PATIENCE_S)


def test_the_journal_keeps_what_is_not_judged_before_anybody_collects(line: Line, start: Start) -> None:
    """However long the first one takes to begin; and what comes gets no number that was judged before."""
    with line.store.transaction() as tx:
        tx.advance(cursor_name(line.journal), 7)
    start()
    assert line.journal.append([residual(LEAK_MA)]) == 8
    assert RULES in line.journal.status().cursors


def test_a_step_that_does_not_end_is_told(line: Line) -> None:
    """Whoever is asked goes on answering while nothing is judged."""
    order = Order(site=line.site, rules=line.rules, hearing=True, listening_since_ms=NOON_MS, cursor=0)
    now_s = [100.0]
    reader = LateReader(order, News(), monotonic=lambda: now_s[0])
    reader.step()
    assert not reader.status.failing
    now_s[0] += STUCK_S
    assert (reader.status.failing, reader.status.failure) == (True, "a step has taken 20 s")
    reader.close()


def test_it_ends_when_who_started_it_is_killed(line: Line) -> None:
    """Its standard input ends: it judges what there is, and leaves the lock to the next."""
    words = [sys.executable, "-m", "app", "judge"]
    orphan = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert orphan.stdin is not None
    orphan.stdin.close()

    assert orphan.wait(PATIENCE_S) == 0
    Lock(line.folder, JUDGE).release()
