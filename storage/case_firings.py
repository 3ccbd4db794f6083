"""How often rules fired, over whom, and what people found of it: counted where the rows are."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Select, and_, case, func, or_, select

from domain.case import Alarm, Case, ClosedReason
from domain.finding import AlarmState, Severity
from domain.firing import DAY_MS, Fired, Firing, Judged, Standing
from domain.ladder import LadderStep
from storage import case_tables as t
from storage.case_engine import reading
from storage.case_rows import to_noun

_SPOKEN_ON: Final = (ClosedReason.FIXED.value, ClosedReason.FALSE_POSITIVE.value)
"""How a case ends of which somebody has seen whether it was one."""


class FiringRows:
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    _engine: Engine

    def firings(
        self, now_ms: int, *, days: int, offset_ms: int = 0, rule_id: str | None = None, by_place: bool = False
    ) -> list[Firing]:
        """Alarms raised in the last `days` days, by rule and by day of a clock that is `offset_ms` ahead of UTC."""
        c = t.alarms.c
        first_ms = (now_ms + offset_ms) // DAY_MS * DAY_MS - offset_ms - (days - 1) * DAY_MS
        day = (c.raised_ms + offset_ms) // DAY_MS
        places = [c.device_id, c.shop_id] if by_place else []
        query = select(
            c.rule_id,
            day.label("day"),
            func.count().label("n"),
            _since(c.raised_ms, now_ms - DAY_MS).label("last_day"),
            _since(c.raised_ms, now_ms - 7 * DAY_MS).label("last_week"),
            *places,
        ).where(c.raised_ms >= first_ms, c.raised_ms <= now_ms)
        if rule_id is not None:
            query = query.where(c.rule_id == rule_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.group_by(c.rule_id, day, *places)).mappings().all()
        return [
            Firing(
                rule_id=row["rule_id"],
                day_ms=int(row["day"]) * DAY_MS - offset_ms,
                n=row["n"],
                last_day=int(row["last_day"]),
                last_week=int(row["last_week"]),
                device_id=row["device_id"] if by_place else "",
                shop_id=row["shop_id"] if by_place else None,
            )
            for row in rows
        ]

    def standing(self, *, by_place: bool = False) -> list[Standing]:
        """Open alarms by rule, severity and state."""
        c = t.alarms.c
        groups = [c.rule_id, c.severity, c.state, *([c.device_id, c.shop_id] if by_place else [])]
        query = select(*groups, func.count().label("n")).where(c.resolved_ms.is_(None)).group_by(*groups)
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Standing(
                rule_id=row["rule_id"],
                severity=Severity(row["severity"]),
                state=AlarmState(row["state"]),
                n=row["n"],
                device_id=row["device_id"] if by_place else "",
                shop_id=row["shop_id"] if by_place else None,
            )
            for row in rows
        ]

    def fired(self, rule_id: str, since_ms: int, *, limit: int) -> list[Fired]:
        """Over whom a rule was raised since then, the most often first."""
        c, n = t.alarms.c, func.count().label("n")
        last = func.max(c.raised_ms).label("last_ms")
        query = (
            select(c.subject, c.device_id, func.max(c.shop_id).label("shop_id"), n, last)
            .where(c.rule_id == rule_id, c.raised_ms >= since_ms)
            .group_by(c.subject, c.device_id)
            .order_by(n.desc(), last.desc(), c.subject)
        )
        with reading(self._engine) as connection:
            return [to_noun(row, Fired) for row in connection.execute(query.limit(limit))]

    def judged(self, since_ms: int) -> list[Judged]:
        """By rule, what people found since then: of cases by how they were closed, of other finds by their word."""
        found: dict[str, tuple[int, int]] = {}
        with reading(self._engine) as connection:
            for query in (_of_cases(since_ms), _of_ladders(since_ms)):
                for rule_id, n, wrong in connection.execute(query):
                    before = found.get(rule_id, (0, 0))
                    found[rule_id] = (before[0] + n, before[1] + int(wrong or 0))
        return [Judged(rule_id=rule_id, n=n, wrong=wrong) for rule_id, (n, wrong) in sorted(found.items())]

    def alarms_of(
        self,
        *,
        device_id: str | None = None,
        rule_id: str | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
        before_id: int | None = None,
        limit: int = 200,
    ) -> list[Alarm]:
        """Alarms of a device or a rule, newest first: all, those of a stretch of time, or those with a smaller id."""
        c = t.alarms.c
        query = select(t.alarms)
        if device_id is not None:
            query = query.where(c.device_id == device_id)
        if rule_id is not None:
            query = query.where(c.rule_id == rule_id)
        if to_ms is not None:
            query = query.where(c.since_ms < to_ms)
        if from_ms is not None:
            query = query.where(or_(c.resolved_ms.is_(None), c.resolved_ms >= from_ms))
        if before_id is not None:
            query = query.where(c.id < before_id)
        # `+ 0`: the rows of one device are few, and found by it; SQLite would rather go through all by their id
        order = (c.id + 0).desc() if device_id is not None or rule_id is not None else c.id.desc()
        with reading(self._engine) as connection:
            return [to_noun(row, Alarm) for row in connection.execute(query.order_by(order).limit(limit))]

    def cases_of(self, device_id: str, *, limit: int) -> list[Case]:
        """Cases that a device or camera led to, those open first, then newest first."""
        c = t.cases.c
        query = select(t.cases).where(c.device_id == device_id)
        query = query.order_by(c.closed_ms.is_not(None), c.opened_ms.desc(), c.id.desc())
        with reading(self._engine) as connection:
            return [to_noun(row, Case) for row in connection.execute(query.limit(limit))]

    def newest_alarm(self, rule_id: str, subject: str) -> Alarm | None:
        """The last alarm of a rule and a subject."""
        c = t.alarms.c
        query = select(t.alarms).where(c.rule_id == rule_id, c.subject == subject).order_by(c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            return next((to_noun(row, Alarm) for row in connection.execute(query)), None)

    def states_of(self, rule_ids: Collection[str], subjects: Collection[str]) -> dict[tuple[str, str], bytes]:
        """What these rules remember of these subjects."""
        c = t.rule_states.c
        query = select(t.rule_states).where(c.rule_id.in_(rule_ids), c.subject.in_(subjects))
        with reading(self._engine) as connection:
            return {(row.rule_id, row.subject): row.state for row in connection.execute(query)}


def _since(column: ColumnElement[int], at_ms: int) -> ColumnElement[int]:
    return func.sum(case((column > at_ms, 1), else_=0))


def _of_cases(since_ms: int) -> Select[Any]:
    cases = t.cases.c
    wrong = func.sum(case((cases.closed_reason == ClosedReason.FALSE_POSITIVE.value, 1), else_=0))
    return (
        select(t.alarms.c.rule_id, func.count(), wrong)
        .select_from(t.cases.join(t.alarms, cases.alarm_id == t.alarms.c.id))
        .where(cases.closed_ms >= since_ms, cases.closed_reason.in_(_SPOKEN_ON))
        .group_by(t.alarms.c.rule_id)
    )


def _of_ladders(since_ms: int) -> Select[Any]:
    """Those that came to no case: that one speaks for itself."""
    ladders = t.ladders.c
    rejected = ladders.step == LadderStep.REJECTED.value
    wrong = func.sum(case((rejected, 1), else_=0))
    said = and_(ladders.confirmed_by.is_not(None), ladders.step != LadderStep.CASE.value)
    return (
        select(t.alarms.c.rule_id, func.count(), wrong)
        .select_from(t.ladders.join(t.alarms, ladders.alarm_id == t.alarms.c.id))
        .where(ladders.started_ms >= since_ms, or_(rejected, said))
        .group_by(t.alarms.c.rule_id)
    )
