"""A small InfluxDB 2: the documented write contract, and just the Flux that storage/series/influx.py asks."""

import csv
import gzip
import io
import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

from config.schema import Series
from domain.clock import utc

Value = float | int | bool
Stumble = tuple[int, dict[str, str], str]
"""Status, headers, body of an answer."""
ParsedLine = tuple[str, tuple[tuple[str, str], ...], dict[str, Value], int]
"""Measurement, tags, fields, time in ms."""
Key = tuple[str, tuple[tuple[str, str], ...], str]
"""Measurement, tags, field: what Flux groups tables by."""

# As in the real parser, a delimiter is part of a name if the character before it is a backslash.
_NAME = r"(?:[^,= \n]|(?<=\\)[,= ])+"
_MEASUREMENT = r"(?!#)(?:[^, \n]|(?<=\\)[, ])+"
_PAIR = re.compile(rf"({_NAME})=({_NAME})")
_LINE = re.compile(rf"({_MEASUREMENT})((?:,{_NAME}={_NAME})*) ({_NAME}=[^, ]+(?:,{_NAME}=[^, ]+)*) (-?\d+)")
_FLOAT = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?", re.IGNORECASE)
_STRING = r'"(?:[^"\\]|\\.)*"'
_TEST = rf"r\[({_STRING})\] == ({_STRING})"
_QUERY = re.compile(
    rf"from\(bucket: ({_STRING})\) \|> range\(start: (\S+), stop: (\S+)\)"
    rf"(?: \|> filter\(fn: \(r\) => ({_TEST}(?: and {_TEST})*)\))?"
    r"( \|> last\(\)| \|> count\(\) \|> group\(\) \|> sum\(\))?"
)
_TYPES = {bool: ("boolean", "boolean"), int: ("integer", "long"), float: ("float", "double")}


class Refused(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.body = {"code": code, "message": message}
        super().__init__(message)


class FakeInflux:
    """One organisation with one bucket, on a free port; a context manager."""

    token, org, bucket = "a-token", "a city", "readings"

    def __init__(self) -> None:
        self.max_body = 1 << 20
        """Bytes of line protocol in one request; more is a 413."""
        self.unreadable = ""
        """A line that holds this is malformed, whatever our own parser thinks of it."""
        self.stumble: Callable[[], Stumble | None] = lambda: None
        """Asked before each write and query: a status, headers and body to answer instead, or None."""
        self.writes: list[int] = []
        """How many lines each write request carried."""
        self.gzipped = 0
        self.points: dict[Key, dict[int, Value]] = defaultdict(dict)
        self._types: dict[tuple[str, str], type] = {}
        self._lock = threading.Lock()
        fake = self

        class Handler(_Handler):
            influx = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def settings(self, **wrong: str) -> Series:
        """The settings of a client, with some of them wrong if wanted."""
        right = {
            "influx_url": self.url,
            "influx_token": self.token,
            "influx_org": self.org,
            "influx_bucket": self.bucket,
        }
        return Series.model_validate(right | wrong)

    def write(self, body: bytes) -> None:
        """All lines, or none of them if one is malformed; points with a conflicting type are left out."""
        if len(body) > self.max_body:
            raise Refused(413, "request too large", "unable to read data: points batch is too large")
        lines = [line for line in body.decode().split("\n") if line and not line.startswith("#")]
        with self._lock:
            self.writes.append(len(lines))
            if not lines:
                raise Refused(400, "invalid", "writing requires points")
            conflicts = [why for point in [self._parsed(line) for line in lines] if (why := self._store(*point))]
        if conflicts:
            raise Refused(
                422,
                "unprocessable entity",
                f"failure writing points to database: partial write: {conflicts[0]} dropped={len(conflicts)}",
            )

    def _parsed(self, line: str) -> ParsedLine:
        if self.unreadable and self.unreadable in line:
            raise Refused(400, "invalid", f"unable to parse '{line}': not to be read")
        return _parsed(line)

    def _store(
        self, measurement: str, tags: tuple[tuple[str, str], ...], fields: Mapping[str, Value], at_ms: int
    ) -> str | None:
        for field, value in fields.items():
            known = self._types.get((measurement, field), type(value))
            if known is not type(value):
                return (
                    f'field type conflict: input field "{field}" on measurement "{measurement}" '
                    f"is type {_TYPES[type(value)][0]}, already exists as type {_TYPES[known][0]}"
                )
        for field, value in fields.items():
            self._types[measurement, field] = type(value)
            self.points[measurement, tags, field][at_ms] = value
        return None

    def query(self, flux: str) -> str:
        """The answer to one of the queries we know, as annotated CSV."""
        match = _QUERY.fullmatch(flux)
        if match is None:
            raise Refused(400, "invalid", f"compilation failed: this fake does not know {flux}")
        bucket, start, stop, tests, _, _, _, _, end = match.groups()
        if _unquoted(bucket) != self.bucket:
            raise Refused(404, "not found", f"failed to initialize execute state: could not find bucket {bucket}")
        wanted = {_unquoted(key): _unquoted(value) for key, value in re.findall(_TEST, tests or "")}
        with self._lock:
            found = _selected(self.points, wanted, _ms(start), _ms(stop))
        if end and "count" in end:
            total = sum(len(rows) for rows in found.values())
            return _csv([({}, [(None, total)])] if found else [])
        return _csv(
            (
                {"_field": field, "_measurement": measurement, **dict(tags)},
                [max(rows.items())] if end else sorted(rows.items()),
            )
            for (measurement, tags, field), rows in found.items()
        )


class _Handler(BaseHTTPRequestHandler):
    influx: FakeInflux
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """`/ping`."""
        self._answer(204 if urlsplit(self.path).path == "/ping" else 404, {}, "")

    def do_POST(self) -> None:
        """`/api/v2/write` and `/api/v2/query`."""
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
            self.influx.gzipped += 1
        if stumble := self.influx.stumble():
            return self._answer(*stumble)
        try:
            self._check({key: values[0] for key, values in parse_qs(url.query).items()}, url.path)
            if url.path == "/api/v2/write":
                self.influx.write(body)
                return self._answer(204, {}, "")
            return self._answer(200, {"Content-Type": "text/csv"}, self.influx.query(json.loads(body)["query"]))
        except Refused as refused:
            return self._answer(refused.status, {"Content-Type": "application/json"}, json.dumps(refused.body))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _check(self, given: Mapping[str, str], path: str) -> None:
        if self.headers.get("Authorization") != f"Token {self.influx.token}":
            raise Refused(401, "unauthorized", "unauthorized access")
        if given.get("org") != self.influx.org:
            raise Refused(404, "not found", f'organization name "{given.get("org")}" not found')
        if path == "/api/v2/write":
            if given.get("bucket") != self.influx.bucket:
                raise Refused(404, "not found", f'bucket "{given.get("bucket")}" not found')
            if given.get("precision") != "ms":
                raise Refused(400, "invalid", f"precision {given.get('precision')!r}: this fake takes ms only")

    def _answer(self, status: int, headers: Mapping[str, str], body: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())


def _parsed(line: str) -> ParsedLine:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Refused(400, "invalid", f"unable to parse '{line}': invalid line")
    measurement, tags, fields, at = match.groups()
    pairs = tuple((_plain(key), _plain(value)) for key, value in _PAIR.findall(tags))
    values = {_plain(key): _field_value(value, line) for key, value in _PAIR.findall(fields)}
    return _plain(measurement), pairs, values, int(at)


def _plain(text: str) -> str:
    return re.sub(r"\\([,= ])", r"\1", text)


def _field_value(text: str, line: str) -> Value:
    if text in {"true", "false"}:
        return text == "true"
    if re.fullmatch(r"-?\d+i", text) and -(1 << 63) <= int(text[:-1]) < 1 << 63:
        return int(text[:-1])
    if _FLOAT.fullmatch(text):
        return float(text)
    raise Refused(400, "invalid", f"unable to parse '{line}': invalid number")


def _unquoted(literal: str) -> str:
    if re.search(r"(?<!\\)(?:\\\\)*\$\{", literal):
        raise Refused(400, "invalid", f"{literal} would be interpolated")
    controls = {"n": "\n", "r": "\r", "t": "\t"}
    return re.sub(r"\\(.)", lambda match: controls.get(match[1], match[1]), literal[1:-1])


def _ms(literal: str) -> int:
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})Z", literal)
    if match is None:
        raise Refused(400, "invalid", f"error calling function range: {literal} is not a time")
    year, month, day, hour, minute, second, milli = map(int, match.groups())
    days = _days(year, month) + day - 1
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + milli


