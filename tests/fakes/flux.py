"""As much of Flux as storage/series asks: pipelines of a few functions, on tables as the real one has them."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from msgspec import Struct

from domain.clock import utc

Value = float | int | bool
K = TypeVar("K")
Key = tuple[str, tuple[tuple[str, str], ...], str]
"""Measurement, tags, field: what Flux groups tables by."""
Points = Mapping[Key, Mapping[int, Value]]
Storer = Callable[[str, str, tuple[tuple[str, str], ...], dict[str, Value], int], None]
"""Takes what `to` writes: bucket, measurement, tags, fields, time in ms."""

STRING = r'"(?:[^"\\]|\\.)*"'
_DAY_MS = 86_400_000
_NAMES = {bool: "boolean", int: "long", float: "double"}
_SIMPLE: dict[str, Callable[[list[Value]], Value]] = {
    "sum": sum,
    "count": len,
    "min": min,
    "max": max,
    "mean": lambda values: sum(values) / len(values),
    "last": lambda values: values[-1],
    "first": lambda values: values[0],
}


class FluxError(Exception):
    """A query that the real one would refuse too, or that this one does not know."""


class Table(Struct):
    """Rows of time and value under one group key. `time` is part of the key where it was grouped by."""

    key: dict[str, str]
    rows: list[tuple[int | None, Value]]


class Flux:
    """Runs scripts against buckets."""

    def __init__(self, buckets: Mapping[str, Points], store: Storer, now_ms: int) -> None:
        self._buckets = buckets
        self._store = store
        self._now_ms = now_ms
        self._named: dict[str, str] = {}

    def run(self, script: str) -> list[Table]:
        """The tables of the last expression of a script."""
        found: list[Table] = []
        for line in filter(None, script.split("\n")):
            if assignment := re.match(r"(\w+) = ", line):
                self._named[assignment[1]] = line[assignment.end() :]
                continue
            name, _, rest = line.partition(" |> ")
            found = self._piped(f"{self._named[name]} |> {rest}" if name in self._named else line)
        return found

    def _piped(self, pipeline: str) -> list[Table]:
        stages = _split(pipeline)
        bucket = _only(rf"from\(bucket: ({STRING})\)", stages[0])[0]
        start, stop = self._span(stages[1])
        name = unquoted(bucket)
        if name not in self._buckets:
            raise FluxError(f"failed to initialize execute state: could not find bucket {bucket}")
        tables = [
            Table({"_measurement": measurement, "_field": field, **dict(tags)}, [*inside])
            for (measurement, tags, field), rows in self._buckets[name].items()
            if (inside := sorted((at, value) for at, value in rows.items() if start <= at < stop))
        ]
        for stage in stages[2:]:
            tables = self._step(stage, tables, start)
        return tables

    def _span(self, stage: str) -> tuple[int, int]:
        if hours := re.fullmatch(r"range\(start: -(\d+)h\)", stage):
            return self._now_ms - int(hours[1]) * 3_600_000, self._now_ms
        start, stop = map(_ms, _only(r"range\(start: (\S+), stop: (\S+)\)", stage))
        if start >= stop:
            raise FluxError("error in building plan: cannot query an empty range")
        return start, stop

    def _step(self, stage: str, tables: list[Table], start_ms: int) -> list[Table]:
        name, _, rest = stage.partition("(")
        if name == "filter":
            return [table for table in tables if _passes(table.key, rest)]
        if name in {"group", "keep"}:
            return _regrouped(tables, by_time=rest == 'columns: ["_time"])')
        if name == "aggregateWindow":
            return [_windowed(table, rest, start_ms) for table in tables]
        if name == "to":
            self._written(unquoted(_only(rf"bucket: ({STRING}), org: {STRING}\)", rest)[0]), tables)
            return tables
        if name not in _STEPS:
            raise FluxError(f"compilation failed: this fake does not know {stage}")
        return [_STEPS[name](table, rest) for table in tables]

    def _written(self, bucket: str, tables: list[Table]) -> None:
        for table in tables:
            tags = tuple(sorted((key, text) for key, text in table.key.items() if not key.startswith("_")))
            for at, value in table.rows:
                self._store(bucket, table.key["_measurement"], tags, {table.key["_field"]: value}, at or 0)


def _split(pipeline: str) -> list[str]:
    """The stages; a pipe inside a string literal is text."""
    stages = [""]
    for match in re.finditer(rf"{STRING}| \|> |.", pipeline):
        if match[0] == " |> ":
            stages.append("")
        else:
            stages[-1] += match[0]
    return stages


def _only(pattern: str, text: str) -> tuple[str, ...]:
    match = re.fullmatch(pattern, text)
    if match is None:
        raise FluxError(f"compilation failed: this fake does not know {text}")
    return tuple(str(group) for group in match.groups())


def _passes(key: Mapping[str, str], condition: str) -> bool:
    test = rf"r\[({STRING})\] == ({STRING})"
    if not re.fullmatch(rf"fn: \(r\) => {test}(?:(?: and {test})*|(?: or {test})*)\)", condition):
        raise FluxError(f"compilation failed: this fake does not know filter({condition}")
    bare = re.sub(STRING, '""', condition)
    passed = [key.get(unquoted(name)) == unquoted(text) for name, text in re.findall(test, condition)]
    return any(passed) if " or " in bare else all(passed)


def _regrouped(tables: list[Table], *, by_time: bool) -> list[Table]:
    if len({type(value) for table in tables for _, value in table.rows}) > 1:
        raise FluxError("schema collision: cannot group values of different types together")
    together: dict[int | None, Table] = {}
    for table in tables:
        for at, value in table.rows:
            key = at if by_time else None
            group = {"_time": rfc3339(at)} if by_time else {}
            together.setdefault(key, Table(group, [])).rows.append((at, value))
    return list(together.values())


def _totalled(table: Table, name: str) -> Table:
    total = _SIMPLE[name]([value for _, value in table.rows])
    return Table({key: text for key, text in table.key.items() if key != "_time"}, [(
        table.rows[0][0] if "_time" in table.key else None, total)])  # fmt: skip


def _renamed(table: Table, arguments: str) -> Table:
    (suffix,) = _only(r'fn: \(r\) => \(\{r with _field: r\._field \+ "(_\w+)"\}\)\)', arguments)
    return Table({**table.key, "_field": table.key["_field"] + suffix}, table.rows)


_STEPS: dict[str, Callable[[Table, str], Table]] = {
    "toFloat": lambda table, _: Table(table.key, [(at, float(value)) for at, value in table.rows]),
    "sort": lambda table, _: Table(table.key, sorted(table.rows, key=lambda row: row[0] or 0)),
    "limit": lambda table, _: Table(table.key, table.rows[:1]),
    "first": lambda table, _: Table(table.key, table.rows[:1]),
    "last": lambda table, _: Table(table.key, table.rows[-1:]),
    "count": lambda table, _: _totalled(table, "count"),
    "sum": lambda table, _: _totalled(table, "sum"),
    "truncateTimeColumn": lambda table, _: Table(table.key, [(at and at - at % _DAY_MS, v) for at, v in table.rows]),
    "map": _renamed,
    "yield": lambda table, _: table,
}


def _windowed(table: Table, arguments: str, start_ms: int) -> Table:
    width, name = _only(r'every: (\d+ms|1h), fn: (\w+), createEmpty: false, timeSrc: "_start"\)', arguments)
    every = 3_600_000 if width == "1h" else int(width[:-2])
    if name not in {"count", "last", "first"} and any(isinstance(value, bool) for _, value in table.rows):
        raise FluxError(f"unsupported input type for {name} aggregate: boolean")
    windows: dict[int, list[Value]] = {}
    for at, value in table.rows:
        windows.setdefault((at or 0) // every * every, []).append(value)
    rows: list[tuple[int | None, Value]] = [
        (max(at, start_ms), _SIMPLE[name](values)) for at, values in sorted(windows.items())
    ]
    return Table(table.key, rows)


def unquoted(literal: str) -> str:
    """The text of a string literal."""
    if re.search(r"(?<!\\)(?:\\\\)*\$\{", literal):
        raise FluxError(f"{literal} would be interpolated")
    controls = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda match: controls.get(match[1], match[1]), literal[1:-1])


def _ms(literal: str) -> int:
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z", literal)
    if match is None:
        raise FluxError(f"error calling function range: {literal} is not a time")
    year, month, day, hour, minute, second, milli = map(int, match.groups())
    days = _days(year, month) + day - 1
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + milli


def _days(year: int, month: int) -> int:
    """Days from 1970-01-01 to the first of a month."""
    shifted, year = (month + 9) % 12, year - (month < 3)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * shifted + 2) // 5 - 719468


def annotated(tables: Iterable[Table]) -> str:
    """The tables as annotated CSV."""
    out = io.StringIO()
    write = csv.writer(out).writerow
    for number, table in enumerate(table for table in tables if table.rows):
        timed = table.rows[0][0] is not None
        group = {key: text for key, text in table.key.items() if key != "_time"}
        kind = _NAMES[type(table.rows[0][1])]
        write(["#datatype", "string", "long", *["dateTime:RFC3339"] * timed, kind, *["string"] * len(group)])
        write(["#group", "false", "false", *["false"] * timed, "false", *["true"] * len(group)])
        write(["#default", "_result", "", *[""] * timed, "", *[""] * len(group)])
        write(["", "result", "table", *["_time"] * timed, "_value", *group])
        for at, value in table.rows:
            write(["", "", number, *[rfc3339(at)] * timed, _text(value), *group.values()])
        write([])
    return out.getvalue()


def plain(tables: Iterable[Table]) -> str:
    """The tables as CSV without annotations."""
    lines = [line for line in annotated(tables).splitlines() if not line.startswith("#")]
    return "\r\n".join(lines) + "\r\n"


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def rfc3339(at_ms: int | None) -> str:
    """A time as InfluxDB writes it."""
    return "" if at_ms is None else f"{utc(at_ms):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
