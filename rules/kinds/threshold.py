"""`kind: threshold`: a metric beyond its limit, for long enough."""

import logging
from collections.abc import Sequence
from typing import Literal

from config.load import Site
from domain.case import Alarm
from domain.finding import Change, Finding, Severity
from domain.reading import Value
from domain.register import Device
from rules.alarm_life import Life, gathering_ms, standing, unheld
from rules.in_force import InForce
from rules.limited import LimitedKind
from rules.limits import Figure
from rules.rule import Rule
from rules.shared_limits import SharedLimits
from rules.watch import ValueWatch

log = logging.getLogger(__name__)


class Threshold(LimitedKind):
    """Raised when `raise` has held for `for` of event time and `samples` values, ended by `clear`."""

    kind: Literal["threshold"]
    relative_to: Literal["baseline"] | None = None
    no_data: Literal["keep"] = "keep"

    def check(self, rule: Rule, site: Site) -> None:
        """As for every kind with limits; and the age."""
        super().check(rule, site)
        levels = [self.own_level(severity) for severity in self.severities]
        grave = [
            one for one in zip(self.severities, levels, strict=True) if one[1].latch or one[0] is Severity.CRITICAL
        ]
        urgent = any(not level.hold and (level.samples or 1) == 1 for _severity, level in grave)
        if "max_age" in self.model_fields_set and not urgent:
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

    def speaks_for(self, device: Device) -> bool:
        """Whether its baseline is known, where that is needed."""
        return not self.relative_to or self.metric in device.baseline

    def watches(self, rule: Rule, site: Site) -> Sequence["ThresholdWatch"]:
        """One for each device and each port; a device without the baseline that is needed has none."""
        found: list[ThresholdWatch] = []
        mute: dict[str, None] = {}
        limits = SharedLimits(self, rule, site)
        for device, port in self.parts(site):
            if not self.speaks_for(device):
                if self.metric in site.profiles[device.profile].metrics:
                    mute[device.device_id] = None
                continue
            in_force, gap_ms = limits.of(device, port), self.gap_ms(site, device)
            found.append(ThresholdWatch(rule, self, device.device_id, port=port, in_force=in_force, gap_ms=gap_ms))
        if mute:
            log.warning("rule %s cannot speak for %s: no baseline of %s", self.id, ", ".join(mute), self.metric)
        return found


class ThresholdWatch(ValueWatch[Life]):
    """A threshold over one device or port."""

    __slots__ = ("_in_force",)
    remembers = Life

    def __init__(
        self, rule: Rule, spec: Threshold, device_id: str, *, port: int | None, in_force: InForce, gap_ms: int
    ) -> None:
        super().__init__(rule, device_id, port=port)
        self.metric = spec.metric
        self.low, self.high = in_force.low, in_force.high
        self._in_force = in_force
        self.gap_ms = gap_ms
        self.late_ms = round(spec.max_age * 1000) if any(level.urgent for level in in_force.ever) else None

    def restore(self, saved: bytes) -> None:
        """As for every watch; the levels may have been others when it was saved."""
        super().restore(saved)
        if self.state is not None:
            self.state = self._in_force.each[-1].adopted(self.state)

    def beyond(self, value: Value) -> bool:
        """Whether one such value is enough to raise an urgent level."""
        return any(level.urgent and level.limits.breached(value) for level in self._in_force.ever)

    def value(self, value: Value, at_ms: int) -> Finding | None:
        """One value, that counts for every level by itself: how far each has come, and which of them it ends."""
        life, levels = self.state, self._in_force.at(at_ms)
        waiting_ms = None if life is None else gathering_ms(life)
        if waiting_ms is not None and at_ms - waiting_ms > self.gap_ms:
            life = unheld(life)
        return self._become(life, *levels.judge(life, value, at_ms), value, at_ms)

    def lifted_by(self, value: Value, at_ms: int) -> bool:
        """Whether a late value is urgent, and worse than what stands."""
        return self._in_force.at(at_ms).lift(self.state, value, at_ms)[1] is not None

    def late(self, value: Value, at_ms: int) -> Finding | None:
        """A value from before the newest, that raises the alarm or makes it worse."""
        life = self.state
        return self._become(life, *self._in_force.at(at_ms).lift(life, value, at_ms), value, at_ms)

    def shown(self, value: Value) -> float:
        """The value as it compares with the limits: a change, where a baseline is meant."""
        return self._in_force.ever[0].limits.shown(value)

    def unheard(self, at_ms: int) -> Finding | None:
        """A firing alarm goes stale; one that is latched stands anyway."""
        return self._become(self.state, *self._in_force.at(at_ms).unheard(self.state), None, at_ms)

    @property
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""
        return standing(self.state)

    def adopt(self, alarm: Alarm) -> None:
        """Take up an open alarm."""
        self.state = self._in_force.at(alarm.seen_ms).taken_up(alarm)

    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word."""
        if not standing(self.state):
            return None
        return self._become(self.state, None, Change.RESOLVED, None, at_ms)

    def _become(
        self, before: Life | None, after: Life | None, change: Change | None, value: Value | None, at_ms: int
    ) -> Finding | None:
        self.state = after
        told = after if standing(after) else before
        if change is None or told is None:
            return None
        level = self._in_force.at(at_ms).level(told)
        return self.finding(
            change,
            at_ms=at_ms,
            since_ms=told.since_ms,
            metric=self.metric,
            value=None if value is None else self.shown(value),
            limit=level.limits.number,
            limit_source=level.origin,
            latch=level.latch,
            severity=level.severity,
        )
