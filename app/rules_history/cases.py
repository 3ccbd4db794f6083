"""Alarms and rule states out of a case store, while `serve` writes to it: nothing is changed, no table is moved."""

from collections.abc import Collection
from typing import Any

import msgspec

from config.schema import Settings
from domain.case import Alarm, LogEntry
from domain.errors import StoreUnavailable
from rules.memory import Key

_JSON = frozenset({"evidence", "facts"})


class CasesRead:
    """The case store of a site, or none: then there are no alarms. Every method may raise StoreUnavailable."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def states(self) -> dict[Key, bytes]:
        """What the rules remember."""
        rows = self._rows("SELECT rule_id, subject, state FROM rule_states")
        return {(row["rule_id"], row["subject"]): row["state"] for row in rows}

    def alarm(self, number: int) -> Alarm | None:
        """One alarm by its number."""
        return next(iter(self._alarms("id = :number", number=number)), None)

    def states_of(self, rule_ids: Collection[str], subjects: Collection[str]) -> dict[Key, bytes]:
        """What these rules remember of these subjects."""
        return {key: state for key, state in self.states().items() if key[0] in rule_ids and key[1] in subjects}

    def newest_alarm(self, rule_id: str, subject: str) -> Alarm | None:
        """The last alarm of a rule and a subject."""
        where = "rule_id = :rule_id AND subject = :subject ORDER BY id DESC LIMIT 1"
        return next(iter(self._alarms(where, rule_id=rule_id, subject=subject)), None)

    def story_of(self, alarm: Alarm) -> list[LogEntry]:
        """Its story, as it was written."""
        rows = self._rows("SELECT * FROM log WHERE alarm_id = :number ORDER BY id", number=alarm.id)
        return [msgspec.convert(row, LogEntry, strict=False) for row in rows]

    def _alarms(self, where: str, **given: object) -> list[Alarm]:
        rows = self._rows(f"SELECT * FROM alarms WHERE {where}", **given)
        return [msgspec.convert(row, Alarm, strict=False) for row in rows]

    def _rows(self, asked: str, **given: object) -> list[dict[str, Any]]:
        """Rows by column, without what is null; tables of an older version may lack columns."""
        # They bring SQLAlchemy, which most processes that load the commands can do without.
        from sqlalchemy import text  # noqa: PLC0415
        from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

        from storage.case_engine import reading  # noqa: PLC0415
        from storage.case_opening import place_of_cases, readonly_cases  # noqa: PLC0415

        with readonly_cases(self._settings) as engine:
            if engine is None:
                return []
            try:
                with reading(engine) as connection:
                    found = connection.execute(text(asked), given).mappings().all()
            except DBAPIError as wrong:
                where = place_of_cases(self._settings)
                raise StoreUnavailable(f"the case store, {where}, cannot be read: {wrong.orig}") from wrong
        return [
            {
                name: msgspec.json.decode(value) if name in _JSON else value
                for name, value in row.items()
                if value is not None
            }
            for row in found
        ]
