"""The case store's side of the platform: what it is to be told, written with each step, and what became of that."""

import threading
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Select, delete, func, literal_column, select, update

from domain.case import Case, LogEntry
from domain.platform import Backlog, EventState, PlatformEvent, Told
from storage import case_tables as t
from storage.case_engine import insert_into, reading, writing
from storage.case_rows import to_noun, to_row

CHANGED: Final = "case_changed"
"""The event of a case that was changed and of which nothing is told in its story."""
# As literals: a database uses the indexes over some rows only where it sees at once which rows are asked for.
_PENDING: Final[ColumnElement[str]] = literal_column("'pending'")
_SENT: Final[ColumnElement[str]] = literal_column("'sent'")
_DEAD: Final[ColumnElement[str]] = literal_column("'dead'")
_CHUNK: Final = 500
_IS_THERE: Final = "platform"
"""The counter that is 1 where whoever serves has a platform: what is done in any process is written for it."""


def steps_of(lines: Iterable[LogEntry], changed: Collection[str]) -> list[tuple[str, LogEntry | None]]:
    """Of one transaction: each step of a case, as the case's id and its line; None where there is no line for it.

    A line is a step if it is named `case_…`, or if the transaction changes its case.
    """
    steps: list[tuple[str, LogEntry | None]] = [
        (line.case_id, line)
        for line in lines
        if line.case_id is not None and (line.what.startswith("case_") or line.case_id in changed)
    ]
    told = {case_id for case_id, _line in steps}
    return steps + [(case_id, None) for case_id in changed if case_id not in told]


def tell(connection: Connection, lines: Sequence[LogEntry], changed: Collection[str]) -> None:
    """Write the events of a transaction, if there is a platform: one for each step, with the case as the transaction
    leaves it."""
    cases: dict[str, Case] = {}
    steps = steps_of(lines, changed)
    if not steps or not _is_there(connection):
        return
    for case_id, line in steps:
        if case_id not in cases:
            row = connection.execute(select(t.cases).where(t.cases.c.id == case_id)).one()
            cases[case_id] = to_noun(row, Case)
        case = cases[case_id]
        at_ms = line.at_ms if line else max((one.at_ms for one in lines), default=case.state_ms)
        event = PlatformEvent(
            id=0,
            key=f"{case_id}/{_next_number(connection, case_id)}",
            case_id=case_id,
            what=line.what if line else CHANGED,
            body=Told(at_ms=at_ms, who=line.who if line else "book", case=case),
            state=EventState.PENDING,
            created_ms=at_ms,
            not_before_ms=at_ms,
        )
        connection.execute(t.platform_events.insert(), to_row(event, numbered=True))


def _is_there(connection: Connection) -> bool:
    asked = select(t.counters.c.value).where(t.counters.c.name == _IS_THERE)
    return bool(connection.execute(asked).scalar_one_or_none())


def _next_number(connection: Connection, case_id: str) -> int:
    insert = insert_into(connection.dialect.name, t.counters)
    up = insert.on_conflict_do_update(index_elements=["name"], set_={"value": t.counters.c.value + 1})
    row = {"name": f"platform/{case_id}", "value": 1}
    return int(connection.execute(up.returning(t.counters.c.value), row).scalar_one())


