"""What rules about a metric of devices have in common: whom they speak about, and which limits hold for whom."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from config.limits import Override, Side
from config.load import Site
from config.mistakes import Gathered, near
from config.place import Place
from config.plans import Plan, Plans
from config.schema import Duration
from domain.finding import Severity
from domain.register import Device
from rules.chain import Candidate, Given, Step, candidates, starts_ms, winners
from rules.chain_check import check_chain
from rules.in_force import InForce, shared
from rules.levels import OwnLevel, either_shape, one_shape
from rules.limits import Figure, LevelLimits, limits_of
from rules.rule import CAMERA, ForEach, Kind, Rule
from rules.schedule import AnySchedule

__all__ = ["EachPart", "LevelLimits", "LimitedKind"]

DEFAULT_GAP_INTERVALS = 3


class EachPart(ForEach):
    """Devices of a kind; `part` narrows it to whole devices or to their ports."""

    part: Literal["any", "device", "port"] = "any"


class LimitedKind(Kind):
    """A rule about one metric of devices, with limits of one severity or of several."""

    model_config = ConfigDict(json_schema_extra=either_shape)

    for_each: EachPart
    metric: str = Field(description="what is measured, by its name in metrics.yaml")
    unit: str | None = Field(default=None, description="what the limits are meant in; must be the metric's own")
    raise_: Side | None = Field(alias="raise")
    clear: Side | None = Field(default=None, description="empty: as soon as `raise` no longer holds")
    hold: Duration = Field(default=0.0, alias="for", description="how long it must hold, in the devices' own time")
    samples: int = Field(default=1, ge=1, description="so many values in a row")
    levels: dict[Severity, OwnLevel] | None = Field(
        default=None, min_length=1, description="several severities, instead of severity, raise, clear, for and samples"
    )
    overrides: dict[str, Override] = Field(default={}, description="by device_id or device_id/port")
    max_gap: Duration | None = Field(default=None, description="a longer one breaks the hold; empty: 3 intervals")
    lateness: Duration = Field(default=0.0, description="wait so long for values that come out of order")
    max_age: Duration = Field(default=86400.0, description="how old a late value may be that still raises")
    latch: bool = Field(default=False, description="ends only by a person's word")
    schedule: AnySchedule | None = Field(default=None, description="outside it nothing is raised")

    @model_validator(mode="before")
    @classmethod
    def _one_shape(cls, data: Any) -> Any:
        """Either one severity with its limits or levels; the rule's severity is then the worst of them."""
        return one_shape(cls.__name__, data)

    def check(self, rule: Rule, site: Site) -> None:
        """As for every kind; and the metric, who sends it, all limits, the gap and every override."""
        found = Gathered()
        with found:
            super().check(rule, site)
        with found:
            self._check_metric(rule, site)
        if self.metric in site.metrics:
            with found:
                self.check_chain([self.own(rule)], site)
            for subject in self.overrides:
                with found:
                    device, port = self.subject_of(subject, site, rule.place, "overrides", subject)
                    self.check_chain(self.chain(rule, replace(site, plans=Plans()), device, port), site)
        found.tell()

    def _check_metric(self, rule: Rule, site: Site) -> None:
        if self.for_each.kind == CAMERA:
            problem = "for_each.kind is 'camera'; cameras have no metrics, use presence or view"
            raise rule.wrong(problem, "for_each", "kind")
        if self.metric not in site.metrics:
            problem = f"metric is {self.metric!r}, which metrics.yaml does not have{near(self.metric, site.metrics)}"
            raise rule.wrong(problem, "metric")
        if self.unit is not None and self.unit != (known := site.metrics[self.metric].unit):
            raise rule.wrong(f"unit is {self.unit!r}, but {self.metric} is in {known!r}", "unit")
        if self.for_each.kind in self.kinds(site):
            self._check_senders(rule, site)

    def check_chain(self, chain: Sequence[Given], site: Site) -> None:
        """Raise ConfigError if limits of the chain cannot be, by themselves or with those that they stand before."""
        check_chain(chain, self.severities, self.figure(site), of=self.id, leveled=self.levels is not None)

    def _check_senders(self, rule: Rule, site: Site) -> None:
        kind = self.for_each.kind
        senders = [each for each in site.profiles.values() if each.kind == kind and self.metric in each.metrics]
        if not senders:
            raise rule.wrong(f"metric is {self.metric!r}, which no profile of the kind {kind!r} sends", "metric")
        interval_s = max(profile.interval for profile in senders)
        if self.max_gap is not None and self.max_gap < interval_s:
            problem = f"max_gap is {self.max_gap:g} s, less than the {interval_s:g} s between two values"
            raise rule.wrong(f"{problem}: nothing would hold", "max_gap")

    def subject_of(self, subject: str, site: Site, place: Place, *keys: str) -> tuple[Device, int | None]:
        """The device, and the port if one is named. Raises ConfigError at `keys` if the rule does not speak of it."""
        device_id, slash, port = subject.partition("/")
        device = site.devices.get(device_id)
        if device is None or device.kind != self.for_each.kind:
            raise place.wrong(f"{keys[0]} has {subject!r}; there is no such {self.for_each.kind}", *keys)
        if not slash:
            return device, None
        if port not in {str(number) for number in range(1, device.ports + 1)}:
            problem = f"{keys[0]} has {subject!r}; {device_id} has the ports 1 to {device.ports}"
            raise place.wrong(problem, *keys)
        if self.for_each.part == "device":
            raise place.wrong(f"{keys[0]} has {subject!r}, but the rule {self.id!r} is about whole devices", *keys)
        return device, int(port)

    @property
    def severities(self) -> tuple[Severity, ...]:
        """The levels that the rule knows, the most severe first."""
        if self.levels is None:
            return (self.severity,)
        return tuple(severity for severity in reversed(Severity) if severity in self.levels)

    def own_level(self, severity: Severity) -> OwnLevel:
        """The rule's own limits of a severity that it knows."""
        if self.raise_ is None:
            return (self.levels or {})[severity]
        return OwnLevel.model_construct(
            raise_=self.raise_, clear=self.clear, hold=self.hold, samples=self.samples, latch=self.latch
        )

    def figure(self, site: Site) -> Figure:
        """What the limits are compared with; a kind that computes something of the metric says what."""
        return Figure.of(site.metrics[self.metric])

    def baseline(self, device: Device) -> float | None:
        """What limits are a change from; None: from nothing."""
        del device
        return None

    def speaks_for(self, device: Device) -> bool:
        """Whether all is known that its limits need; if not, a device of its kind has no watch."""
        del device
        return True

    def subjects(self, site: Site) -> int:
        """Of each device that it can speak for, the device or its ports, or both."""
        return sum(
            (self.for_each.part != "port") + (device.ports if self.for_each.part != "device" else 0)
            for device in site.devices.values()
            if device.kind == self.for_each.kind and self.speaks_for(device)
        )

    def parts(self, site: Site) -> Iterator[tuple[Device, int | None]]:
        """Everything that the rule speaks about: devices, with None, and ports."""
        for device in site.devices.values():
            if device.kind == self.for_each.kind:
                yield from ((device, port) for port in self._ports(device))

    def _ports(self, device: Device) -> Iterator[int | None]:
        if self.for_each.part != "port":
            yield None
        if self.for_each.part != "device":
            yield from range(1, device.ports + 1)

    def gap_ms(self, site: Site, device: Device) -> int:
        """How long a device may say nothing before what held is no longer known to hold."""
        return _ms(self.max_gap or DEFAULT_GAP_INTERVALS * site.profiles[device.profile].interval)

    def levels_for(
        self, rule: Rule, site: Site, device: Device, port: int | None, *, at_ms: float | None = None
    ) -> tuple[LevelLimits, ...]:
        """The limits that hold for a device or port, the most severe first.

        Plans may count for a time only: without `at_ms`, those do not.
        """
        return self._levels(self.chain(rule, site, device, port), device, at_ms)

    def has_own(self, site: Site, device: Device, port: int | None) -> bool:
        """Whether a device or port is named by whoever gives limits; else its model decides, or the rule itself."""
        names = (device.device_id,) if port is None else (device.device_id, f"{device.device_id}/{port}")
        return any(name in self.overrides or next(site.plans.about(name, self.id), None) for name in names)

    def in_force(self, rule: Rule, site: Site, device: Device, port: int | None) -> InForce:
        """The limits that hold for a device or port, whatever the time: what a watch keeps."""
        chain = self.chain(rule, site, device, port)
        starts = starts_ms(chain)
        return shared(starts, tuple(self._levels(chain, device, at_ms) for at_ms in starts))

    def limit_chain(
        self, rule: Rule, site: Site, device: Device, port: int | None, *, at_ms: float | None = None
    ) -> tuple[Candidate, ...]:
        """All limits that are given for a device or port, by severity; those that come first in the chain first."""
        return candidates(self.chain(rule, site, device, port), self.severities, at_ms)

    def _levels(self, chain: Sequence[Given], device: Device, at_ms: float | None) -> tuple[LevelLimits, ...]:
        baseline = self.baseline(device)
        return tuple(
            LevelLimits(
                severity=level.severity,
                limits=limits_of(level.raise_, level.clear, baseline, level.where),
                hold_ms=level.hold_ms,
                samples=level.samples,
                latch=self.own_level(level.severity).latch,
            )
            for level in winners(chain, self.severities, at_ms)
        )

    def chain(self, rule: Rule, site: Site, device: Device, port: int | None) -> tuple[Given, ...]:
        """Whoever gives it limits: of each step the port's before the device's, and the rule itself at the end."""
        names = (f"{device.device_id}/{port}", device.device_id)
        plans = [(name, plan) for name in names for plan in site.plans.about(name, self.id)]
        own = [(name, self._of_plan(plan)) for name, plan in plans if plan.own]
        own += [(name, self._of_override(rule, name)) for name in names if name in self.overrides]
        own.sort(key=lambda each: names.index(each[0]))
        others = [self._of_plan(plan) for _name, plan in plans if not plan.own]
        return (*(given for _name, given in own), *others, *self.of_model(site, device.profile), self.own(rule))

    def _of_override(self, rule: Rule, subject: str) -> Given:
        override = self.overrides[subject]
        return Given(
            step=Step.SUBJECT,
            by=f"{self.id} {subject}",
            levels=override.by_severity(self.severity),
            place=rule.place.at("overrides", subject),
            leveled=override.levels is not None,
            source=override.source,
            confidence=override.confidence,
        )

    def _of_plan(self, plan: Plan) -> Given:
        says = plan.says
        limits = says.limits[self.id]
        return Given(
            step=Step.SUBJECT if plan.own else Step.PLAN,
            by=plan.id,
            levels=limits.by_severity(self.severity),
            place=plan.place.at("limits", self.id),
            leveled=limits.levels is not None,
            source=limits.source or says.source,
            confidence=limits.confidence or says.confidence,
            from_ms=plan.from_ms,
            until_ms=plan.until_ms,
        )

    def of_model(self, site: Site, name: str) -> Iterator[Given]:
        """What the profile of this name gives; nothing, if it says nothing of the rule."""
        limits = site.profiles[name].limits.get(self.id)
        if limits is None:
            return
        yield Given(
            step=Step.MODEL,
            by=name,
            levels=limits.by_severity(self.severity),
            place=site.place_of_profile(name).at("limits", self.id),
            leveled=limits.levels is not None,
            source=limits.source,
            confidence=limits.confidence,
        )

    def own(self, rule: Rule) -> Given:
        """The rule itself: what holds where nobody says otherwise."""
        return Given(
            step=Step.DEFAULT,
            by=self.id,
            levels={severity: self.own_level(severity) for severity in self.severities},
            place=rule.place,
            leveled=self.levels is not None,
            source=self.source,
            confidence=self.confidence,
        )


@lru_cache(maxsize=256)
def _ms(seconds: float) -> int:
    """One object for the same number: a city has thousands of subjects and few such."""
    return round(seconds * 1000)
