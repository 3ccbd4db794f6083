"""Cases that fit a choice, a page at a time.

Which they are is read from an index that has all that a choice asks for (`ix_cases_chosen`, `ix_cases_chosen_open`);
only the rows that are shown are read whole.
"""

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Engine, Select, func, or_, select, tuple_
from sqlalchemy import case as ranked

from domain.case import Case, CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.finding import Severity
from domain.overdue import TIME_RUNS_IN
from domain.page import Key, Page, cursor_of, key_of
from storage import case_tables as t
from storage.case_engine import reading
from storage.case_ground import among, has_text, lies_in
from storage.case_rows import to_noun

_C: Final = t.cases.c
_MILDNESS: Final = ranked({one.value: -one.rank for one in Severity}, value=_C.severity)
_ORDERS: Final[dict[CaseSort, tuple[ColumnElement[Any], ...]]] = {
    CaseSort.OPEN: (_C.opened_ms, _C.id),
    CaseSort.NEWEST: (_C.opened_ms, _C.id),
    CaseSort.CLOSED: (_C.closed_ms, _C.id),
    CaseSort.DUE: (_C.due_ms, _C.id),
    CaseSort.WORST: (_MILDNESS, _C.due_ms, _C.id),
}
"""What is compared, within the open ones and within the closed ones; an id makes each key the only one."""
_TYPES: Final[dict[CaseSort, tuple[type[int | str], ...]]] = {
    sort: (*([int] * (len(order) - 1)), str) for sort, order in _ORDERS.items()
}
_DESCENDING: Final = frozenset({CaseSort.OPEN, CaseSort.NEWEST, CaseSort.CLOSED})


class CasePages:
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    _engine: Engine

    def cases_page(
        self, choice: CaseChoice, now_ms: int, *, sort: CaseSort = CaseSort.OPEN, cursor: str | None = None, limit: int
    ) -> Page[Case]:
        """At most `limit` of the cases that fit, after those of the pages before. Raises OrderRefused for a cursor
        that is none of this order's."""
        last = None if cursor is None else key_of(cursor, f"cases.{sort}", int, *_TYPES[sort])
        where = chosen(choice, now_ms, self._engine.dialect.name)
        if sort is CaseSort.CLOSED and not _are_closed(choice):
            where.append(_is_open(open_=False))
        search = _Search(where=where, sort=sort, only=choice.open, last=last, limit=limit + 1)
        with reading(self._engine) as connection:
            keys = _keys(connection, search)
            shown = [str(key[-1]) for key in keys[:limit]]
            rows = connection.execute(select(t.cases).where(_C.id.in_(shown)))
            cases = {row.id: to_noun(row, Case) for row in rows}
            total = len(keys)
            if cursor is not None or len(keys) > limit:  # else all that fit are on this page
                total = connection.execute(self._count(choice, where)).scalar_one()
        follows = cursor_of(f"cases.{sort}", keys[limit - 1]) if len(keys) > limit else None
        return Page(items=[cases[case_id] for case_id in shown], next=follows, total=int(total))

    def _count(self, choice: CaseChoice, where: Sequence[ColumnElement[bool]]) -> Select[int]:
        """Of a ground alone by `ix_cases_place`, which has nothing else."""
        ground = choice.ground
        if ground is not None and choice == CaseChoice(ground=ground) and len(where) == 1:
            where = [
                lies_in(self._engine.dialect.name, ground, _C.device_id, _C.shop_id, _C.sub_district, one_by_one=True)
            ]
        return select(func.count()).select_from(t.cases).where(*where)

    def cases_by_state(self, choice: CaseChoice, now_ms: int) -> dict[CaseState, int]:
        """How many of the cases that fit are in each state there are some in."""
        where = chosen(choice, now_ms, self._engine.dialect.name)
        with reading(self._engine) as connection:
            rows = connection.execute(select(_C.state, func.count()).where(*where).group_by(_C.state))
            return {CaseState(state): int(n) for state, n in rows}


