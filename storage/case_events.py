"""The log of the whole city, newest first or from where somebody stopped reading."""

from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, Text, and_, func, or_, select, type_coerce

from domain.case import SERVICE, LogEntry
from domain.event import OF_LETTERS, OF_NOTICES, OF_SILENCES, Event, EventChoice, EventKind, EventPage, kind_of
from domain.finding import Severity
from domain.ground import Ground
from domain.notice import NoticeState
from domain.silence import Silence
from storage import case_tables as t
from storage.case_engine import reading
from storage.case_ground import lies_in
from storage.case_rows import part_of, to_noun

REACH: Final = 100_000
"""So many lines are looked through at once for what is rare; whoever wants more goes on from there."""
_LOG, _ALARM, _CASE = t.log.c, t.alarms.c, t.cases.c
_FACTS: Final = type_coerce(t.log.c.facts, Text)
"""As written: compact JSON, in which a quotation mark within a text is escaped."""


class EventRows:
    """A part of `CaseStore`. Every method may raise StoreUnavailable."""

    _engine: Engine

    def happened(
        self, choice: EventChoice, *, limit: int, before: int | None = None, ground: Ground | None = None
    ) -> EventPage:
        """At most `limit` events with ids below `before`, newest first, among the next `REACH` lines of the log.

        `ground` is that of the sub-districts that the choice names. Silences are told there, too, if they may cover
        anything there.
        """
        with reading(self._engine) as connection:
            top = _top(connection, choice, before)
            floor = max(top - REACH, 1)
            query = _chosen(choice, ground, connection.dialect.name).where(_LOG.id < top, _LOG.id >= floor)
            rows = connection.execute(query.order_by(_LOG.id.desc()).limit(limit)).all()
            found = [_event(row) for row in rows]
            theirs = _without_silences_elsewhere(connection, found, ground)
        older = found[-1].line.id if len(found) == limit else floor
        return EventPage(events=tuple(theirs), older=older if older > 1 else None)

    def happened_since(
        self, choice: EventChoice, *, after: int, limit: int, ground: Ground | None = None
    ) -> tuple[list[Event], int]:
        """At most `limit` events with ids above `after`, oldest first, and up to which id that is all there is."""
        with reading(self._engine) as connection:
            newest = _newest(connection)
            end = min(newest, after + REACH)
            query = _chosen(choice, ground, connection.dialect.name).where(_LOG.id > after, _LOG.id <= end)
            found = [_event(row) for row in connection.execute(query.order_by(_LOG.id).limit(limit))]
            theirs = _without_silences_elsewhere(connection, found, ground)
        return theirs, found[-1].line.id if len(found) == limit else max(after, end)

    def oldest_due_ms(self, now_ms: int) -> int | None:
        """From when the longest waiting notice could have gone out; None: none is due."""
        c = t.notices.c
        due = (c.state == NoticeState.PENDING.value, c.channel != t.MACHINES, c.not_before_ms <= now_ms)
        with reading(self._engine) as connection:
            found = connection.execute(select(func.min(c.not_before_ms)).where(*due)).scalar()
        return None if found is None else int(found)

    def newest_line(self) -> int:
        """The id of the newest line of the log; 0 if there is none."""
        with reading(self._engine) as connection:
            return _newest(connection)


def _newest(connection: Connection) -> int:
    return int(connection.execute(select(func.max(_LOG.id))).scalar() or 0)


def _top(connection: Connection, choice: EventChoice, before: int | None) -> int:
    """Below which id to look."""
    top = before if before is not None else _newest(connection) + 1
    return top if choice.until_ms is None else min(top, _first_since(connection, choice.until_ms, top))


def _first_since(connection: Connection, at_ms: int, top: int) -> int:
    """The first id written at this time or later. Lines are written in the order of their times, so halving finds it
    by twenty looks at the key, and no index of times is kept for this alone."""
    low, high = 1, top
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            select(_LOG.id, _LOG.at_ms).where(_LOG.id >= middle, _LOG.id < high).order_by(_LOG.id).limit(1)
        ).first()
        if row is None or row[1] >= at_ms:
            high = middle
        else:
            low = row[0] + 1
    return low


