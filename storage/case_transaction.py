"""Everything that one transaction of the case store may write."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from msgspec.structs import astuple, replace
from sqlalchemy import Connection, Select, and_, bindparam, delete, func, or_, select, update

from domain.case import Alarm, Case, LogEntry
from domain.finding import Change, Severity
from domain.ladder import Ladder
from domain.notice import Notice, NoticeState
from domain.presence import CameraPresence, DevicePresence
from storage import case_platform
from storage import case_tables as t
from storage.case_engine import insert_into
from storage.case_handling import HandlingRows, case_was_none, with_alarms
from storage.case_rows import to_noun, to_row
from storage.case_upsert import upsert

REVISION = "revision"
_RULE_STATE: Final = ("rule_id", "subject")
_COUNTED: Final = {"preserve_rowcount": True}
"""SQLAlchemy tells how many rows an INSERT made only if it is asked to: with PostgreSQL it is -1 otherwise."""


def reminders() -> Select[Any]:
    """What people were to be told on ladders: neither questions about them, nor commands, nor words about cases."""
    c = t.notices.c
    counted = (c.step.in_(t.REMINDING), c.case_id.is_(None), c.channel != t.MACHINES, c.copy_of.is_(None))
    return select(t.notices).where(c.ladder_id.is_not(None), *counted)


class Transaction(HandlingRows):
    """One transaction: all of it is kept, or nothing. Rows it wrote are seen by its own reads.

    `id`s of what is added are given by the store; the argument's are ignored.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._dialect = connection.dialect.name
        self._lines: list[LogEntry] = []

    # What the line keeps beside the book

    def save_rule_states(self, states: Mapping[tuple[str, str], bytes | None]) -> None:
        """Keep rule states by (rule_id, subject); None forgets one."""
        kept = [(*key, state) for key, state in states.items() if state is not None]
        upsert(self._connection, t.rule_states, kept)
        gone = [dict(zip(_RULE_STATE, key, strict=True)) for key, state in states.items() if state is None]
        if gone:
            # One row each by its key: for a list of pairs SQLite looks at every row of the table.
            c = t.rule_states.c
            forget = delete(t.rule_states).where(*(c[name] == bindparam(name) for name in _RULE_STATE))
            self._connection.execute(forget, gone)

    def save_presence(self, presence: Collection[DevicePresence | CameraPresence]) -> None:
        """Keep when devices and cameras were last heard of."""
        devices = {one.device_id: astuple(one) for one in presence if isinstance(one, DevicePresence)}
        cameras = {one.camera_id: astuple(one) for one in presence if isinstance(one, CameraPresence)}
        upsert(self._connection, t.device_presence, list(devices.values()))
        upsert(self._connection, t.camera_presence, list(cameras.values()))

    def advance(self, name: str, seq: int) -> None:
        """Move a cursor forward; never back."""
        insert = insert_into(self._dialect, t.cursors)
        ahead = t.cursors.c.seq < insert.excluded.seq
        statement = insert.on_conflict_do_update(
            index_elements=["name"], set_={"seq": insert.excluded.seq}, where=ahead
        )
        self._connection.execute(statement, {"name": name, "seq": seq})

    # Alarms

    def first_time(self, rule_id: str, subject: str, change: Change, at_ms: int) -> bool:
        """Remember that an alarm changed; False if just this change has been recorded before."""
        statement = insert_into(self._dialect, t.alarm_changes).on_conflict_do_nothing()
        row = {"rule_id": rule_id, "subject": subject, "change": change.value, "at_ms": at_ms}
        return self._connection.execute(statement.execution_options(**_COUNTED), row).rowcount == 1

    def open_alarm(self, rule_id: str, subject: str) -> Alarm | None:
        """The alarm of this identity that has not been resolved."""
        c = t.alarms.c
        row = self._connection.execute(
            select(t.alarms).where(c.rule_id == rule_id, c.subject == subject, c.resolved_ms.is_(None))
        ).first()
        return to_noun(row, Alarm) if row else None

    def open_alarms(self, matter: str, policy: str, *, device_id: str, subject: str | None) -> int:
        """How many alarms of a matter and policy are not resolved, for a whole device or one subject of it."""
        c = t.alarms.c
        where = [c.device_id == device_id, c.matter == matter, c.policy == str(policy), c.resolved_ms.is_(None)]
        if subject is not None:
            where.append(c.subject == subject)
        return self._connection.execute(select(func.count()).select_from(t.alarms).where(*where)).scalar_one()

    def add_alarm(self, alarm: Alarm) -> Alarm:
        """Keep a new alarm; returns it with its id."""
        return replace(alarm, id=self._add(t.alarms, to_row(alarm, numbered=True)))

    def save_alarm(self, alarm: Alarm) -> None:
        """Replace an alarm by its newer self."""
        self._save(t.alarms, to_row(alarm))

    # Ladders

    def open_ladder(self, alarm_id: int) -> Ladder | None:
        """The ladder of an alarm, if it has not ended."""
        c = t.ladders.c
        row = self._connection.execute(select(t.ladders).where(c.alarm_id == alarm_id, c.ended_ms.is_(None))).first()
        return to_noun(row, Ladder) if row else None

    def ladders_due(self, now_ms: int, asked_before_ms: int) -> list[tuple[Ladder, Alarm]]:
        """Open ladders whose re-check is due and for which no look was asked since `asked_before_ms`; oldest first.

        Those with a reminder that still waits to go out are not among them, nor those that the shop contests.
        """
        c = t.ladders.c
        asked_long_ago = or_(c.asked_ms.is_(None), c.asked_ms <= asked_before_ms, c.asked_ms < c.recheck_ms)
        waits = reminders().where(t.notices.c.ladder_id == c.id, t.notices.c.state == NoticeState.PENDING.value)
        due = (c.ended_ms.is_(None), c.contested_ms.is_(None), c.recheck_ms <= now_ms)
        query = with_alarms().where(*due, asked_long_ago, ~waits.exists())
        return self._with_alarms(query.order_by(c.recheck_ms, c.id))

    def episodes(self, matter: str, *, shop_id: str | None, subject: str, since_ms: int) -> int:
        """How many finds of a matter began after `since_ms`: of the shop or, where no shop answers, the subject.

        Not those that a person has said are none.
        """
        c = t.ladders.c
        count = select(func.count()).select_from(t.ladders).where(c.step.in_(t.FOUND), ~case_was_none())
        whose = c.shop_id == shop_id if shop_id is not None else and_(c.shop_id.is_(None), c.subject == subject)
        return self._connection.execute(count.where(c.matter == matter, c.started_ms > since_ms, whose)).scalar_one()

    def add_ladder(self, ladder: Ladder) -> Ladder:
        """Keep a new ladder; returns it with its id."""
        return replace(ladder, id=self._add(t.ladders, to_row(ladder, numbered=True)))

    def save_ladder(self, ladder: Ladder) -> None:
        """Replace a ladder by its newer self."""
        self._save(t.ladders, to_row(ladder))

    # Cases

    def next_case_number(self, day: str) -> int:
        """The next running number of a day, from 1. One given is never given again."""
        return self._count_up(f"case-number/{day}")

    def open_case(self, matter: str, *, device_id: str, subject: str | None) -> Case | None:
        """The oldest case of a matter that is not closed, for a whole device or for one subject of it."""
        c = t.cases.c
        where = [c.device_id == device_id, c.matter == matter, c.closed_ms.is_(None)]
        if subject is not None:
            where.append(c.subject == subject)
        row = self._connection.execute(select(t.cases).where(*where).order_by(c.opened_ms, c.id).limit(1)).first()
        return to_noun(row, Case) if row else None

    # Log and outbox

    def append_log(self, entry: LogEntry) -> None:
        """Write a line of a story."""
        self._lines.append(entry)
        self._add(t.log, to_row(entry, numbered=True))

    def add_notice(self, notice: Notice) -> bool:
        """Put a notice into the outbox; False, and nothing is done, if one with its key has been there before."""
        notice = replace(notice, urgent=notice.urgent or notice.body.get("severity") == Severity.CRITICAL.value)
        statement = insert_into(self._dialect, t.notices).on_conflict_do_nothing(index_elements=["key"])
        statement = statement.execution_options(**_COUNTED)
        added = self._connection.execute(statement, to_row(notice, numbered=True)).rowcount == 1
        self._changed |= added
        return added

    def was_told(self, alarm_id: int, step: str) -> bool:
        """Whether a notice of this step was written about an alarm, whatever became of it."""
        c = t.notices.c
        query = select(func.count()).select_from(t.notices).where(c.alarm_id == alarm_id, c.step == step)
        return bool(self._connection.execute(query).scalar_one())

    def reminders(self, ladder_id: int) -> list[Notice]:
        """What people were to be told on a ladder, in every state, oldest first; not the word about its case."""
        c = t.notices.c
        rows = self._connection.execute(reminders().where(c.ladder_id == ladder_id).order_by(c.id)).all()
        return [to_noun(row, Notice) for row in rows]

    def withdraw_notices(self, ladder_id: int, *, channel: str | None = None) -> None:
        """Take back what has not gone out yet of a ladder's notices, on one channel or on all."""
        c = t.notices.c
        where = [c.ladder_id == ladder_id, c.state == NoticeState.PENDING.value]
        if channel is not None:
            where.append(c.channel == channel)
        done = self._connection.execute(update(t.notices).where(*where).values(state=NoticeState.WITHDRAWN.value))
        self._changed |= done.rowcount > 0

    # Within the store

    def tell_platform(self) -> None:
        """Write what the platform is to be told of this transaction. Once, at its end."""
        case_platform.tell(self._connection, self._lines, self._cases)

    def touch(self, *, if_changed: bool = True) -> None:
        """Count the revision up, by default only if something that people see was written."""
        if self._changed or not if_changed:
            self._count_up(REVISION)

    def _count_up(self, name: str) -> int:
        insert = insert_into(self._dialect, t.counters)
        statement = insert.on_conflict_do_update(
            index_elements=["name"], set_={"value": t.counters.c.value + 1}
        ).returning(t.counters.c.value)
        return int(self._connection.execute(statement, {"name": name, "value": 1}).scalar_one())
