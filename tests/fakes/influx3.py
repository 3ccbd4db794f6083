"""A small InfluxDB 3: its write contract, tables with fixed tags and types, and SQL answered by SQLite."""

import json
import re
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime

from config.schema import Series
from domain.clock import epoch_ms
from tests.fakes.answering import Answering, Reply, Request
from tests.fakes.influx import Stumble
from tests.fakes.lines import Malformed, ParsedLine, Value, parsed

LISTED = 100
"""Bad lines that an answer names, at most."""
_TYPES: dict[type, tuple[str, str]] = {
    bool: ("Boolean", "boolean"),
    int: ("Int64", "integer"),
    float: ("Float64", "float"),
}
_TAG = "Dictionary(Int32, Utf8)"
_TOKENS = re.compile(r"""TIMESTAMP\ '([^']*)' | '(?:[^']|'')*' | "((?:[^"]|"")*)" """, re.VERBOSE)


class BadLine(Exception):
    """A line that is not stored."""


class Table:
    """One table. Its tags are fixed when it is made."""

    def __init__(self, tags: list[str]) -> None:
        self.columns: dict[str, str] = {**dict.fromkeys(tags, _TAG), "time": "Timestamp(Nanosecond, None)"}
        self.tags = tags
        self.rows: dict[tuple[int, tuple[tuple[str, str], ...]], dict[str, Value]] = {}
        self.version = 0

    def store(self, line: ParsedLine) -> None:
        """Take a line, or raise BadLine."""
        _, tags, fields, at_ms = line
        for key, _ in tags:
            if self.columns.get(key) != _TAG:
                raise BadLine(
                    f"Detected a new tag '{key}' in write. The tag set is immutable on first write to the table."
                )
        for field, value in fields.items():
            mine, got = self.columns.get(field, _TYPES[type(value)][0]), _TYPES[type(value)]
            if mine != got[0]:
                raise BadLine(
                    f"invalid column type for column '{field}', expected iox::column_type::{mine}, "
                    f"got iox::column_type::field::{got[1]}"
                )
        self.columns |= {field: _TYPES[type(value)][0] for field, value in fields.items()}
        self.rows.setdefault((at_ms * 1_000_000, tags), {}).update(fields)
        self.version += 1


