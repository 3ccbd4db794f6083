"""Why a subject is judged as it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import Struct, structs

from config.load import Site
from config.schema import Words
from domain.finding import AlarmState, Severity
from domain.reading import Value
from rules.alarm_life import Hold, Life
from rules.chain import Candidate
from rules.engine import Engine
from rules.figured import Followed
from rules.kinds.count import Count
from rules.kinds.rate import Rate
from rules.kinds.threshold import ThresholdWatch
from rules.kinds.trend import Trend
from rules.limited import LimitedKind
from rules.memory import Key
from rules.rule import FEED, Kind, Rule
from rules.watch import ValueWatch, Watch

_PER = {"1m": "/min", "1h": "/h", "1d": "/d"}


Newest = Mapping[str, Mapping[str, tuple[int, Value]]]
"""By subject and metric: what was said last, and when."""


class Gathering(Struct, frozen=True, kw_only=True):
    """How far a subject is from the limit of one severity, as far as it can be told."""

    severity: Severity
    figure: float | None = None
    """What is compared with the limit now; None: nothing was heard, or the kind keeps none."""
    short: float | None = None
    """By how much the figure lacks the limit; 0: it is beyond it; None: that is not known."""
    held_s: float | None = None
    """How long it has been beyond it; None: it is not."""
    count: int = 0
    """How many values in a row were beyond it."""


class Judged(Struct, frozen=True, kw_only=True):
    """One rule over one subject."""

    rule_id: str
    subject: str
    title: Words
    kind: str
    severity: Severity
    version: str
    where: str
    """Where the rule stands: `trees.yaml:12`."""
    metric: str | None
    limits: tuple[Candidate, ...]
    """Everything that gives it limits, by severity; empty for a kind without."""
    source: str | None
    confidence: str | None
    first: Words | None
    """What to do first."""
    unit: str = ""
    """What its limits are in; empty for a number of times, and where they say it themselves."""
    latched: frozenset[Severity] = frozenset()
    """The severities that only a person's word ends."""
    state: AlarmState | None = None
    """None: quiet."""
    since_ms: int | None = None
    gathering: tuple[Gathering, ...] = ()
    """By severity, of the limits that hold."""


def judged_by(
    subject: str,
    rules: Sequence[Rule],
    site: Site,
    engine: Engine,
    at_ms: int,
    *,
    saved: Mapping[Key, bytes] | None = None,
    newest: Newest | None = None,
) -> tuple[Judged, ...]:
    """Every rule that watches a device, a port (`cs-7/3`), a camera or one of its zones, in the order of the files.

    What is missing for an alarm is told as far as `saved`, the rules' states, and the newest values show it.
    """
    states = {(rule_id, name): (state, since_ms) for rule_id, name, state, since_ms in engine.states()}
    about = only(subject, site)
    found = []
    for rule in rules:
        if rule.spec.for_each.kind == FEED:
            continue
        for watch in rule.spec.watches(rule, about):
            if watch.subject == subject or _camera(watch.device_id, subject, site):
                metric = watch.metric if isinstance(watch, ValueWatch) else None
                state = states.get(watch.key, (None, None))
                judged = _judged(rule, watch.key, metric, _limits(rule, site, watch.subject, at_ms), state)
                gathering = _gathering(watch, judged, saved or {}, newest or {}, at_ms)
                found.append(structs.replace(judged, unit=unit_of(rule.spec, site), gathering=gathering))
    return tuple(found)


def _gathering(
    watch: Watch[Any], judged: Judged, saved: Mapping[Key, bytes], newest: Newest, at_ms: int
) -> tuple[Gathering, ...]:
    if (state := saved.get(watch.key)) is not None:
        try:
            watch.restore(state)
        except msgspec.MsgspecError:  # of an older version: the engine lets go of it too
            watch.state = None
    remembered = watch.state
    life = remembered.life if isinstance(remembered, Followed) else remembered
    holds = life.holds if isinstance(life, Life) else {}
    said = newest.get(watch.subject, {}).get(judged.metric or "")
    figure = float(watch.shown(said[1])) if said is not None and isinstance(watch, ThresholdWatch) else None
    return tuple(_missing(one, figure, holds.get(one.severity), at_ms) for one in judged.limits if one.wins)


def _missing(one: Candidate, figure: float | None, hold: Hold | None, at_ms: int) -> Gathering:
    short = None
    if figure is not None:
        beyond = {"above": one.raise_.number - figure, "below": figure - one.raise_.number}
        short = max(0.0, beyond.get(one.raise_.key, float(figure != one.raise_.number)))
    return Gathering(
        severity=one.severity,
        figure=figure,
        short=short,
        held_s=None if hold is None else max(0.0, (at_ms - hold.since_ms) / 1000),
        count=0 if hold is None else hold.count,
    )


def only(subject: str, site: Site) -> Site:
    """The site with one device or camera alone, and nothing that it is heard through."""
    name = subject.partition("/")[0]
    devices = {name: structs.replace(site.devices[name], gateway=None)} if name in site.devices else {}
    cameras = {name: site.cameras[name]} if name in site.cameras else {}
    return replace(site, devices=devices, cameras=cameras)


def _camera(device_id: str, subject: str, site: Site) -> bool:
    """Of a camera, every zone is meant too."""
    return device_id == subject and subject in site.cameras


def _judged(
    rule: Rule,
    key: Key,
    metric: str | None,
    limits: tuple[Candidate, ...],
    state: tuple[AlarmState | None, int | None],
) -> Judged:
    spec = rule.spec
    return Judged(
        rule_id=rule.id,
        subject=key[1],
        title=spec.title,
        kind=spec.kind,
        severity=spec.severity,
        version=rule.version,
        where=f"{rule.path.name}:{rule.line('id')}",
        metric=metric,
        limits=limits,
        source=spec.source,
        confidence=spec.confidence,
        first=spec.first,
        latched=_latched(spec),
        state=state[0],
        since_ms=state[1],
    )


def _latched(spec: Kind) -> frozenset[Severity]:
    if isinstance(spec, LimitedKind):
        return frozenset(severity for severity in spec.severities if spec.own_level(severity).latch)
    return frozenset({spec.severity} if getattr(spec, "latch", False) else ())


def unit_of(spec: Kind, site: Site) -> str:
    """What the limits of a rule are in; empty for a number of times, and where they say it themselves."""
    if not isinstance(spec, LimitedKind) or spec.figure(site).timed or isinstance(spec, Count):
        return ""
    per = "/d" if isinstance(spec, Trend) else _PER[spec.per] if isinstance(spec, Rate) else ""
    return site.metrics[spec.metric].unit + per


def _limits(rule: Rule, site: Site, subject: str, at_ms: int) -> tuple[Candidate, ...]:
    device_id, _, port = subject.partition("/")
    if not isinstance(rule.spec, LimitedKind) or device_id not in site.devices:
        return ()
    return rule.spec.limit_chain(rule, site, site.devices[device_id], int(port) if port else None, at_ms=at_ms)


def winners(judged: Judged) -> Iterator[Candidate]:
    """The limits that hold."""
    return (one for one in judged.limits if one.wins)
