"""A small HTTP server for fakes that speak JSON over it."""

import gzip
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct


class Request(Struct, frozen=True, kw_only=True):
    """What was asked."""

    method: str
    path: str
    given: dict[str, str]
    """The query string's, one value each."""
    headers: dict[str, str]
    """With names in lower case."""
    body: bytes = b""
    gzipped: bool = False

    def document(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Reply(Struct, frozen=True, kw_only=True):
    """What is answered."""

    status: int = 200
    headers: Mapping[str, str] = {}
    body: str = ""


class Answering:
    """Listens on a free port of 127.0.0.1; a context manager. `reply` is to be given by who inherits from it."""

    def __init__(self) -> None:
        outer = self

        class Handler(_Handler):
            answering = outer

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

    def reply(self, request: Request) -> Reply:
        """The answer to a request."""
        raise NotImplementedError


class _Handler(BaseHTTPRequestHandler):
    answering: Answering
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._respond()

    def do_POST(self) -> None:
        self._respond()

    def do_PATCH(self) -> None:
        self._respond()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def _respond(self) -> None:
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        gzipped = headers.get("content-encoding") == "gzip"
        request = Request(
            method=self.command,
            path=url.path,
            given={key: values[0] for key, values in parse_qs(url.query).items()},
            headers=headers,
            body=gzip.decompress(body) if gzipped else body,
            gzipped=gzipped,
        )
        reply = self.answering.reply(request)
        self.send_response_only(reply.status)
        if "Date" not in reply.headers:
            self.send_header("Date", self.date_time_string())
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body.encode())))
        self.end_headers()
        if reply.status != 204:
            self.wfile.write(reply.body.encode())