def _chosen(choice: EventChoice, ground: Ground | None, dialect: str) -> Select[Any]:
    alarms = t.log.outerjoin(t.alarms, t.alarms.c.id == _LOG.alarm_id)
    query = select(
        t.log,
        _ALARM.kind.label("alarm_kind"),
        _ALARM.zone,
        _ALARM.device_id,
        _ALARM.shop_id,
        _ALARM.port,
        _ALARM.subject,
        _CASE.sub_district,
    ).select_from(alarms.outerjoin(t.cases, t.cases.c.id == _LOG.case_id))
    if choice.kinds:
        query = query.where(or_(*(_of_kind(kind) for kind in choice.kinds)))
    if choice.severity is not None:
        query = query.where(_FACTS.contains(f'"severity":"{choice.severity.value}"', autoescape=True))
    if choice.text:
        query = query.where(_says(choice.text))
    if ground is None:
        return query
    placed = lies_in(dialect, ground, _ALARM.device_id, _ALARM.shop_id, _CASE.sub_district)
    return query.where(or_(placed, _LOG.what.in_(OF_SILENCES)))


def _without_silences_elsewhere(connection: Connection, found: list[Event], ground: Ground | None) -> list[Event]:
    """What a silence covers is said in patterns, which no index knows; so a page can be short of a few."""
    ids = {_silence_id(one) for one in found if one.line.what in OF_SILENCES}
    if ground is None or not ids:
        return found
    rows = connection.execute(select(t.silences).where(t.silences.c.id.in_(ids)))
    here = {silence.id for silence in (to_noun(row, Silence) for row in rows) if silence.reaches(ground)}
    return [one for one in found if one.line.what not in OF_SILENCES or _silence_id(one) in here]


def _silence_id(event: Event) -> int:
    return int(event.line.facts.get("silence_id") or 0)


def _of_kind(kind: EventKind) -> ColumnElement[bool]:
    """The same as `kind_of`, in SQL."""
    case, alarm = _LOG.what.startswith("case_", autoescape=True), _LOG.what.startswith("alarm_", autoescape=True)
    service = and_(_ALARM.kind.is_not(None), _ALARM.kind == SERVICE, _LOG.what.not_in(OF_SILENCES))
    view = and_(alarm, _ALARM.kind.is_not(None), _ALARM.kind == "camera", _ALARM.zone.is_(None))
    ours = or_(_LOG.what.in_(OF_LETTERS), service)
    notice, silence = _LOG.what.in_(OF_NOTICES), _LOG.what.in_(OF_SILENCES)
    match kind:
        case EventKind.NOTICE:
            return notice
        case EventKind.PRODUCT:
            return and_(ours, ~notice)
        case EventKind.CASE:
            return and_(case, ~service)
        case EventKind.CAMERA:
            return view
        case EventKind.ALARM:
            return or_(silence, and_(alarm, ~service, ~view))
        case EventKind.SHOP:
            return ~or_(case, alarm, ours, notice, silence)


def _says(text: str) -> ColumnElement[bool]:
    written = msgspec.json.encode(text).decode()[1:-1]
    return or_(
        func.lower(_FACTS).contains(written.lower(), autoescape=True),
        func.lower(_LOG.who).contains(text.lower(), autoescape=True),
        _LOG.case_id.contains(text, autoescape=True),
        func.lower(_ALARM.subject).contains(text.lower(), autoescape=True),
    )


def _event(row: Row[Any]) -> Event:
    line, found = part_of(row, t.log, LogEntry), row._mapping
    told, case_id = line.facts.get("severity"), line.case_id or line.facts.get("case_id")
    return Event(
        line=line,
        kind=kind_of(line.what, found["alarm_kind"], found["zone"]),
        severity=Severity(str(told)) if told in set(Severity) else None,
        device_id=found["device_id"],
        shop_id=found["shop_id"],
        port=found["port"],
        subject=found["subject"],
        sub_district=found["sub_district"],
        case_id=None if case_id is None else str(case_id),
    )
