"""The reads, each a plain function from what was asked to what is answered. The list at the end is the API."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, Generic, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from config.load import Site
from config.schema import duration_s
from console.access.caller import Caller
from console.access.gate import caller_of
from console.access.registry import Registry
from console.api import answers as out
from console.api import asks
from console.api.overview import kpi_out, overview_out
from console.api.rows import Rows
from console.api.shapes import DeadLetterOut, Out
from console.city import cameras_now, devices_now, worst_first
from console.desk import Desk
from console.keys import CLOCK, REGISTRY
from console.packing import IN_A_THREAD_BYTES, packed
from console.scope import desk_of, site_of
from domain.case_choice import CaseChoice
from domain.clock import epoch_ms
from domain.ladder import LadderStep
from domain.point import Aggregate

_DAY_MS = 86_400_000
_RAW_DAYS = 7
_WINDOWS = 10_000
_EVERY = 1_000_000

Question = TypeVar("Question", bound=asks.Ask)


class Room(Struct, frozen=True, kw_only=True):
    """Where a question is answered: the desk, the site, the moment."""

    desk: Desk
    site: Site
    now_ms: int
    case_id: str = ""
    """The case that the path of a write names."""
    version: int | None = None
    """The version of it that the person saw."""
    caller: Caller
    registry: Registry | None = None
    """None where there are no accounts."""

    @property
    def rows(self) -> Rows:
        """Nouns to answers."""
        return Rows(self.site, self.now_ms)


class Read(Struct, Generic[Question], frozen=True, kw_only=True):
    """One read. `answer` blocks and runs in a thread; what it returns is a `shape`."""

    path: str
    ask: type[Question]
    answer: Callable[[Room, Question], Out]
    shape: type[Out]

    @property
    def summary(self) -> str:
        """What it answers, for the OpenAPI document."""
        return (self.answer.__doc__ or "").strip()


def room_of(request: web.Request) -> Room:
    """The room of whoever asks."""
    return Room(
        desk=desk_of(request),
        site=site_of(request),
        now_ms=request.app[CLOCK].now_ms(),
        caller=caller_of(request),
        registry=request.app.get(REGISTRY),
    )


def handler(read: Read[Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A read as an HTTP handler."""

    async def answer(request: web.Request) -> web.Response:
        try:
            question = msgspec.convert({**request.query, **request.match_info}, read.ask, strict=False)
        except msgspec.ValidationError as wrong:
            raise web.HTTPBadRequest(text=f"{request.path_qs}: {wrong}") from None
        room = room_of(request)
        body, tag = await asyncio.to_thread(lambda: _answered(read, room, question))
        seen = request.headers.get("If-None-Match", "").removeprefix("W/")
        if seen and seen == tag.get("ETag") and "case_id" not in request.match_info:  # a story grows without a version
            return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=tag)
        told = web.Response(
            body=body, headers=tag, content_type="application/json", zlib_executor_size=IN_A_THREAD_BYTES
        )
        return packed(told)

    return answer


def _answered(read: Read[Any], room: Room, question: asks.Ask) -> tuple[bytes, dict[str, str]]:
    """The body, and the tag of what has one: of one case its version."""
    answer = read.answer(room, question)
    tag = str(answer.case.version) if isinstance(answer, out.CaseStoryOut) else answer.etag
    return msgspec.json.encode(answer), {"ETag": f'"{tag}"'} if tag else {}


def overview(room: Room, _ask: asks.Ask) -> out.OverviewOut:
    """The city's state in figures."""
    return overview_out(room.desk, room.site, room.now_ms)


def kpi(room: Room, _ask: asks.Ask) -> out.KpiOut:
    """Self-correction, cases and notices so far."""
    return kpi_out(room.desk, room.site, room.now_ms)


def alarms(room: Room, ask: asks.AskOpen) -> out.AlarmsOut:
    """Alarms, worst first, those that are silenced last."""
    found, counts, rows = room.desk.alarms(open_only=ask.open, limit=ask.limit), room.desk.counts(), room.rows
    total = counts.alarms_open if ask.open else counts.alarms_total
    return out.AlarmsOut(items=[rows.alarm(alarm) for alarm in worst_first(found, room.now_ms)], total=total)


