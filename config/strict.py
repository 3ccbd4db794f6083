"""What every model of a file is made of. Durations are written `90s`, `30m`, `8h`, `7d`."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

DURATION = r"^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$"
_DURATION = re.compile(DURATION)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def duration_s(value: object) -> float:
    """`"30m"` → 1800.0. A bare number is refused: its unit would be a guess."""
    match = _DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("write a duration with its unit: 90s, 30m, 8h or 7d")
    return float(match[1]) * _SECONDS[match[2]]


Duration = Annotated[
    float, BeforeValidator(duration_s), WithJsonSchema({"type": "string", "pattern": DURATION, "examples": ["30m"]})
]
"""Seconds."""


_HOURS = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"


def _clock_time(text: str) -> str:
    if not re.match(_HOURS, text):
        raise ValueError("write hours as 21:00-08:00")
    return text


Hours = Annotated[
    str,
    AfterValidator(_clock_time),
    WithJsonSchema({"type": "string", "pattern": _HOURS, "examples": ["07:00-22:00"]}),
]
"""From–to in the site's time zone; may cross midnight."""


def _rates(text: str) -> str:
    if text and not re.match(r"^[1-9]\d*:[1-9]\d*(,[1-9]\d*:[1-9]\d*)*$", text):
        raise ValueError("write a rate as messages:seconds, e.g. 20:1 or 20:1,600:60")
    return text


Rates = Annotated[str, AfterValidator(_rates)]
"""`20:1,600:60`: at most 20 messages in a second and 600 in a minute; empty: no limit."""


class Strict(BaseModel):
    """A part of a file: frozen, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Strict):
    """The same words in both languages."""

    zh: str = Field(description="Chinese")
    en: str = Field(description="English")
