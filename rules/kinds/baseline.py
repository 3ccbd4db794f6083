"""`kind: baseline`: a metric that is not what it was for this very tree or socket."""

import logging
from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime, tzinfo
from statistics import median
from typing import Any, Literal

from msgspec.structs import replace
from pydantic import Field

from config.load import Site
from config.schema import Duration
from domain.clock import utc
from domain.finding import Finding
from domain.register import Device
from rules.alarm_life import Life, standing
from rules.figured import FiguredKind, FigureWatch, Followed, Part, rounded
from rules.hour_medians import HourMedians
from rules.limits import Figure
from rules.points import NO_POINTS, Points, Reach
from rules.rule import Rule

log = logging.getLogger(__name__)

_SMOOTH_POINTS = 3
"""The median of fewer is carried off by one wild value."""
_AT_MOST = 16
_ENOUGH = 0.75
"""So much of the window must be known."""


class Baseline(FiguredKind):
    """Raised when the metric differs so much from what it was.

    `against` says from what: `installation`, from the baseline in the register; `same_hour`, from the median of this
    hour of the day on the last `days` days, so that what only follows the sun is no change; `window`, from the median
    of the last `over` before. While a limit is passed nothing is learned, or what is wrong would become what is usual;
    a person's word forgets what was learned. With `smooth`, the median of the last values is compared, so that one
    gust is no lean.
    """

    kind: Literal["baseline"]
    against: Literal["installation", "same_hour", "window"]
    smooth: Duration = Field(default=0.0, description="compare the median of the last so long; empty: the newest value")
    both_ways: bool = Field(default=True, description="false: up is above 0, down is below")
    over: Duration | None = Field(default=None, gt=0, description="window: how long it is")
    days: int = Field(default=7, ge=1, le=14, description="same_hour: so many days are remembered")
    min_days: int = Field(default=3, ge=1, description="same_hour: of which so many must be known")

    def check(self, rule: Rule, site: Site) -> None:
        """As for every figure; and that each key has its meaning, and enough values."""
        super().check(rule, site)
        for key, needed in (("over", "window"), ("days", "same_hour"), ("min_days", "same_hour")):
            if key in self.model_fields_set and self.against != needed:
                raise rule.wrong(f"{key} is given, but only against: {needed} has a use for it", key)
        if self.against == "window" and self.over is None:
            raise rule.wrong("against is 'window'; over must say how long it is", "against")
        if self.min_days > self.days:
            raise rule.wrong(f"min_days is {self.min_days}, more than days, {self.days}", "min_days")
        interval_s = self.interval_s(site)
        least_s = (_SMOOTH_POINTS - 1) * interval_s
        if 0 < self.smooth < least_s:
            problem = f"smooth is {self.smooth:g} s, but values come every {interval_s:g} s"
            raise rule.wrong(f"{problem}: it takes three to smooth one, so {least_s:g} s", "smooth")
        if self.over is not None and self.over < max(self.smooth, 4 * interval_s):
            problem = f"over is {self.over:g} s, but smooth is {self.smooth:g} s and values come every {interval_s:g} s"
            raise rule.wrong(f"{problem}: it must be longer than the first, and four times the second", "over")

    def figure(self, site: Site) -> Figure:
        """The change, up or down."""
        most = self.spread(site)
        name = f"the change of {self.metric}"
        return Figure(name=name, low=0 if self.both_ways else -most, high=most, signed=not self.both_ways)

    def gap_ms(self, site: Site, device: Device) -> int:
        """How long nothing may come before the window starts anew."""
        given_ms = super().gap_ms(site, device)
        return given_ms if self.max_gap is not None else max(given_ms, round((self.over or 0) / 8 * 1000))

    def speaks_for(self, device: Device) -> bool:
        """Whether its baseline is known, where that is needed."""
        return self.against != "installation" or self.metric in device.baseline

    def watches(self, rule: Rule, site: Site) -> Sequence[FigureWatch[Any]]:
        """One for each device and port; a device without the baseline that is needed has none."""
        if self.against == "installation":
            mute = {
                device.device_id
                for device, _ in self.parts(site)
                if not self.speaks_for(device) and self.metric in site.profiles[device.profile].metrics
            }
            if mute:
                log.warning(
                    "rule %s cannot speak for %s: no baseline of %s", self.id, ", ".join(sorted(mute)), self.metric
                )
        return super().watches(rule, site)

    def watch(self, rule: Rule, site: Site, part: Part) -> "BaselineWatch | None":
        """The watch that learns, or knows, what was."""
        match self.against:
            case "installation":
                known = part.device.baseline.get(self.metric)
                return None if known is None else InstallationWatch(rule, self, part, known)
            case "same_hour":
                return SameHourWatch(rule, self, part, site.timezone)
            case "window":
                return WindowWatch(rule, self, part)


class Compared(Followed, frozen=True, kw_only=True):
    """The newest values, and what was learned of those before."""

    points: Points = NO_POINTS
    """Of which the median is compared."""
    hours: HourMedians | None = None
    before: Points = NO_POINTS
    anew: bool = False
    """Whether its alarm was taken up with nothing learned: only then is learned while an alarm stands."""


def _is_held(state: Compared) -> bool:
    """Whether an alarm stands, so that what was learned before it is kept as it was."""
    return standing(state.life) and not state.anew


