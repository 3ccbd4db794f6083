"""`kind: threshold`: a metric beyond its limit, for long enough."""

import logging
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from config.load import Site
from domain.finding import AlarmState, Change, Finding, Severity
from domain.reading import Value
from domain.register import Device
from rules.limited import LimitedKind
from rules.limits import Figure, Limits
from rules.rule import Rule
from rules.watch import ValueWatch

log = logging.getLogger(__name__)

RENEW_MS = 60_000
"""A firing alarm is renewed at most once in this much event time."""


class Threshold(LimitedKind):
    """Raised when `raise` has held for `for` of event time and `samples` values, ended by `clear`."""

    kind: Literal["threshold"]
    relative_to: Literal["baseline"] | None = None
    no_data: Literal["keep"] = "keep"

    @property
    def urgent(self) -> bool:
        """Whether one value is enough to raise it and too grave to be lost, be it late."""
        grave = self.latch or self.severity is Severity.CRITICAL
        return grave and self.hold == 0 and self.samples == 1

    def check(self, rule: Rule, site: Site) -> None:
        """As for every kind with limits; and the age."""
        super().check(rule, site)
        if "max_age" in self.model_fields_set and not self.urgent:
            problem = (
                "max_age is given; only without for and samples, and critical or latched, does it hear late values"
            )
            raise rule.wrong(problem, "max_age")

    def figure(self, site: Site) -> Figure:
        """The metric, or its change since the device was installed."""
        metric = Figure.of(site.metrics[self.metric])
        if self.relative_to is None:
            return metric
        return Figure(name="a change from the baseline", low=0, high=metric.high - metric.low, signed=False)

    def baseline(self, device: Device) -> float | None:
        """What the metric was when the device was installed, where that is meant."""
        return device.baseline.get(self.metric) if self.relative_to else None

    def watches(self, rule: Rule, site: Site) -> Sequence["ThresholdWatch"]:
        """One for each device and each port; a device without the baseline that is needed has none."""
        found: list[ThresholdWatch] = []
        mute: dict[str, None] = {}
        for device, port in self.parts(site):
            if self.relative_to and self.metric not in device.baseline:
                if self.metric in site.profiles[device.profile].metrics:
                    mute[device.device_id] = None
                continue
            limits = self.levels_for(rule, site, device, port)[0].limits
            gap_ms = self.gap_ms(site, device)
            found.append(ThresholdWatch(rule, self, device.device_id, port=port, limits=limits, gap_ms=gap_ms))
        if mute:
            log.warning("rule %s cannot speak for %s: no baseline of %s", self.id, ", ".join(mute), self.metric)
        return found


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
