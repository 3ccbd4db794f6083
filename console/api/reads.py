"""The reads, each a plain function from what was asked to what is answered. The list at the end is the API."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from config.load import Site
from console.api import answers as out
from console.api import asks
from console.api.overview import kpi_out, overview_out
from console.api.rows import Rows
from console.api.shapes import Out
from console.city import cameras_now, devices_now, worst_first
from console.desk import Desk
from console.keys import CLOCK, DESK, SITE

Question = TypeVar("Question", bound=asks.Ask)


class Room(Struct, frozen=True, kw_only=True):
    """Where a question is answered: the desk, the site, the moment."""

    desk: Desk
    site: Site
    now_ms: int

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


def handler(read: Read[Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A read as an HTTP handler."""

    async def answer(request: web.Request) -> web.Response:
        try:
            question = msgspec.convert({**request.query, **request.match_info}, read.ask, strict=False)
        except msgspec.ValidationError as wrong:
            raise web.HTTPBadRequest(text=f"{request.path_qs}: {wrong}") from None
        room = Room(desk=request.app[DESK], site=request.app[SITE], now_ms=request.app[CLOCK].now_ms())
        body = await asyncio.to_thread(lambda: msgspec.json.encode(read.answer(room, question)))
        return web.Response(body=body, content_type="application/json")

    return answer


def overview(room: Room, _ask: asks.Ask) -> out.OverviewOut:
    """The city's state in figures."""
    return overview_out(room.desk, room.site, room.now_ms)


def kpi(room: Room, _ask: asks.Ask) -> out.KpiOut:
    """Self-correction, cases and notices so far."""
    return kpi_out(room.desk, room.site, room.now_ms)


def alarms(room: Room, ask: asks.AskOpen) -> out.AlarmsOut:
    """Alarms, worst first."""
    found, counts, rows = room.desk.alarms(open_only=ask.open, limit=ask.limit), room.desk.counts(), room.rows
    total = counts.alarms_open if ask.open else counts.alarms_total
    return out.AlarmsOut(items=[rows.alarm(alarm) for alarm in worst_first(found)], total=total)


def cases(room: Room, ask: asks.AskSome) -> out.CasesOut:
    """Cases, open ones first."""
    rows, found = room.rows, room.desk.cases(limit=ask.limit)
    return out.CasesOut(items=[rows.case(case) for case in found], total=room.desk.counts().cases_total)


def case(room: Room, ask: asks.AskCase) -> out.CaseStoryOut:
    """One case with its whole story."""
    found, rows = room.desk.case(ask.case_id), room.rows
    if found is None:
        raise web.HTTPNotFound(text=f"there is no case {ask.case_id!r}")
    return out.CaseStoryOut(
        case=rows.case(found), story=[rows.line(entry) for entry in room.desk.log(case_id=ask.case_id)]
    )


def ladders(room: Room, ask: asks.AskOpen) -> out.LaddersOut:
    """Shops being asked to correct something, and how earlier ones ended."""
    rows, found = room.rows, room.desk.ladders(open_only=ask.open, limit=ask.limit)
    return out.LaddersOut(items=[rows.ladder(ladder) for ladder in found])


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


def deadletters(room: Room, ask: asks.AskOlder) -> out.DeadLettersOut:
    """Messages, or parts of them, that could not be used."""
    rows, found = room.rows, room.desk.deadletters(limit=ask.limit, before_id=ask.before_id)
    total = sum(room.desk.deadletter_counts().values())
    return out.DeadLettersOut(items=[rows.dead_letter(letter) for letter in found], total=total)


def notices(room: Room, ask: asks.AskNotices) -> out.NoticesOut:
    """Messages to people and machines, and whether they got through."""
    rows, found = room.rows, room.desk.notices(limit=ask.limit, case_id=ask.case_id)
    return out.NoticesOut(items=[rows.notice(notice) for notice in found])


def latest(room: Room, ask: asks.AskReadings) -> out.ReadingsOut:
    """The newest stored values of a device, or of one port of it."""
    device = room.site.devices.get(ask.device_id)
    if device is None or device.kind != ask.kind:
        raise web.HTTPNotFound(text=f"there is no device {ask.device_id!r} of the kind {ask.kind!r}")
    if ask.port is not None and ask.port > device.ports:
        raise web.HTTPNotFound(text=f"{ask.device_id!r} has {device.ports} ports; there is no port {ask.port}")
    rows, metrics = room.rows, room.site.metrics
    found = {
        name: out.LatestOut(at=rows.at(at_ms), value=value, unit=metrics[name].unit if name in metrics else None)
        for name, (at_ms, value) in room.desk.latest(ask.kind, ask.device_id, ask.port).items()
    }
    return out.ReadingsOut(kind=ask.kind, device_id=ask.device_id, port=ask.port, metrics=found)


READS: tuple[Read[Any], ...] = (
    Read(path="/api/v1/overview", ask=asks.Ask, answer=overview, shape=out.OverviewOut),
    Read(path="/api/v1/kpi", ask=asks.Ask, answer=kpi, shape=out.KpiOut),
    Read(path="/api/v1/alarms", ask=asks.AskOpen, answer=alarms, shape=out.AlarmsOut),
    Read(path="/api/v1/cases", ask=asks.AskSome, answer=cases, shape=out.CasesOut),
    Read(path="/api/v1/cases/{case_id}", ask=asks.AskCase, answer=case, shape=out.CaseStoryOut),
    Read(path="/api/v1/ladders", ask=asks.AskOpen, answer=ladders, shape=out.LaddersOut),
    Read(path="/api/v1/cameras", ask=asks.AskCameras, answer=cameras, shape=out.CamerasOut),
    Read(path="/api/v1/devices", ask=asks.AskDevices, answer=devices, shape=out.DevicesOut),
    Read(path="/api/v1/deadletters", ask=asks.AskOlder, answer=deadletters, shape=out.DeadLettersOut),
    Read(path="/api/v1/notices", ask=asks.AskNotices, answer=notices, shape=out.NoticesOut),
    Read(path="/api/v1/readings/latest", ask=asks.AskReadings, answer=latest, shape=out.ReadingsOut),
)
