"""People's orders reach the rules: once, in one transaction with all else, whatever fails or dies in between."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from app.readers.rules_reader import RulesReader
from domain.case import Alarm
from domain.finding import AlarmState
from domain.message import RawMessage
from domain.order import AlarmOrder, OrderKind, Outcome
from domain.silence import Silence
from tests.app.line import LEAK_MA, NOON_MS, STATION, Line, message, refused, residual

SMOKE_RULE = "charger-smoke"
ROOT = Path(__file__).parents[2]


def smoke(here: bool, at_ms: int) -> RawMessage:
    """What the station's detector says."""
    return message(json.dumps({"ts": at_ms, "metrics": {"smoke": here}}).encode(), at_ms, topic=STATION)


def burning(line: Line) -> RulesReader:
    """A reader after smoke that has gone again."""
    reader = line.reader()
    line.journal.append([smoke(True, NOON_MS), smoke(False, NOON_MS + 1000)])
    reader.step()
    return reader


def smokes(line: Line) -> list[Alarm]:
    """Smoke alarms, the oldest first."""
    return [alarm for alarm in line.store.alarms(open_only=False) if alarm.rule_id == SMOKE_RULE][::-1]


def order(line: Line, alarm: Alarm, kind: OrderKind = OrderKind.RELEASE) -> int:
    """Somebody orders that it is over, or taken on."""
    asked = AlarmOrder(id=0, kind=kind, alarm_id=alarm.id, who="王工", why="已到场", given_ms=line.clock.now_ms())
    with line.store.transaction() as tx:
        return tx.add_order(asked).id


def outcome(line: Line, order_id: int) -> Outcome | None:
    """What has come of an order so far."""
    found = line.store.order(order_id)
    assert found is not None
    return found.outcome


def told(line: Line) -> list[str]:
    """The lines of all stories about smoke."""
    return [entry.what for alarm in smokes(line) for entry in line.store.log(alarm_id=alarm.id)]


def test_a_person_ends_a_smoke_alarm_and_smoke_begins_another(line: Line) -> None:
    """The rules forget it too: what the detector says next is judged afresh, after a restart as before it."""
    reader = burning(line)
    asked = order(line, smokes(line)[0])
    reader.step()

    assert [alarm.state for alarm in smokes(line)] == [AlarmState.RESOLVED]
    assert outcome(line, asked) is Outcome.DONE
    again = line.reader()
    line.journal.append([smoke(False, NOON_MS + 2000), smoke(True, NOON_MS + 3000)])
    again.step()
    assert [alarm.state for alarm in smokes(line)] == [AlarmState.RESOLVED, AlarmState.FIRING]
    assert told(line).count("alarm_released") == 1


def test_an_order_waits_for_the_next_step_of_whoever_judges(line: Line) -> None:
    """Given while nobody does, it is carried out by the next one, before anything newer is judged."""
    burning(line)
    asked = order(line, smokes(line)[0])
    line.journal.append([smoke(True, NOON_MS + 5000)])
    assert outcome(line, asked) is None

    line.reader().step()

    assert [alarm.state for alarm in smokes(line)] == [AlarmState.RESOLVED, AlarmState.FIRING]


@pytest.mark.parametrize("table", ["log", "cursors"])
def test_an_order_that_fails_in_between_leaves_no_trace_and_counts_once_later(line: Line, table: str) -> None:
    """Neither its alarm ended without its order done, nor the other way round."""
    reader = burning(line)
    asked = order(line, smokes(line)[0])

    with refused(line.folder, table), pytest.raises(IntegrityError, match="refused"):
        reader.step()
    assert (smokes(line)[0].state, outcome(line, asked)) == (AlarmState.FIRING, None)

    reader.restore()
    reader.step()
    assert (smokes(line)[0].state, outcome(line, asked)) == (AlarmState.RESOLVED, Outcome.DONE)
    assert told(line).count("alarm_released") == 1


