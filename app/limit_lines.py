"""The limits of rules over a stretch of time, as lines beside the values that they are compared with."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import Final

from config.load import Site
from console.desk.devices import LimitLine
from domain.register import Device
from rules.chain import Candidate, starts_ms
from rules.kinds.baseline import Baseline
from rules.kinds.threshold import Threshold
from rules.limited import LimitedKind
from rules.limits import limits_of
from rules.rule import Rule

_STEP_MS: Final = 15 * 60_000
"""Hours of a schedule begin and end on a quarter."""
_HOURS_MS: Final = 32 * 86_400_000
"""Over a longer stretch hours are too narrow to be seen: the limit is drawn through."""
Stretch = tuple[int, int]
"""From–to in epoch ms."""
Part = tuple[Device, int | None]
"""A device, or one of its ports."""


def limit_lines(rules: Sequence[Rule], site: Site, part: Part, metric: str, *, stretch: Stretch) -> list[LimitLine]:
    """Of every rule that compares this metric itself, or its change from the baseline of its installation."""
    return [
        line
        for rule in rules
        if isinstance(rule.spec, LimitedKind) and _speaks(rule.spec, part, metric)
        for line in _of_rule(rule, rule.spec, site, part, stretch=stretch)
    ]


def _speaks(spec: LimitedKind, part: Part, metric: str) -> bool:
    device = part[0]
    if spec.metric != metric or part not in _parts(spec, device):
        return False
    if isinstance(spec, Threshold):
        return not spec.relative_to or metric in device.baseline
    return isinstance(spec, Baseline) and spec.against == "installation" and metric in device.baseline


def _parts(spec: LimitedKind, device: Device) -> list[Part]:
    """The parts of one device that a rule speaks about."""
    if device.kind != spec.for_each.kind:
        return []
    ports: list[int | None] = [] if spec.for_each.part == "port" else [None]
    ports += [] if spec.for_each.part == "device" else range(1, device.ports + 1)
    return [(device, port) for port in ports]


def _of_rule(rule: Rule, spec: LimitedKind, site: Site, part: Part, *, stretch: Stretch) -> Iterator[LimitLine]:
    device, port = part
    chain = spec.chain(rule, site, device, port)
    from_ms, to_ms = stretch
    edges = [from_ms, *(round(at) for at in starts_ms(chain) if isfinite(at) and from_ms < at < to_ms), to_ms]
    for begins, ends in pairwise(edges):
        given = spec.limit_chain(rule, site, device, port, at_ms=begins)
        for one in (each for each in given if each.wins):
            for first, last in _in_hours(rule, site, (begins, ends)):
                yield _line(rule, one, _baseline(spec, device), (first, last))


def _baseline(spec: LimitedKind, device: Device) -> float | None:
    known = device.baseline.get(spec.metric)
    return known if isinstance(spec, Baseline) else spec.baseline(device)


def _in_hours(rule: Rule, site: Site, stretch: Stretch) -> Iterator[Stretch]:
    """The parts of a stretch in which the rule speaks."""
    hours, (begins, ends) = rule.spec.hours(site), stretch
    if hours is None or ends - begins > _HOURS_MS:
        yield stretch
        return
    first: int | None = None
    quarters = range(begins - begins % _STEP_MS, ends, _STEP_MS)
    for at_ms in quarters:
        holds = hours.holds(at_ms)
        if holds and first is None:
            first = max(at_ms, begins)
        elif not holds and first is not None:
            yield first, at_ms
            first = None
    if first is not None:
        yield first, ends


def _line(rule: Rule, one: Candidate, baseline: float | None, stretch: Stretch) -> LimitLine:
    limits = limits_of(one.raise_, one.clear, baseline, one.where)
    return LimitLine(
        rule_id=rule.id,
        title=rule.spec.title,
        severity=one.severity,
        low=limits.low if isfinite(limits.low) else None,
        high=limits.high if isfinite(limits.high) else None,
        from_ms=stretch[0],
        to_ms=stretch[1],
        where=one.where,
        step=one.step,
        source=one.source,
        confidence=one.confidence,
    )
