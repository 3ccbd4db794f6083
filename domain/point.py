"""What the series store keeps."""

from enum import StrEnum

from msgspec import Struct

from domain.reading import Value


class Point(Struct, frozen=True, kw_only=True, gc=False):
    """One point. Its identity is measurement + tags + time: written twice, it is one point."""

    measurement: str
    tags: tuple[tuple[str, str], ...]
    """Sorted by key; values are never empty."""
    fields: dict[str, Value]
    at_ms: int


class Aggregate(StrEnum):
    """What is asked of all values in a window of time."""

    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    SUM = "sum"
    COUNT = "count"
