"""Open cases as a map needs them: all at once, and little of each."""

from typing import Final

from sqlalchemy import Engine, select

from domain.case import CaseState
from domain.finding import Severity
from domain.standing import StandingCase
from storage import case_tables as t
from storage.case_engine import reading

_COLUMNS: Final = tuple(t.cases.c[name] for name in StandingCase.__struct_fields__)
_STATES: Final = {state.value: state for state in CaseState}
_SEVERITIES: Final = {severity.value: severity for severity in Severity}


class StandingRows:
    """A part of `CaseStore`."""

    _engine: Engine

    def standing_cases(self) -> list[StandingCase]:
        """Every open case, in the order of their numbers. May raise StoreUnavailable."""
        query = select(*_COLUMNS).where(t.cases.c.closed_ms.is_(None)).order_by(t.cases.c.id)
        with reading(self._engine) as connection:
            return [
                StandingCase(
                    id=id_,
                    kind=kind,
                    title_zh=title_zh,
                    title_en=title_en,
                    device_id=device_id,
                    shop_id=shop_id,
                    sub_district=sub_district,
                    severity=_SEVERITIES[severity],
                    state=_STATES[state],
                    due_ms=due_ms,
                    overdue_ms=overdue_ms,
                )
                # Taken apart by place: thousands of rows, and a name of each is looked up in Python.
                for (
                    id_,
                    kind,
                    title_zh,
                    title_en,
                    device_id,
                    shop_id,
                    sub_district,
                    severity,
                    state,
                    due_ms,
                    overdue_ms,
                ) in connection.execute(query).all()
            ]
