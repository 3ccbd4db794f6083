"""What led to an alarm: the reading from an hour before its onset on, or the looks of its camera around it."""

from typing import Final

import msgspec
from msgspec import Struct

from config.load import Site
from console.desk.rules import RuleCard
from console.pages.looking import Looking
from console.pages.pictures import address, shareable
from console.pages.rule_words import meaning
from console.words import Words
from domain.case import Alarm
from domain.register import Device
from domain.sighting import Sighting, ViewHealth

_BEFORE_MS: Final = 3_600_000
_AFTER_MS: Final = 600_000
"""So much is shown behind its end."""
_LOOKS: Final = 6
"""On each side of the onset."""
_AROUND_MS: Final = 900_000
_AT_ONCE: Final = 50


class Moment(Struct, frozen=True, kw_only=True):
    """A line across the time: when something of the alarm happened, and its word."""

    at_ms: int
    name: str


class AlarmCurve(Struct, frozen=True, kw_only=True):
    """What the page's script asks for and draws. `to_ms` is None while the alarm stands."""

    device_id: str
    rule_id: str
    port: int | None
    metric: str
    name: str
    unit: str
    from_ms: int
    to_ms: int | None
    severity: str
    moments: tuple[Moment, ...]
    measured: str
    """What the curve shows, and what of it the rule looks at: of lean, how far it is from where it was at first."""
    facts: str
    """What changes while the page is open, as JSON: `moments` and `to_ms`."""


class LookShot(Struct, frozen=True, kw_only=True):
    """A look of the alarm's camera; `url` is None where no picture can be shown."""

    look_id: str
    at_ms: int
    url: str | None
    said: str
    after: bool
    """Not before the onset."""


def alarm_curve(alarm: Alarm, site: Site, words: Words, card: RuleCard | None = None) -> AlarmCurve | None:
    """None where there is no reading: of a camera, of silence, of a device that is no more.

    `card` is the rule's, if that is still in force.
    """
    device = site.devices.get(alarm.device_id)
    metric = site.metrics.get(alarm.metric or "")
    if device is None or alarm.metric is None or metric is None:
        return None
    if alarm.metric not in site.profiles[device.profile].metrics:
        return None
    to_ms = None if alarm.resolved_ms is None else min(words.now_ms, alarm.resolved_ms + _AFTER_MS)
    moments = _moments(alarm, words)
    return AlarmCurve(
        device_id=alarm.device_id,
        rule_id=alarm.rule_id,
        port=alarm.port,
        metric=alarm.metric,
        name=words.metric(alarm.metric) or alarm.metric,
        unit=words.unit(metric.unit),
        from_ms=alarm.since_ms - _BEFORE_MS,
        to_ms=to_ms,
        severity=alarm.severity.value,
        moments=moments,
        measured=_measured(alarm, device, words, card),
        facts=msgspec.json.encode({"moments": moments, "to_ms": to_ms}).decode(),
    )


def _measured(alarm: Alarm, device: Device, words: Words, card: RuleCard | None) -> str:
    if card is None or card.metric != alarm.metric:
        return ""
    parts = [words.say("alarm_page.judged", what=meaning(card, words))]
    relative = bool(card.facts.get("relative_to")) or card.facts.get("against") == "installation"
    if relative and (known := device.baseline.get(alarm.metric or "")) is not None:
        parts.append(words.say("alarm_page.at_first", value=words.measured(alarm.metric, known) or ""))
    return " ".join(parts)


def _moments(alarm: Alarm, words: Words) -> tuple[Moment, ...]:
    times = {"onset": alarm.since_ms, "acked": alarm.acked_ms, "resolved": alarm.resolved_ms}
    return tuple(
        Moment(at_ms=at_ms, name=words.say(f"alarm_page.moment.{name}"))
        for name, at_ms in times.items()
        if at_ms is not None
    )


def looks_around(alarm: Alarm, looking: Looking) -> list[LookShot]:
    """The last looks before the onset and the first from it on, in the order of time, as far as they are kept."""
    if alarm.device_id not in looking.site.cameras:
        return []
    sights = looking.desk.sights
    before = sights.looks(alarm.device_id, limit=_LOOKS, before_ms=alarm.since_ms)
    until = sights.looks(alarm.device_id, limit=_AT_ONCE, before_ms=alarm.since_ms + _AROUND_MS)
    after = [one for one in until if one.taken_ms >= alarm.since_ms][-_LOOKS:]
    near = [one for one in before if one.taken_ms >= alarm.since_ms - _BEFORE_MS]
    return [_shot(one, alarm, looking) for one in reversed([*after, *near])]


def _shot(look: Sighting, alarm: Alarm, looking: Looking) -> LookShot:
    words = looking.words
    kept = look.picture if look.view is ViewHealth.HEALTHY else None
    if look.view is not ViewHealth.HEALTHY:
        said = words.term("view", look.view)
    else:
        zones = [zone for zone in look.zones if alarm.zone in {None, zone.zone}]
        n = sum(len(zone.objects) for zone in zones)
        said = words.count("alarm_page.seen_things", n) if n else words.say("alarm_page.seen_nothing")
    return LookShot(
        look_id=look.look_id,
        at_ms=look.taken_ms,
        url=address(kept) if kept and shareable(looking.desk, kept) else None,
        said=said,
        after=look.taken_ms >= alarm.since_ms,
    )
