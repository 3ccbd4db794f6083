"""Ladders, contests, silences and notices that fit a choice, a page at a time."""

from typing import Any, Final, TypeVar

from msgspec import Struct
from sqlalchemy import ColumnElement, Engine, Select, Table, func, or_, select
from sqlalchemy import case as ranked

from domain.choices import ContestChoice, LadderChoice, NoticeChoice, SilenceChoice, Waiting
from domain.ground import Ground
from domain.ladder import Ladder, LadderStep, ReplyKind, ShopReply
from domain.notice import Notice
from domain.page import Page, cursor_of, key_of
from domain.silence import Silence, SilenceState
from storage import case_tables as t
from storage.case_engine import reading
from storage.case_ground import among, how_many_lie_in, lies_in
from storage.case_rows import to_noun

Noun = TypeVar("Noun", bound=Struct)
Where = list[ColumnElement[bool]]
_AT_ONCE: Final = 5_000
"""Among so many notices at a time those of a ground are looked for: where each lies is said by other tables."""


class ListPages:
    """A part of `CaseStore`. A cursor that is none of the list's is OrderRefused; all may raise StoreUnavailable."""

    _engine: Engine

    def ladders_page(self, choice: LadderChoice, *, cursor: str | None = None, limit: int) -> Page[Ladder]:
        """At most `limit` ladders."""
        c, where = t.ladders.c, Where()
        if choice.open or choice.waiting is not None:
            where.append(c.ended_ms.is_(None))
        if choice.waiting is Waiting.CONFIRM:
            where.append(c.step == LadderStep.CONFIRM.value)
        elif choice.waiting is Waiting.CONTEST:
            where.append(c.contested_ms.is_not(None))
        if choice.matter is not None:
            where.append(c.matter == choice.matter)
        if (ground := choice.ground) is None:
            return self._newest(t.ladders, Ladder, where, "ladders", cursor, limit)
        count = None
        if not choice.open and choice.waiting is None:  # those that run are few, and have an index of their own
            count = how_many_lie_in(self._dialect, ground, c.camera_id, c.shop_id, where)
        where = [*where, lies_in(self._dialect, ground, c.camera_id, c.shop_id)]
        return self._newest(t.ladders, Ladder, where, "ladders", cursor, limit, count=count)

    def contests_page(self, choice: ContestChoice, *, cursor: str | None = None, limit: int) -> Page[ShopReply]:
        """At most `limit` contests."""
        c = t.shop_replies.c
        where: Where = [c.kind == ReplyKind.CONTEST.value]
        if choice.undecided:
            where.append(c.decided_ms.is_(None))
        if choice.ground is not None:
            there = lies_in(self._dialect, choice.ground, t.ladders.c.camera_id, t.ladders.c.shop_id)
            where.append(select(t.ladders.c.id).where(t.ladders.c.id == c.ladder_id, there).exists())
        return self._newest(t.shop_replies, ShopReply, where, "contests", cursor, limit)

    def silences_page(
        self, choice: SilenceChoice, now_ms: int, *, cursor: str | None = None, limit: int
    ) -> Page[Silence]:
        """At most `limit` silences."""
        c, where = t.silences.c, Where()
        if choice.open:
            where += [c.state != SilenceState.OVER.value, c.ended_ms.is_(None), c.until_ms > now_ms]
        if (ground := choice.ground) is not None:
            street, device = c.sub_district, c.device_id
            where.append(
                or_(among(self._dialect, street, ground.sub_districts), among(self._dialect, device, ground.devices))
            )
        return self._newest(t.silences, Silence, where, "silences", cursor, limit)

    def notices_page(self, choice: NoticeChoice, *, cursor: str | None = None, limit: int) -> Page[Notice]:
        """At most `limit` notices; of a ground fewer may be on a page that another follows. They are not counted."""
        c, where = t.notices.c, Where()
        if choice.case_id is not None:
            ladder = select(t.cases.c.ladder_id).where(t.cases.c.id == choice.case_id).scalar_subquery()
            where.append(or_(c.case_id == choice.case_id, c.ladder_id == ladder))
        if choice.ground is None or choice.case_id is not None:
            return self._newest(t.notices, Notice, where, "notices", cursor, limit, counted=False)
        last = None if cursor is None else int(key_of(cursor, "notices", int)[0])
        some = select(c.id).order_by(c.id.desc()).limit(_AT_ONCE)
        some = some if last is None else some.where(c.id < last)
        with reading(self._engine) as connection:
            looked = list(connection.execute(some).scalars())
            within = c.id.between(looked[-1], looked[0]) if looked else c.id < 0
            told = _lying(choice.ground, self._dialect).where(within).order_by(c.id.desc()).limit(limit + 1)
            rows = [to_noun(row, Notice) for row in connection.execute(told)]
        ends = rows[limit - 1].id if len(rows) > limit else looked[-1] if len(looked) == _AT_ONCE else None
        return Page(items=rows[:limit], next=None if ends is None else cursor_of("notices", (ends,)))

    @property
    def _dialect(self) -> str:
        return self._engine.dialect.name

    def _newest(  # noqa: PLR0917 - one for all lists by id
        self,
        table: Table,
        noun: type[Noun],
        where: Where,
        name: str,
        cursor: str | None,
        limit: int,
        *,
        counted: bool = True,
        count: Select[int] | None = None,
    ) -> Page[Noun]:
        """By id, the highest first. Which they are is asked first, so that indexes can tell it without whole rows.

        `count` counts all that fit, where there is a shorter way than looking at each.
        """
        row_id = table.c.id
        which = select(row_id).where(*where).order_by(row_id.desc()).limit(limit + 1)
        if cursor is not None:
            which = which.where(row_id < key_of(cursor, name, int)[0])
        with reading(self._engine) as connection:
            ids = [int(one) for one in connection.execute(which).scalars()]
            rows = connection.execute(select(table).where(row_id.in_(ids[:limit])).order_by(row_id.desc()))
            found = [to_noun(row, noun) for row in rows]
            total = len(ids) if counted else None
            if counted and (cursor is not None or len(ids) > limit):  # else all that fit are on this page
                count = select(func.count()).select_from(table).where(*where) if count is None else count
                total = int(connection.execute(count).scalar_one())
        follows = cursor_of(name, (ids[limit - 1],)) if len(ids) > limit else None
        return Page(items=found, next=follows, total=total)


def _lying(ground: Ground, dialect: str) -> Select[Any]:
    """Notices that lie there."""
    n, cases, ladders, alarms = t.notices.c, t.cases.c, t.ladders.c, t.alarms.c
    of_case, of_ladder = n.case_id.is_not(None), n.ladder_id.is_not(None)
    device = ranked((of_case, cases.device_id), (of_ladder, ladders.camera_id), else_=alarms.device_id)
    shop = ranked((of_case, cases.shop_id), (of_ladder, ladders.shop_id), else_=alarms.shop_id)
    street = ranked((of_case, cases.sub_district))
    joined = (
        t.notices.outerjoin(t.cases, n.case_id == cases.id)
        .outerjoin(t.ladders, n.ladder_id == ladders.id)
        .outerjoin(t.alarms, n.alarm_id == alarms.id)
    )
    return select(t.notices).select_from(joined).where(lies_in(dialect, ground, device, shop, street))
