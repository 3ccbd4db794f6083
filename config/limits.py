"""Limits as files give them: a rule's own, those of one subject, of a plan, of a model."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from config.strict import DURATION, Duration, Strict, duration_s
from domain.finding import Severity

Confidence = Literal["high", "medium", "low"]


def _measure(value: object) -> object:
    """A number, or a duration with its unit where a time is meant."""
    if isinstance(value, str):
        try:
            duration_s(value)
        except ValueError:
            raise PydanticCustomError("float_parsing", "it must be a number") from None
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("float_type", "it must be a number")
    if not -1e300 < value < 1e300:
        raise PydanticCustomError("finite_number", "it must be a finite number")
    return float(value)


Measure = Annotated[
    float | str,
    BeforeValidator(_measure),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": DURATION}]}),
]
"""A number in the unit of what it is compared with; `90m` where that is a time."""
Switch = Annotated[bool, Field(strict=True)]


class Side(Strict):
    """One limit and the side of it that is meant: exactly one of these keys."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    above: Measure | None = Field(default=None, description="this or more; to clear: more")
    below: Measure | None = Field(default=None, description="this or less; to clear: less")
    equals: Switch | None = Field(default=None, description="of a switch")

    @model_validator(mode="after")
    def _one(self) -> "Side":
        if len(self.model_fields_set) != 1 or getattr(self, self.key) is None:
            raise ValueError("give exactly one of above, below, equals")
        return self

    @property
    def key(self) -> str:
        """The key that was given."""
        return next(iter(self.model_fields_set))

    @property
    def timed(self) -> bool:
        """Whether it was written as a duration."""
        return isinstance(getattr(self, self.key), str)

    @property
    def number(self) -> float:
        """The value that was given; a switch counts as 1 or 0, a duration is in seconds."""
        value = getattr(self, self.key)
        return duration_s(value) if isinstance(value, str) else float(value)

    @property
    def text(self) -> str:
        """`above 1.5`, `equals true`."""
        value = getattr(self, self.key)
        shown = value if isinstance(value, str) else str(value).lower() if self.key == "equals" else f"{value:g}"
        return f"{self.key} {shown}"

    def beyond(self, other: "Side") -> float:
        """By how much this limit is harder to reach than another of the same side; less than 0: easier."""
        gap = self.number - other.number
        return -gap if self.key == "below" else gap

    @property
    def mirrored(self) -> "Side":
        """`below: y` for `above: y`, and the other way round. Not for a switch."""
        return Side(above=self.below) if self.key == "below" else Side(below=self.above)


class Level(Strict):
    """The limits of one severity. What is not said is as the rule has it."""

    raise_: Side = Field(alias="raise")
    clear: Side | None = None
    hold: Duration | None = Field(default=None, alias="for", description="how long it must hold; empty: as in the rule")
    samples: int | None = Field(default=None, ge=1, description="so many values in a row; empty: as in the rule")


class Override(Strict):
    """Limits for a rule that win over the rule's own: `raise` alone, or `levels`, each with its `raise`."""

    raise_: Side | None = Field(default=None, alias="raise")
    clear: Side | None = None
    hold: Duration | None = Field(default=None, alias="for", description="how long it must hold; empty: as in the rule")
    samples: int | None = Field(default=None, ge=1, description="so many values in a row; empty: as in the rule")
    levels: dict[Severity, Level] | None = Field(default=None, min_length=1, description="by severity")
    source: str | None = Field(default=None, description="where the numbers come from")
    confidence: Confidence | None = None

    @model_validator(mode="after")
    def _one_shape(self) -> "Override":
        if self.levels is None and self.raise_ is None:
            raise ValueError("give raise, or levels with a raise each")
        if self.levels is not None and self.model_fields_set & {"raise_", "clear", "hold", "samples"}:
            raise ValueError("raise, clear, for and samples stand inside levels, or there are no levels")
        return self

    def by_severity(self, only: Severity) -> Mapping[Severity, Level]:
        """Its limits by severity; `only` is the severity that a bare `raise` is for."""
        if self.raise_ is None:
            return self.levels or {}
        return {only: Level.model_construct(raise_=self.raise_, clear=self.clear, hold=self.hold, samples=self.samples)}
