"""The Flux that we ask InfluxDB 2, as text."""

import csv
import io
from collections.abc import Collection, Mapping
from datetime import datetime

from domain.clock import epoch_ms, utc
from domain.point import Aggregate

HOURLY = (Aggregate.SUM, Aggregate.COUNT, Aggregate.MIN, Aggregate.MAX, Aggregate.MEAN, Aggregate.LAST)
"""The hourly figures that are kept; each is a field `{field}_{figure}`."""


def quoted(text: str) -> str:
    """A Flux string literal that holds exactly this text, whatever stands in it."""
    for plain, escaped in (("\\", r"\\"), ('"', r"\""), ("${", r"\${"), ("\n", r"\n"), ("\r", r"\r"), ("\t", r"\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


def source(bucket: str, start_ms: int, stop_ms: int) -> str:
    """What a bucket holds from start to before stop."""
    return f"from(bucket: {quoted(bucket)}) |> range(start: {_time(start_ms)}, stop: {_time(stop_ms)})"


def picked(measurement: str, tags: Mapping[str, str], field: str | None = None) -> str:
    """The filter for the series of a measurement that carry these tags, and for one field of them."""
    wanted = {"_measurement": measurement, **({"_field": field} if field else {}), **tags}
    tests = " and ".join(f"r[{quoted(key)}] == {quoted(value)}" for key, value in wanted.items())
    return f"filter(fn: (r) => {tests})"


def measured(measurements: Collection[str]) -> str:
    """The filter for these measurements."""
    tests = " or ".join(f'r["_measurement"] == {quoted(name)}' for name in sorted(measurements))
    return f"filter(fn: (r) => {tests})"


def window(every_ms: int, aggregate: Aggregate) -> str:
    """One figure for each window over all tables together. A window's time is where it begins, or the range does."""
    return (
        'toFloat() |> group() |> sort(columns: ["_time"]) '
        f'|> aggregateWindow(every: {every_ms}ms, fn: {aggregate}, createEmpty: false, timeSrc: "_start")'
    )


HOURLY_COUNTS = (
    'aggregateWindow(every: 1h, fn: count, createEmpty: false, timeSrc: "_start") |> group(columns: ["_time"]) |> sum()'
)
"""How many values each hour holds, over all tables together."""


OLDEST_DAY = (
    'first() |> toFloat() |> keep(columns: ["_time", "_value"]) |> sort(columns: ["_time"]) |> limit(n: 1) '
    "|> truncateTimeColumn(unit: 1d)"
)
"""The day of the oldest value, over all tables together."""


def oldest_of(table: str) -> int | None:
    """The time in ms that the answer to `OLDEST_DAY` holds, a CSV without annotations; None if nothing is stored."""
    for row in csv.DictReader(io.StringIO(table)):
        return epoch_ms(datetime.fromisoformat(row["_time"]))
    return None


def roll_up(bucket: str, hourly: str, org: str, reach: str) -> str:
    """The script that writes hourly figures of a range of a bucket into another one, a run after the other the same."""
    raw = f"raw = from(bucket: {quoted(bucket)}) |> range({reach}) |> toFloat()"
    # several results of one script need names
    figures = [
        f'raw |> aggregateWindow(every: 1h, fn: {figure}, createEmpty: false, timeSrc: "_start") |> toFloat() '
        f'|> map(fn: (r) => ({{r with _field: r._field + "_{figure}"}})) '
        f'|> to(bucket: {quoted(hourly)}, org: {quoted(org)}) |> yield(name: "{figure}")'
        for figure in HOURLY
    ]
    return "\n".join([raw, *figures])


def between(start_ms: int, stop_ms: int) -> str:
    """A range for `roll_up`."""
    return f"start: {_time(start_ms)}, stop: {_time(stop_ms)}"


def task(name: str, script: str) -> str:
    """A script as a task that runs five minutes after every full hour; its `now()` is the full hour."""
    return f"option task = {{name: {quoted(name)}, every: 1h, offset: 5m}}\n\n{script}\n"


def _time(at_ms: int) -> str:
    return f"{utc(at_ms):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
