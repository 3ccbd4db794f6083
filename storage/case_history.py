"""The past as the case store has it: the rows that figures and exports are made from."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, or_, select

from domain.case import Case, LogEntry
from domain.case_choice import CaseChoice
from domain.history import History
from domain.ladder import Ladder
from storage import case_tables as t
from storage.case_engine import reading
from storage.case_pages import CasePages, chosen
from storage.case_rows import to_noun
from storage.case_transaction import reminders
from storage.list_pages import ListPages


class HistoryRows(CasePages, ListPages):
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    def history(self, from_ms: int, to_ms: int, lines: Collection[str]) -> History:
        """All of one stretch of time, in one transaction; `lines` names the kinds of log lines that are wanted."""
        told = t.log.c.what.in_(lines) & (t.log.c.at_ms >= from_ms)
        cases = t.cases.c
        of_time = or_(*(_within(column, from_ms, to_ms) for column in (cases.opened_ms, cases.due_ms, cases.closed_ms)))
        of_lines = cases.id.in_(select(t.log.c.case_id).where(told))
        earlier = t.log.c.what.in_(lines) & t.log.c.case_id.in_(select(cases.id).where(of_time))
        begun = _within(t.ladders.c.started_ms, from_ms, to_ms)
        sent = t.notices.c.sent_ms
        first = reminders().with_only_columns(t.notices.c.ladder_id, func.min(sent)).where(sent.is_not(None))
        first = first.where(t.notices.c.ladder_id.in_(select(t.ladders.c.id).where(begun))).group_by(
            t.notices.c.ladder_id
        )
        with reading(self._engine) as connection:
            return History(
                ladders=[
                    to_noun(row, Ladder)
                    for row in connection.execute(select(t.ladders).where(begun).order_by(t.ladders.c.id))
                ],
                cases=[
                    to_noun(row, Case)
                    for row in connection.execute(
                        select(t.cases).where(or_(of_time, of_lines)).order_by(cases.opened_ms, cases.id)
                    )
                ],
                told={ladder_id: at_ms for ladder_id, at_ms in connection.execute(first)},  # noqa: C416 - rows are no pairs to mypy
                lines=[
                    to_noun(row, LogEntry)
                    for row in connection.execute(select(t.log).where(or_(told, earlier)).order_by(t.log.c.id))
                ],
                since_ms=connection.execute(select(func.min(t.log.c.at_ms))).scalar(),
            )

    def cases_opened(
        self, from_ms: int, to_ms: int, *, limit: int, open_only: bool | None = None, matters: Collection[str] = ()
    ) -> list[Case]:
        """Cases opened from one moment up to, and without, another, newest first; of all matters, or of some."""
        c = t.cases.c
        query = select(t.cases).where(_within(c.opened_ms, from_ms, to_ms))
        if open_only is not None:
            query = query.where(c.closed_ms.is_(None) if open_only else c.closed_ms.is_not(None))
        if matters:
            query = query.where(c.matter.in_(matters))
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(c.opened_ms.desc(), c.id.desc()).limit(limit))
            return [to_noun(row, Case) for row in rows]

    def cases_chosen(self, choice: CaseChoice, now_ms: int, *, limit: int) -> tuple[list[Case], int]:
        """Cases that fit, those open before those closed, then newest first; and how many fit."""
        c, where = t.cases.c, chosen(choice, now_ms, self._engine.dialect.name)
        query = select(t.cases).where(*where).order_by(c.closed_ms.is_not(None), c.opened_ms.desc(), c.id.desc())
        with reading(self._engine) as connection:
            found = [to_noun(row, Case) for row in connection.execute(query.limit(limit))]
            total = connection.execute(select(func.count()).select_from(t.cases).where(*where)).scalar_one()
        return found, int(total)


def _within(column: ColumnElement[int], from_ms: int, to_ms: int) -> ColumnElement[bool]:
    return (column >= from_ms) & (column < to_ms)
