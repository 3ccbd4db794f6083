"""Limits that nothing plausible reaches, and holds that mean less than they say."""

from collections.abc import Iterator

from config.lint import Doubt
from config.load import Site
from domain.finding import Severity
from domain.register import Device
from rules.kinds.threshold import Threshold
from rules.limited import LevelLimits, LimitedKind
from rules.limits import Figure
from rules.lints import doubt
from rules.rule import Rule

_SHOWN = 5


def of_rule(rule: Rule, site: Site) -> Iterator[Doubt]:
    """What a rule with limits can't come to, of all or of some that it speaks about."""
    spec = rule.spec
    if not isinstance(spec, LimitedKind):
        return
    yield from _beyond_reach(rule, spec, site)
    yield from _short_holds(rule, spec, site)


def _beyond_reach(rule: Rule, spec: LimitedKind, site: Site) -> Iterator[Doubt]:
    never: dict[Severity, list[str]] = {}
    edge: dict[Severity, list[str]] = {}
    parts = 0
    for device, port in spec.parts(site):
        baseline = spec.baseline(device)
        mute = isinstance(spec, Threshold) and spec.relative_to is not None and baseline is None
        if mute or spec.metric not in site.profiles[device.profile].metrics:
            continue
        parts += 1
        figure = spec.figure(site) if baseline is None else Figure.of(site.metrics[spec.metric])
        for level in spec.levels_for(rule, site, device, port):
            found = never if _out_of(level, figure) else edge if _at_edge_of(level, figure) else None
            if found is not None:
                found.setdefault(level.severity, []).append(_name(device, port))
    for severity, names in never.items():
        whom = "anybody" if len(names) == parts else _some(names)
        yield doubt(
            rule,
            f"{severity} can never be raised for {whom}: no plausible value reaches its limit",
            *_at(spec, severity),
        )
    for severity, names in edge.items():
        whom = "" if len(names) == parts else f" for {_some(names)}"
        problem = f"{severity} is raised{whom} only by exactly the last plausible value: no other reaches its limit"
        yield doubt(rule, problem, *_at(spec, severity))


def _out_of(level: LevelLimits, figure: Figure) -> bool:
    return level.limits.low < figure.low and level.limits.high > figure.high


def _at_edge_of(level: LevelLimits, figure: Figure) -> bool:
    return not figure.switch and level.limits.low <= figure.low and level.limits.high >= figure.high


def _short_holds(rule: Rule, spec: LimitedKind, site: Site) -> Iterator[Doubt]:
    """A hold is what is seen to hold: with less than an interval it is two values in a row, however far apart."""
    intervals_s = {
        site.profiles[device.profile].interval
        for device, _port in spec.parts(site)
        if spec.metric in site.profiles[device.profile].metrics
    }
    for severity in spec.severities:
        level = spec.own_level(severity)
        if level.hold and intervals_s and level.hold < min(intervals_s) and (level.samples or 1) <= 2:
            problem = (
                f"for is {level.hold:g} s, less than the {min(intervals_s):g} s between two values: any two in a row "
                "are enough; write samples: 2"
            )
            yield doubt(rule, problem, *_at(spec, severity)[:-1], "for")


def _at(spec: LimitedKind, severity: Severity) -> tuple[str, ...]:
    return ("raise",) if spec.levels is None else ("levels", severity.value, "raise")


def _name(device: Device, port: int | None) -> str:
    return device.device_id if port is None else f"{device.device_id}/{port}"


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
