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
                    id=row.id,
                    kind=row.kind,
                    title_zh=row.title_zh,
                    title_en=row.title_en,
                    device_id=row.device_id,
                    shop_id=row.shop_id,
                    sub_district=row.sub_district,
                    severity=_SEVERITIES[row.severity],
                    state=_STATES[row.state],
                    due_ms=row.due_ms,
                )
                for row in connection.execute(query)
            ]
