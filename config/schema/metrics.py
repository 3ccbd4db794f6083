"""`metrics.yaml`: what can be measured at all."""

from typing import Literal

from pydantic import Field, model_validator

from config.strict import Strict


class Metric(Strict):
    """A row of the metric registry. `min`/`max` are what is physically plausible, not limits."""

    type: Literal["float", "int", "bool"]
    unit: str
    min: float | None = None
    max: float | None = None
    safety: bool = Field(default=False, description="lives depend on it: no rate limit ever holds it back")
    zh: str
    en: str

    @model_validator(mode="after")
    def _from_least_to_most(self) -> "Metric":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min is {self.min:g}, which is more than max, {self.max:g}")
        return self


class Metrics(Strict):
    """`metrics.yaml`."""

    metrics: dict[str, Metric]
