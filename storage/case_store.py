"""Rule states, presence, alarms, ladders, cases, their log, the outbox and the cursors, in one database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy import case as ranked

from domain.case import Alarm, Case, LogEntry
from domain.event import BESIDE_STORIES
from domain.finding import Severity
from domain.ladder import Ladder, NoticeRight, ReplyKind, ShopReply
from domain.notice import Notice
from domain.order import AlarmOrder
from domain.presence import CameraPresence, DevicePresence
from domain.silence import Silence, SilenceState
from storage import case_tables as t
from storage.case_counts import CountRows
from storage.case_engine import migrate, open_engine, reading, writing
from storage.case_events import EventRows
from storage.case_figures import FigureRows
from storage.case_firings import FiringRows
from storage.case_history import HistoryRows
from storage.case_outbox import OutboxRows
from storage.case_pictures import Uses, known_hashes, picture_uses
from storage.case_platform import PlatformRows
from storage.case_review import ReviewRows
from storage.case_rows import Noun, to_noun
from storage.case_standing import StandingRows
from storage.case_transaction import REVISION, Transaction, reminders


class CaseStore(
    OutboxRows, HistoryRows, PlatformRows, FiringRows, ReviewRows, EventRows, StandingRows, FigureRows, CountRows
):
    """One database for everything that must change together. Any thread may use it; writers take turns.

    Every method may raise StoreUnavailable; nothing of a failed transaction is kept.
    """

    def __init__(self, url: str, *, platform: bool | None = None) -> None:
        """Open it and bring its tables up to date, e.g. `sqlite:////var/lib/longcheng/cases.db`.

        `platform` says from now on, and to every process, whether each step of a case is written for a platform too;
        None leaves that as it is. Raises StoreRefused if a newer version has written there.
        """
        self._engine = open_engine(url)
        self._one_writer = threading.Lock()
        try:
            migrate(self._engine)
            if platform is not None:
                self.set_platform(there_is_one=platform)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Write: committed, durably, at the end of the block; undone by an exception out of it."""
        with self._one_writer, writing(self._engine) as connection:
            tx = Transaction(connection)
            yield tx
            tx.tell_platform()
            tx.touch()

    @contextmanager
    def glance(self) -> Iterator[Transaction]:
        """One moment of the store for whoever asks what a transaction would find. It is read only: nothing waits for
        it, and what it would write is refused or undone."""
        with reading(self._engine) as connection:
            yield Transaction(connection)

    # What the line takes up again after a restart

    def rule_states(self) -> dict[tuple[str, str], bytes]:
        """All rule states by (rule_id, subject)."""
        with reading(self._engine) as connection:
            return {(row.rule_id, row.subject): row.state for row in connection.execute(select(t.rule_states))}

    def presence(self) -> list[DevicePresence | CameraPresence]:
        """When every device and camera that was ever heard of was heard of last."""
        devices = self._all(select(t.device_presence), DevicePresence)
        return [*devices, *self._all(select(t.camera_presence), CameraPresence)]

    def cursor(self, name: str) -> int:
        """How far a reader has come; 0 if it never began."""
        return self._number(select(t.cursors.c.seq).where(t.cursors.c.name == name))

    # What people look at

    def alarms(self, *, open_only: bool, limit: int = 200) -> list[Alarm]:
        """Alarms, newest first; of the open ones the worst first, so that a limit never cuts a critical one."""
        c = t.alarms.c
        if not open_only:
            return self._all(select(t.alarms).order_by(c.id.desc()).limit(limit), Alarm)
        worst_first = ranked({severity.value: rank for rank, severity in enumerate(Severity)}, value=c.severity).desc()
        query = select(t.alarms).where(c.resolved_ms.is_(None)).order_by(worst_first, c.id.desc())
        return self._all(query.limit(limit), Alarm)

    def alarm(self, alarm_id: int) -> Alarm | None:
        """One alarm; None if there is none of this id."""
        found = self._all(select(t.alarms).where(t.alarms.c.id == alarm_id), Alarm)
        return found[0] if found else None

    def has_orders(self) -> bool:
        """Whether any order of a person about an alarm waits to be carried out. Costs one look into an index."""
        c = t.alarm_orders.c
        return self._number(select(c.id).where(c.done_ms.is_(None)).limit(1)) > 0

    def order(self, order_id: int) -> AlarmOrder | None:
        """One order of a person about an alarm; None if there is none of this id."""
        found = self._all(select(t.alarm_orders).where(t.alarm_orders.c.id == order_id), AlarmOrder)
        return found[0] if found else None

    def silences(self, now_ms: int, *, open_only: bool, limit: int = 200) -> list[Silence]:
        """Silences, newest first; the open ones are those planned and those in force."""
        c = t.silences.c
        query = select(t.silences).order_by(c.id.desc()).limit(limit)
        not_over = (c.state != SilenceState.OVER.value, c.ended_ms.is_(None), c.until_ms > now_ms)
        return self._all(query.where(*not_over) if open_only else query, Silence)

    def silence(self, silence_id: int) -> Silence | None:
        """One silence; None if there is none of this id."""
        found = self._all(select(t.silences).where(t.silences.c.id == silence_id), Silence)
        return found[0] if found else None

    def cases(self, *, limit: int = 200) -> list[Case]:
        """Cases: those open before those closed, then newest first."""
        c = t.cases.c
        query = select(t.cases).order_by(c.closed_ms.is_not(None), c.opened_ms.desc(), c.id.desc())
        return self._all(query.limit(limit), Case)

    def case(self, case_id: str) -> Case | None:
        """One case; None if there is none of this id."""
        found = self._all(select(t.cases).where(t.cases.c.id == case_id), Case)
        return found[0] if found else None

    def ladders(self, *, open_only: bool, limit: int = 1000) -> list[Ladder]:
        """Ladders, newest first."""
        query = select(t.ladders).order_by(t.ladders.c.id.desc()).limit(limit)
        return self._all(query.where(t.ladders.c.ended_ms.is_(None)) if open_only else query, Ladder)

    def ladder(self, ladder_id: int) -> Ladder | None:
        """One ladder; None if there is none of this id."""
        found = self._all(select(t.ladders).where(t.ladders.c.id == ladder_id), Ladder)
        return found[0] if found else None

    def replies(
        self, *, ladder_id: int | None = None, undecided_only: bool = False, limit: int = 200
    ) -> list[ShopReply]:
        """What shops said, newest first: on one ladder or on all; only contests that wait for a person, or all."""
        c = t.shop_replies.c
        query = select(t.shop_replies).order_by(c.id.desc()).limit(limit)
        if ladder_id is not None:
            query = query.where(c.ladder_id == ladder_id)
        if undecided_only:
            query = query.where(c.kind == ReplyKind.CONTEST.value, c.decided_ms.is_(None))
        return self._all(query, ShopReply)

    def notice_rights(self) -> list[NoticeRight]:
        """All rights to notices that were ever lost, by matter."""
        return self._all(select(t.notice_rights).order_by(t.notice_rights.c.matter), NoticeRight)

    def told_ladders(self) -> frozenset[int]:
        """Ids of the ladders of which at least one reminder went out."""
        c = t.notices.c
        told = reminders().with_only_columns(c.ladder_id).where(c.sent_ms.is_not(None))
        with reading(self._engine) as connection:
            return frozenset(connection.execute(told.distinct()).scalars())

    def log(
        self, *, alarm_id: int | None = None, ladder_id: int | None = None, case_id: str | None = None
    ) -> list[LogEntry]:
        """One story in the order it was written. A case's has its ladder's and its alarm's lines in it.

        Its notices are no part of it.
        """
        c = t.log.c
        about = []
        if alarm_id is not None:
            about.append(c.alarm_id == alarm_id)
        if ladder_id is not None:
            owner = select(t.ladders.c.alarm_id).where(t.ladders.c.id == ladder_id)
            about += [c.ladder_id == ladder_id, c.alarm_id == owner.scalar_subquery()]
        if case_id is not None:
            owner = select(t.cases.c.alarm_id).where(t.cases.c.id == case_id)
            about += [c.case_id == case_id, c.alarm_id == owner.scalar_subquery()]
        if not about:
            raise TypeError("log() needs alarm_id, ladder_id or case_id")
        return self._all(select(t.log).where(or_(*about), c.what.not_in(BESIDE_STORIES)).order_by(c.id), LogEntry)

    def notices(self, *, limit: int = 200, case_id: str | None = None) -> list[Notice]:
        """Notices in every state, newest first; with `case_id` those of the case and of the ladder before it."""
        c = t.notices.c
        query = select(t.notices).order_by(c.id.desc()).limit(limit)
        if case_id is not None:
            ladder = select(t.cases.c.ladder_id).where(t.cases.c.id == case_id).scalar_subquery()
            query = query.where(or_(c.case_id == case_id, c.ladder_id == ladder))
        return self._all(query, Notice)

    def picture_uses(self) -> Uses:
        """Which pictures anything here refers to, and how that stands."""
        with reading(self._engine) as connection:
            return picture_uses(connection)

    def picture_hashes(self) -> dict[str, str]:
        """The hashes that looks told of their pictures, by name."""
        with reading(self._engine) as connection:
            return known_hashes(connection)

    def revision(self) -> int:
        """A number that changes whenever alarms, ladders, cases, their log or notices do. One row is read."""
        return self._number(select(t.counters.c.value).where(t.counters.c.name == REVISION))

    def _all(self, query: Select[Any], noun: type[Noun]) -> list[Noun]:
        with reading(self._engine) as connection:
            return [to_noun(row, noun) for row in connection.execute(query)]

    def _number(self, query: Select[Any]) -> int:
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar() or 0)