@pytest.mark.parametrize("point", ["obeying", "obeyed"])
def test_an_order_is_carried_out_once_though_the_process_dies_at_it(line: Line, point: str) -> None:
    """kill -9 before or after its commit; the next process makes up for it, or has nothing to do."""
    burning(line)
    asked = order(line, smokes(line)[0])

    assert obey(line, LONGCHENG_FAULT=point) == -signal.SIGKILL
    assert outcome(line, asked) is (Outcome.DONE if point == "obeyed" else None)
    for _ in range(2):
        assert obey(line) == 0

    assert (smokes(line)[0].state, outcome(line, asked)) == (AlarmState.RESOLVED, Outcome.DONE)
    assert told(line).count("alarm_released") == 1
    line.journal.append([smoke(True, NOON_MS + 5000)])
    line.reader().step()
    assert [alarm.state for alarm in smokes(line)] == [AlarmState.RESOLVED, AlarmState.FIRING]


def obey(line: Line, **environment: str) -> int:
    """A process of its own reads and obeys. Returns how it ended."""
    command = [sys.executable, "-m", "tests.app.obeying", str(line.folder)]
    return subprocess.run(command, env=os.environ | environment, cwd=ROOT, check=False, timeout=200).returncode


def test_an_order_that_cannot_be_carried_out_is_set_aside(line: Line, caplog: pytest.LogCaptureFixture) -> None:
    """After its second failure; all else goes on, and it says what became of it."""
    reader = burning(line)
    bad, good = order(line, smokes(line)[0]), order(line, smokes(line)[0], OrderKind.ACK)

    with refused(line.folder, "log", when="NEW.what = 'alarm_released'"):
        with pytest.raises(IntegrityError):
            reader.step()
        reader.restore()
        reader.step()

    assert (outcome(line, bad), outcome(line, good)) == (Outcome.FAILED, Outcome.DONE)
    assert "order 1 of 王工 cannot be carried out" in caplog.text
    line.journal.append([residual(LEAK_MA, NOON_MS + 2000)])
    reader.step()
    assert {alarm.rule_id for alarm in line.store.alarms(open_only=True)} > {SMOKE_RULE}


def test_a_silence_holds_back_what_it_covers_and_lets_go_of_it_at_its_end(line: Line) -> None:
    """By the clock of whoever judges: raised and shown at once, a case and a notice when it is over."""
    reader = line.reader()
    leaks = Silence(
        id=0, rule_id="charger-residual*", who="李姐", why="检修", from_ms=NOON_MS, until_ms=NOON_MS + 60_000,
        even_critical=True, given_ms=NOON_MS,
    )  # fmt: skip
    with line.store.transaction() as tx:
        tx.add_silence(leaks)
    line.journal.append([residual(LEAK_MA)])
    reader.step()
    assert {alarm.silenced_by for alarm in line.store.alarms(open_only=True)} == {"李姐"}
    assert (line.store.cases(), line.store.notices()) == ([], [])

    line.clock.advance(seconds=61)
    reader.step()
    assert len(line.store.cases()) == len(line.store.notices()) == 1
    assert {alarm.silenced_by for alarm in line.store.alarms(open_only=True)} == {None}


def test_an_alarm_whose_rule_is_gone_is_said_to_be_a_persons_and_is_ended_by_one(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    """On the alarm, in its story and in the log, once; and where the rule is back, that it is."""
    burning(line)
    line.rules = tuple(rule for rule in line.rules if rule.id != SMOKE_RULE)
    line.reader()
    reader = line.reader()

    assert smokes(line)[0].orphaned
    assert told(line).count("alarm_orphaned") == 1
    assert caplog.text.count("no rule charger-smoke speaks of cs-001 any more") == 1

    asked = order(line, smokes(line)[0])
    reader.step()
    assert (smokes(line)[0].state, outcome(line, asked)) == (AlarmState.RESOLVED, Outcome.DONE)
