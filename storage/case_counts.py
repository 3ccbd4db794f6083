"""How many there are of everything, in the whole city or on some ground."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, func, select

from domain.case import Counts, OpenAlarms
from domain.finding import Severity
from domain.ground import Ground
from domain.ladder import Ladder, LadderStep
from domain.notice import NoticeState
from storage import case_tables as t
from storage.case_engine import reading
from storage.case_ground import lies_in
from storage.case_rows import to_noun

_PLAIN = tuple(column for column in t.ladders.columns if not isinstance(column.type, t.JsonText))
Asked = Select[*tuple[Any, ...]]


class CountRows:
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    _engine: Engine

    def counts(self, ground: Ground | None = None) -> Counts:
        """How many of everything, at one moment; with `ground` of what lies there."""
        ask = _Ask(self._engine.dialect.name, ground)
        with reading(self._engine) as connection:
            ((alarms, resolved),) = connection.execute(ask.alarms()).all()
            cases = connection.execute(ask.cases()).all()
            ((running, corrected),) = connection.execute(ask.ladders()).all()
            notices = ask.notices(connection)
            standing = connection.execute(ask.standing()).all()
        by_kind = {kind: number for kind, number, _closed in cases}
        return Counts(
            alarms_open=alarms - resolved,
            alarms_total=alarms,
            cases_open=sum(number - closed for _kind, number, closed in cases),
            cases_total=sum(by_kind.values()),
            cases_by_kind=by_kind,
            ladders_open=running,
            self_corrected=corrected,
            notices_sent=notices.get(NoticeState.SENT.value, 0),
            notices_pending=notices.get(NoticeState.PENDING.value, 0),
            notices_dead=notices.get(NoticeState.DEAD.value, 0),
            standing=_by_severity(standing),
        )

    def episodes(self, *, limit: int) -> list[Ladder]:
        """The newest ladders without their pictures, newest first: to be counted."""
        query = select(*_PLAIN).order_by(t.ladders.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [to_noun(row, Ladder) for row in connection.execute(query)]


def _by_severity(rows: Iterable[Sequence[Any]]) -> tuple[OpenAlarms, ...]:
    found = [OpenAlarms(severity=Severity(severity), silenced_until_ms=until, n=n) for severity, until, n in rows]
    mildest_first = tuple(Severity)
    return tuple(sorted(found, key=lambda one: (mildest_first.index(one.severity), one.silenced_until_ms or 0)))


class _Ask:
    """The questions, of a ground or of all."""

    def __init__(self, dialect: str, ground: Ground | None) -> None:
        self._dialect, self._ground = dialect, ground

    def alarms(self) -> Asked:
        c = t.alarms.c
        query = select(func.count(), func.count(c.resolved_ms)).select_from(t.alarms)
        return self._on(query, c.device_id, c.shop_id)

    def standing(self) -> Asked:
        c = t.alarms.c
        alike = c.severity, c.silenced_until_ms
        query = select(*alike, func.count()).where(c.resolved_ms.is_(None)).group_by(*alike)
        return self._on(query, c.device_id, c.shop_id)

    def cases(self) -> Asked:
        c = t.cases.c
        query = select(c.kind, func.count(), func.count(c.closed_ms)).group_by(c.kind)
        return self._on(query, c.device_id, c.shop_id, c.sub_district)

    def ladders(self) -> Asked:
        c = t.ladders.c
        corrected = func.count().filter(c.step == LadderStep.SELF_CORRECTED.value)
        query = select(func.count() - func.count(c.ended_ms), corrected).select_from(t.ladders)
        return self._on(query, c.camera_id, c.shop_id)

    def notices(self, connection: Connection) -> dict[str, int]:
        """To people, by state. Where each lies is said by what it is about: its case, else its ladder, else its
        alarm."""
        found: dict[str, int] = {}
        for query in self._notices():
            for state, number in connection.execute(query):
                found[state] = found.get(state, 0) + number
        return found

    def _notices(self) -> list[Asked]:
        n, cases, ladders, alarms = t.notices.c, t.cases.c, t.ladders.c, t.alarms.c
        query = select(n.state, func.count()).where(n.channel != t.MACHINES).group_by(n.state)
        if self._ground is None:
            return [query]
        of_case = query.select_from(t.notices.join(t.cases, n.case_id == cases.id))
        of_ladder = query.select_from(t.notices.join(t.ladders, n.ladder_id == ladders.id)).where(n.case_id.is_(None))
        of_alarm = query.select_from(t.notices.join(t.alarms, n.alarm_id == alarms.id))
        of_alarm = of_alarm.where(n.case_id.is_(None), n.ladder_id.is_(None))
        return [
            self._on(of_case, cases.device_id, cases.shop_id, cases.sub_district),
            self._on(of_ladder, ladders.camera_id, ladders.shop_id),
            self._on(of_alarm, alarms.device_id, alarms.shop_id),
        ]

    def _on(self, query: Asked, *place: ColumnElement[Any]) -> Asked:
        return query if self._ground is None else query.where(lies_in(self._dialect, self._ground, *place))
