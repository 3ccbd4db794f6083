"""All devices of the register: those that need somebody first, what each last said, and when."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal
from urllib.parse import urlencode

from msgspec import Struct
from msgspec.structs import replace

from config.load import Site
from console.city import DeviceNow, Reach, devices_now
from console.pages.looking import AskPage, Found, Looking
from console.words import Words
from domain.case import Alarm
from domain.errors import StoreRefused, StoreUnavailable
from domain.finding import Severity
from domain.firing import Standing
from domain.reading import Value

PAGE: Final = 50
_LONGEST: Final = 80
"""Letters that are searched for."""
_LOOKED_AT: Final = 50
"""Among so many of its alarms the open ones are looked for."""
_POWER: Final = ("battery_pct", "battery_v")
"""How full a battery is, by the first of these that a device sends."""
_RANK: Final = {Severity.CRITICAL: 0, Severity.WARN: 2, Severity.NOTICE: 3, None: 4}
_REACH_RANK: Final = {reach: place for place, reach in enumerate(Reach)}
_AWAY: Final = 1
"""Out of reach ranks between a critical alarm and a warning."""


class AskDevicesPage(AskPage, frozen=True, kw_only=True):
    """Which devices, and from which of them on."""

    kind: str = ""
    reach: Reach | None = None
    street: str = ""
    q: str = ""
    alarm: Literal["", "1"] = ""
    skip: int = 0


class DeviceRow(Struct, frozen=True, kw_only=True):
    """One device in words."""

    id: str
    name: str
    kind: str
    profile: str
    where: str
    reach: Reach
    seen_ms: int | None
    worst: Severity | None
    alarms: int
    metric: str
    value: str
    battery: str
    low: bool
    """Whether the battery is to be seen to."""


class Choice(Struct, frozen=True, kw_only=True):
    """A filter that narrows or widens the list by one click."""

    word: str
    n: int
    href: str
    here: bool


def devices_view(looking: Looking) -> Found:
    """The list, and what it may be narrowed to."""
    words, site, desk = looking.words, looking.site, looking.desk
    asked = looking.view.as_(AskDevicesPage)
    alarms = _alarms(desk.rulebook.standing(by_place=True))
    every = devices_now(desk.devices(), site, words.now_ms)
    fitting = [one for one in every if _fits(one, asked, alarms)]
    ordered = sorted(fitting, key=lambda one: _place(one, alarms))
    first = max(0, asked.skip)
    shown = ordered[first : first + PAGE]
    newest = desk.watched.newest([one.device for one in shown])
    rows = [_row(one, site, words, alarms, newest.get(one.device.device_id, {})) for one in shown]
    facts: dict[str, object] = {
        "rows": [_alarming(row, looking, newest.get(row.id, {})) if row.alarms else row for row in rows],
        "first": first,
        "total": len(fitting),
        "all": len(every),
        "before": _href(asked, skip=max(0, first - PAGE)) if first else "",
        "after": _href(asked, skip=first + PAGE) if first + PAGE < len(fitting) else "",
    }
    filters: dict[str, object] = {
        "asked": asked,
        "reaches": list(_reaches(every, asked, alarms, words)),
        "kinds": sorted({one.device.kind for one in every}),
        "streets": sorted({one.device.location.sub_district for one in every}),
        "total": len(every),
    }
    return words.say("devicelist.page_title"), {"device_filters": filters, "device_list": facts}


def main_metric(site: Site, profile: str) -> str | None:
    """What a list shows of a device of this model: what lives may depend on, else what its model names first."""
    metrics = site.profiles[profile].metrics
    numbers = [name for name in metrics if name in site.metrics and site.metrics[name].type != "bool"]
    return next((name for name in numbers if site.metrics[name].safety), numbers[0] if numbers else None)


def _alarming(row: DeviceRow, looking: Looking, newest: Mapping[str, tuple[int, Value]]) -> DeviceRow:
    """With the newest value of what its worst alarm is about: of ten sockets the one that burns is meant.

    Where there is none, with that of the alarm, and when that was.
    """
    found = looking.desk.watched.alarms_of(row.id, limit=_LOOKED_AT)
    measured = [one for one in found if one.resolved_ms is None and one.metric and one.value is not None]
    if not measured:
        return row
    worst, words = max(measured, key=lambda one: one.severity.rank), looking.words
    port = "" if worst.port is None else f" · {words.say('subject.port', n=worst.port)}"
    name = f"{words.metric(worst.metric) or worst.metric}{port}"
    at_ms, value = _newest_of(worst, looking, newest) or (None, worst.value)
    if at_ms is None:
        name = f"{name} · {words.say('alarms.told_at', clock=words.clock(worst.seen_ms))}"
    return replace(row, metric=name, value=words.measured(worst.metric, value) or "")


def _newest_of(alarm: Alarm, looking: Looking, newest: Mapping[str, tuple[int, Value]]) -> tuple[int, Value] | None:
    """What its part of the device last said of it; None if nobody knows."""
    device = looking.site.devices[alarm.device_id]
    if alarm.port is None:
        return newest.get(alarm.metric or "")
    try:
        return looking.desk.latest(device.kind, device.device_id, alarm.port).get(alarm.metric or "")
    except (StoreUnavailable, StoreRefused):
        return None


def _alarms(standing: Sequence[Standing]) -> Mapping[str, tuple[Severity, int]]:
    """By device, how bad the worst of its open alarms is, and how many there are."""
    found: dict[str, tuple[Severity, int]] = {}
    for one in standing:
        worst, n = found.get(one.device_id, (one.severity, 0))
        found[one.device_id] = (max(worst, one.severity, key=lambda severity: severity.rank), n + one.n)
    return found


def _fits(now: DeviceNow, asked: AskDevicesPage, alarms: Mapping[str, object], *, reach: bool = True) -> bool:
    device, location = now.device, now.device.location
    text = asked.q.strip().lower()[:_LONGEST]
    said = (device.device_id, device.name, location.road, location.sub_district, device.address)
    return (
        asked.kind in {"", device.kind}
        and asked.street in {"", location.sub_district}
        and (not reach or asked.reach in {None, now.reach})
        and (not reach or not asked.alarm or device.device_id in alarms)
        and (not text or any(text in one.lower() for one in said))
    )


def _place(now: DeviceNow, alarms: Mapping[str, tuple[Severity, int]]) -> tuple[int, int, int, str]:
    worst = alarms.get(now.device.device_id, (None, 0))[0]
    rank = _RANK[worst]
    if now.reach in {Reach.OFFLINE, Reach.SILENT}:
        rank = min(rank, _AWAY)
    return (
        rank,
        _REACH_RANK[now.reach],
        now.seen_ms or 0 if now.reach is not Reach.ONLINE else 0,
        now.device.device_id,
    )


def _reaches(
    every: Sequence[DeviceNow], asked: AskDevicesPage, alarms: Mapping[str, object], words: Words
) -> Iterator[Choice]:
    """All, those with an alarm, and by how they can be heard; each with how many there are of what else is asked."""
    fitting = [one for one in every if _fits(one, asked, alarms, reach=False)]
    everything = asked.reach is None and not asked.alarm
    yield Choice(
        word=words.say("devicelist.all"),
        n=len(fitting),
        href=_href(asked, reach=None, alarm="", skip=0),
        here=everything,
    )
    with_alarm = sum(one.device.device_id in alarms for one in fitting)
    yield Choice(
        word=words.say("devicelist.with_alarm"),
        n=with_alarm,
        href=_href(asked, reach=None, alarm="1", skip=0),
        here=bool(asked.alarm),
    )
    for reach in Reach:
        n = sum(one.reach is reach for one in fitting)
        if n or asked.reach is reach:
            href = _href(asked, reach=reach, alarm="", skip=0)
            yield Choice(word=words.term("reach", reach), n=n, href=href, here=asked.reach is reach)


def _href(asked: AskDevicesPage, **changed: object) -> str:
    query = {name: getattr(asked, name) for name in AskDevicesPage.__struct_fields__} | changed
    kept = {name: str(value) for name, value in query.items() if value not in {None, "", 0}}
    return f"/devices?{urlencode(kept)}" if kept else "/devices"


def _row(
    now: DeviceNow,
    site: Site,
    words: Words,
    alarms: Mapping[str, tuple[Severity, int]],
    newest: Mapping[str, tuple[int, Value]],
) -> DeviceRow:
    device, location = now.device, now.device.location
    worst, n = alarms.get(device.device_id, (None, 0))
    metric = main_metric(site, device.profile)
    value = newest.get(metric or "", (None, None))[1]
    power = next((name for name in _POWER if name in newest), None)
    left = None if power is None else newest[power][1]
    profile = site.profiles[device.profile]
    return DeviceRow(
        id=device.device_id,
        name=device.name,
        kind=words.term("kind", device.kind),
        profile=words.pick(profile.zh, profile.en),
        where=f"{location.sub_district} · {location.road}",
        reach=now.reach,
        seen_ms=now.seen_ms,
        worst=worst,
        alarms=n,
        metric=words.metric(metric) or "",
        value=words.measured(metric, value) or "",
        battery="" if left is None else words.measured(power, left) or "",
        low=power == "battery_pct" and left is not None and float(left) <= 20,
    )
