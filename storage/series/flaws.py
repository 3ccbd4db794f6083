"""What no series store takes, whichever it is. Each function says what is wrong, or None."""

import math
from collections.abc import Sequence
from functools import lru_cache

from domain.point import Point
from domain.reading import Value

FIRST_MS, END_MS = 0, 4_102_444_800_000
"""Times a store takes: from 1970 to before 2100, UTC."""
_INT64 = 1 << 63
_MAX_NAME = 256


def within(start_ms: int, stop_ms: int) -> tuple[int, int]:
    """The part of a span that times a store takes can lie in; empty if stop ≤ start."""
    return max(start_ms, FIRST_MS), min(stop_ms, END_MS)


def of_point(point: Point) -> str | None:
    """What is wrong with a point as a whole, or with the first of its parts."""
    if not point.fields:
        return "the point has no fields"
    if not FIRST_MS <= point.at_ms < END_MS:
        return f"time {point.at_ms} ms lies outside the years 1970 to 2099"
    return of_identity(point.measurement, point.tags) or next(
        (wrong for name, value in point.fields.items() if (wrong := of_field(name) or of_value(name, value))), None
    )


@lru_cache(maxsize=65536)
def of_identity(measurement: str, tags: Sequence[tuple[str, str]]) -> str | None:
    """What is wrong with a measurement or its tags."""
    if wrong := _of_name("measurement", measurement):
        return wrong
    if list(tags) != sorted(dict(tags).items()):
        return f"tags {tags!r} are not sorted, or name a key twice"
    for key, value in tags:
        if wrong := _of_name("tag", key):
            return wrong
        if not value or not value.isprintable() or value.endswith("\\"):
            return f"tag {key!r} is {value!r}; it must not be empty, hold control characters or end with a backslash"
    return None


@lru_cache(maxsize=4096)
def of_field(name: str) -> str | None:
    """What is wrong with a field's name."""
    return _of_name("field", name)


def of_value(name: str, value: Value) -> str | None:
    """What is wrong with a field's value."""
    if isinstance(value, float):
        return None if math.isfinite(value) else f"field {name!r} is {value}; it must be a finite number"
    return None if -_INT64 <= value < _INT64 else f"field {name!r} is {value}; an integer has 64 bits"


def _of_name(what: str, name: str) -> str | None:
    if not name or len(name) > _MAX_NAME or not name.isprintable():
        return f"{what} {name!r} must have 1 to {_MAX_NAME} characters, none of them a control character"
    if name.startswith(("_", "#")) or name.endswith("\\") or name == "time":
        return f"{what} {name!r} must not begin with '_' or '#', end with a backslash, or be 'time'"
    return None