def alarm(room: Room, ask: asks.AskAlarm) -> out.AlarmStoryOut:
    """One alarm, open or not, with its whole story."""
    found, rows = room.desk.alarm(ask.id), room.rows
    if found is None:
        raise web.HTTPNotFound(text=f"there is no alarm {ask.id}")
    return out.AlarmStoryOut(
        alarm=rows.alarm(found), story=[rows.line(entry) for entry in room.desk.log(alarm_id=ask.id)]
    )


def silences(room: Room, ask: asks.AskOpen) -> out.SilencesOut:
    """Silences that people have ordered: whom they cover, whose they are, why, and until when."""
    rows, found = room.rows, room.desk.silences(open_only=ask.open, limit=ask.limit)
    return out.SilencesOut(items=[rows.silence(silence) for silence in found])


def cases(room: Room, ask: asks.AskCases) -> out.CasesOut:
    """Cases, open ones first; all, or those that fit what is named."""
    choice = CaseChoice(state=ask.state, unit=ask.unit, matter=ask.matter, overdue=ask.overdue, open=ask.open)
    found, total = room.desk.cases_chosen(choice, limit=ask.limit)
    return out.CasesOut(items=[room.rows.case(case) for case in found], total=total)


def case(room: Room, ask: asks.AskCase) -> out.CaseStoryOut:
    """One case with its whole story."""
    found, rows = room.desk.case(ask.case_id), room.rows
    if found is None:
        raise web.HTTPNotFound(text=f"there is no case {ask.case_id!r}")
    return out.CaseStoryOut(
        case=rows.case(found), story=[rows.line(entry) for entry in room.desk.log(case_id=ask.case_id)]
    )


def ladders(room: Room, ask: asks.AskLadders) -> out.LaddersOut:
    """Shops being asked to correct something, what waits for a person before that, and how earlier ones ended."""
    waits = ask.waiting is not None
    found = room.desk.ladders(open_only=ask.open or waits, limit=_EVERY if waits else ask.limit)
    if ask.waiting == "confirm":
        found = [ladder for ladder in found if ladder.step is LadderStep.CONFIRM]
    elif ask.waiting == "contest":
        found = [ladder for ladder in found if ladder.contested_ms is not None]
    return out.LaddersOut(items=[room.rows.ladder(ladder) for ladder in found[: ask.limit]])


def cameras(room: Room, ask: asks.AskCameras) -> out.CamerasOut:
    """Cameras by the health of their views, those that cannot see first."""
    found = cameras_now(room.desk.cameras(), room.site, room.now_ms)
    items = [room.rows.camera(now) for now in found if ask.view in {None, now.view}]
    return out.CamerasOut(items=items, total=len(items))


def devices(room: Room, ask: asks.AskDevices) -> out.DevicesOut:
    """Devices, those out of reach first."""
    found = devices_now(room.desk.devices(), room.site, room.now_ms)
    items = [room.rows.device(now) for now in found if ask.kind in {None, now.device.kind}]
    return out.DevicesOut(items=items, total=len(items))


def deadletters(room: Room, ask: asks.AskLetters) -> out.DeadLettersOut:
    """Messages, or parts of them, that could not be used."""
    rows, desk = room.rows, room.desk
    found = desk.deadletters(limit=ask.limit, before_id=ask.before_id, reason=ask.reason, topic_contains=ask.topic)
    total = desk.deadletter_count(reason=ask.reason, topic_contains=ask.topic)
    return out.DeadLettersOut(items=[rows.dead_letter(letter) for letter in found], total=total)


def deadletter(room: Room, ask: asks.AskLetter) -> DeadLetterOut:
    """One message, or part of one, that could not be used."""
    found = room.desk.deadletter(ask.id)
    if found is None:
        raise web.HTTPNotFound(text=f"there is no dead letter {ask.id}")
    return room.rows.dead_letter(found)


def notices(room: Room, ask: asks.AskNotices) -> out.NoticesOut:
    """Messages to people and machines, and whether they got through."""
    rows, found = room.rows, room.desk.notices(limit=ask.limit, case_id=ask.case_id)
    return out.NoticesOut(items=[rows.notice(notice) for notice in found])


def _known(room: Room, ask: asks.AskReadings) -> None:
    """Refuses a device or a port that the register doesn't have."""
    device = room.site.devices.get(ask.device_id)
    if device is None or device.kind != ask.kind:
        raise web.HTTPNotFound(text=f"there is no device {ask.device_id!r} of the kind {ask.kind!r}")
    if ask.port is not None and ask.port > device.ports:
        raise web.HTTPNotFound(text=f"{ask.device_id!r} has {device.ports} ports; there is no port {ask.port}")


