"""What a transaction of the case store may do about people at work: cases, shops' words, and rights to notices."""

from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import ColumnElement, Connection, Select, func, or_, select, update

from domain.case import Alarm, Case, CaseState, ClosedReason
from domain.ladder import Ladder, LadderStep, NoticeRight, ReplyKind, ShopReply, Verdicts
from domain.overdue import TIME_RUNS_IN
from storage import case_tables as t
from storage.case_at_work import AtWorkRows
from storage.case_rows import part_of, to_noun, to_row
from storage.case_upsert import upsert

_NONE: Final = (ClosedReason.FALSE_POSITIVE.value, ClosedReason.NOT_REPRODUCED.value)


def case_was_none() -> ColumnElement[bool]:
    """Of a ladder: whether its case was refused, or closed as one that never was."""
    return select(t.cases.c.id).where(t.cases.c.ladder_id == t.ladders.c.id, _is_none()).exists()


def _case_was_fixed() -> ColumnElement[bool]:
    """Of a ladder: whether a person saw at its case that it was one, and closed it."""
    fixed = t.cases.c.closed_reason == ClosedReason.FIXED.value
    return select(t.cases.c.id).where(t.cases.c.ladder_id == t.ladders.c.id, fixed).exists()


def _contest_was_decided() -> ColumnElement[bool]:
    """Of a ladder: whether a person decided on the shop's word."""
    c = t.shop_replies.c
    return select(c.id).where(c.ladder_id == t.ladders.c.id, c.decided_ms.is_not(None)).exists()


def with_alarms() -> Select[Any]:
    """Ladders, each with its alarm: one question to the database, however many they are."""
    return select(t.ladders, t.alarms).join(t.alarms, t.alarms.c.id == t.ladders.c.alarm_id)


def _is_none() -> ColumnElement[bool]:
    return or_(t.cases.c.closed_reason.in_(_NONE), t.cases.c.state == CaseState.NOT_ACCEPTED.value)


