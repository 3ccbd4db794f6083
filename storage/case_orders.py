"""What a transaction of the case store may do about people's orders: those about one alarm, and silences."""

from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Table, bindparam, or_, select, update

from domain.case import Alarm
from domain.notice import NoticeState
from domain.order import AlarmOrder
from domain.silence import Silence, SilenceState
from storage import case_tables as t
from storage.case_rows import to_noun, to_row


class OrderRows:
    """A part of `Transaction`, with how it writes single rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changed = False

    # Orders about one alarm

    def add_order(self, order: AlarmOrder) -> AlarmOrder:
        """Keep an order until it is carried out; returns it with its id."""
        return replace(order, id=self._add(t.alarm_orders, to_row(order, numbered=True)))

    def save_order(self, order: AlarmOrder) -> None:
        """Replace an order by its newer self."""
        self._save(t.alarm_orders, to_row(order))

    def waiting_orders(self) -> list[AlarmOrder]:
        """Those not carried out yet, in the order in which they were given."""
        c = t.alarm_orders.c
        rows = self._connection.execute(select(t.alarm_orders).where(c.done_ms.is_(None)).order_by(c.id))
        return [to_noun(row, AlarmOrder) for row in rows]

    # Silences

    def add_silence(self, silence: Silence) -> Silence:
        """Keep a new silence; returns it with its id."""
        return replace(silence, id=self._add(t.silences, to_row(silence, numbered=True)))

    def save_silence(self, silence: Silence) -> None:
        """Replace a silence by its newer self."""
        self._save(t.silences, to_row(silence))

    def end_silence(self, silence_id: int, who: str, now_ms: int) -> bool:
        """A person ends it before its time; False if there is none, or it is over already."""
        c = t.silences.c
        ends = update(t.silences).where(
            c.id == silence_id, c.ended_ms.is_(None), c.until_ms > now_ms, c.state != SilenceState.OVER.value
        )
        ended = self._connection.execute(ends.values(ended_ms=now_ms, ended_by=who)).rowcount == 1
        self._changed |= ended
        return ended

    def silences_held(self, now_ms: int) -> list[Silence]:
        """Those in force by the clock; the one that lasts longest first."""
        c = t.silences.c
        query = select(t.silences).where(
            c.state != SilenceState.OVER.value, c.ended_ms.is_(None), c.from_ms <= now_ms, c.until_ms > now_ms
        )
        rows = self._connection.execute(query.order_by(c.until_ms.desc(), c.id))
        return [to_noun(row, Silence) for row in rows]

    def silences_due(self, now_ms: int) -> list[Silence]:
        """Those whose beginning or end is due and has not been carried out, oldest first."""
        c = t.silences.c
        begins = (c.state == SilenceState.PLANNED.value) & (c.from_ms <= now_ms)
        ends = or_(c.ended_ms.is_not(None), c.until_ms <= now_ms)
        query = select(t.silences).where(c.state != SilenceState.OVER.value, or_(begins, ends)).order_by(c.id)
        return [to_noun(row, Silence) for row in self._connection.execute(query)]

    # What they are about

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm, open or not; None if there is none of this id."""
        row = self._connection.execute(select(t.alarms).where(t.alarms.c.id == alarm_id)).first()
        return to_noun(row, Alarm) if row else None

    def every_open_alarm(self) -> list[Alarm]:
        """All that have not been resolved, oldest first."""
        c = t.alarms.c
        rows = self._connection.execute(select(t.alarms).where(c.resolved_ms.is_(None)).order_by(c.id))
        return [to_noun(row, Alarm) for row in rows]

    def alarms_silenced_by(self, silence_id: int) -> list[Alarm]:
        """Open alarms that this silence covers, oldest first."""
        c = t.alarms.c
        query = select(t.alarms).where(c.silence_id == silence_id, c.resolved_ms.is_(None)).order_by(c.id)
        return [to_noun(row, Alarm) for row in self._connection.execute(query)]

    def put_off_notices(self, alarm_id: int, until_ms: int) -> None:
        """What has not gone out yet about an alarm waits until then at least. Commands to machines do not."""
        self._reschedule(alarm_id, t.notices.c.not_before_ms < until_ms, until_ms)

    def bring_forward_notices(self, alarm_id: int, now_ms: int) -> None:
        """What still waits to go out about an alarm may do so now."""
        self._reschedule(alarm_id, t.notices.c.not_before_ms > now_ms, now_ms)

    def _reschedule(self, alarm_id: int, which: Any, at_ms: int) -> None:
        c = t.notices.c
        waiting = (c.alarm_id == alarm_id) & (c.state == NoticeState.PENDING.value) & (c.channel != t.MACHINES)
        moved = self._connection.execute(update(t.notices).where(waiting, which).values(not_before_ms=at_ms))
        self._changed |= moved.rowcount > 0

    # Single rows

    def _add(self, table: Table, row: dict[str, Any]) -> int:
        self._changed = True
        key = self._connection.execute(table.insert(), row).inserted_primary_key
        return int(key[0]) if key else 0

    def _save(self, table: Table, row: dict[str, Any]) -> None:
        self._changed = True
        key = row.pop("id")
        self._connection.execute(update(table).where(table.c.id == bindparam("row_id")), row | {"row_id": key})
