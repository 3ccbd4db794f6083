"""Alarms and rule states out of a case store, while `serve` writes to it: nothing is changed, no table is moved."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec

from domain.case import Alarm, LogEntry
from domain.errors import StoreUnavailable
from rules.memory import Key
from storage.sqlite import open_readonly

_JSON = frozenset({"evidence", "facts"})


class CasesRead:
    """One case store, or none: then there are no alarms."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def states(self) -> dict[Key, bytes]:
        """What the rules remember."""
        with self._asking() as connection:
            rows = _rows(connection, "SELECT rule_id, subject, state FROM rule_states")
        return {(row["rule_id"], row["subject"]): row["state"] for row in rows}

    def alarm(self, number: int) -> Alarm | None:
        """One alarm by its number."""
        return next(iter(self._alarms("id = ?", (number,))), None)

    def newest(self, key: Key) -> Alarm | None:
        """The last alarm of a rule and a subject."""
        return next(iter(self._alarms("rule_id = ? AND subject = ? ORDER BY id DESC LIMIT 1", key)), None)

    def log(self, alarm: Alarm) -> list[LogEntry]:
        """Its story, as it was written."""
        with self._asking() as connection:
            rows = _rows(connection, "SELECT * FROM log WHERE alarm_id = ? ORDER BY id", (alarm.id,))
        return [msgspec.convert(row, LogEntry, strict=False) for row in rows]

    def _alarms(self, where: str, given: tuple[object, ...]) -> list[Alarm]:
        with self._asking() as connection:
            rows = _rows(connection, f"SELECT * FROM alarms WHERE {where}", given)
        return [msgspec.convert(row, Alarm, strict=False) for row in rows]

    @contextmanager
    def _asking(self) -> Iterator[sqlite3.Connection | None]:
        if not self._path.is_file():
            yield None
            return
        try:
            with closing(open_readonly(self._path)) as connection:
                connection.row_factory = sqlite3.Row
                yield connection
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path} cannot be read: {error}") from error


def _rows(connection: sqlite3.Connection | None, asked: str, given: tuple[object, ...] = ()) -> list[dict[str, Any]]:
    """Rows by column, without what is null; tables of an older version may lack columns."""
    found = connection.execute(asked, given) if connection else ()
    return [
        {
            name: msgspec.json.decode(row[name]) if name in _JSON else row[name]
            for name in row.keys()  # noqa: SIM118 - a Row iterates over its values
            if row[name] is not None
        }
        for row in found
    ]