class FakeInflux3(Answering):
    """One server with as many databases as are written to; they share their tables here."""

    token, database, version = "a-token", "readings", "3.2.1"

    def __init__(self) -> None:
        super().__init__()
        self.stumble: Callable[[], Stumble | None] = lambda: None
        """Asked before each write and query: a status, headers and body to answer instead, or None."""
        self.max_body = 10 << 20
        self.max_tables = 2000
        self.may_configure = True
        self.listed = LISTED
        self.writes: list[int] = []
        self.tables: dict[str, Table] = {}
        self._databases: set[str] = set()
        self._lock = threading.Lock()
        self._sql = sqlite3.connect(":memory:", check_same_thread=False)
        self._sql.execute("ATTACH ':memory:' AS information_schema")
        self._sql.execute("CREATE TABLE information_schema.tables (table_schema, table_name)")
        self._sql.execute("CREATE TABLE information_schema.columns (table_schema, table_name, column_name, data_type)")
        self._loaded: dict[str, int] = {}

    def __exit__(self, *args: object) -> None:
        super().__exit__(*args)
        self._sql.close()

    def settings(self, **wrong: object) -> Series:
        """The settings of a client, with some of them wrong if wanted."""
        right: dict[str, object] = {
            "store": "influx3",
            "influx_url": self.url,
            "influx_token": self.token,
            "influx_bucket": self.database,
        }
        return Series.model_validate(right | wrong)

    def reply(self, request: Request) -> Reply:
        """The answer to a request."""
        if request.path == "/health":
            return self._reply(200, "OK")
        if stumble := self.stumble():
            return Reply(status=stumble[0], headers=stumble[1], body=stumble[2])
        if request.headers.get("authorization") not in {f"Bearer {self.token}", f"Token {self.token}"}:
            return self._reply(401, {"error": "the request was not authenticated", "data": None})
        answers = {
            "/ping": lambda _: self._reply(200, {"version": self.version, "revision": "r", "process_id": "p"}),
            "/api/v2/write": self._write,
            "/api/v3/query_sql": self._query,
            "/api/v3/configure/table": self._configure,
            "/api/v3/configure/database": self._configure,
        }
        if request.path not in answers:
            return self._reply(404, "not found")
        with self._lock:
            return answers[request.path](request)

    def _configure(self, request: Request) -> Reply:
        asked = request.document()
        if not self.may_configure:
            return self._reply(403, {"error": "forbidden", "data": None})
        if request.path.endswith("/database"):
            self._databases.add(asked["db"])
            return self._reply(200, {})
        if asked["db"] not in self._databases:
            return self._reply(404, {"error": "not found", "data": None})
        if asked["table"] in self.tables:
            return self._reply(409, {"error": "attempted to create a resource that already exists", "data": None})
        if len(self.tables) >= self.max_tables:
            return self._reply(422, {"error": "Update to schema would exceed number of tables", "data": None})
        self.tables[asked["table"]] = Table(asked["tags"])
        return self._reply(200, {})

    def _write(self, request: Request) -> Reply:
        if request.given.get("precision") != "ms" or not request.gzipped:
            return self._reply(400, {"error": "this fake takes gzip and ms only", "data": None})
        if len(request.body) > self.max_body:
            return self._reply(413, {"error": f"max request size ({self.max_body} bytes) exceeded", "data": None})
        self._databases.add(request.given["bucket"])
        lines = request.body.decode().split("\n")
        self.writes.append(len(lines))
        bad = []
        for number, line in enumerate(lines, 1):
            try:
                point = parsed(line)
                if point[0] not in self.tables and len(self.tables) >= self.max_tables:
                    said = f"Update to schema would exceed number of tables per database limit of {self.max_tables}"
                    return self._reply(422, {"error": said, "data": None})
                self.tables.setdefault(point[0], Table([key for key, _ in point[1]])).store(point)
            except (Malformed, BadLine) as error:
                bad.append({"original_line": line[:50], "line_number": number, "error_message": str(error)})
        if bad:
            return self._reply(400, {"error": "partial write of line protocol occurred", "data": bad[: self.listed]})
        return self._reply(204, "")

    def _query(self, request: Request) -> Reply:
        asked = request.document()
        assert asked["format"] == "jsonl"
        if asked["db"] not in self._databases:
            return self._reply(404, {"error": f"database not found: {asked['db']}", "data": None})
        self._load()
        known = {column for table in self.tables.values() for column in table.columns} | set(self.tables)
        for token in _TOKENS.finditer(asked["q"]):
            if token[2] is not None and token[2].replace('""', '"') not in known:
                return self._reply(400, {"error": f"Schema error: No field named {token[0]}", "data": None})
        try:
            cursor = self._sql.execute(_TOKENS.sub(_as_sqlite, asked["q"]))
        except sqlite3.Error as error:
            return self._reply(400, {"error": f"SQL error: {error}", "data": None})
        names = [column[0] for column in cursor.description]
        (table,) = set(re.findall(r'FROM "((?:[^"]|"")*)"', asked["q"])) or {""}
        columns = self.tables[table.replace('""', '"')].columns if table else {}
        rows = (
            {
                name: bool(value) if columns.get(name) == "Boolean" else value
                for name, value in zip(names, row, strict=True)
                if value is not None
            }
            for row in cursor
        )
        return self._reply(200, "".join(json.dumps(row) + "\n" for row in rows))

    def _load(self) -> None:
        for name, table in self.tables.items():
            if self._loaded.get(name) == table.version:
                continue
            self._loaded[name] = table.version
            quoted = _name(name)
            self._sql.execute(f"DROP TABLE IF EXISTS {quoted}")
            self._sql.execute("DELETE FROM information_schema.tables WHERE table_name = ?", (name,))
            self._sql.execute("DELETE FROM information_schema.columns WHERE table_name = ?", (name,))
            self._sql.execute("INSERT INTO information_schema.tables VALUES ('iox', ?)", (name,))
            for column, kind in table.columns.items():
                self._sql.execute(
                    "INSERT INTO information_schema.columns VALUES ('iox', ?, ?, ?)", (name, column, kind)
                )
            self._sql.execute(f"CREATE TABLE {quoted} ({', '.join(map(_name, table.columns))})")
            holes = ", ".join("?" for _ in table.columns)
            for (at_ns, tags), fields in table.rows.items():
                cells = {"time": at_ns, **dict(tags), **fields}
                values = [cells.get(column) for column in table.columns]
                self._sql.execute(f"INSERT INTO {quoted} VALUES ({holes})", values)

    def _reply(self, status: int, body: object) -> Reply:
        headers = {"X-Influxdb-Version": self.version, "X-Influxdb-Build": "Core"}
        return Reply(status=status, headers=headers, body=body if isinstance(body, str) else json.dumps(body))


def _as_sqlite(token: re.Match[str]) -> str:
    return token[0] if token[1] is None else str(epoch_ms(datetime.fromisoformat(token[1])) * 1_000_000)


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
