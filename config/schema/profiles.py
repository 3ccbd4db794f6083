"""`profiles.yaml`: models of devices, and what they send."""

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from config.limits import Override
from config.schema.feeds import Scalar
from config.strict import Duration, Rates, Strict


class SourceField(Strict):
    """What a value in a device's payload means: metric = value × scale + offset, or what `values` says."""

    metric: str
    scale: float = 1.0
    offset: float = 0.0
    values: dict[str, Scalar] = Field(default={}, description="words of the payload and what they mean")
    port: int | None = Field(
        default=None, ge=1, description="the port it belongs to, for devices that send all at once"
    )

    @model_validator(mode="after")
    def _one_way(self) -> "SourceField":
        if self.values and (self.scale, self.offset) != (1.0, 0.0):
            raise ValueError("a field has values, or a scale and an offset, not both")
        return self


def _source_kind(value: object) -> str | None:
    if isinstance(value, str):
        return "name"
    return "field" if isinstance(value, dict | SourceField) else None


_AnySource = Annotated[
    Annotated[str, Tag("name")] | Annotated[SourceField, Tag("field")],
    Discriminator(
        _source_kind,
        custom_error_type="source",
        custom_error_message="write the name of a metric, or {metric: …, scale: …}",
    ),
]
"""A metric by its name, or a whole SourceField. What is wrong with one is not told of the other."""


class Check(Strict):
    """What makes a plausible value of a metric suspect. A suspect value is marked, never dropped."""

    max_step: float | None = Field(default=None, gt=0, description="a larger step between two readings is a spike")
    stuck_after: Duration | None = Field(default=None, description="exactly the same value for so long is stuck")


class Profile(Strict):
    """What a model of device sends, and how often."""

    kind: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    interval: Duration
    metrics: tuple[str, ...] = ()
    fields: dict[str, _AnySource] = Field(
        default={}, description="names in the payload and the metrics they are; a name not listed is its metric's own"
    )
    ignore: tuple[str, ...] = Field(
        default=(),
        description="names in the payload that are left out on purpose; debug.* is all that begin with debug., "
        "* all that are neither in `fields` nor metrics",
    )
    checks: dict[str, Check] = Field(default={}, description="by metric")
    limits: dict[str, Override] = Field(
        default={}, description="by rule: limits of this model, which go before the rule's and after a plan's"
    )
    rate: Rates | None = Field(default=None, description="for each device of this profile; empty: no limit")
    wrong_time: Literal["received", "local", "reject"] = Field(
        default="received",
        description="a time that is not believed: take the time of receipt; first try it as local time sent as UTC; "
        "or set the reading aside",
    )
    retained: Literal["store", "reject"] = Field(
        default="store", description="telemetry the broker kept and tells again; never judged as news"
    )
    max_ahead: Duration = Field(default=300.0, description="a device time further ahead is not believed")
    max_behind: Duration = Field(default=30 * 86400.0, description="nor one further back")
    zh: str
    en: str

    @model_validator(mode="after")
    def _ignores_what_it_does_not_name(self) -> "Profile":
        for name in self.ignore:
            if not name or "*" in name[:-1]:
                raise ValueError(f"ignore has {name!r}; write a name, or the beginning of names with * behind it")
            if name in self.fields:
                raise ValueError(f"{name!r} stands in fields and in ignore")
        return self


class Profiles(Strict):
    """`profiles.yaml`."""

    profiles: dict[str, Profile]
