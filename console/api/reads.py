"""The reads, each a plain function from what was asked to what is answered. The list at the end is the API."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from config.load import Site
from config.retold import retold
from config.schema import duration_s
from console.access.caller import Caller
from console.access.gate import caller_of
from console.access.registry import Registry
from console.api import answers as out
from console.api import asks
from console.api.overview import kpi_out, overview_out
from console.api.paging import link_to
from console.api.rows import Rows
from console.api.shapes import DeadLetterOut, Out
from console.api.tags import CACHING, is_known, same, tags
from console.api.text import is_storable
from console.desk.city import Desk
from console.desk.series import SeriesQuestion
from console.explaining import Say
from console.keys import CLOCK, REGISTRY
from console.language import answered_in
from console.packing import IN_A_THREAD_BYTES, Ready, packed
from console.scope.seats import desk_of, site_of
from console.words import Words
from domain.clock import epoch_ms
from domain.point import Aggregate

_DAY_MS = 86_400_000
_RAW_DAYS = 7
_WINDOWS = 10_000

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
    camera_id: str = ""
    """The camera that the path of a write names."""
    match: str = ""
    """Of a write about a camera: what its If-Match says."""
    caller: Caller
    registry: Registry | None = None
    """None where there are no accounts."""
    language: str = "en"
    """Of the sentences in an answer."""

    def told(self, sentence: str) -> str:
        """What the product worded for engineers, as who asks reads it."""
        return retold(self.site.texts, self.language, sentence) or sentence

    @property
    def say(self) -> Say:
        """The words for why, as who asks reads them."""
        return Say(self.site, Words(self.site, self.language, self.now_ms))

    @property
    def rows(self) -> Rows:
        """Nouns to answers."""
        return Rows(self.site, self.now_ms)


class Read(Struct, Generic[Question], frozen=True, kw_only=True):
    """One read. `answer` blocks and runs in a thread; what it returns is a `shape`, or one that was made before."""

    path: str
    ask: type[Question]
    answer: Callable[[Room, Question], Out | Ready]
    shape: type[Out]
    grows: bool = False
    """Whether its ETag says less than all of it: a case's is its version, and its story grows without that."""

    @property
    def summary(self) -> str:
        """What it answers, for the OpenAPI document."""
        return (self.answer.__doc__ or "").strip()


def asked(request: web.Request) -> dict[str, str]:
    """What query and path say. Raises 400 for a character that no store keeps."""
    said = {**request.query, **request.match_info}
    if strange := [name for name, value in said.items() if not is_storable(name + value)]:
        raise web.HTTPBadRequest(text=f"{strange[0]!a} has a character in it that is no text")
    return said


def ready(answer: Out) -> Ready:
    """An answer as it is sent, to be kept for all who ask the same. Blocking."""
    body = msgspec.json.encode(answer)
    return Ready.of(body, tags(answer, body)["ETag"])


def room_of(request: web.Request) -> Room:
    """The room of whoever asks."""
    return Room(
        desk=desk_of(request),
        site=site_of(request),
        now_ms=request.app[CLOCK].now_ms(),
        caller=caller_of(request),
        registry=request.app.get(REGISTRY),
        language=answered_in(request),
    )


