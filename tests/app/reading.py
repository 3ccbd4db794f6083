"""A rules reader that reads on, and what came of the leak that it read of."""

from app.readers.rules_reader import RulesReader
from domain.finding import AlarmState
from tests.app.line import LEAK_RULE, Line


def leaks(line: Line) -> list[AlarmState]:
    """The states of all alarms that the leak has led to."""
    return [alarm.state for alarm in line.store.alarms(open_only=False) if alarm.rule_id == LEAK_RULE]


def read_all(line: Line, reader: RulesReader) -> None:
    """Step until nothing is left in the journal."""
    while reader.cursor < line.journal.head():
        reader.step()
