"""`kind: threshold`: a metric beyond its limit, for long enough."""

import logging
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct
from pydantic import Field

from config.load import Site
from config.schema import Duration
from domain.finding import AlarmState, Change, Finding, Severity
from domain.reading import Value
from domain.register import Device
from rules.limits import Limits, Override, Side, check_sides, limits_of
from rules.rule import CAMERA, ForEach, Kind, Rule
from rules.watch import ValueWatch

log = logging.getLogger(__name__)

RENEW_MS = 60_000
"""A firing alarm is renewed at most once in this much event time."""
DEFAULT_GAP_INTERVALS = 3


class EachPart(ForEach):
    """Devices of a kind; `part` narrows it to whole devices or to their ports."""

    part: Literal["any", "device", "port"] = "any"


class Threshold(Kind):
    """Raised when `raise` has held for `for` of event time and `samples` values, ended by `clear`."""

    kind: Literal["threshold"]
    for_each: EachPart
    metric: str
    raise_: Side = Field(alias="raise")
    clear: Side | None = Field(default=None, description="empty: as soon as `raise` no longer holds")
    hold: Duration = Field(default=0.0, alias="for")
    samples: int = Field(default=1, ge=1, description="so many values in a row")
    max_gap: Duration | None = Field(default=None, description="a longer one breaks the hold; empty: 3 intervals")
    relative_to: Literal["baseline"] | None = None
    latch: bool = Field(default=False, description="ends only by a person's word")
    max_age: Duration = Field(default=86400.0, description="how old a late value may be that still raises")
    no_data: Literal["keep"] = "keep"
    overrides: dict[str, Override] = Field(default={}, description="by device_id or device_id/port")

    @property
    def urgent(self) -> bool:
        """Whether one value is enough to raise it and too grave to be lost, be it late."""
        grave = self.latch or self.severity is Severity.CRITICAL
        return grave and self.hold == 0 and self.samples == 1

    def check(self, rule: Rule, site: Site) -> None:
        """As for every kind; and the metric, both limits, the gap, the age and every override."""
        super().check(rule, site)
        if "max_age" in self.model_fields_set and not self.urgent:
            problem = (
                "max_age is given; only without for and samples, and critical or latched, does it hear late values"
            )
            raise rule.wrong(problem, "max_age")
        kind = self.for_each.kind
        if kind == CAMERA:
            raise rule.wrong(
                "for_each.kind is 'camera'; cameras have no metrics, use presence or view", "for_each", "kind"
            )
        if self.metric not in site.metrics:
            raise rule.wrong(f"metric is {self.metric!r}, which metrics.yaml does not have", "metric")
        metric = site.metrics[self.metric]
        senders = [
            profile for profile in site.profiles.values() if profile.kind == kind and self.metric in profile.metrics
        ]
        if not senders:
            raise rule.wrong(f"metric is {self.metric!r}, which no profile of the kind {kind!r} sends", "metric")
        interval_s = max(profile.interval for profile in senders)
        if self.max_gap is not None and self.max_gap < interval_s:
            problem = (
                f"max_gap is {self.max_gap:g} s, less than the {interval_s:g} s between two values: nothing would hold"
            )
            raise rule.wrong(problem, "max_gap")
        relative = self.relative_to is not None
        check_sides(rule, self.raise_, self.clear, metric, relative=relative, at=())
        for subject, override in self.overrides.items():
            at = ("overrides", subject)
            self._check_subject(rule, site, subject)
            check_sides(rule, override.raise_, override.clear or self.clear, metric, relative=relative, at=at)

    def _check_subject(self, rule: Rule, site: Site, subject: str) -> None:
        device_id, slash, port = subject.partition("/")
        device = site.devices.get(device_id)
        if device is None or device.kind != self.for_each.kind:
            raise rule.wrong(f"overrides has {subject!r}; there is no such {self.for_each.kind}", "overrides", subject)
        if slash and port not in {str(number) for number in range(1, device.ports + 1)}:
            problem = f"overrides has {subject!r}; {device_id} has the ports 1 to {device.ports}"
            raise rule.wrong(problem, "overrides", subject)

    def watches(self, rule: Rule, site: Site) -> Sequence["ThresholdWatch"]:
        """One for each device and each port; a device without the baseline that is needed has none."""
        found: list[ThresholdWatch] = []
        mute: list[str] = []
        for device in site.devices.values():
            if device.kind != self.for_each.kind:
                continue
            if self.relative_to and self.metric not in device.baseline:
                if self.metric in site.profiles[device.profile].metrics:
                    mute.append(device.device_id)
                continue
            gap_s = self.max_gap or DEFAULT_GAP_INTERVALS * site.profiles[device.profile].interval
            found += (
                ThresholdWatch(
                    rule,
                    self,
                    device.device_id,
                    port=port,
                    limits=self._limits(rule, device, port),
                    gap_ms=round(gap_s * 1000),
                )
                for port in self._parts(device)
            )
        if mute:
            log.warning("rule %s cannot speak for %s: no baseline of %s", self.id, ", ".join(mute), self.metric)
        return found

    def _parts(self, device: Device) -> Iterator[int | None]:
        if self.for_each.part != "port":
            yield None
        if self.for_each.part != "device":
            yield from range(1, device.ports + 1)

    def _limits(self, rule: Rule, device: Device, port: int | None) -> Limits:
        """The port's override wins over the device's, the device's over the rule's own limits."""
        baseline = device.baseline[self.metric] if self.relative_to else None
        for subject in (f"{device.device_id}/{port}", device.device_id):
            if override := self.overrides.get(subject):
                origin = rule.origin("overrides", subject, "raise")
                return limits_of(override.raise_, override.clear or self.clear, baseline, origin)
        return limits_of(self.raise_, self.clear, baseline, rule.origin("raise"))


