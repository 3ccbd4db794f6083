"""One device, or one port of it: what it is and says, why its rules say what they do, and what it led to."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from config.load import Site
from console.city import DeviceNow, devices_now
from console.explaining import Say
from console.pages.devices import main_metric
from console.pages.explained import how_row, judged_rows
from console.pages.looking import AskPage, Contexts, Found, Looking
from console.words import Words
from domain.case import Alarm, silenced
from domain.errors import OrderRefused, StoreRefused, StoreUnavailable
from domain.finding import Severity
from domain.reading import Value
from domain.register import Device
from domain.silence import Silence

_PAST: Final = 20
_LISTED: Final = 10
_SILENCES: Final = 1000
_DOUBTS: Final = ("spike", "stuck")
_LATE: Final = ("battery_pct", "rssi_dbm", "snr_db")
"""What is about the device itself, and not what it watches, is drawn last."""
Newest = Mapping[str, tuple[int, Value]]


class AskDevicePage(AskPage, frozen=True, kw_only=True):
    """Which port; and of which alarm the story is to be told."""

    port: Annotated[int, Meta(ge=1)] | None = None
    alarm: Annotated[int, Meta(ge=1)] | None = None


class ValueRow(Struct, frozen=True, kw_only=True):
    """One metric's newest value."""

    metric: str
    name: str
    value: str
    at_ms: int
    low: str
    high: str
    """What is plausible; empty where there is no end."""
    doubts: tuple[str, ...]


class PortTab(Struct, frozen=True, kw_only=True):
    """One port, or the device itself."""

    port: int | None
    worst: Severity | None
    here: bool


class LifeRow(Struct, frozen=True, kw_only=True):
    """One alarm of this device."""

    alarm: Alarm
    title: str
    value: str
    limit: str
    state: str
    lasted: str
    silenced: bool
    here: bool
    """Whether its story is told."""


def device_view(looking: Looking) -> Found | None:
    """The page of one device; None if the register has none, or no such port."""
    words, site, desk = looking.words, looking.site, looking.desk
    asked = looking.view.as_(AskDevicePage)
    device = site.devices.get(looking.view.about)
    if device is None or (asked.port or 0) > device.ports:
        return None
    subject = device.device_id if asked.port is None else f"{device.device_id}/{asked.port}"
    say = Say(site, words)
    newest, judged = _explained(looking, device, asked.port, subject, say)
    every = desk.watched.alarms_of(device.device_id, limit=200)
    (now,) = [one for one in devices_now(desk.devices(), site, words.now_ms) if one.device is device]
    open_ = [one for one in every if one.resolved_ms is None]
    cases = desk.watched.cases_of(device.device_id, limit=_LISTED)
    contexts: Contexts = {
        "device_head": {"now": now, **_what(now, site, words), "subject": subject, "port": asked.port},
        "device_ports": {"tabs": _tabs(device, open_, asked.port), "device": device},
        "device_values": {"rows": _values(newest, device, site, words), "reachable": newest is not None},
        "device_curves": _curves(newest or {}, device, asked.port, site, words),
        "device_rules": {"rows": judged},
        "device_lives": _lives(looking, every, asked, say),
        "device_more": {
            "cases": [(case, words.pick(case.title_zh, case.title_en)) for case in cases],
            "letters": desk.deadletters(limit=_LISTED, topic_contains=device.address or device.device_id),
            "silences": _silences(desk.silences(open_only=True, limit=_SILENCES), device),
            "device": device,
        },
    }
    port = "" if asked.port is None else f" · {words.say('subject.port', n=asked.port)}"
    return words.say("device.page_title", name=device.name + port), contexts


def _explained(
    looking: Looking, device: Device, port: int | None, subject: str, say: Say
) -> tuple[Newest | None, list[object]]:
    """The newest values, and every rule; without the series store there are no values."""
    desk = looking.desk
    try:
        about = desk.watched.explain(subject)
        newest = about.newest or (desk.latest(device.kind, device.device_id, port) if port or not device.ports else {})
    except (StoreUnavailable, StoreRefused):
        return None, []
    except OrderRefused:  # the register has it, and the rules in force do not yet
        return {}, []
    return newest, list(judged_rows(about.judged, say))


