"""Talking to a store over HTTP: what came back, and what an answer that is no success lets us do."""

import gzip
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import SplitResult, unquote, urlencode, urlsplit, urlunsplit

import msgspec
from msgspec import Struct
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError
from urllib3.util import make_headers

from domain.errors import LongchengError, StoreRefused, StoreUnavailable
from storage.series.tally import RequestTally

T = TypeVar("T")

STORED = 204
"""The one answer to a write that says it is stored. A 200 with a page is a proxy's, or a portal's."""
_LATER = frozenset({408, 425, 429})
_SAID_AT_MOST = 300


class Answer(Struct, frozen=True, kw_only=True):
    """An answer of a server. `headers` are asked with their names in lower case."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""

    def as_json(self, kind: type[T]) -> T | None:
        """The body as JSON of this shape; None if it is anything else, e.g. a proxy's page."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None


class Http:
    """One server, its connections kept. It tries nothing again and follows no redirect.

    A name and a password in the url are sent with each request; `url` and all errors are without them.
    """

    def __init__(self, url: str, *, headers: Mapping[str, str] | None = None, timeout_s: float = 15.0) -> None:
        parts = urlsplit(url)
        self.url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/")
        self.writes = RequestTally()
        """Of `post_lines`; an answer that did not come counts as `none`."""
        self._timeout_s = timeout_s
        own = {"User-Agent": "longcheng", "Accept-Encoding": "gzip", **_authorization(parts)}
        self._pool = PoolManager(maxsize=8, headers={**own, **(headers or {})})

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, timeout_s: float | None = None) -> Answer:
        """Ask for something. Raises StoreUnavailable if nothing comes back."""
        return self._ask("GET", f"{path}?{urlencode(params)}" if params else path, timeout_s=timeout_s)

    def post_form(self, path: str, form: Mapping[str, Any]) -> Answer:
        """Ask with a form, for questions too long for a url. Raises StoreUnavailable if nothing comes back."""
        return self._ask("POST", path, urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"})

    def post_json(self, path: str, document: object) -> Answer:
        """Send JSON. Raises StoreUnavailable if nothing comes back."""
        return self._ask("POST", path, msgspec.json.encode(document), {"Content-Type": "application/json"})

    def patch_json(self, path: str, document: object) -> Answer:
        """Change something. Raises StoreUnavailable if nothing comes back."""
        return self._ask("PATCH", path, msgspec.json.encode(document), {"Content-Type": "application/json"})

    def post_lines(self, path: str, params: Mapping[str, str], body: bytes) -> Answer:
        """Send line protocol, compressed. Raises StoreUnavailable if nothing comes back."""
        headers = {"Content-Type": "text/plain; charset=utf-8", "Content-Encoding": "gzip"}
        packed = gzip.compress(body, 4, mtime=0)
        end, code = self.writes.begin(), "none"
        try:
            answer = self._ask("POST", f"{path}?{urlencode(params)}", packed, headers)
            code = str(answer.status)
        finally:
            end(code)
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        timeout_s: float | None = None,
    ) -> Answer:
        try:
            answer = self._pool.request(
                method,
                self.url + path,
                body=body,
                headers={**self._pool.headers, **(headers or {})},
                timeout=Timeout(timeout_s or self._timeout_s),
                retries=False,
            )
        except (HTTPError, OSError) as error:
            raise StoreUnavailable(f"{self.url} does not answer: {error}") from error
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(status=answer.status, headers=found, body=answer.data)


def failure(url: str, answer: Answer, said: str | None = None) -> LongchengError:
    """The error of an answer that is about no line of ours: try again, or hold everything and call a person."""
    text = f"{url} answered {answer.status}: {said or _said(answer)}"
    if location := answer.headers.get("location"):
        text += f" (it points to {location})"
    if answer.status < 500 and answer.status not in _LATER:
        return StoreRefused(text)
    return StoreUnavailable(text, retry_after_s=retry_after_s(answer.headers))


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long an answer asks to be left alone: seconds, or a moment as told by the server's own clock (`Date`)."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        until, now = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _authorization(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    return make_headers(basic_auth=f"{unquote(parts.username)}:{unquote(parts.password or '')}")


def _said(answer: Answer) -> str:
    return " ".join(answer.body.decode(errors="replace").split())[:_SAID_AT_MOST] or "(nothing more)"
