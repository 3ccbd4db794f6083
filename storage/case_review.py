"""What waits for a person, and alarms as people look for them."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, and_, func, or_, select, tuple_
from sqlalchemy import case as ranked

from domain.alarm_choice import AlarmChoice, Standing
from domain.case import Alarm, Case, CaseState
from domain.finding import AlarmState, CasePolicy, Severity
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply
from domain.notice import Notice
from domain.order import AlarmOrder
from domain.review import Said
from storage import case_tables as t
from storage.case_engine import reading
from storage.case_handling import with_alarms
from storage.case_rows import part_of, to_noun

_LINES_AT_ONCE: Final = 50_000
"""So many of the newest lines of the log are read to find out who answered what."""


class ReviewRows:
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    _engine: Engine

    # Alarms

    def alarms_chosen(
        self, choice: AlarmChoice, now_ms: int, *, limit: int, after: tuple[int, int, int] | None = None
    ) -> list[Alarm]:
        """Alarms that fit: open ones worst first, all others newest first; those after a place in the list."""
        c = t.alarms.c
        # By the plain id, so that the newest of very many are found without sorting them.
        order = (_rank(now_ms), -c.since_ms, -c.id) if choice.by_rank else (c.id.desc(),)
        query = select(t.alarms).where(*_chosen(choice, now_ms)).order_by(*order).limit(limit)
        if after is not None:
            query = query.where(tuple_(*order) > tuple_(*after) if choice.by_rank else c.id < -after[2])
        with reading(self._engine) as connection:
            return [to_noun(row, Alarm) for row in connection.execute(query)]

    def orders_waiting(self) -> list[AlarmOrder]:
        """People's orders about alarms that are not carried out yet, in the order in which they were given."""
        c = t.alarm_orders.c
        query = select(t.alarm_orders).where(c.done_ms.is_(None)).order_by(c.id)
        with reading(self._engine) as connection:
            return [to_noun(row, AlarmOrder) for row in connection.execute(query)]

    def notices_about(self, alarm_id: int, *, limit: int) -> list[Notice]:
        """Notices about an alarm and the ladder after it, in every state, newest first."""
        c = t.notices.c
        ladder = select(t.ladders.c.id).where(t.ladders.c.alarm_id == alarm_id).scalar_subquery()
        query = select(t.notices).where(or_(c.alarm_id == alarm_id, c.ladder_id == ladder))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(c.id.desc()).limit(limit))
            return [to_noun(row, Notice) for row in rows]

    # What waits

    def finds_to_confirm(self) -> list[tuple[Ladder, Alarm]]:
        """Ladders on which a person has to say whether it is so, oldest first, each with its alarm."""
        c = t.ladders.c
        query = with_alarms().where(c.ended_ms.is_(None), c.step == LadderStep.CONFIRM.value)
        query = query.where(t.alarms.c.resolved_ms.is_(None))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(c.id))
            return [(part_of(row, t.ladders, Ladder), part_of(row, t.alarms, Alarm)) for row in rows]

    def contests_to_decide(self) -> list[tuple[ShopReply, Ladder, Alarm]]:
        """What shops contest and nobody has decided, oldest first, each with its ladder and its alarm."""
        c = t.shop_replies.c
        joined = t.shop_replies.join(t.ladders, t.ladders.c.id == c.ladder_id)
        joined = joined.join(t.alarms, t.alarms.c.id == t.ladders.c.alarm_id)
        query = select(t.shop_replies, t.ladders, t.alarms).select_from(joined)
        query = query.where(c.kind == ReplyKind.CONTEST.value, c.decided_ms.is_(None)).order_by(c.id)
        with reading(self._engine) as connection:
            return [
                (
                    part_of(row, t.shop_replies, ShopReply),
                    part_of(row, t.ladders, Ladder),
                    part_of(row, t.alarms, Alarm),
                )
                for row in connection.execute(query)
            ]

    def cases_to_verify(self) -> list[tuple[Case, Alarm]]:
        """Open cases that were reported as done, the longest so first, each with its alarm."""
        c = t.cases.c
        query = select(t.cases, t.alarms).join(t.alarms, t.alarms.c.id == c.alarm_id)
        query = query.where(c.closed_ms.is_(None), c.state == CaseState.PENDING_VERIFY.value)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(c.state_ms, c.id))
            return [(part_of(row, t.cases, Case), part_of(row, t.alarms, Alarm)) for row in rows]

    def alarms_to_look_at(self) -> list[Alarm]:
        """Open alarms with a picture that lead to no case and no ladder, and that nobody has taken on or silenced."""
        c = t.alarms.c
        query = select(t.alarms).where(c.resolved_ms.is_(None), c.policy == CasePolicy.NONE.value)
        query = query.where(c.evidence.is_not(None), c.acked_ms.is_(None), c.silence_id.is_(None))
        with reading(self._engine) as connection:
            return [to_noun(row, Alarm) for row in connection.execute(query.order_by(c.id))]

    # Beside it

    def ladders_alike(self, ladder_matter: str, shop_id: str, *, since_ms: int, limit: int) -> list[Ladder]:
        """Ladders of one matter at one shop that began since then, newest first."""
        c = t.ladders.c
        query = select(t.ladders).where(c.matter == ladder_matter, c.started_ms >= since_ms, c.shop_id == shop_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(c.started_ms.desc()).limit(limit))
            return [to_noun(row, Ladder) for row in rows]

    def lines_said(self, whats: Collection[str], *, after_id: int) -> list[Said]:
        """Lines of these kinds behind an id, and among the newest 50,000, with the place of their alarm."""
        c = t.log.c
        newest = select(func.coalesce(func.max(c.id), 0) - _LINES_AT_ONCE).scalar_subquery()
        query = select(c.id, c.at_ms, c.what, c.who, t.alarms.c.device_id, t.alarms.c.shop_id)
        query = query.join(t.alarms, t.alarms.c.id == c.alarm_id)
        query = query.where(c.id > after_id, c.id > newest, c.what.in_(whats)).order_by(c.id)
        with reading(self._engine) as connection:
            return [
                Said(id=id_, at_ms=at_ms, what=what, who=who, device_id=device_id, shop_id=shop_id)
                for id_, at_ms, what, who, device_id, shop_id in connection.execute(query)
            ]


def _silenced(now_ms: int) -> ColumnElement[bool]:
    c = t.alarms.c
    return and_(c.silenced_until_ms.is_not(None), c.silenced_until_ms > now_ms)


def _rank(now_ms: int) -> ColumnElement[int]:
    """As `domain.alarm_choice.rank`."""
    c = t.alarms.c
    mildest = len(Severity) - 1
    mildness = ranked({one.value: 10 * (mildest - one.rank) for one in Severity}, value=c.severity, else_=0)
    stale = ranked((c.state == AlarmState.STALE.value, 1), else_=0)
    return ranked((_silenced(now_ms), 100), else_=0) + mildness + stale


def _chosen(choice: AlarmChoice, now_ms: int) -> list[ColumnElement[bool]]:
    c = t.alarms.c
    named: tuple[tuple[Any, Any], ...] = (
        (c.severity, choice.severity and choice.severity.value),
        (c.kind, choice.kind),
        (c.rule_id, choice.rule_id),
    )
    where = [column == value for column, value in named if value is not None]
    if choice.standing is not Standing.ALL:
        where.append(c.resolved_ms.is_(None) if choice.standing is Standing.OPEN else c.resolved_ms.is_not(None))
    if choice.silenced is not None:
        where.append(_silenced(now_ms) if choice.silenced else ~_silenced(now_ms))
    return where