class HandlingRows(AtWorkRows):
    """A part of `Transaction`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._cases: dict[str, None] = {}
        """Ids of those that were written, in their order."""

    # Cases

    def case(self, case_id: str) -> Case | None:
        """One case, open or not; None if there is none of this number."""
        row = self._connection.execute(select(t.cases).where(t.cases.c.id == case_id)).first()
        return to_noun(row, Case) if row else None

    def add_case(self, case: Case) -> None:
        """Keep a new case."""
        self._changed = True
        self._cases[case.id] = None
        self._connection.execute(t.cases.insert(), to_row(case))

    def save_case(self, case: Case) -> None:
        """Replace a case by its newer self, and count its version up from what the store has."""
        self._changed = True
        self._cases[case.id] = None
        row = to_row(case) | {"version": t.cases.c.version + 1}
        self._connection.execute(update(t.cases).where(t.cases.c.id == row.pop("id")).values(row))

    def cases_falling_due(self, now_ms: int) -> list[Case]:
        """Cases at work whose deadline has passed and that are not marked as overdue yet, the oldest deadline first.

        Not those that are put off with leave, nor those that were reported as done: their time does not run.
        """
        c = t.cases.c
        due = select(t.cases).where(c.closed_ms.is_(None), c.overdue_ms.is_(None), c.due_ms < now_ms)
        due = due.where(c.state.in_(sorted(TIME_RUNS_IN)))
        return [to_noun(row, Case) for row in self._connection.execute(due.order_by(c.due_ms, c.id))]

    # Ladders and what shops say on them

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One ladder, open or not; None if there is none of this id."""
        row = self._connection.execute(select(t.ladders).where(t.ladders.c.id == ladder_id)).first()
        return to_noun(row, Ladder) if row else None

    def ladder_of(self, alarm_id: int) -> Ladder | None:
        """The ladder of an alarm, open or not; None if it never had one."""
        row = self._connection.execute(select(t.ladders).where(t.ladders.c.alarm_id == alarm_id)).first()
        return to_noun(row, Ladder) if row else None

    def open_ladders(self, step: LadderStep | None = None) -> list[tuple[Ladder, Alarm]]:
        """All that have not ended, or those of one step, oldest first."""
        c = t.ladders.c
        query = with_alarms().where(c.ended_ms.is_(None)).order_by(c.id)
        return self._with_alarms(query if step is None else query.where(c.step == step.value))

    def _with_alarms(self, query: Select[Any]) -> list[tuple[Ladder, Alarm]]:
        rows = self._connection.execute(query)
        return [(part_of(row, t.ladders, Ladder), part_of(row, t.alarms, Alarm)) for row in rows]

    def matters_closed_as_none(self, since_ms: int) -> list[str]:
        """Codes of the matters of which cases of ladders were closed since then as ones that never were, in order."""
        c = t.cases.c
        of_ladders = (c.closed_ms >= since_ms, c.ladder_id.is_not(None), _is_none())
        found = select(c.matter).where(*of_ladders).distinct().order_by(c.matter)
        return list(self._connection.execute(found).scalars())

    def found_matters(self, since_ms: int) -> list[str]:
        """Codes of the matters that were seen on a ladder since then, in order."""
        c = t.ladders.c
        found = select(c.matter).where(c.started_ms > since_ms).distinct().order_by(c.matter)
        return list(self._connection.execute(found).scalars())

    def case_of_ladder(self, ladder_id: int) -> Case | None:
        """The case that a ladder led to, open or not."""
        row = self._connection.execute(select(t.cases).where(t.cases.c.ladder_id == ladder_id)).first()
        return to_noun(row, Case) if row else None

    def add_reply(self, reply: ShopReply) -> ShopReply:
        """Keep what a shop says; returns it with its id."""
        return replace(reply, id=self._add(t.shop_replies, to_row(reply, numbered=True)))

    def save_reply(self, reply: ShopReply) -> None:
        """Replace it by its newer self."""
        self._save(t.shop_replies, to_row(reply))

    def reply(self, reply_id: int) -> ShopReply | None:
        """What a shop said; None if there is nothing of this id."""
        row = self._connection.execute(select(t.shop_replies).where(t.shop_replies.c.id == reply_id)).first()
        return to_noun(row, ShopReply) if row else None

    def replies(self, ladder_id: int) -> list[ShopReply]:
        """All that was said on a ladder, oldest first."""
        c = t.shop_replies.c
        rows = self._connection.execute(select(t.shop_replies).where(c.ladder_id == ladder_id).order_by(c.id))
        return [to_noun(row, ShopReply) for row in rows]

    # Rights to notices

    def notice_right(self, matter: str) -> NoticeRight:
        """Whether finds of a matter may lead to notices without a person."""
        row = self._connection.execute(select(t.notice_rights).where(t.notice_rights.c.matter == matter)).first()
        return to_noun(row, NoticeRight) if row else NoticeRight(matter=matter)

    def save_notice_right(self, right: NoticeRight) -> None:
        """Keep it as it is now."""
        self._changed = True
        row = to_row(right)
        upsert(self._connection, t.notice_rights, [tuple(row[column.name] for column in t.notice_rights.columns)])

    def verdicts(self, matter: str, since_ms: int) -> Verdicts:
        """Of a matter's finds since then on which the place's people could speak.

        Those are what was told, and what a person looked at before. None were those that a person rejected, before
        the notice or on the shop's word, and those whose case was refused, or closed as false or not reproduced.
        Judged are these, what a person confirmed or decided on the shop's word, and whose case was closed as fixed.
        """
        c = t.ladders.c
        told = select(t.notices.c.id).where(
            t.notices.c.ladder_id == c.id, t.notices.c.sent_ms.is_not(None), t.notices.c.step.in_(t.REMINDING)
        )
        of_matter = (c.matter == matter, c.started_ms > since_ms, or_(c.confirmed_ms.is_not(None), told.exists()))
        count = select(func.count()).select_from(t.ladders).where(*of_matter)
        none = or_(c.step == LadderStep.REJECTED.value, case_was_none())
        judged = or_(none, c.confirmed_ms.is_not(None), _contest_was_decided(), _case_was_fixed())
        n, wrong, judged_n = (
            int(self._connection.execute(query).scalar_one())
            for query in (count, count.where(none), count.where(judged))
        )
        return Verdicts(n=n, wrong=wrong, judged=judged_n)

    def undecided_contests(self) -> list[ShopReply]:
        """Contests that wait for a person, oldest first."""
        c = t.shop_replies.c
        waits = select(t.shop_replies).where(c.kind == ReplyKind.CONTEST.value, c.decided_ms.is_(None)).order_by(c.id)
        return [to_noun(row, ShopReply) for row in self._connection.execute(waits)]
