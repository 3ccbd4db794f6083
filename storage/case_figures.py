"""Figures that the database counts itself, by place, so that a part of the city can be told apart."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Engine, func, select

from domain.figures import AlarmTally, CaseMoment, NoticeTally
from domain.finding import Severity
from storage import case_tables as t
from storage.case_engine import reading


class FigureRows:
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    _engine: Engine

    def case_moments(self, from_ms: int, to_ms: int, whats: Collection[str]) -> list[CaseMoment]:
        """Lines of these kinds of the cases that were closed in a stretch of time, in the order of the log."""
        c, log = t.cases.c, t.log.c
        query = (
            select(c.id, c.device_id, c.shop_id, c.sub_district, log.what, log.at_ms)
            .select_from(t.cases.join(t.log, log.case_id == c.id))
            .where(_within(c.closed_ms, from_ms, to_ms), log.what.in_(whats))
            .order_by(log.id)
        )
        with reading(self._engine) as connection:
            return [
                CaseMoment(case_id=case, device_id=device, shop_id=shop, sub_district=street, what=what, at_ms=at_ms)
                for case, device, shop, street, what, at_ms in connection.execute(query)
            ]

    def alarm_tallies(self, from_ms: int, to_ms: int) -> list[AlarmTally]:
        """How many alarms were raised in a stretch of time, by rule, how bad it is, and place."""
        c = t.alarms.c
        groups = (c.rule_id, c.severity, c.device_id, c.shop_id)
        query = (
            select(*groups, func.max(c.title_zh), func.max(c.title_en), func.count(), func.count(c.resolved_ms))
            .where(_within(c.raised_ms, from_ms, to_ms))
            .group_by(*groups)
        )
        with reading(self._engine) as connection:
            return [
                AlarmTally(
                    rule_id=rule,
                    title_zh=zh,
                    title_en=en,
                    severity=Severity(severity),
                    device_id=device,
                    shop_id=shop,
                    n=n,
                    open=n - over,
                )
                for rule, severity, device, shop, zh, en, n, over in connection.execute(query)
            ]

    def notice_tallies(self, from_ms: int, to_ms: int) -> list[NoticeTally]:
        """How many notices to people were written in a stretch of time, by channel, state and place."""
        alarms, cases, ladders, notices = t.alarms.c, t.cases.c, t.ladders.c, t.notices.c
        device = func.coalesce(cases.device_id, ladders.camera_id, alarms.device_id, "")
        shop = func.coalesce(cases.shop_id, ladders.shop_id, alarms.shop_id)
        about = (
            t.notices.outerjoin(t.cases, notices.case_id == cases.id)
            .outerjoin(t.ladders, notices.ladder_id == ladders.id)
            .outerjoin(t.alarms, notices.alarm_id == alarms.id)
        )
        groups = (notices.channel, notices.state, device, shop, cases.sub_district)
        query = (
            select(*groups, func.count(), func.count(notices.delivered_ms))
            .select_from(about)
            .where(notices.channel != t.MACHINES, _within(notices.created_ms, from_ms, to_ms))
            .group_by(*groups)
        )
        with reading(self._engine) as connection:
            return [
                NoticeTally(
                    channel=channel,
                    state=state,
                    device_id=device_id,
                    shop_id=shop_id,
                    sub_district=street,
                    n=n,
                    delivered=delivered,
                )
                for channel, state, device_id, shop_id, street, n, delivered in connection.execute(query)
            ]


def _within(column: ColumnElement[int], from_ms: int, to_ms: int) -> ColumnElement[bool]:
    return (column >= from_ms) & (column < to_ms)