class PlatformRows:
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    _engine: Engine
    _one_writer: threading.Lock

    def set_platform(self, *, there_is_one: bool) -> None:
        """Whether steps of cases are written for a platform from now on, whichever process takes them."""
        insert = insert_into(self._engine.dialect.name, t.counters)
        says = insert.on_conflict_do_update(index_elements=["name"], set_={"value": int(there_is_one)})
        with self._one_writer, writing(self._engine) as connection:
            connection.execute(says, {"name": _IS_THERE, "value": int(there_is_one)})

    def next_events(self, now_ms: int, limit: int, *, besides: Collection[str] = ()) -> list[PlatformEvent]:
        """The first waiting event of each case whose time has come, the longest due first; not of cases `besides`.

        Nothing of a case is due while what comes before it still waits.
        """
        c = t.platform_events.c
        before = t.platform_events.alias("before")
        earlier = select(before.c.id).where(
            before.c.case_id == c.case_id, before.c.state == _PENDING, before.c.id < c.id
        )
        due = select(t.platform_events).where(c.state == _PENDING, c.not_before_ms <= now_ms, ~earlier.exists())
        if besides:
            due = due.where(c.case_id.not_in(besides))
        return self._events(due.order_by(c.not_before_ms, c.id).limit(limit))

    def mark_event_sent(self, event_id: int, at_ms: int) -> None:
        """The platform has it."""
        self._mark_event(event_id, state=EventState.SENT.value, sent_ms=at_ms, last_error=None)

    def mark_event_failed(self, event_id: int, error: str, not_before_ms: int, *, tried: bool = True) -> None:
        """The platform has not taken it; to be tried again from `not_before_ms`. `tried`: whether that counts."""
        self._mark_event(event_id, tried=tried, last_error=error, not_before_ms=not_before_ms)

    def mark_event_dead(self, event_id: int, error: str, at_ms: int) -> None:
        """The platform refuses it, and it is given up. What follows it in its case goes on."""
        self._mark_event(event_id, state=EventState.DEAD.value, last_error=error, not_before_ms=at_ms)

    def backlog(self) -> Backlog:
        """What has not come through. Costs a look into two small indexes."""
        c = t.platform_events.c
        waiting = select(func.count(), func.min(c.created_ms)).where(c.state == _PENDING)
        given_up = select(func.count(), func.max(c.not_before_ms)).where(c.state == _DEAD)
        with reading(self._engine) as connection:
            pending, oldest_ms = connection.execute(waiting).one()
            dead, died_ms = connection.execute(given_up).one()
        return Backlog(pending=pending, oldest_ms=oldest_ms, dead=dead, died_ms=died_ms)

    def events(self, *, limit: int, state: EventState | None = None, case_id: str = "") -> list[PlatformEvent]:
        """Events in one state or all, of one case or all, newest first."""
        c = t.platform_events.c
        query = select(t.platform_events).order_by(c.id.desc()).limit(limit)
        if state is not None:
            query = query.where(c.state == state.value)
        return self._events(query.where(c.case_id == case_id) if case_id else query)

    def event(self, key: str) -> PlatformEvent | None:
        """One event by its key; None if there is none."""
        found = self._events(select(t.platform_events).where(t.platform_events.c.key == key))
        return found[0] if found else None

    def dead_events(self, keys: Collection[str] = ()) -> list[str]:
        """Keys of what was given up, oldest first: all, or those among `keys`."""
        c = t.platform_events.c
        query = select(c.key).where(c.state == _DEAD).order_by(c.id)
        with reading(self._engine) as connection:
            found = connection.execute(query).scalars().all()
        return [key for key in found if not keys or key in keys]

    def revive_events(self, keys: Sequence[str], now_ms: int) -> int:
        """What was given up goes out again, under its key. Returns how many they are."""
        c, found = t.platform_events.c, 0
        again = update(t.platform_events).values(state=EventState.PENDING.value, not_before_ms=now_ms, attempts=0)
        with self._one_writer, writing(self._engine) as connection:
            for start in range(0, len(keys), _CHUNK):
                some = c.key.in_(keys[start : start + _CHUNK])
                found += connection.execute(again.where(c.state == _DEAD, some)).rowcount
        return found

    def forget_events(self, before_ms: int) -> int:
        """What came through before that is let go; its numbers are never given again. Returns how many they were."""
        c = t.platform_events.c
        old = delete(t.platform_events).where(c.state == _SENT, c.sent_ms < before_ms)
        with self._one_writer, writing(self._engine) as connection:
            return connection.execute(old).rowcount

    def _mark_event(self, event_id: int, *, tried: bool = True, **values: str | int | None) -> None:
        c = t.platform_events.c
        marks = update(t.platform_events).where(c.id == event_id, c.state == _PENDING)
        with self._one_writer, writing(self._engine) as connection:
            connection.execute(marks.values(attempts=c.attempts + int(tried), **values))

    def _events(self, query: Select[Any]) -> list[PlatformEvent]:
        with reading(self._engine) as connection:
            return [to_noun(row, PlatformEvent) for row in connection.execute(query)]
