"""`kind: rate`: a metric that changes fast."""

from typing import Literal

from msgspec.structs import replace
from pydantic import Field

from config.load import Site
from config.schema import Duration
from domain.finding import Finding
from rules.figured import FiguredKind, FigureWatch, Followed, Part, rounded
from rules.limits import Figure
from rules.points import NO_POINTS, Points, Reach
from rules.rule import Rule
from rules.theil_sen import slope, slope_bounds

PER_S = {"1m": 60.0, "1h": 3600.0, "1d": 86400.0}
_AT_MOST = 32
_ENOUGH = 0.75
"""So much of the window must be known."""


class Rate(FiguredKind):
    """Raised when the metric changes by so much `per` minute, hour or day, over the last `over`.

    The rate is the Theil–Sen slope of the window: a single wild value moves it little, where it would decide the
    difference between first and last. A step shows once it makes up a third of the window. It needs `min_points`
    points over three quarters of the window, with no gap in between.
    """

    kind: Literal["rate"]
    over: Duration = Field(gt=0, description="the time that the rate is taken over")
    per: Literal["1m", "1h", "1d"]
    min_points: int = Field(default=3, ge=2, le=_AT_MOST, description="so many values the window must have")
    both_ways: bool = Field(default=False, description="up or down: only how fast it changes counts")

    def check(self, rule: Rule, site: Site) -> None:
        """As for every figure; and that the window can have the points that it needs."""
        super().check(rule, site)
        interval_s = self.interval_s(site)
        points = int(self.over / interval_s) + 1
        if points < self.min_points:
            problem = f"over is {self.over:g} s, but values come every {interval_s:g} s: {points} in it"
            raise rule.wrong(f"{problem}, and {self.min_points} are needed; nothing would ever be judged", "over")

    def figure(self, site: Site) -> Figure:
        """The change per minute, hour or day: no more than from one end of the metric's range to the other."""
        most = self.spread(site) / self.over * PER_S[self.per]
        name = f"the change of {self.metric} per {self.per}"
        return Figure(name=name, low=0 if self.both_ways else -most, high=most, signed=not self.both_ways)

    def watch(self, rule: Rule, site: Site, part: Part) -> "RateWatch":
        """One for each device and port."""
        del site
        return RateWatch(rule, self, part)


class Trace(Followed, frozen=True, kw_only=True):
    """The points of the window, with no gap between them."""

    points: Points = NO_POINTS
    steep: bool = False
    """Whether a step between two neighbours may reach a limit: if none does, no slope of them all does."""


class RateWatch(FigureWatch[Trace]):
    """How fast the metric of one device or port changes."""

    __slots__ = ("_both_ways", "_least_ms", "_min_points", "_per_ms", "_reach")
    remembers = Trace

    def __init__(self, rule: Rule, spec: Rate, part: Part) -> None:
        super().__init__(rule, spec, part)
        # Devices are never on time to the second: without some grace, the oldest point would fall out every other time.
        self._reach = Reach.of(round(spec.over * 1000) + part.interval_ms // 2, _AT_MOST)
        self._least_ms = spec.over * 1000 * _ENOUGH
        self._per_ms = PER_S[spec.per] * 1000
        self._min_points = spec.min_points
        self._both_ways = spec.both_ways

    def restore(self, saved: bytes) -> None:
        """Take up what was remembered. The rule may have been rewritten since: what is steep is to be seen anew."""
        super().restore(saved)
        if self.state is not None:
            self.state = replace(self.state, steep=True)

    def _hear(self, number: float, at_ms: int, state: Trace | None, *, broken: bool) -> Finding | None:
        points = self._reach.put(NO_POINTS if state is None or broken else state.points, number, at_ms)
        life, steep = (None, False) if state is None else (state.life, state.steep and not broken)
        if not steep:
            steep = not self._rounds_to_quiet(self._change(_newest_slope(points)))
        elif life is None:
            steep = not all(map(self._rounds_to_quiet, map(self._change, slope_bounds(points.times_ms, points.values))))
        state = Trace(heard_ms=at_ms, life=life, points=points, steep=steep)
        known = len(points) >= self._min_points and points.span_ms >= self._least_ms
        if life is None and not (known and steep):
            self.state = state
            return None
        rate = slope(points.times_ms, points.values) if known else None
        return self._judge(state, None if rate is None else rounded(self._change(rate)), at_ms)

    def _change(self, rate: float) -> float:
        rate *= self._per_ms
        return abs(rate) if self._both_ways else rate


def _newest_slope(points: Points) -> float:
    """Between the last two; 0 where there is one only."""
    if len(points.values) == 1:
        return 0.0
    before_ms, at_ms = points.times_ms[-2:]
    before, value = points.values[-2:]
    return (value - before) / (at_ms - before_ms)
