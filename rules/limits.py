"""What a limit means for a value, and which limits can work together."""

import math
from dataclasses import dataclass
from functools import lru_cache

from config.limits import Side
from config.place import Place
from config.schema import Metric
from domain.finding import Severity
from domain.reading import Value

__all__ = ["Figure", "LevelLimits", "Limits", "Side", "check_sides", "limits_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What limits are compared with: a metric, or a figure that is computed from it."""

    name: str = "the metric"
    switch: bool = False
    low: float = -math.inf
    high: float = math.inf
    signed: bool = True
    """False: a change, be it up or down."""
    timed: bool = False
    """Its limits are durations."""

    @classmethod
    def of(cls, metric: Metric) -> "Figure":
        """The metric itself."""
        return cls(
            switch=metric.type == "bool",
            low=-math.inf if metric.min is None else metric.min,
            high=math.inf if metric.max is None else metric.max,
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """What values mean for one subject.

    A raise limit holds when it is reached, a clear limit only when it is passed: on the edge, the alarm wins.
    """

    number: float
    origin: str
    baseline: float | None
    low: float
    high: float
    clear_low: float
    clear_high: float

    def breached(self, value: Value) -> bool:
        """Whether the value reaches the raise limit."""
        return not self.low < value < self.high

    def cleared(self, value: Value) -> bool:
        """Whether the value is past the clear limit."""
        return self.clear_low < value < self.clear_high

    def shown(self, value: Value) -> float:
        """The value as it compares with `number`: a change, where a baseline is meant."""
        return float(value) if self.baseline is None else round(abs(value - self.baseline), 6)


@dataclass(frozen=True, slots=True)
class LevelLimits:
    """One severity of a rule for one subject."""

    severity: Severity
    limits: Limits
    hold_ms: int
    samples: int
    latch: bool

    @property
    def origin(self) -> str:
        """Where the raise limit stands: `trees.yaml:12 tree-tilt`."""
        return self.limits.origin

    @property
    def urgent(self) -> bool:
        """Whether one value is enough for it and too grave to be lost, be it late."""
        return (self.latch or self.severity is Severity.CRITICAL) and self.hold_ms == 0 and self.samples == 1


@lru_cache(maxsize=4096)
def limits_of(raise_: Side, clear: Side | None, baseline: float | None, origin: str) -> Limits:
    """The limits as two open intervals: what lies in the first does not raise, what lies in the second clears."""
    low, high = _quiet(raise_, baseline)
    clear_low, clear_high = (low, high) if clear is None else _quiet(clear.mirrored, baseline)
    return Limits(
        number=raise_.number,
        origin=origin,
        baseline=baseline,
        low=low,
        high=high,
        clear_low=clear_low,
        clear_high=clear_high,
    )


def _quiet(raise_: Side, baseline: float | None) -> tuple[float, float]:
    number = raise_.number
    if baseline is not None:
        return baseline - number, baseline + number
    if raise_.key == "above" or raise_.equals is True:
        return -math.inf, number
    return number, math.inf


def check_sides(place: Place, raise_: Side, clear: Side | None, figure: Figure) -> None:
    """Raise ConfigError if these two limits, that stand there, cannot work together, or not for this figure."""
    if figure.switch != (raise_.key == "equals"):
        hint = "a switch: use equals: true or false" if figure.switch else "a number: use above or below"
        raise place.wrong(f"raise is {raise_.key!r}, but {figure.name} is {hint}", "raise", raise_.key)
    if not figure.signed and raise_.key != "above":
        raise place.wrong(f"{figure.name} has no sign: use raise: {{above: …}}", "raise", raise_.key)
    for key, side in (("raise", raise_), ("clear", clear)):
        if side is not None and not figure.switch:
            _check_range(place, key, side, figure)
    if clear is not None:
        _check_clear(place, raise_, clear)


def _check_range(place: Place, key: str, side: Side, figure: Figure) -> None:
    where = (key, side.key)
    if side.timed != figure.timed:
        hint = "a time: write it with its unit, e.g. 90m" if figure.timed else "a number: write it without a unit"
        raise place.wrong(f"{key} is {side.text}, but {figure.name} is {hint}", *where)
    if not figure.low <= side.number <= figure.high:
        values = f"{figure.name}'s values lie from {figure.low:g} to {figure.high:g}"
        raise place.wrong(f"{key} is {side.text}, but {values}", *where)


def _check_clear(place: Place, raise_: Side, clear: Side) -> None:
    where = ("clear", clear.key)
    if raise_.key == "equals":
        raise place.wrong("clear is given, but a switch clears by its other position", *where)
    if clear.key in {raise_.key, "equals"}:
        needed = raise_.mirrored.key
        raise place.wrong(f"clear is {clear.key!r}; what is raised {raise_.key} a limit clears {needed} one", *where)
    if raise_.beyond(clear) < 0:
        raise place.wrong(f"clear {clear.text} is on the wrong side of raise {raise_.text}", *where)
