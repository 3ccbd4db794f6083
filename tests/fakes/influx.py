"""A small InfluxDB 2: the documented write contract, buckets and tasks, and just the Flux that we ask."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from config.schema import Series
from tests.fakes import flux
from tests.fakes.answering import Answering, Reply, Request
from tests.fakes.flux import Key, Value
from tests.fakes.lines import Malformed, ParsedLine, parsed

Stumble = tuple[int, dict[str, str], str]
"""Status, headers, body of an answer."""
MAX_LINES = 5000
_TYPES = {bool: "boolean", int: "integer", float: "float"}


class Refused(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status = status
        self.body = {"code": code, "message": message}
        super().__init__(message)


class FakeInflux(Answering):
    """One organisation with one bucket."""

    token, org, bucket = "a-token", "a city", "readings"
    version = "v2.7.12"

    def __init__(self) -> None:
        super().__init__()
        self.max_body = 1 << 20
        """Bytes of line protocol in one request; more is a 413."""
        self.unreadable = ""
        """A line that holds this is malformed, whatever our own parser thinks of it."""
        self.stumble: Callable[[], Stumble | None] = lambda: None
        """Asked before each write and query: a status, headers and body to answer instead, or None."""
        self.now_ms = 1_760_000_000_000
        """What the server's clock says. It only matters for retention and tasks."""
        self.conflict_status = 422
        """How a type conflict is told; 500 up to version 2.0.3."""
        self.may_manage = True
        """Whether the token may see and change buckets and tasks."""
        self.writes: list[int] = []
        """How many lines each write request carried."""
        self.gzipped = 0
        self.buckets: dict[str, dict[str, Any]] = {self.bucket: self._new_bucket(self.bucket, 0)}
        self.tasks: list[dict[str, str]] = []
        self.stored: dict[str, dict[Key, dict[int, Value]]] = {self.bucket: defaultdict(dict)}
        self._types: dict[tuple[str, str, str], type] = {}
        self._lock = threading.RLock()

    @property
    def points(self) -> dict[Key, dict[int, Value]]:
        """What the bucket holds."""
        return self.stored[self.bucket]

    def settings(self, **wrong: object) -> Series:
        """The settings of a client, with some of them wrong if wanted."""
        right: dict[str, object] = {
            "influx_url": self.url,
            "influx_token": self.token,
            "influx_org": self.org,
            "influx_bucket": self.bucket,
        }
        return Series.model_validate(right | wrong)

    def fix_type(self, measurement: str, field: str, kind: type[Value]) -> None:
        """As if the first value ever written there had been of this type."""
        with self._lock:
            self._types[self.bucket, measurement, field] = kind

    def run_tasks(self) -> None:
        """What the server does once an hour by itself."""
        for task in self.tasks:
            options, _, script = task["flux"].partition("\n\n")
            assert options.startswith("option task = {name: "), options
            self._query(script)

    def expire(self) -> None:
        """Let go of what is older than each bucket keeps, as the server does now and then."""
        with self._lock:
            for name, held in self.stored.items():
                for rows in held.values():
                    for at_ms in [at_ms for at_ms in rows if at_ms < self._oldest_ms(name)]:
                        del rows[at_ms]

    def reply(self, request: Request) -> Reply:
        """The answer to a request."""
        if request.path == "/ping":
            return Reply(status=204, headers={"X-Influxdb-Version": self.version, "X-Influxdb-Build": "OSS"})
        if stumble := self.stumble():
            return Reply(status=stumble[0], headers=stumble[1], body=stumble[2])
        try:
            return self._answered(request)
        except (flux.FluxError, Malformed) as error:
            return _json(400, {"code": "invalid", "message": str(error)})
        except Refused as refused:
            return _json(refused.status, refused.body)

    def _answered(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Token {self.token}":
            raise Refused(401, "unauthorized", "unauthorized access")
        org = request.given.get("org", self.org)
        if org != self.org:
            raise Refused(404, "not found", f'organization name "{org}" not found')
        match request.method, request.path.split("/")[3:]:
            case "POST", ["write"]:
                self._write(request)
                return Reply(status=204)
            case "POST", ["query"]:
                asked = request.document()
                tables = self._query(asked["query"])
                annotated = asked["dialect"].get("annotations") != []
                text = flux.annotated(tables) if annotated else flux.plain(tables)
                return Reply(headers={"Content-Type": "text/csv"}, body=text)
        if not self.may_manage:
            raise Refused(403, "forbidden", f"{request.method.lower()} {request.path} is unauthorized")
        return _json(200, self._managed(request))

    def _managed(self, request: Request) -> object:
        match request.method, request.path.split("/")[3:]:
            case "GET", ["buckets"]:
                found = [one for name, one in self.buckets.items() if name == request.given["name"]]
                return {"buckets": found}
            case "POST", ["buckets"]:
                asked = request.document()
                name = asked["name"]
                assert name not in self.buckets
                self.buckets[name] = self._new_bucket(name, asked["retentionRules"][0]["everySeconds"])
                self.stored[name] = defaultdict(dict)
                return self.buckets[name]
            case "PATCH", ["buckets", bucket_id]:
                bucket = next(one for one in self.buckets.values() if one["id"] == bucket_id)
                bucket["retentionRules"] = request.document()["retentionRules"]
                return bucket
            case "GET", ["tasks"]:
                return {"tasks": [task for task in self.tasks if task["name"] == request.given["name"]]}
            case "POST", ["tasks"]:
                asked = request.document()
                name = flux.unquoted(asked["flux"].split("name: ")[1].split(", every")[0])
                self.tasks.append({"id": f"t{len(self.tasks)}", "name": name, "flux": asked["flux"]})
                return self.tasks[-1]
            case "PATCH", ["tasks", task_id]:
                task = next(task for task in self.tasks if task["id"] == task_id)
                task["flux"] = request.document()["flux"]
                return task
        raise Refused(404, "not found", "path not found")

    def _write(self, request: Request) -> None:
        """All lines, or none of them if one is malformed; what conflicts or is too old is left out."""
        if request.given.get("bucket") not in self.buckets:
            raise Refused(404, "not found", f'bucket "{request.given.get("bucket")}" not found')
        if request.given.get("precision") != "ms" or not request.gzipped:
            raise Refused(400, "invalid", "this fake takes gzip and ms only")
        self.gzipped += 1
        if len(request.body) > self.max_body:
            raise Refused(413, "request too large", "unable to read data: points batch is too large")
        lines = [line for line in request.body.decode().split("\n") if line and not line.startswith("#")]
        with self._lock:
            self.writes.append(len(lines))
            if not 1 <= len(lines) <= MAX_LINES:
                raise Refused(400, "invalid", f"writing requires points, {MAX_LINES} at most: {len(lines)}")
            points = [self._parsed(line) for line in lines]
            wrong = [why for point in points if (why := self._stored(request.given["bucket"], *point))]
        if wrong:
            code = "unprocessable entity" if self.conflict_status == 422 else "internal error"
            said = f"failure writing points to database: partial write: {wrong[0]} dropped={len(wrong)}"
            raise Refused(self.conflict_status, code, said)

    def _parsed(self, line: str) -> ParsedLine:
        if self.unreadable and self.unreadable in line:
            raise Malformed(f"unable to parse '{line}': not to be read")
        return parsed(line)

    def _stored(
        self, bucket: str, measurement: str, tags: tuple[tuple[str, str], ...], fields: Mapping[str, Value], at_ms: int
    ) -> str | None:
        if at_ms < self._oldest_ms(bucket):
            return "points beyond retention policy"
        for field, value in fields.items():
            known = self._types.get((bucket, measurement, field), type(value))
            if known is not type(value):
                return (
                    f'field type conflict: input field "{field}" on measurement "{measurement}" '
                    f"is type {_TYPES[type(value)]}, already exists as type {_TYPES[known]}"
                )
        for field, value in fields.items():
            self._types[bucket, measurement, field] = type(value)
            self.stored[bucket][measurement, tags, field][at_ms] = value
        return None

    def _query(self, script: str) -> list[flux.Table]:
        def store(
            bucket: str, measurement: str, tags: tuple[tuple[str, str], ...], fields: dict[str, Value], at_ms: int
        ) -> None:
            assert self._stored(bucket, measurement, tags, fields, at_ms) is None

        with self._lock:
            return flux.Flux(self.stored, store, self.now_ms).run(script)

    def _oldest_ms(self, bucket: str) -> int:
        keep_s: int = self.buckets[bucket]["retentionRules"][0]["everySeconds"]
        return self.now_ms - keep_s * 1000 if keep_s else 0

    def _new_bucket(self, name: str, keep_s: int) -> dict[str, Any]:
        rules = [{"type": "expire", "everySeconds": keep_s}]
        return {"id": f"id-of-{name}", "orgID": "id-of-org", "name": name, "retentionRules": rules}


def _json(status: int, document: object) -> Reply:
    return Reply(status=status, headers={"Content-Type": "application/json"}, body=json.dumps(document))
