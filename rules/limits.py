"""Which limit holds for whom, and what it means for a value."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import Field, model_validator

from config.schema import Metric, Strict
from domain.reading import Value
from rules.rule import Rule

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Switch = Annotated[bool, Field(strict=True)]


class Side(Strict):
    """One limit and the side of it that is meant: exactly one of these keys."""

    above: Number | None = None
    below: Number | None = None
    equals: Switch | None = None

    @model_validator(mode="after")
    def _one(self) -> "Side":
        if len(self.model_fields_set) != 1:
            raise ValueError("give exactly one of above, below, equals")
        return self

    @property
    def key(self) -> str:
        """The key that was given."""
        return next(iter(self.model_fields_set))

    @property
    def number(self) -> float:
        """The value that was given; a switch counts as 1 or 0."""
        return float(getattr(self, self.key))


class Override(Strict):
    """Limits of one device or port that win over the rule's (一树一策)."""

    raise_: Side = Field(alias="raise")
    clear: Side | None = None


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


@lru_cache(maxsize=4096)
def limits_of(raise_: Side, clear: Side | None, baseline: float | None, origin: str) -> Limits:
    """The limits as two open intervals: what lies in the first does not raise, what lies in the second clears."""
    low, high = _quiet(raise_, baseline)
    clear_low, clear_high = (low, high) if clear is None else _quiet(_mirror(clear), baseline)
    return Limits(
        number=raise_.number,
        origin=origin,
        baseline=baseline,
        low=low,
        high=high,
        clear_low=clear_low,
        clear_high=clear_high,
    )


def _mirror(clear: Side) -> Side:
    """Clear `below: y` leaves quiet what raise `above: y` leaves quiet."""
    return Side(above=clear.below) if clear.key == "below" else Side(below=clear.above)


def _quiet(raise_: Side, baseline: float | None) -> tuple[float, float]:
    number = raise_.number
    if baseline is not None:
        return baseline - number, baseline + number
    if raise_.key == "above" or raise_.equals is True:
        return -math.inf, number
    return number, math.inf


def check_sides(
    rule: Rule, raise_: Side, clear: Side | None, metric: Metric, *, relative: bool, at: tuple[str, ...]
) -> None:
    """Raise ConfigError if these two limits cannot work together, or not for this metric."""
    switch = metric.type == "bool"
    if switch != (raise_.key == "equals"):
        hint = "a switch: use equals: true or false" if switch else "a number: use above or below"
        raise rule.wrong(f"raise is {raise_.key!r}, but the metric is {hint}", *at, "raise", raise_.key)
    if relative and raise_.key != "above":
        raise rule.wrong(
            "relative_to: baseline needs raise: {above: …}: a change has no sign", *at, "raise", raise_.key
        )
    if not relative and not switch:
        _check_range(rule, raise_, metric, at)
    if clear is not None:
        _check_clear(rule, raise_, clear, at)


def _check_range(rule: Rule, raise_: Side, metric: Metric, at: tuple[str, ...]) -> None:
    low = -math.inf if metric.min is None else metric.min
    high = math.inf if metric.max is None else metric.max
    if not low <= raise_.number <= high:
        problem = f"raise is {raise_.key} {raise_.number:g}, but the metric's values lie from {low:g} to {high:g}"
        raise rule.wrong(problem, *at, "raise", raise_.key)


def _check_clear(rule: Rule, raise_: Side, clear: Side, at: tuple[str, ...]) -> None:
    where = (*at, "clear", clear.key)
    if raise_.key == "equals":
        raise rule.wrong("clear is given, but a switch clears by its other position", *where)
    needed = "below" if raise_.key == "above" else "above"
    if clear.key != needed:
        raise rule.wrong(f"clear is {clear.key!r}; what is raised {raise_.key} a limit clears {needed} one", *where)
    gap = raise_.number - clear.number
    if (gap if needed == "below" else -gap) < 0:
        problem = f"clear {needed} {clear.number:g} is on the wrong side of raise {raise_.key} {raise_.number:g}"
        raise rule.wrong(problem, *where)
