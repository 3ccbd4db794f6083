"""`kind: stuck`: a sensor that goes on sending, and always the same."""

import sys
from typing import Literal

from pydantic import Field

from config.load import Site
from domain.finding import Finding
from rules.alarm_life import Life
from rules.figured import FiguredKind, FigureWatch, Followed, Part, rounded
from rules.limits import Figure
from rules.rule import Rule

_MOST = sys.float_info.max
"""Greater than every value, and a number where it is saved."""


class Stuck(FiguredKind):
    """Raised when the metric has not changed for so long: `raise: {above: 6h}`; ended by a change.

    What stays within `band` has not changed. Silence is not stuck: after a gap the time counts anew, and an alarm
    that stands is ended by nothing but a value that differs.
    """

    kind: Literal["stuck"]
    band: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="so far apart, values are still the same")

    def check(self, rule: Rule, site: Site) -> None:
        """As for every figure; and that a time is longer than what lies between two values."""
        super().check(rule, site)
        interval_s = self.interval_s(site)
        for severity in self.severities:
            level = self.own_level(severity)
            at = ("levels", severity.value) if self.levels is not None else ()
            if level.clear is not None:
                raise rule.wrong("clear is given, but what is stuck ends by a change", *at, "clear")
            if level.raise_.key != "above":
                raise rule.wrong(f"raise is {level.raise_.text}; what is stuck is raised above a time", *at, "raise")
            if level.raise_.number < interval_s:
                problem = f"raise is {level.raise_.text}, but values come every {interval_s:g} s: every one would raise"
                raise rule.wrong(problem, *at, "raise")

    def figure(self, site: Site) -> Figure:
        """How long it has not changed."""
        del site
        return Figure(name=f"the time without a change of {self.metric}", low=0, timed=True)

    def watch(self, rule: Rule, site: Site, part: Part) -> "StuckWatch":
        """One for each device and port."""
        del site
        return StuckWatch(rule, self, part)


class Still(Followed, frozen=True, kw_only=True):
    """A row of values that are the same."""

    from_ms: int
    least: float
    most: float
    after_gap: bool = False
    """Whether it may be the row from before a gap that goes on."""


class StuckWatch(FigureWatch[Still]):
    """How long the metric of one device or port has not changed."""

    __slots__ = ("_band",)
    remembers = Still

    def __init__(self, rule: Rule, spec: Stuck, part: Part) -> None:
        super().__init__(rule, spec, part)
        self._band = spec.band

    def _blank(self, life: Life) -> Still:
        return Still(heard_ms=0, life=life, from_ms=0, least=_MOST, most=-_MOST, after_gap=True)

    def _hear(self, number: float, at_ms: int, state: Still | None, *, broken: bool) -> Finding | None:
        """The figure is in seconds; unknown as long as a row after a gap may be the one from before it."""
        if state is None:
            return self._judge(Still(heard_ms=at_ms, from_ms=at_ms, least=number, most=number), 0.0, at_ms)
        least, most = min(state.least, number), max(state.most, number)
        if rounded(most - least) > self._band:
            state = Still(heard_ms=at_ms, life=state.life, from_ms=at_ms, least=number, most=number)
            return self._judge(state, 0.0, at_ms)
        from_ms = at_ms if broken else state.from_ms
        after_gap = broken or state.after_gap
        state = Still(heard_ms=at_ms, life=state.life, from_ms=from_ms, least=least, most=most, after_gap=after_gap)
        still_s = (at_ms - from_ms) / 1000
        known = not after_gap or any(level.limits.breached(still_s) for level in self._in_force.at(at_ms).levels)
        return self._judge(state, still_s if known else None, at_ms, since_ms=from_ms)