def _what(now: DeviceNow, site: Site, words: Words) -> dict[str, object]:
    device, profile = now.device, site.profiles[now.device.profile]
    gateway, baseline = site.devices.get(device.gateway or ""), device.baseline.items()
    return {
        "profile": words.pick(profile.zh, profile.en),
        "baseline": [(words.metric(name) or name, words.measured(name, known)) for name, known in baseline],
        "gateway": gateway,
        "interval": words.exactly(profile.interval),
    }


def _tabs(device: Device, alarms: Sequence[Alarm], here: int | None) -> list[PortTab]:
    """None for a device without ports."""
    if not device.ports:
        return []
    worst: dict[int | None, Severity] = {}
    for one in alarms:
        known = worst.get(one.port, one.severity)
        worst[one.port] = max(known, one.severity, key=lambda severity: severity.rank)
    ports: tuple[int | None, ...] = (None, *range(1, device.ports + 1))
    return [PortTab(port=port, worst=worst.get(port), here=port == here) for port in ports]


def _values(newest: Newest | None, device: Device, site: Site, words: Words) -> list[ValueRow]:
    return [
        ValueRow(
            metric=name,
            name=words.metric(name) or name,
            value=words.measured(name, newest[name][1]) or "",
            at_ms=newest[name][0],
            low=_end(name, site, words, low=True),
            high=_end(name, site, words, low=False),
            doubts=tuple(kind for kind in _DOUBTS if newest.get(f"{name}_{kind}", (0, False))[0] == newest[name][0]),
        )
        for name in _ordered(newest or {}, device, site)
        if newest is not None
    ]


def _end(name: str, site: Site, words: Words, *, low: bool) -> str:
    metric = site.metrics[name]
    end = metric.min if low else metric.max
    return "" if end is None or metric.type == "bool" else words.number(end)


def _ordered(newest: Newest, device: Device, site: Site) -> list[str]:
    """The metrics that were heard: the main one first, those about the device itself last."""
    first = main_metric(site, device.profile)
    names = [name for name in site.profiles[device.profile].metrics if name in newest and name in site.metrics]
    return sorted(names, key=lambda name: (name != first, name in _LATE))


def _curves(newest: Newest, device: Device, port: int | None, site: Site, words: Words) -> dict[str, object]:
    metrics = [
        {"metric": name, "name": words.metric(name) or name, "unit": words.unit(site.metrics[name].unit)}
        for name in _ordered(newest, device, site)
    ]
    return {"metrics": msgspec.json.encode(metrics).decode(), "n": len(metrics), "device": device, "port": port}


def _lives(looking: Looking, every: Sequence[Alarm], asked: AskDevicePage, say: Say) -> dict[str, object]:
    mine = [one for one in every if asked.port is None or one.port in {asked.port, None}]
    rows = [_life(one, looking.words, asked.alarm) for one in mine]
    how = None
    if asked.alarm is not None and any(row.here for row in rows):
        how = how_row(looking.desk.watched.explain_alarm(asked.alarm), say)
    past = [row for row in rows if row.alarm.resolved_ms is not None]
    return {
        "open": [row for row in rows if row.alarm.resolved_ms is None],
        "past": past[:_PAST],
        "beyond": max(0, len(past) - _PAST),
        "how": how,
        "port": asked.port,
    }


def _life(alarm: Alarm, words: Words, told: int | None) -> LifeRow:
    ended_ms = alarm.resolved_ms or words.now_ms
    return LifeRow(
        alarm=alarm,
        title=words.pick(alarm.title_zh, alarm.title_en),
        value=words.measured(alarm.metric, alarm.value) or "" if alarm.metric else "",
        limit=words.limit_said(alarm.metric, alarm.limit) or "" if alarm.metric else "",
        state=words.term("alarm_state", alarm.state),
        lasted=words.lasting((ended_ms - alarm.since_ms) / 1000),
        silenced=silenced(alarm, words.now_ms),
        here=alarm.id == told,
    )


def _silences(every: Sequence[Silence], device: Device) -> list[Silence]:
    """Those that speak of this device, or of some of it."""
    return [one for one in every if all(_fits(one, device))]


def _fits(silence: Silence, device: Device) -> Iterator[bool]:
    parts = (device.device_id, *(f"{device.device_id}/{port}" for port in range(1, device.ports + 1)))
    yield silence.device_id is None or fnmatchcase(device.device_id, silence.device_id)
    yield silence.kind is None or fnmatchcase(device.kind, silence.kind)
    yield silence.sub_district is None or fnmatchcase(device.location.sub_district, silence.sub_district)
    yield silence.subject is None or any(fnmatchcase(part, silence.subject) for part in parts)
