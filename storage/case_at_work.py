"""What a transaction of the case store may do about cases that people work on."""

from collections.abc import Collection

from sqlalchemy import select, update

from domain.case import Case, CaseState, LogEntry
from domain.event import BESIDE_STORIES
from domain.notice import NoticeState
from domain.presence import CameraPresence, DevicePresence
from storage import case_tables as t
from storage.case_orders import OrderRows
from storage.case_rows import to_noun


class AtWorkRows(OrderRows):
    """A part of `Transaction`."""

    def merged_case(self, matter: str, *, device_id: str, subject: str | None) -> Case | None:
        """The newest case of a matter, for a whole device or for one subject of it, that was merged into another."""
        c = t.cases.c
        where = [c.device_id == device_id, c.matter == matter, c.duplicate_of.is_not(None)]
        if subject is not None:
            where.append(c.subject == subject)
        newest = select(t.cases).where(*where).order_by(c.opened_ms.desc(), c.id.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return to_noun(row, Case) if row else None

    def cases_merged_into(self, case_id: str) -> list[Case]:
        """Cases that were closed as the same as this one, oldest first."""
        c = t.cases.c
        rows = self._connection.execute(select(t.cases).where(c.duplicate_of == case_id).order_by(c.opened_ms, c.id))
        return [to_noun(row, Case) for row in rows]

    def cases_in(self, states: Collection[CaseState]) -> list[Case]:
        """Open cases in one of these states, the longest there first."""
        c = t.cases.c
        chosen = select(t.cases).where(c.closed_ms.is_(None), c.state.in_([state.value for state in states]))
        return [to_noun(row, Case) for row in self._connection.execute(chosen.order_by(c.state_ms, c.id))]

    def presence(self, device_id: str) -> DevicePresence | CameraPresence | None:
        """When a device, or a camera, was last heard of; None if it never was."""
        device = select(t.device_presence).where(t.device_presence.c.device_id == device_id)
        if row := self._connection.execute(device).first():
            return to_noun(row, DevicePresence)
        camera = select(t.camera_presence).where(t.camera_presence.c.camera_id == device_id)
        row = self._connection.execute(camera).first()
        return to_noun(row, CameraPresence) if row else None

    def last_line(self, case_id: str) -> LogEntry | None:
        """The newest line of a case's own story."""
        own = (t.log.c.case_id == case_id, t.log.c.what.not_in(BESIDE_STORIES))
        newest = select(t.log).where(*own).order_by(t.log.c.id.desc()).limit(1)
        row = self._connection.execute(newest).first()
        return to_noun(row, LogEntry) if row else None

    def withdraw_case_notices(self, case_id: str) -> None:
        """Take back what has not gone out yet about a case."""
        c = t.notices.c
        where = (c.case_id == case_id, c.state == NoticeState.PENDING.value)
        done = self._connection.execute(update(t.notices).where(*where).values(state=NoticeState.WITHDRAWN.value))
        self._changed |= done.rowcount > 0
