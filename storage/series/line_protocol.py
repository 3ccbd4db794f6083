"""Points as InfluxDB's line protocol, with times in milliseconds."""

from collections.abc import Sequence
from functools import lru_cache

from domain.point import Point
from domain.reading import Value

_IN_MEASUREMENT = str.maketrans({",": r"\,", " ": r"\ "})
_IN_KEY_OR_TAG = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\="})


def line(point: Point) -> str:
    """One point as one line, without its newline. The point must have no flaw (see `flaws.of_point`)."""
    fields = ",".join([f"{_escaped(name)}={_value(value)}" for name, value in point.fields.items()])
    return f"{_identity(point.measurement, point.tags)} {fields} {point.at_ms}"


@lru_cache(maxsize=65536)
def _identity(measurement: str, tags: Sequence[tuple[str, str]]) -> str:
    head = measurement.translate(_IN_MEASUREMENT)
    return ",".join([head, *(f"{_escaped(key)}={_escaped(value)}" for key, value in tags)])


@lru_cache(maxsize=4096)
def _escaped(text: str) -> str:
    return text.translate(_IN_KEY_OR_TAG)


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value}i" if isinstance(value, int) else repr(value)