def _days(year: int, month: int) -> int:
    """Days from 1970-01-01 to the first of a month."""
    shifted, year = (month + 9) % 12, year - (month < 3)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * shifted + 2) // 5 - 719468


def _selected(
    points: Mapping[Key, Mapping[int, Value]], wanted: Mapping[str, str], start_ms: int, stop_ms: int
) -> dict[Key, dict[int, Value]]:
    if start_ms >= stop_ms:
        raise Refused(400, "invalid", "error in building plan: cannot query an empty range")
    found = {}
    for (measurement, tags, field), rows in points.items():
        columns = {"_measurement": measurement, "_field": field, **dict(tags)}
        inside = {at: value for at, value in rows.items() if start_ms <= at < stop_ms}
        if inside and wanted.items() <= columns.items():
            found[measurement, tags, field] = inside
    return found


def _csv(tables: Iterable[tuple[Mapping[str, str], list[tuple[int | None, Value]]]]) -> str:
    out = io.StringIO()
    write = csv.writer(out).writerow
    for number, (group, rows) in enumerate(tables):
        timed = rows[0][0] is not None
        kind = _TYPES[type(rows[0][1])][1]
        write(["#datatype", "string", "long", *["dateTime:RFC3339"] * timed, kind, *["string"] * len(group)])
        write(["#group", "false", "false", *["false"] * timed, "false", *["true"] * len(group)])
        write(["#default", "_result", "", *[""] * timed, "", *[""] * len(group)])
        write(["", "result", "table", *["_time"] * timed, "_value", *group])
        for at, value in rows:
            write(["", "", number, *[_rfc3339(at)] * timed, _text(value), *group.values()])
        write([])
    return out.getvalue()


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _rfc3339(at_ms: int | None) -> str:
    return "" if at_ms is None else f"{utc(at_ms):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
