"""The SQL that we ask InfluxDB 3, as text. Names and values are quoted; nothing in them can end a literal."""

from collections.abc import Mapping, Sequence

from domain.clock import utc
from domain.point import Aggregate
from storage.series import grid

_MS = 1_000_000
"""Nanoseconds."""
_AGGREGATES = {Aggregate.MEAN: "avg", Aggregate.MIN: "min", Aggregate.MAX: "max", Aggregate.SUM: "sum"}
TIME_NS = "CAST(time AS BIGINT)"

TABLES = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'iox' ORDER BY table_name"


def name(text: str) -> str:
    """An identifier that is exactly this text."""
    return '"' + text.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A string that is exactly this text."""
    return "'" + text.replace("'", "''") + "'"


def columns(table: str) -> str:
    """Name and type of each column of a table; no rows for a table that does not exist."""
    return (
        "SELECT column_name AS name, data_type AS type FROM information_schema.columns "
        f"WHERE table_schema = 'iox' AND table_name = {literal(table)}"
    )


def rows(table: str, shown: Sequence[str], conditions: Sequence[str]) -> str:
    """Times in ns as `at_ns`, and these columns, of all rows under these conditions, oldest first."""
    picked = ", ".join([f"{TIME_NS} AS at_ns", *(name(column) for column in shown)])
    return f"SELECT {picked} FROM {name(table)}{_where(conditions)} ORDER BY time"


def newest(table: str, fields: Sequence[str], conditions: Sequence[str]) -> str:
    """When each field was last written, in ns; the first field's is `f0`, and so on."""
    each = (
        f"max(CASE WHEN {name(field)} IS NOT NULL THEN {TIME_NS} END) AS f{place}" for place, field in enumerate(fields)
    )
    return f"SELECT {', '.join(each)} FROM {name(table)}{_where(conditions)}"


def counts(table: str, fields: Sequence[str]) -> str:
    """How many values each field has; the first field's is `f0`, and so on."""
    each = (f"count({name(field)}) AS f{place}" for place, field in enumerate(fields))
    return f"SELECT {', '.join(each)} FROM {name(table)}"


def windows(table: str, field: str, conditions: Sequence[str], every_ms: int, aggregate: Aggregate) -> str:
    """Starts of windows in ms as `at_ms` and the figure of each as `figure`; for `last` every value, oldest first."""
    number = f"CAST({name(field)} AS DOUBLE)"
    every_ns = every_ms * _MS
    at_ms = f"{TIME_NS} / {every_ns} * {every_ms} AS at_ms"
    if aggregate is Aggregate.LAST:
        # the time of the newest value of each window; joined, for selector functions differ between versions
        newest_of = f"SELECT max(time) AS at FROM {name(table)}{_where(conditions)} GROUP BY {TIME_NS} / {every_ns}"
        return (
            f"SELECT {at_ms}, {number} AS figure FROM {name(table)} JOIN ({newest_of}) AS newest "
            f"ON time = newest.at{_where(conditions)} ORDER BY 1"
        )
    figure = "count(*)" if aggregate is Aggregate.COUNT else f"{_AGGREGATES[aggregate]}({number})"
    return f"SELECT {at_ms}, {figure} AS figure FROM {name(table)}{_where(conditions)} GROUP BY 1 ORDER BY 1"


def busy_hours(table: str, conditions: Sequence[str]) -> str:
    """Starts of hours in ms as `at_ms` that hold rows, and how many as `figure`."""
    at_ms = f"{TIME_NS} / {grid.HOUR_MS * _MS} * {grid.HOUR_MS} AS at_ms"
    return f"SELECT {at_ms}, count(*) AS figure FROM {name(table)}{_where(conditions)} GROUP BY 1 ORDER BY 1"


def carrying(tags: Mapping[str, str]) -> list[str]:
    """The condition for each tag."""
    return [f"{name(key)} = {literal(value)}" for key, value in tags.items()]


def between(start_ms: int, stop_ms: int) -> list[str]:
    """The conditions for start ≤ time < stop."""
    return [f"time >= {_time(start_ms)}", f"time < {_time(stop_ms)}"]


def among(times_ns: Sequence[int]) -> str:
    """The condition for these times."""
    return f"time IN ({', '.join(_time(at // _MS) for at in sorted(set(times_ns)))})"


def present(column: str) -> str:
    """The condition for rows that have a value there."""
    return f"{name(column)} IS NOT NULL"


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _time(at_ms: int) -> str:
    return f"TIMESTAMP '{utc(at_ms):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z'"
