"""Schedules that leave a rule no time."""

from collections.abc import Iterator

from config.lint import Doubt, minutes_of
from config.load import Site
from domain.finding import Severity
from domain.register import Camera
from rules.kinds.count import Count
from rules.kinds.presence import Presence
from rules.kinds.view import View
from rules.limited import LimitedKind
from rules.lints import doubt
from rules.rule import Rule
from rules.schedule import ScheduleSpec

_DAY_MINUTES = 24 * 60


def of_rule(rule: Rule, site: Site) -> Iterator[Doubt]:
    """Hours in which nobody looks, and holds that are longer than the hours."""
    spec = rule.spec
    hours = _hours(getattr(spec, "schedule", None))
    if hours is not None and len(minutes_of(hours)) < _DAY_MINUTES:
        yield from _grave(rule, hours)
    if isinstance(spec, LimitedKind) and hours is not None:
        yield from _long_holds(rule, spec, len(minutes_of(hours)))
    if isinstance(spec, Presence | View) and hours is not None and not _ever(rule, site, minutes_of(hours)):
        problem = f"it speaks at {hours}, when nobody looks, or none of its zones counts"
        yield doubt(rule, problem, "schedule")
    if isinstance(spec, Presence) and spec.max_gap is not None:
        yield from _short_gap(rule, spec, spec.max_gap, site)


def _hours(said: str | ScheduleSpec | None) -> str | None:
    hours = said.hours if isinstance(said, ScheduleSpec) else said
    return None if hours is None else str(hours)


def _grave(rule: Rule, hours: str) -> Iterator[Doubt]:
    """What is critical or latched waits as well; a count is meant for what is done at such hours, and passes."""
    spec = rule.spec
    if isinstance(spec, Count | Presence | View):
        return
    critical = Severity.CRITICAL in getattr(spec, "severities", (spec.severity,))
    if critical or getattr(spec, "latch", False):
        which = "critical" if critical else "latched"
        problem = f"it is {which}, and held back until the schedule opens: only within {hours} is anybody told"
        yield doubt(rule, problem, "schedule")


def _long_holds(rule: Rule, spec: LimitedKind, minutes: int) -> Iterator[Doubt]:
    """Outside the hours nothing is raised, and what held is forgotten."""
    for severity in spec.severities:
        hold_s = spec.own_level(severity).hold or 0.0
        if minutes < _DAY_MINUTES and hold_s >= minutes * 60:
            at = () if spec.levels is None else ("levels", severity.value)
            problem = f"for is {hold_s / 3600:g} h, but it speaks for {minutes / 60:g} h at a time"
            yield doubt(rule, f"{problem}: {severity} is never raised", *at, "for")


def _ever(rule: Rule, site: Site, minutes: frozenset[int]) -> bool:
    """Whether there is a minute at which a camera is looked through for it; true where there are no cameras yet."""
    spec = rule.spec
    nobody = True
    for camera in site.cameras.values():
        for seen in _seen(camera, spec):
            nobody = False
            if minutes & seen:
                return True
    return nobody


def _seen(camera: Camera, spec: object) -> Iterator[frozenset[int]]:
    """The minutes of the day at which each zone that the rule is about, or the camera itself, is looked at."""
    duty = _minutes(camera.duty)
    if not isinstance(spec, Presence):
        yield duty
        return
    for zone in camera.zones:
        if zone.role in spec.zone_roles:
            yield duty & _minutes(zone.hours)


def _minutes(hours: str | None) -> frozenset[int]:
    return minutes_of(hours or "00:00-00:00")


def _short_gap(rule: Rule, spec: Presence, max_gap_s: float, site: Site) -> Iterator[Doubt]:
    watching = [
        camera
        for camera in site.cameras.values()
        if any(zone.role in spec.zone_roles for zone in camera.zones) and camera.interval_s > max_gap_s
    ]
    if watching and spec.confirm.k > 1:
        names = ", ".join(camera.camera_id for camera in watching[:5])
        problem = (
            f"max_gap is {max_gap_s:g} s, less than the time between two looks of {names}: it never confirms there"
        )
        yield doubt(rule, problem, "max_gap")