class BaselineWatch(FigureWatch[Compared]):
    """How much the metric of one device or port has changed."""

    __slots__ = ("_both_ways", "_reach", "_smooth")
    remembers = Compared

    def __init__(self, rule: Rule, spec: Baseline, part: Part) -> None:
        super().__init__(rule, spec, part)
        self._smooth = spec.smooth > 0
        # Some grace, as devices are never on time to the second.
        self._reach = Reach.of(round(spec.smooth * 1000) + part.interval_ms // 2, _AT_MOST)
        self._both_ways = spec.both_ways

    def _blank(self, life: Life) -> Compared:
        known = self.state
        if known is not None and (known.hours is not None or known.before.values):
            return replace(known, life=life)
        return Compared(heard_ms=0, life=life, anew=True)

    def _hear(self, number: float, at_ms: int, state: Compared | None, *, broken: bool) -> Finding | None:
        points = NO_POINTS
        if self._smooth:
            points = self._reach.put(NO_POINTS if state is None or broken else state.points, number, at_ms)
        before = Compared(heard_ms=at_ms) if state is None else state
        state = replace(before, heard_ms=at_ms, points=points)
        learned = self._passed(state, at_ms, since_ms=before.heard_ms, broken=broken)
        figure = self._figure(learned, number, at_ms)
        if figure is not None and learned.anew:
            learned = replace(learned, anew=False)
        finding = self._judge(learned, figure, at_ms)
        if self.state is not None and (self.state.life is None or self.state.anew):
            self.state = self._learn(self.state, number, at_ms)
        return finding

    def _figure(self, state: Compared, number: float, at_ms: int) -> float | None:
        usual = self._usual(state, at_ms)
        if usual is None or (self._smooth and len(state.points) < _SMOOTH_POINTS):
            return None
        now = median(state.points.values) if self._smooth else number
        return rounded(abs(now - usual) if self._both_ways else now - usual)

    @abstractmethod
    def _usual(self, state: Compared, at_ms: int) -> float | None:
        """What the metric is compared with; None: not known."""

    def _passed(self, state: Compared, at_ms: int, *, since_ms: int, broken: bool) -> Compared:
        """What is left of what was learned, now that time has passed."""
        del at_ms, since_ms, broken
        return state

    def _learn(self, state: Compared, number: float, at_ms: int) -> Compared:
        """With one value more. Never asked while a limit is passed, be it for too short to raise."""
        del number, at_ms
        return state


class InstallationWatch(BaselineWatch):
    """Compares with what was when the device was installed."""

    __slots__ = ("_known",)

    def __init__(self, rule: Rule, spec: Baseline, part: Part, known: float) -> None:
        super().__init__(rule, spec, part)
        self._known = known

    def _usual(self, state: Compared, at_ms: int) -> float | None:
        del state, at_ms
        return self._known


class SameHourWatch(BaselineWatch):
    """Compares with the same hour of the days before."""

    __slots__ = ("_days", "_min_days", "_timezone")

    def __init__(self, rule: Rule, spec: Baseline, part: Part, timezone: tzinfo) -> None:
        super().__init__(rule, spec, part)
        self._days, self._min_days = spec.days, spec.min_days
        self._timezone = timezone

    def _passed(self, state: Compared, at_ms: int, *, since_ms: int, broken: bool) -> Compared:
        """The hour that was being learned, if it is over, goes into the table."""
        del since_ms, broken
        now = self._now(at_ms)
        hours = state.hours
        if hours is None or hours.days != self._days:
            return replace(state, hours=HourMedians.begun(self._days, now))
        return replace(state, hours=hours.paused(now) if _is_held(state) else hours.turned(now))

    def _usual(self, state: Compared, at_ms: int) -> float | None:
        hours = state.hours
        return None if hours is None else hours.usual(self._now(at_ms).hour, self._min_days)

    def _learn(self, state: Compared, number: float, at_ms: int) -> Compared:
        hours = state.hours
        return state if hours is None else replace(state, hours=hours.learn(number, at_ms))

    def _now(self, at_ms: int) -> datetime:
        return utc(at_ms).astimezone(self._timezone)


class WindowWatch(BaselineWatch):
    """Compares with the time before the newest values."""

    __slots__ = ("_before", "_over_ms", "_smooth_ms")

    def __init__(self, rule: Rule, spec: Baseline, part: Part) -> None:
        super().__init__(rule, spec, part)
        self._over_ms, self._smooth_ms = round((spec.over or 0) * 1000), round(spec.smooth * 1000)
        self._before = Reach.of(self._over_ms + self._smooth_ms, _AT_MOST)

    def _passed(self, state: Compared, at_ms: int, *, since_ms: int, broken: bool) -> Compared:
        """As long as its alarm stands, time stands still for what was learned."""
        if _is_held(state):
            return replace(state, before=state.before.moved(at_ms - since_ms))
        return replace(state, before=NO_POINTS) if broken else state

    def _usual(self, state: Compared, at_ms: int) -> float | None:
        until_ms = at_ms - self._smooth_ms
        before = state.before.until(until_ms)
        if not before.values or until_ms - before.times_ms[0] < self._over_ms * _ENOUGH:
            return None
        return median(before.values)

    def _learn(self, state: Compared, number: float, at_ms: int) -> Compared:
        return replace(state, before=self._before.put(state.before, number, at_ms))
