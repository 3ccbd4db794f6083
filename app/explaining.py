"""Why a subject is judged as it is, and how an alarm came about: put together from the stores, whoever asks.

The command line asks of files that another process may write to, the console of the stores that it has open.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol

from msgspec import Struct

from app.quiet_rules import quiet_rules
from app.rules_history.points import Observation
from config.load import Site
from console.explained import AboutAlarm, AboutSubject, RuleNow
from domain.case import Alarm, LogEntry
from domain.errors import ConfigError
from domain.reading import Reading, Value
from rules.engine import Engine
from rules.explain import Judged, judged_by, only
from rules.memory import Key
from rules.rule import FEED, Rule
from rules.story import story

_DAY_MS = 86_400_000
_BEFORE_MS = 6 * 3_600_000
_AFTER_MS = 10 * 60_000

Newest = Mapping[str, tuple[int, Value]]
"""By metric."""


class Kept(Protocol):
    """What is kept of alarms, and what the rules remember."""

    def states_of(self, rule_ids: Collection[str], subjects: Collection[str], /) -> Mapping[Key, bytes]:
        """What these rules remember of these subjects."""
        ...

    def newest_alarm(self, rule_id: str, subject: str, /) -> Alarm | None:
        """The last alarm of a rule and a subject."""
        ...

    def story_of(self, alarm: Alarm, /) -> Sequence[LogEntry]:
        """As it was written."""
        ...


class Explaining(Struct, frozen=True, kw_only=True):
    """Where an answer comes from. Every method may raise StoreUnavailable."""

    site: Site
    rules: Sequence[Rule]
    kept: Kept
    said: Callable[[str, int, int], Sequence[Observation]]
    """What a device or camera said with start ≤ time < stop, its ports included, in order."""
    newest: Callable[[str], Newest]
    """The newest value of each metric of a subject, none that is older than a day."""
    now_ms: int

    def subject(self, what: str) -> AboutSubject:
        """Every rule that watches it, who set which limit where, and how it stands. Raises ConfigError."""
        site = self.site
        device_id, _, part = what.partition("/")
        registered = site.devices.get(device_id) or site.cameras.get(device_id)
        if registered is None:
            close = get_close_matches(device_id, [*site.devices, *site.cameras], n=3)
            hint = f"; do you mean {' or '.join(close)}?" if close else ""
            raise ConfigError(
                f"{what!r} is no device, port or camera of the site, no alarm's number and no RULE/SUBJECT{hint}"
            )
        device = site.devices.get(device_id)
        if device is not None and part and part not in {str(port) for port in range(1, device.ports + 1)}:
            raise ConfigError(f"there is no {what!r}: {device_id} has {device.ports} ports")
        heard = tuple(rule for rule in self.rules if rule.spec.for_each.kind != FEED)
        newest = self.newest(what)
        return AboutSubject(
            subject=what,
            name=registered.name,
            place=f"{registered.location.district} {registered.location.road}",
            judged=self._judged(what, heard, self.now_ms, newest),
            newest=newest,
        )

    def alarm(self, key: Key, alarm: Alarm | None) -> AboutAlarm:
        """How an alarm came about, played again from what is stored with the rules as they are now."""
        site, now_ms = self.site, self.now_ms
        rule = next((rule for rule in self.rules if rule.id == key[0]), None)
        device_id = key[1].partition("/")[0]
        known = rule is not None and (device_id in site.devices or device_id in site.cameras)
        start_ms = (alarm.since_ms if alarm else now_ms - _DAY_MS) - _BEFORE_MS - _reach_ms(rule)
        stop_ms = min((alarm.resolved_ms if alarm and alarm.resolved_ms else now_ms) + _AFTER_MS, now_ms)
        said = self.said(device_id, start_ms, stop_ms) if known else []
        with quiet_rules():
            steps = story(key, self.rules, site, said, until_ms=stop_ms)
        return AboutAlarm(
            key=key,
            alarm=alarm,
            judged=self._one(key, rule, alarm.raised_ms if alarm else now_ms) if rule and known else None,
            rule=None if rule is None else _rule_now(rule),
            steps=steps,
            said=len(said),
            start_ms=start_ms,
            stop_ms=stop_ms,
            log=tuple(self.kept.story_of(alarm)) if alarm else (),
        )

    def _one(self, key: Key, rule: Rule, at_ms: int) -> Judged | None:
        """The rule over the subject, with the limits as they held then and the state as it is now."""
        found = self._judged(key[1], (rule,), at_ms, {})
        return next((one for one in found if one.subject == key[1]), None)

    def _judged(self, what: str, rules: Sequence[Rule], at_ms: int, newest: Newest) -> tuple[Judged, ...]:
        device_id = what.partition("/")[0]
        about = only(device_id, self.site)
        saved = self.kept.states_of([rule.id for rule in rules], _subjects(device_id, about))
        with quiet_rules():
            engine = Engine(rules, about, saved=saved, listening_since_ms=self.now_ms)
            return judged_by(what, rules, self.site, engine, at_ms, saved=saved, newest={what: newest})


def key_of(what: str, rules: Sequence[Rule]) -> Key | None:
    """A rule and a subject, if it begins with a rule."""
    rule_id, slash, subject = what.partition("/")
    return (rule_id, subject) if slash and any(rule.id == rule_id for rule in rules) else None


def newest_of(said: Sequence[Observation], part: str) -> Newest:
    """The newest values of a device itself, or of its port `part`."""
    newest: dict[str, tuple[int, Value]] = {}
    for one in said:
        if isinstance(one, Reading) and str(one.port or "") == part:
            newest |= {metric: (one.at_ms, value) for metric, value in one.metrics.items()}
    return newest


def _subjects(device_id: str, site: Site) -> list[str]:
    """A device or camera, and its parts."""
    device, camera = site.devices.get(device_id), site.cameras.get(device_id)
    ports = [str(port) for port in range(1, device.ports + 1)] if device else []
    zones = [zone.zone for zone in camera.zones] if camera else []
    return [device_id, *(f"{device_id}/{part}" for part in (*ports, *zones))]


def _rule_now(rule: Rule) -> RuleNow:
    spec = rule.spec
    return RuleNow(
        title=spec.title, version=rule.version, source=spec.source, confidence=spec.confidence, first=spec.first
    )


def _reach_ms(rule: Rule | None) -> int:
    """How far back a rule looks: a window, a hold, or days of its own history."""
    spec = rule.spec if rule else None
    seconds = [getattr(spec, name, 0.0) or 0.0 for name in ("over", "hold")]
    days = getattr(spec, "days", 0) or 0
    return round(max(*seconds, days * 86_400.0) * 1100)