def handler(read: Read[Any]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A read as an HTTP handler."""

    async def answer(request: web.Request) -> web.Response:
        try:
            question = msgspec.convert(asked(request), read.ask, strict=False)
        except msgspec.ValidationError as wrong:
            raise web.HTTPBadRequest(text=f"the query of {request.path_qs}: {wrong}") from None
        room = room_of(request)
        found = await asyncio.to_thread(lambda: _answered(read, room, question))
        if isinstance(found, Ready):
            if is_known(request, found.tag):
                return same(found.tag)
            return found.response(request, {"Cache-Control": CACHING})
        body, headers, further = found
        if further is not None:
            headers["Link"] = link_to(request, further)
        if is_known(request, headers["ETag"]) and not read.grows:
            return same(headers["ETag"])
        told = web.Response(
            body=body, headers=headers, content_type="application/json", zlib_executor_size=IN_A_THREAD_BYTES
        )
        return packed(told)

    return answer


def _answered(read: Read[Any], room: Room, question: asks.Ask) -> tuple[bytes, dict[str, str], str | None] | Ready:
    """The body, its headers, and of a page the cursor of the next one; or all of it, made before."""
    answer = read.answer(room, question)
    if isinstance(answer, Ready):
        return answer
    body = msgspec.json.encode(answer)
    return body, {"Cache-Control": CACHING, **tags(answer, body)}, getattr(answer, "next", None)


def overview(room: Room, _ask: asks.Ask) -> out.OverviewOut:
    """The city's state in figures."""
    return overview_out(room.desk, room.site, room.now_ms)


def kpi(room: Room, _ask: asks.Ask) -> out.KpiOut:
    """Self-correction, cases and notices so far."""
    return kpi_out(room.desk, room.site, room.now_ms)


def cases(room: Room, ask: asks.AskCases) -> out.CasesOut:
    """Cases: all, or those that fit what is named."""
    page = room.desk.cases_page(ask.choice, sort=ask.sort, cursor=ask.cursor, limit=ask.limit)
    items = [room.rows.case(case) for case in page.items]
    return out.CasesOut(items=items, next=page.next, total=page.total or 0)


def case(room: Room, ask: asks.AskCase) -> out.CaseStoryOut:
    """One case with its whole story."""
    found, rows = room.desk.case(ask.case_id), room.rows
    if found is None:
        raise web.HTTPNotFound(text=f"there is no case {ask.case_id!r}")
    return out.CaseStoryOut(
        case=rows.case(found), story=[rows.line(entry) for entry in room.desk.log(case_id=ask.case_id)]
    )


def deadletter(room: Room, ask: asks.AskLetter) -> DeadLetterOut:
    """One message, or part of one, that could not be used."""
    found = room.desk.deadletter(ask.id)
    if found is None:
        raise web.HTTPNotFound(text=f"there is no dead letter {ask.id}")
    return room.rows.dead_letter(found)


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
    question = SeriesQuestion(
        kind=ask.kind,
        device_id=ask.device_id,
        port=ask.port,
        metric=ask.metric,
        start_ms=start_ms,
        stop_ms=stop_ms,
        every_ms=every_ms,
        aggregate=Aggregate(ask.aggregate),
    )
    _bounded(question)
    found = room.desk.series(question)
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


def _bounded(question: SeriesQuestion) -> None:
    span_ms = question.stop_ms - question.start_ms
    if span_ms <= 0:
        raise web.HTTPBadRequest(text="from is not before to")
    if question.every_ms is None and span_ms > _RAW_DAYS * _DAY_MS:
        raise web.HTTPBadRequest(text=f"without every, at most {_RAW_DAYS} days lie between from and to")
    if question.every_ms is not None and span_ms / question.every_ms > _WINDOWS:
        raise web.HTTPBadRequest(text=f"more than {_WINDOWS} windows are asked for; take a wider every")


READS: tuple[Read[Any], ...] = (
    Read(path="/api/v1/overview", ask=asks.Ask, answer=overview, shape=out.OverviewOut),
    Read(path="/api/v1/kpi", ask=asks.Ask, answer=kpi, shape=out.KpiOut),
    Read(path="/api/v1/cases", ask=asks.AskCases, answer=cases, shape=out.CasesOut),
    Read(path="/api/v1/cases/{case_id}", ask=asks.AskCase, answer=case, shape=out.CaseStoryOut, grows=True),
    Read(path="/api/v1/deadletters/{id}", ask=asks.AskLetter, answer=deadletter, shape=DeadLetterOut),
    Read(path="/api/v1/readings/latest", ask=asks.AskReadings, answer=latest, shape=out.ReadingsOut),
    Read(path="/api/v1/series", ask=asks.AskSeries, answer=series, shape=out.SeriesOut),
)
