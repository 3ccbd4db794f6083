"""InfluxDB 2.x: our own line protocol in, Flux out, and what its answers mean."""

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from influxdb_client import InfluxDBClient, PingService, WritePrecision
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from config.schema import Series
from domain.clock import epoch_ms, utc
from domain.errors import PointsRejected, StoreRefused, StoreUnavailable
from domain.point import Point
from domain.reading import Value
from storage.series import flaws, line_protocol

T = TypeVar("T")
Numbered = tuple[int, str]
"""A point's index in its batch, with its line or with what is wrong with it."""

_PING_MS = 3000
_LATER = frozenset({408, 429})
_DROPPED = re.compile(r"\bdropped=(\d+)\b")


class _Complaint(msgspec.Struct, frozen=True):
    """The body of InfluxDB's own error answers."""

    code: str
    message: str = ""


class _Refusal(msgspec.Struct, frozen=True):
    """An answer that blames lines of a request. `dropped` is how many it says were not stored, if it says so."""

    reason: str
    dropped: int | None = None


class InfluxSeries:
    """One bucket. Points are written as they are given: no buffer, no retry, an answer for each batch."""

    def __init__(self, settings: Series, *, timeout_s: float = 15.0) -> None:
        self._url = settings.influx_url
        self._org = settings.influx_org
        self._bucket = settings.influx_bucket
        self._client = InfluxDBClient(
            url=self._url,
            token=settings.influx_token,
            org=self._org,
            timeout=round(timeout_s * 1000),
            enable_gzip=True,
            retries=False,
        )
        self._write_api = self._client.write_api(write_options=SYNCHRONOUS)
        self._query_api = self._client.query_api()

    def write(self, points: Sequence[Point]) -> None:
        """Store the points durably.

        Raises StoreUnavailable, StoreRefused, or PointsRejected when all others are stored. To find k bad
        lines among n takes O(k log n) requests.
        """
        lines: list[Numbered] = []
        rejected: list[Numbered] = []
        for index, point in enumerate(points):
            if wrong := flaws.of_point(point):
                rejected.append((index, wrong))
            else:
                lines.append((index, line_protocol.line(point)))
        rejected += self._sent(lines)
        if rejected:
            raise PointsRejected(sorted(rejected))

    def latest(self, measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field, with its time in ms, over all points that carry at least these tags."""
        everything = self._from(flaws.FIRST_MS, flaws.END_MS)
        out: dict[str, tuple[int, Value]] = {}
        for record in self._query(f"{everything} |> {_filter(measurement, tags)} |> last()"):
            field, at_ms = record.get_field(), epoch_ms(record.get_time())
            if field not in out or out[field][0] < at_ms:
                out[field] = (at_ms, record.get_value())
        return out

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values of one field with start ≤ time < stop, oldest first, of all such points."""
        start_ms, stop_ms = max(start_ms, flaws.FIRST_MS), min(stop_ms, flaws.END_MS)
        if start_ms >= stop_ms:
            return []
        wanted = _filter(measurement, tags, field)
        found = self._query(f"{self._from(start_ms, stop_ms)} |> {wanted}")
        return sorted((epoch_ms(record.get_time()), record.get_value()) for record in found)

    def count(self) -> int:
        """How many field values are stored. It reads all of them: not for the hot path."""
        everything = self._from(flaws.FIRST_MS, flaws.END_MS)
        return sum(record.get_value() for record in self._query(f"{everything} |> count() |> group() |> sum()"))

    def reachable(self) -> bool:
        """Whether the server answers, within 3 s; it need not accept our token for that."""
        try:
            PingService(self._client.api_client).get_ping(_request_timeout=_PING_MS)
        except (ApiException, HTTPError, OSError):
            return False
        return True

    def close(self) -> None:
        """Close the connections. Nothing may be called afterwards."""
        self._write_api.close()
        self._client.close()

    def _sent(self, lines: Sequence[Numbered]) -> list[Numbered]:
        """Send all lines and return those that are refused. They are halved until the culprits stand alone."""
        rejected: list[Numbered] = []
        waiting = deque([lines] if lines else [])
        while waiting:
            batch = waiting.popleft()
            refusal = self._post(batch)
            if refusal is None:
                continue
            if len(batch) in {1, refusal.dropped}:
                rejected += [(index, refusal.reason) for index, _ in batch]
            else:  # in order, so that of two values at one key the later one still wins
                half = len(batch) // 2
                waiting.extendleft((batch[half:], batch[:half]))
        return rejected

    def _post(self, batch: Sequence[Numbered]) -> _Refusal | None:
        body = "\n".join([line for _, line in batch]).encode()

        def send() -> _Refusal | None:
            try:
                self._write_api.write(self._bucket, self._org, body, write_precision=WritePrecision.MS)
            except ApiException as error:
                refusal = _refusal(error)
                if refusal is None:
                    raise
                return refusal
            return None

        return self._asked(send)

    def _query(self, flux: str) -> list[Any]:
        tables = self._asked(lambda: self._query_api.query(flux))
        return [record for table in tables for record in table.records]

    def _asked(self, ask: Callable[[], T]) -> T:
        """What `ask` returns, with the client's errors told apart by what can be done about them."""
        try:
            return ask()
        except ApiException as error:
            said = f"{self._url} (org {self._org!r}, bucket {self._bucket!r}) answered {error.status}: {_said(error)}"
            if 300 <= error.status < 500 and error.status not in _LATER:
                raise StoreRefused(said) from error
            raise StoreUnavailable(said, retry_after_s=_retry_after_s(error)) from error
        except (HTTPError, OSError) as error:
            raise StoreUnavailable(f"{self._url} does not answer: {error}") from error

    def _from(self, start_ms: int, stop_ms: int) -> str:
        return f"from(bucket: {quoted(self._bucket)}) |> range(start: {_time(start_ms)}, stop: {_time(stop_ms)})"


def quoted(text: str) -> str:
    """A Flux string literal that holds exactly this text, whatever stands in it."""
    for plain, escaped in (("\\", r"\\"), ('"', r"\""), ("${", r"\${"), ("\n", r"\n"), ("\r", r"\r"), ("\t", r"\t")):
        text = text.replace(plain, escaped)
    return f'"{text}"'


def _filter(measurement: str, tags: Mapping[str, str], field: str | None = None) -> str:
    wanted = {"_measurement": measurement, **({"_field": field} if field else {}), **tags}
    tests = " and ".join(f"r[{quoted(key)}] == {quoted(value)}" for key, value in wanted.items())
    return f"filter(fn: (r) => {tests})"


def _time(at_ms: int) -> str:
    return f"{utc(at_ms):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


def _refusal(error: ApiException) -> _Refusal | None:
    """The refusal in an answer that is about lines; None for one about anything else, e.g. a proxy's own 400."""
    if error.status == 413:
        return _Refusal(reason="too large for the store")
    complaint = _complaint(error)
    if complaint is None or (error.status, complaint.code) not in {(400, "invalid"), (422, "unprocessable entity")}:
        return None
    dropped = _DROPPED.search(complaint.message) if error.status == 422 else None
    return _Refusal(reason=complaint.message, dropped=int(dropped[1]) if dropped else None)


def _complaint(error: ApiException) -> _Complaint | None:
    try:
        return msgspec.json.decode(error.body or "", type=_Complaint)
    except msgspec.DecodeError:
        return None


def _said(error: ApiException) -> str:
    complaint = _complaint(error)
    return complaint.message if complaint else str(error.reason)


def _retry_after_s(error: ApiException) -> float | None:
    """The Retry-After header in seconds; its form with a date is not used by InfluxDB."""
    text = (error.headers or {}).get("Retry-After", "")
    return float(text) if text.isdecimal() else None