class Hold(Struct, frozen=True):
    """A breach and how far it has come."""

    state: AlarmState
    since_ms: int
    seen_ms: int
    """Event time of the newest value beyond the limit."""
    count: int
    renewed_ms: int = 0


class ThresholdWatch(ValueWatch[Hold]):
    """A threshold over one device or port."""

    __slots__ = ("_gap_ms", "_hold_ms", "_latch", "_limits", "_samples")
    remembers = Hold

    def __init__(
        self, rule: Rule, spec: Threshold, device_id: str, *, port: int | None, limits: Limits, gap_ms: int
    ) -> None:
        super().__init__(rule, device_id, port=port)
        self.metric = spec.metric
        self.low, self.high = limits.low, limits.high
        self._limits = limits
        self._gap_ms = gap_ms
        self._hold_ms = round(spec.hold * 1000)
        self._samples = spec.samples
        self._latch = spec.latch
        self.late_ms = round(spec.max_age * 1000) if spec.urgent else None

    def value(self, value: Value, at_ms: int, *, again: bool) -> Finding | None:
        """Of two values of one moment the worse one counts, so that a second's `smoke: true` is never lost."""
        if value != value:  # noqa: PLR0124 - not a number: says nothing
            return None
        breached = self._limits.breached(value)
        hold = self.state
        if again and (not breached or (hold is not None and hold.seen_ms == at_ms)):
            return None
        if hold is None or hold.state is AlarmState.PENDING:
            if breached:
                return self._gather(hold, value, at_ms)
            self.state = None
            return None
        return self._hold_on(hold, value, at_ms) if breached else self._ease(hold, value, at_ms)

    def _gather(self, hold: Hold | None, value: Value, at_ms: int) -> Finding | None:
        broken = hold is None or at_ms - hold.seen_ms > self._gap_ms
        since_ms, count = (at_ms, 1) if hold is None or broken else (hold.since_ms, hold.count + 1)
        firing = at_ms - since_ms >= self._hold_ms and count >= self._samples
        state = AlarmState.FIRING if firing else AlarmState.PENDING
        self.state = Hold(state=state, since_ms=since_ms, seen_ms=at_ms, count=count, renewed_ms=at_ms)
        return self._step(Change.RAISED, self.state, value, at_ms) if firing else None

    def _hold_on(self, hold: Hold, value: Value, at_ms: int) -> Finding | None:
        due = hold.state is AlarmState.STALE or at_ms - hold.renewed_ms >= RENEW_MS
        self.state = Hold(
            state=AlarmState.FIRING,
            since_ms=hold.since_ms,
            seen_ms=at_ms,
            count=hold.count + 1,
            renewed_ms=at_ms if due else hold.renewed_ms,
        )
        return self._step(Change.RENEWED, self.state, value, at_ms) if due else None

    def _ease(self, hold: Hold, value: Value, at_ms: int) -> Finding | None:
        if self._limits.cleared(value) and not self._latch:
            self.state = None
            return self._step(Change.RESOLVED, hold, value, at_ms)
        stale = hold.state is AlarmState.STALE
        self.state = Hold(
            state=AlarmState.RECOVERING,
            since_ms=hold.since_ms,
            seen_ms=hold.seen_ms,
            count=hold.count,
            renewed_ms=at_ms if stale else hold.renewed_ms,
        )
        return self._step(Change.RENEWED, self.state, value, at_ms) if stale else None

    def unheard(self, at_ms: int) -> Finding | None:
        """A firing alarm goes stale; one that is latched stands anyway."""
        hold = self.state
        if hold is None or self._latch or hold.state not in {AlarmState.FIRING, AlarmState.RECOVERING}:
            return None
        self.state = Hold(
            state=AlarmState.STALE,
            since_ms=hold.since_ms,
            seen_ms=hold.seen_ms,
            count=hold.count,
            renewed_ms=hold.renewed_ms,
        )
        return self._step(Change.STALE, self.state, None, at_ms)

    @property
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""
        hold = self.state
        return hold is not None and hold.state is not AlarmState.PENDING

    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word."""
        hold = self.state
        if hold is None or hold.state is AlarmState.PENDING:
            return None
        self.state = None
        return self._step(Change.RESOLVED, hold, None, at_ms)

    def _step(self, change: Change, hold: Hold, value: Value | None, at_ms: int) -> Finding:
        return self.finding(
            change,
            at_ms=at_ms,
            since_ms=hold.since_ms,
            metric=self.metric,
            value=None if value is None else self._limits.shown(value),
            limit=self._limits.number,
            limit_source=self._limits.origin,
            latch=self._latch,
        )