def latest(room: Room, ask: asks.AskReadings) -> out.ReadingsOut:
    """The newest stored values of a device, or of one port of it."""
    _known(room, ask)
    rows, metrics = room.rows, room.site.metrics
    found = {
        name: out.LatestOut(at=rows.at(at_ms), value=value, unit=metrics[name].unit if name in metrics else None)
        for name, (at_ms, value) in room.desk.latest(ask.kind, ask.device_id, ask.port).items()
    }
    return out.ReadingsOut(kind=ask.kind, device_id=ask.device_id, port=ask.port, metrics=found)


def series(room: Room, ask: asks.AskSeries) -> out.SeriesOut:
    """One metric over time: every stored value, or a figure for each window."""
    _known(room, ask)
    stop_ms = room.now_ms if ask.to is None else epoch_ms(ask.to)
    start_ms = stop_ms - _DAY_MS if ask.since is None else epoch_ms(ask.since)
    every_ms = None if ask.every is None else round(duration_s(ask.every) * 1000)
    _bounded(start_ms, stop_ms, every_ms)
    found = room.desk.series(
        ask.kind,
        ask.device_id,
        ask.port,
        ask.metric,
        start_ms=start_ms,
        stop_ms=stop_ms,
        every_ms=every_ms,
        aggregate=Aggregate(ask.aggregate),
    )
    rows, metrics = room.rows, room.site.metrics
    return out.SeriesOut(
        kind=ask.kind,
        device_id=ask.device_id,
        port=ask.port,
        metric=ask.metric,
        unit=metrics[ask.metric].unit if ask.metric in metrics else None,
        every_s=None if every_ms is None else every_ms / 1000,
        aggregate=None if every_ms is None else ask.aggregate,
        points=[out.SeriesPointOut(at=rows.at(at_ms), value=value) for at_ms, value in found],
    )


def _bounded(start_ms: int, stop_ms: int, every_ms: int | None) -> None:
    if start_ms >= stop_ms:
        raise web.HTTPBadRequest(text="from is not before to")
    if every_ms is None and stop_ms - start_ms > _RAW_DAYS * _DAY_MS:
        raise web.HTTPBadRequest(text=f"without every, at most {_RAW_DAYS} days lie between from and to")
    if every_ms is not None and (stop_ms - start_ms) / every_ms > _WINDOWS:
        raise web.HTTPBadRequest(text=f"more than {_WINDOWS} windows are asked for; take a wider every")


READS: tuple[Read[Any], ...] = (
    Read(path="/api/v1/overview", ask=asks.Ask, answer=overview, shape=out.OverviewOut),
    Read(path="/api/v1/kpi", ask=asks.Ask, answer=kpi, shape=out.KpiOut),
    Read(path="/api/v1/alarms", ask=asks.AskOpen, answer=alarms, shape=out.AlarmsOut),
    Read(path="/api/v1/alarms/{id}", ask=asks.AskAlarm, answer=alarm, shape=out.AlarmStoryOut),
    Read(path="/api/v1/silences", ask=asks.AskOpen, answer=silences, shape=out.SilencesOut),
    Read(path="/api/v1/cases", ask=asks.AskCases, answer=cases, shape=out.CasesOut),
    Read(path="/api/v1/cases/{case_id}", ask=asks.AskCase, answer=case, shape=out.CaseStoryOut),
    Read(path="/api/v1/ladders", ask=asks.AskLadders, answer=ladders, shape=out.LaddersOut),
    Read(path="/api/v1/cameras", ask=asks.AskCameras, answer=cameras, shape=out.CamerasOut),
    Read(path="/api/v1/devices", ask=asks.AskDevices, answer=devices, shape=out.DevicesOut),
    Read(path="/api/v1/deadletters", ask=asks.AskLetters, answer=deadletters, shape=out.DeadLettersOut),
    Read(path="/api/v1/deadletters/{id}", ask=asks.AskLetter, answer=deadletter, shape=DeadLetterOut),
    Read(path="/api/v1/notices", ask=asks.AskNotices, answer=notices, shape=out.NoticesOut),
    Read(path="/api/v1/readings/latest", ask=asks.AskReadings, answer=latest, shape=out.ReadingsOut),
    Read(path="/api/v1/series", ask=asks.AskSeries, answer=series, shape=out.SeriesOut),
)
