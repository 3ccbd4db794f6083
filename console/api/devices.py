"""One device over HTTP: what it is and says, its curves with their limits, and why its rules say what they do."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from msgspec import Meta, field

from config.schema import duration_s
from console.api import asks
from console.api.answers import LatestOut
from console.api.explaining import ExplainedAlarmOut, ExplainedSubjectOut, explained_alarm, explained_subject
from console.api.reads import Read, Room
from console.api.shapes import AlarmOut, CaseOut, DeviceOut, Out
from console.city import devices_now
from console.curves import MOST_POINTS, Asked, Curve, curve
from domain.clock import epoch_ms
from domain.finding import Severity
from domain.register import Device

_DAY_MS = 86_400_000
_LISTED = 50


class AskDevice(asks.Ask, frozen=True, kw_only=True):
    """One device, or one port of it."""

    id: asks.Name
    port: Annotated[int, Meta(ge=1)] | None = None


class AskCurve(AskDevice, frozen=True, kw_only=True):
    """One metric over a span of time."""

    metric: asks.Name
    since: Annotated[datetime, Meta(tz=True, description="RFC 3339; a day before `to`, if not given")] | None = field(
        default=None, name="from"
    )
    to: Annotated[datetime, Meta(tz=True, description="RFC 3339, not included; now, if not given")] | None = None
    every: Annotated[asks.Width, Meta(description="a window's width; as wide as it takes, if not given")] | None = None


class DeviceStoryOut(Out, frozen=True, kw_only=True):
    """One device: its newest values, the alarms and the cases that it led to, newest first."""

    device: DeviceOut
    baseline: dict[str, float]
    address: str
    gateway: str | None
    metrics: dict[str, LatestOut]
    alarms: list[AlarmOut]
    cases: list[CaseOut]


class CurveLimitOut(Out, frozen=True, kw_only=True):
    """A limit over a stretch of time: values of `low` or less, or of `high` or more, are beyond it."""

    rule_id: str
    title_zh: str
    title_en: str
    severity: Severity
    low: float | None
    high: float | None
    from_: datetime = field(name="from")
    to: datetime
    step: str
    where: str
    source: str | None
    confidence: str | None


class CurveMarkOut(Out, frozen=True, kw_only=True):
    """A value that was doubted when it came in: `spike` or `stuck`."""

    at_ms: int
    kind: str


class CurveOut(Out, frozen=True, kw_only=True):
    """One metric over time, oldest first, at most 1,000 points. Without `every_s` the values as they are stored, and
    `low` and `high` are empty; else figures of windows, `at_ms` where each begins; null where nothing was measured."""

    device_id: str
    port: int | None
    metric: str
    unit: str | None
    switch: bool
    every_s: float | None
    interval_s: float
    plausible_low: float | None
    plausible_high: float | None
    baseline: float | None
    from_ms: int
    to_ms: int
    at_ms: list[int]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]
    marks: list[CurveMarkOut]
    limits: list[CurveLimitOut]
    alarms: list[AlarmOut]


def device_of(room: Room, ask: AskDevice) -> Device:
    """The device that is asked about. Raises 404 for a device or a port that the register does not have."""
    found = room.site.devices.get(ask.id)
    if found is None:
        raise web.HTTPNotFound(text=f"there is no device {ask.id!r}")
    if ask.port is not None and ask.port > found.ports:
        raise web.HTTPNotFound(text=f"{ask.id!r} has {found.ports} ports; there is no port {ask.port}")
    return found


def device(room: Room, ask: AskDevice) -> DeviceStoryOut:
    """One device: what it is, what it said last, and what it led to."""
    found, rows, metrics = device_of(room, ask), room.rows, room.site.metrics
    now = next(
        one for one in devices_now(room.desk.devices(), room.site, room.now_ms) if one.device.device_id == ask.id
    )
    newest = room.desk.latest(found.kind, ask.id, ask.port)
    return DeviceStoryOut(
        device=rows.device(now),
        baseline=found.baseline,
        address=found.address or found.device_id,
        gateway=found.gateway,
        metrics={
            name: LatestOut(at=rows.at(at_ms), value=value, unit=metrics[name].unit if name in metrics else None)
            for name, (at_ms, value) in newest.items()
        },
        alarms=[rows.alarm(one) for one in room.desk.watched.alarms_of(ask.id, limit=_LISTED)],
        cases=[rows.case(one) for one in room.desk.watched.cases_of(ask.id, limit=_LISTED)],
    )


def explain(room: Room, ask: AskDevice) -> ExplainedSubjectOut:
    """Why it stands as it does: every rule that watches it, which limit holds and who set it, and what is missing."""
    device_of(room, ask)
    subject = ask.id if ask.port is None else f"{ask.id}/{ask.port}"
    return explained_subject(room.desk.watched.explain(subject), room.say)


def explain_alarm(room: Room, ask: asks.AskAlarm) -> ExplainedAlarmOut:
    """How an alarm came about, played again from what is stored with the rules as they are now."""
    return explained_alarm(room.desk.watched.explain_alarm(ask.id), room.say)


def device_curve(room: Room, ask: AskCurve) -> CurveOut:
    """One metric with the limits that held, and the alarms that stood; as many windows as a chart can show."""
    found = device_of(room, ask)
    if ask.metric not in room.site.profiles[found.profile].metrics:
        raise web.HTTPNotFound(text=f"{ask.id!r} sends no {ask.metric!r}")
    to_ms = room.now_ms if ask.to is None else epoch_ms(ask.to)
    from_ms = to_ms - _DAY_MS if ask.since is None else epoch_ms(ask.since)
    every_ms = None if ask.every is None else round(duration_s(ask.every) * 1000)
    if from_ms >= to_ms:
        raise web.HTTPBadRequest(text="from is not before to")
    if every_ms is not None and (to_ms - from_ms) / every_ms > MOST_POINTS:
        raise web.HTTPBadRequest(text=f"more than {MOST_POINTS} windows are asked for; take a wider every")
    asked = Asked(device=found, port=ask.port, metric=ask.metric, from_ms=from_ms, to_ms=to_ms, every_ms=every_ms)
    return _curve_out(room, asked, curve(room.desk, room.site, asked))


def _curve_out(room: Room, asked: Asked, found: Curve) -> CurveOut:
    metric, rows = room.site.metrics[asked.metric], room.rows
    return CurveOut(
        device_id=asked.device.device_id,
        port=asked.port,
        metric=asked.metric,
        unit=metric.unit,
        switch=metric.type == "bool",
        every_s=None if found.every_ms is None else found.every_ms / 1000,
        interval_s=room.site.profiles[asked.device.profile].interval,
        plausible_low=metric.min,
        plausible_high=metric.max,
        baseline=asked.device.baseline.get(asked.metric),
        from_ms=asked.from_ms,
        to_ms=asked.to_ms,
        at_ms=list(found.at_ms),
        mean=list(found.mean),
        low=list(found.low),
        high=list(found.high),
        marks=[CurveMarkOut(at_ms=one.at_ms, kind=one.kind) for one in found.marks],
        limits=_limits(room, found),
        alarms=[rows.alarm(one) for one in found.alarms],
    )


def _limits(room: Room, found: Curve) -> list[CurveLimitOut]:
    at = room.rows.at
    return [
        CurveLimitOut(
            rule_id=one.rule_id,
            title_zh=one.title.zh,
            title_en=one.title.en,
            severity=one.severity,
            low=one.low,
            high=one.high,
            from_=at(one.from_ms),
            to=at(one.to_ms),
            step=one.step,
            where=one.where,
            source=room.told(one.source) if one.source else one.source,
            confidence=one.confidence,
        )
        for one in found.limits
    ]


READS: Sequence[Read[Any]] = (
    Read(path="/api/v1/devices/{id}", ask=AskDevice, answer=device, shape=DeviceStoryOut),
    Read(path="/api/v1/devices/{id}/explain", ask=AskDevice, answer=explain, shape=ExplainedSubjectOut),
    Read(path="/api/v1/devices/{id}/curve", ask=AskCurve, answer=device_curve, shape=CurveOut),
    Read(path="/api/v1/alarms/{id}/explain", ask=asks.AskAlarm, answer=explain_alarm, shape=ExplainedAlarmOut),
)