class _Search(Struct, frozen=True, kw_only=True):
    """What a page is looked for by."""

    where: Sequence[ColumnElement[bool]]
    sort: CaseSort
    only: bool | None
    """The choice's `open`."""
    last: Key | None
    limit: int

    def parts(self) -> list[tuple[int, bool | None]]:
        """Where to look, one after another: among the open ones (0) and the closed ones (1), or among all (0)."""
        parts: list[tuple[int, bool | None]] = [(0, True), (1, False)]
        if self.sort is CaseSort.NEWEST:
            parts = [(0, None)]
        elif self.sort is CaseSort.CLOSED:
            parts = [(1, False)]
        elif self.only is not None:
            parts = [(place, open_) for place, open_ in parts if open_ is self.only]
        return [one for one in parts if self.last is None or one[0] >= int(self.last[0])]

    def severities(self, part: bool | None) -> Sequence[Severity | None]:
        """One after another, the worst first, where an index has each in its order; else all at once (None)."""
        if self.sort is not CaseSort.WORST or part is not False or len(self.where) != (self.only is not None):
            return [None]
        worst_first = tuple(reversed(Severity))
        if self.last is None or self.last[0] == 0:
            return worst_first
        return [one for one in worst_first if -one.rank >= int(self.last[1])]

    def query(self, place: int, part: bool | None, severity: Severity | None) -> Select[*tuple[Any, ...]]:
        """What is ordered by of the cases of a part after the last one, in order."""
        order, downwards, last = _ORDERS[self.sort], self.sort in _DESCENDING, self.last
        query = select(*order).where(*self.where)
        if part is not None and self.only is None:
            query = query.where(_is_open(open_=part))
        if severity is not None:
            query = query.where(_C.severity == severity.value)
        if last is not None and place == last[0] and severity is not None:
            query = query.where(tuple_(*order[1:]) > tuple_(*last[2:])) if -severity.rank == last[1] else query
        elif last is not None and place == last[0]:
            here, there = tuple_(*order), tuple_(*last[1:])
            query = query.where(here < there if downwards else here > there)
        by = order if severity is None else order[1:]
        return query.order_by(*(one.desc() if downwards else one for one in by))


def _keys(connection: Connection, search: _Search) -> list[Key]:
    """The keys of the next cases: of which part they are, then what they are ordered by."""
    found: list[Key] = []
    for place, part in search.parts():
        for severity in search.severities(part):
            query = search.query(place, part, severity).limit(search.limit - len(found))
            found += [(place, *row) for row in connection.execute(query)]
            if len(found) >= search.limit:
                return found
    return found


def chosen(choice: CaseChoice, now_ms: int, dialect: str) -> list[ColumnElement[bool]]:
    """The conditions that a case has to meet."""
    c = _C
    named = (
        (c.state, choice.state and choice.state.value),
        (c.unit, choice.unit),
        (c.matter, choice.matter),
        (c.severity, choice.severity and choice.severity.value),
        (c.sub_district, choice.sub_district),
        (c.handler, choice.handler),
        (c.device_id, choice.device_id),
        (c.shop_id, choice.shop_id),
    )
    where = [column == value for column, value in named if value is not None]
    states = choice.states or frozenset([choice.state] if choice.state else ())
    if choice.states:
        where.append(c.state.in_(sorted(state.value for state in choice.states)))
    if choice.open is not None:
        where.append(_is_open(open_=choice.open))
    elif states and not any(state and state.is_closed for state in states):
        where.append(_is_open(open_=True))  # says so by itself, and the smaller index wants to hear it
    if choice.opened_from_ms is not None:
        where.append(c.opened_ms >= choice.opened_from_ms)
    if choice.opened_to_ms is not None:
        where.append(c.opened_ms < choice.opened_to_ms)
    if choice.overdue is not None:
        missed = c.closed_ms.is_(None) & c.state.in_(sorted(TIME_RUNS_IN)) & (c.due_ms < now_ms)
        late = or_(c.overdue_ms.is_not(None), missed)
        where.append(late if choice.overdue else ~late)
    if choice.text is not None:
        where.append(_told_of(choice, choice.text, dialect))
    if choice.ground is not None:
        where.append(lies_in(dialect, choice.ground, c.device_id, c.shop_id, c.sub_district))
    return where


def _are_closed(choice: CaseChoice) -> bool:
    """Whether its states alone say that all that fit are closed."""
    states = choice.states or {choice.state}
    return all(state is not None and state.is_closed for state in states)


def _told_of(choice: CaseChoice, text: str, dialect: str) -> ColumnElement[bool]:
    # Numbers are digits, and hardly anything else is.
    columns = (_C.id, _C.title_zh, _C.title_en) if text.isdigit() else (_C.title_zh, _C.title_en)
    told = [has_text(dialect, column, text) for column in columns]
    return or_(
        *told, among(dialect, _C.shop_id, choice.named_shops), among(dialect, _C.device_id, choice.named_devices)
    )


def _is_open(*, open_: bool) -> ColumnElement[bool]:
    return _C.closed_ms.is_(None) if open_ else _C.closed_ms.is_not(None)
