"""Points as InfluxDB's line protocol, with times in milliseconds, and as VictoriaMetrics reads it."""

from collections.abc import Sequence
from functools import lru_cache

from domain.point import Point
from domain.reading import Value

_IN_MEASUREMENT = str.maketrans({",": r"\,", " ": r"\ "})
_IN_KEY_OR_TAG = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\="})
_ANYWHERE = str.maketrans({",": r"\,", " ": r"\ ", "=": r"\=", "\\": r"\\"})


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


def victoria_lines(point: Point, measurement_tag: str, type_tag: str) -> str:
    """One point as VictoriaMetrics reads it: a line for each type among its fields, with two tags that say so.

    There a backslash is escaped too, and field names must have no quotes.
    """
    by_type: dict[str, list[str]] = {}
    for name, value in point.fields.items():
        by_type.setdefault(type(value).__name__, []).append(f"{_escaped_anywhere(name)}={_value(value)}")
    return "\n".join([
        f"{_victoria_identity(point.measurement, point.tags, measurement_tag, type_tag)}{kind} {','.join(fields)} "
        f"{point.at_ms}"
        for kind, fields in by_type.items()
    ])  # fmt: skip


@lru_cache(maxsize=65536)
def _victoria_identity(measurement: str, tags: Sequence[tuple[str, str]], measurement_tag: str, type_tag: str) -> str:
    """The beginning of a line, up to the word that says the type."""
    said = [*tags, (measurement_tag, measurement)]
    head = _escaped_anywhere(measurement)
    return ",".join(
        [head, *(f"{_escaped_anywhere(key)}={_escaped_anywhere(value)}" for key, value in said), f"{type_tag}="]
    )


@lru_cache(maxsize=4096)
def _escaped_anywhere(text: str) -> str:
    return text.translate(_ANYWHERE)


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value}i" if isinstance(value, int) else repr(value)
