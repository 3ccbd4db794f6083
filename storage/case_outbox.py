"""The outbox's side of the case store: which notices are due, where they go, and what became of them."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, Select, Update, and_, delete, func, or_, select, update
from sqlalchemy import case as ranked

from domain.case import Alarm, CaseState, CaseStep
from domain.event import LOST, SENT
from domain.notice import Body, Group, Notice, NoticeState
from storage import case_tables as t
from storage.case_engine import reading, writing
from storage.case_notice_lines import tell_of
from storage.case_rows import to_noun, to_row
from storage.case_transaction import Transaction

_PENDING = NoticeState.PENDING.value
_CHUNK = 500


class OutboxRows:
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    _engine: Engine
    _one_writer: threading.Lock

    # What is due

    def due_notices(
        self,
        now_ms: int,
        limit: int,
        *,
        channel: str | None = None,
        besides: Collection[str] = (),
        urgent: bool | None = None,
    ) -> list[Notice]:
        """Pending notices whose time has come and that go out alone, the critical and then the longest due first.

        Of one channel, or of all `besides` some; critical ones only, others only, or all.
        """
        c = t.notices.c
        query = select(t.notices).where(*_due(now_ms, channel), c.digest.is_(None))
        if urgent is not None:
            query = query.where(c.urgent.is_(urgent))
        if besides:
            query = query.where(c.channel.not_in(besides))
        return self._notices(query.order_by(c.urgent.desc(), c.not_before_ms, c.id).limit(limit))

    def due_channels(self, now_ms: int) -> set[str]:
        """The channels on which anything waits whose time has come. Costs a look into one index."""
        query = select(t.notices.c.channel).where(*_due(now_ms, None)).distinct()
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def groups(self, channel: str, now_ms: int, *, urgent: bool) -> list[Group]:
        """What is due on a channel and in no message yet, by address; the longest due first."""
        c = t.notices.c
        oldest = func.min(c.not_before_ms)
        where = (*_due(now_ms, channel), c.digest.is_(None), c.urgent.is_(urgent))
        query = select(c.address, oldest, func.count()).where(*where).group_by(c.address).order_by(oldest)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return [Group(address=address, oldest_ms=oldest_ms, n=n) for address, oldest_ms, n in rows]

    def of_group(self, channel: str, address: str, now_ms: int, limit: int, *, urgent: bool) -> list[Notice]:
        """The notices of a group, the longest due first."""
        c = t.notices.c
        where = (*_due(now_ms, channel), c.digest.is_(None), c.urgent.is_(urgent), c.address == address)
        return self._notices(select(t.notices).where(*where).order_by(c.not_before_ms, c.id).limit(limit))

    def waiting_digests(self, channel: str) -> list[Group]:
        """Digests that have not got through, by the time from which they may be tried; the critical first.

        `n` counts their notices that still wait.
        """
        c = t.notices.c
        first, urgent = func.min(c.not_before_ms), func.max(ranked((c.urgent.is_(True), 1), else_=0))
        query = select(c.address, first, func.count(), c.digest, urgent).where(
            c.state == _PENDING, c.channel == channel, c.digest.is_not(None)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query.group_by(c.digest, c.address)).all()
        found = [Group(address=row[0], oldest_ms=row[1], n=row[2], key=row[3], urgent=bool(row[4])) for row in rows]
        return sorted(found, key=lambda group: (not group.urgent, group.oldest_ms))

    def digest(self, key: str) -> list[Notice]:
        """All notices of a digest, whatever became of them: a repeat says what was said."""
        return self._notices(select(t.notices).where(t.notices.c.digest == key).order_by(t.notices.c.id))

    def last_sent_ms(self, channel: str, address: str) -> int | None:
        """When something that was not critical last went to an address."""
        c = t.notices.c
        query = select(func.max(c.sent_ms)).where(c.channel == channel, c.address == address, c.urgent.is_(False))
        with reading(self._engine) as connection:
            found = connection.execute(query).scalar()
        return None if found is None else int(found)

    def still_pending(self, notice_id: int) -> bool:
        """Whether a notice has neither gone out nor been withdrawn or given up since it was read."""
        c = t.notices.c
        with reading(self._engine) as connection:
            return connection.execute(select(c.id).where(c.id == notice_id, c.state == _PENDING)).first() is not None

    def attempts_since(self, channel: str, since_ms: int) -> list[int]:
        """When a limited provider was used, oldest first."""
        c = t.notice_attempts.c
        query = select(c.at_ms).where(c.channel == channel, c.at_ms > since_ms).order_by(c.at_ms)
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def unanswered(self, now_ms: int) -> list[Alarm]:
        """Alarms of which people were told urgently, that stand, that no silence covers, and that nobody has taken on
        or works on."""
        c = t.alarms.c
        told = select(t.notices.c.id).where(t.notices.c.alarm_id == c.id, t.notices.c.urgent.is_(True)).exists()
        acked = and_(c.acked_ms.is_not(None), or_(c.acked_until_ms.is_(None), c.acked_until_ms > now_ms))
        untouched = [state.value for state in CaseState if state.is_at_work and state.step is not CaseStep.HANDLING]
        worked_on = (
            select(t.cases.c.id)
            .join(t.notices, t.notices.c.case_id == t.cases.c.id)
            .where(t.notices.c.alarm_id == c.id, t.cases.c.state.not_in(untouched))
            .where(t.cases.c.state_ms >= t.notices.c.created_ms)  # what was begun before the word is no answer to it
            .exists()
        )
        query = select(t.alarms).where(c.resolved_ms.is_(None), c.silence_id.is_(None), told, ~acked, ~worked_on)
        with reading(self._engine) as connection:
            return [to_noun(row, Alarm) for row in connection.execute(query.order_by(c.id))]

    def told_of(self, alarm_id: int) -> list[Notice]:
        """Critical notices about an alarm that count, in every state, oldest first."""
        c = t.notices.c
        where = (c.alarm_id == alarm_id, c.urgent.is_(True), c.copy_of.is_(None), c.channel != t.MACHINES)
        return self._notices(select(t.notices).where(*where).order_by(c.id))

    # What becomes of them

    def route(self, found: Sequence[tuple[Notice, Sequence[tuple[str, str]]]]) -> None:
        """Each notice, with the body it has now, goes by the first of its (channel, address) pairs, copies of it by
        the others."""
        with self._one_writer, writing(self._engine) as connection:
            tx = Transaction(connection)
            for notice, ((channel, address), *others) in found:
                c = t.notices.c
                moves = update(t.notices).where(c.id == notice.id, c.state == _PENDING)
                values = {"channel": channel, "address": address, "body": to_row(notice)["body"]}
                if connection.execute(moves.values(values)).rowcount != 1:
                    continue
                for number, (other, to) in enumerate(others, 2):
                    key = f"{notice.key}/{number}"
                    tx.add_notice(replace(notice, key=key, channel=other, address=to, copy_of=notice.id))
            tx.touch(if_changed=False)

    def attempt(self, channel: str, at_ms: int, forget_ms: int) -> None:
        """A limited provider is about to be used; what lies before `forget_ms` is forgotten."""
        c = t.notice_attempts.c
        with self._one_writer, writing(self._engine) as connection:
            connection.execute(delete(t.notice_attempts).where(c.channel == channel, c.at_ms < forget_ms))
            connection.execute(t.notice_attempts.insert(), {"channel": channel, "at_ms": at_ms})

    def claim(self, key: str, ids: Sequence[int]) -> None:
        """These notices go out together from now on, but for those that no longer wait."""
        c = t.notices.c
        with self._one_writer, writing(self._engine) as connection:
            for start in range(0, len(ids), _CHUNK):
                some = c.id.in_(ids[start : start + _CHUNK])
                claims = update(t.notices).where(some, c.state == _PENDING, c.digest.is_(None))
                connection.execute(claims.values(digest=key))

    def put_off(self, notice_id: int, not_before_ms: int) -> None:
        """It was not tried, and is not to be before `not_before_ms`."""
        self._mark(t.notices.c.id == notice_id, not_before_ms=not_before_ms)

    def put_off_digest(self, key: str, not_before_ms: int) -> None:
        """A digest was not tried, and is not to be before `not_before_ms`."""
        self._mark(t.notices.c.digest == key, not_before_ms=not_before_ms)

    def take_apart(self, channel: str, *, urgent: bool) -> None:
        """Messages that were put together on a channel and never tried are no messages any more."""
        c = t.notices.c
        waits = (c.state == _PENDING, c.channel == channel, c.digest.is_not(None), c.urgent.is_(urgent))
        with reading(self._engine) as connection:
            found = connection.execute(
                select(c.digest).where(*waits).group_by(c.digest).having(func.max(c.attempts) == 0)
            )
            keys = [key for key in found.scalars() if not self._tried(connection, key)]
        for key in keys:
            with self._one_writer, writing(self._engine) as connection:
                connection.execute(update(t.notices).where(c.digest == key).values(digest=None))

    def drop_withdrawn(self, key: str) -> None:
        """What was withdrawn is no part of a message that was never tried."""
        c = t.notices.c
        with self._one_writer, writing(self._engine) as connection:
            if not self._tried(connection, key):
                gone = update(t.notices).where(c.digest == key, c.state == NoticeState.WITHDRAWN.value)
                connection.execute(gone.values(digest=None))

    def begin(self, ids: Sequence[int], bodies: Mapping[int, Body]) -> None:
        """These are about to be tried once more, those in `bodies` in these words."""
        c = t.notices.c
        with self._one_writer, writing(self._engine) as connection:
            for start in range(0, len(ids), _CHUNK):
                tried = update(t.notices).where(c.id.in_(ids[start : start + _CHUNK]), c.state == _PENDING)
                connection.execute(tried.values(attempts=c.attempts + 1))
            _reword(connection, bodies)

    def reword(self, bodies: Mapping[int, Body]) -> None:
        """The words of notices, by their ids, until they go out."""
        with self._one_writer, writing(self._engine) as connection:
            _reword(connection, bodies)

    def mark_sent(self, notice_id: int, at_ms: int, receipt: str | None = None) -> None:
        """It went out; so even if it was withdrawn or given up meanwhile."""
        self._sent(t.notices.c.id == notice_id, at_ms, receipt)

    def mark_failed(self, notice_id: int, error: str, not_before_ms: int) -> None:
        """It did not go out; to be tried again from `not_before_ms`."""
        self._mark(t.notices.c.id == notice_id, last_error=error, not_before_ms=not_before_ms)

    def mark_dead(self, notice_id: int, error: str, at_ms: int) -> None:
        """It did not go out and is given up."""
        self._dead(t.notices.c.id == notice_id, error, at_ms)

    def mark_digest_sent(self, key: str, at_ms: int, receipt: str | None = None) -> None:
        """All of it went out."""
        self._sent(t.notices.c.digest == key, at_ms, receipt)

    def mark_digest_failed(self, key: str, error: str, not_before_ms: int) -> None:
        """None of it went out; to be tried again, together, from `not_before_ms`."""
        self._mark(t.notices.c.digest == key, last_error=error, not_before_ms=not_before_ms)

    def mark_digest_dead(self, key: str, error: str, at_ms: int) -> None:
        """None of it went out, and all of it is given up."""
        self._dead(t.notices.c.digest == key, error, at_ms)

    def notices_in(self, state: NoticeState | None, limit: int) -> list[Notice]:
        """Notices in one state, or all, newest first."""
        query = select(t.notices).order_by(t.notices.c.id.desc()).limit(limit)
        return self._notices(query if state is None else query.where(t.notices.c.state == state.value))

    def revive(self, ids: Sequence[int], now_ms: int) -> int:
        """Notices that were given up go out again, those of a digest with all of it. Returns how many they are."""
        c = t.notices.c
        whole = select(c.digest).where(c.id.in_(ids), c.digest.is_not(None))
        again = update(t.notices).where(c.state == NoticeState.DEAD.value, or_(c.id.in_(ids), c.digest.in_(whole)))
        return self._write(again.values(state=_PENDING, not_before_ms=now_ms, attempts=1))

    def deliver(self, keys: Sequence[str], at_ms: int) -> int:
        """Receivers have them, by the keys of notices or of digests, or the provider's ids. Returns how many that is
        news of."""
        c = t.notices.c
        named = or_(c.key.in_(keys), c.digest.in_(keys), c.receipt.in_(keys))
        first = update(t.notices).where(named, c.sent_ms.is_not(None), c.delivered_ms.is_(None))
        return self._write(first.values(delivered_ms=at_ms))

    def _sent(self, which: Any, at_ms: int, receipt: str | None) -> None:
        values = {"state": NoticeState.SENT.value, "sent_ms": at_ms, "last_error": None, "receipt": receipt}
        told = update(t.notices).where(which).values(values)
        first = and_(which, t.notices.c.state != NoticeState.SENT.value)  # a repeat after a crash is no news
        self._write(told, lambda connection: tell_of(connection, first, SENT, at_ms))

    def _dead(self, which: Any, error: str, at_ms: int) -> None:
        waits = and_(which, t.notices.c.state == _PENDING)
        dead = update(t.notices).where(waits).values(state=NoticeState.DEAD.value, last_error=error)
        self._write(dead, lambda connection: tell_of(connection, waits, LOST, at_ms, error))

    def _mark(self, which: Any, **values: str | int | None) -> None:
        self._write(update(t.notices).where(which, t.notices.c.state == _PENDING).values(**values))

    @staticmethod
    def _tried(connection: Connection, key: str) -> bool:
        tries = select(func.max(t.notices.c.attempts)).where(t.notices.c.digest == key)
        return bool(connection.execute(tries).scalar())

    def _write(self, statement: Update, before: Callable[[Connection], None] = lambda _connection: None) -> int:
        with self._one_writer, writing(self._engine) as connection:
            before(connection)
            found = connection.execute(statement).rowcount
            Transaction(connection).touch(if_changed=False)
            return found

    def _notices(self, query: Select[Any]) -> list[Notice]:
        with reading(self._engine) as connection:
            return [to_noun(row, Notice) for row in connection.execute(query)]


def _reword(connection: Connection, bodies: Mapping[int, Body]) -> None:
    c = t.notices.c
    for notice_id, body in bodies.items():
        connection.execute(update(t.notices).where(c.id == notice_id, c.state == _PENDING).values(body=body))


def _due(now_ms: int, channel: str | None) -> tuple[Any, ...]:
    c = t.notices.c
    due = (c.state == _PENDING, c.not_before_ms <= now_ms)
    return due if channel is None else (*due, c.channel == channel)
