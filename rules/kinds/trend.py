"""`kind: trend`: a metric that creeps, over days."""

import math
from statistics import median
from typing import Literal

from msgspec.structs import replace
from pydantic import Field

from config.load import Site
from config.schema import Duration
from domain.finding import Finding
from domain.register import Device
from rules.alarm_life import Life
from rules.figured import FiguredKind, FigureWatch, Followed, Part, rounded
from rules.limits import Figure
from rules.points import NO_POINTS, Points, Reach
from rules.rule import Rule
from rules.theil_sen import slope

DAY_S = 86400.0
_BUCKETS = 56
"""The window is cut into so many; of each only its median counts."""
_PARTS_OF_A_DAY = (288, 144, 96, 72, 48, 24, 12, 8, 6, 4, 3, 2)
_ENOUGH_BUCKETS = 8
"""A slope through the medians of fewer is no trend."""
_IN_A_BUCKET = 16


class Trend(FiguredKind):
    """Raised when the metric has crept by so much per day, over the last `over`, of which `min_span` must be known.

    The trend is the Theil–Sen slope through the medians of some 56 pieces of the window: a fifth of the pieces may be
    wild, and in each almost half of the values. Over days, each piece is compared only with those of the same time of
    other days, so that what only follows the sun is no trend. It is judged when a piece is full: of a week, every 3
    hours.
    """

    kind: Literal["trend"]
    over: Duration = Field(default=7 * DAY_S, gt=0, description="the time that the trend is taken over")
    min_span: Duration = Field(default=3 * DAY_S, gt=0, description="so much of it must be known")
    both_ways: bool = Field(default=False, description="up or down: only how fast it creeps counts")
    max_gap: Duration | None = Field(default=None, description="a longer one starts anew; empty: a seventh of `over`")

    def check(self, rule: Rule, site: Site) -> None:
        """As for every figure; and that what must be known fits into the window, with enough values in it."""
        super().check(rule, site)
        if self.min_span > self.over:
            problem = f"min_span is {self.min_span:g} s, more than over, {self.over:g} s: nothing would ever be judged"
            raise rule.wrong(problem, "min_span")
        interval_s = self.interval_s(site)
        pieces = int(self.min_span / self.bucket_s(interval_s))
        if pieces < _ENOUGH_BUCKETS:
            problem = f"min_span is {self.min_span:g} s, but values come every {interval_s:g} s: {pieces} pieces"
            raise rule.wrong(f"{problem}, and {_ENOUGH_BUCKETS} make a trend; for less, use rate", "min_span")

    def bucket_s(self, interval_s: float) -> float:
        """How long a piece is: never shorter than what lies between two values; over days, a whole part of one."""
        least_s = max(self.over / _BUCKETS, interval_s)
        if not self.is_daily:
            return least_s
        return next((DAY_S / parts for parts in _PARTS_OF_A_DAY if DAY_S / parts >= least_s), max(DAY_S, least_s))

    @property
    def is_daily(self) -> bool:
        """Whether the window is so long that days can be compared with each other."""
        return self.min_span >= 2 * DAY_S

    def gap_ms(self, site: Site, device: Device) -> int:
        """How long nothing may come before the window starts anew."""
        given_ms = super().gap_ms(site, device)
        return given_ms if self.max_gap is not None else max(given_ms, round(self.over / 7 * 1000))

    def figure(self, site: Site) -> Figure:
        """The change per day: no more than from one end of the metric's range to the other in `min_span`."""
        most = self.spread(site) / self.min_span * DAY_S
        name = f"the trend of {self.metric} per day"
        return Figure(name=name, low=0 if self.both_ways else -most, high=most, signed=not self.both_ways)

    def watch(self, rule: Rule, site: Site, part: Part) -> "TrendWatch":
        """One for each device and port."""
        del site
        return TrendWatch(rule, self, part)


class Creep(Followed, frozen=True, kw_only=True):
    """The window in pieces."""

    bucket: int
    """Number of the piece that is being filled, counted from the epoch."""
    bucket_ms: int
    """How long a piece is, or was when the rule was not what it is now."""
    points: Points = NO_POINTS
    """What it has so far."""
    medians: tuple[float | None, ...] = ()
    """Of the pieces before it, the last one last; None: nothing came in it."""


class TrendWatch(FigureWatch[Creep]):
    """How fast the metric of one device or port creeps."""

    __slots__ = ("_both_ways", "_bucket_ms", "_kept", "_least", "_period", "_reach")
    remembers = Creep

    def __init__(self, rule: Rule, spec: Trend, part: Part) -> None:
        super().__init__(rule, spec, part)
        self._bucket_ms = bucket_ms = round(spec.bucket_s(part.interval_ms / 1000) * 1000)
        self._reach = Reach.of(bucket_ms, _IN_A_BUCKET)
        self._kept = math.ceil(spec.over * 1000 / bucket_ms) + 1
        self._least = math.floor(spec.min_span * 1000 / bucket_ms)
        self._period = max(round(DAY_S * 1000 / bucket_ms), 1) if spec.is_daily else None
        self._both_ways = spec.both_ways

    def _blank(self, life: Life) -> Creep:
        return Creep(heard_ms=0, life=life, bucket=0, bucket_ms=self._bucket_ms)

    def _hear(self, number: float, at_ms: int, state: Creep | None, *, broken: bool) -> Finding | None:
        bucket = at_ms // self._bucket_ms
        if state is None or broken or state.bucket_ms != self._bucket_ms:
            points = self._reach.put(NO_POINTS, number, at_ms)
            life = None if state is None else state.life
            self.state = Creep(heard_ms=at_ms, life=life, bucket=bucket, bucket_ms=self._bucket_ms, points=points)
            return None
        if bucket == state.bucket:
            self.state = replace(state, heard_ms=at_ms, points=self._reach.put(state.points, number, at_ms))
            return None
        full = median(state.points.values)
        empty = (None,) * (bucket - state.bucket - 1)
        medians = (*state.medians, full, *empty)[-self._kept :]
        points = self._reach.put(NO_POINTS, number, at_ms)
        state = replace(state, heard_ms=at_ms, bucket=bucket, points=points, medians=medians)
        return self._judge(state, self._trend(medians), at_ms)

    def _trend(self, medians: tuple[float | None, ...]) -> float | None:
        """Per day; None where too little of the window, or too few pieces in it, are known."""
        known = [(number, value) for number, value in enumerate(medians) if value is not None]
        if known[-1][0] - known[0][0] < self._least or 2 * len(known) < self._least:
            return None
        numbers, values = [number for number, _ in known], [value for _, value in known]
        trend = slope(numbers, values, period=self._period)
        if trend is None:
            return None
        per_day = trend * DAY_S * 1000 / self._bucket_ms
        return rounded(abs(per_day) if self._both_ways else per_day)
