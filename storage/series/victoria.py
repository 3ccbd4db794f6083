"""VictoriaMetrics, single or cluster: line protocol in, MetricsQL and raw exports out.

A field is a series `{measurement}_{field}`, and each carries two labels beside our tags: `measurement`, and
`value_type` (`float`, `int` or `bool`), for the server itself keeps numbers only. It differs from the other stores:

- A number keeps about 15 digits, counted from the largest number near it in its series. An integer beyond ±2^53 is
  rejected, for it could not come back as it was.
- Nothing is overwritten. Of two values written at one key one is read, newer servers take the larger; they must be
  started with `-dedup.minScrapeInterval=1ms` for that, or `windows` and `count` see both.
- What was written is seen about a second later.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from config.schema import Series
from domain.clock import Clock, SystemClock
from domain.errors import StoreUnavailable
from domain.point import Aggregate, Point
from domain.reading import Value
from domain.service import Requests
from storage.series import flaws, grid, line_protocol, promql, sending
from storage.series.http import STORED, Http, failure
from storage.series.promql import MEASUREMENT, TYPE
from storage.series.sending import Refusal
from storage.series.victoria_reads import FIRST_MS, VictoriaReads
from storage.series.victoria_server import AHEAD_MS, Limits, VictoriaServer, shortfalls, too_far

_PING_S = 3.0
_DAY_MS = 24 * grid.HOUR_MS
_EXACT = 1 << 53
_MAX_TAGS, _MAX_TAG_BYTES = 26, 1024
"""What every version keeps of a series whole; more it cuts off without a word."""


class VictoriaSeries:
    """One server, or one tenant of a cluster. Points are written as they are given, an answer for each batch."""

    def __init__(self, settings: Series, *, timeout_s: float = 15.0, clock: Clock | None = None) -> None:
        self._settings = settings
        tenant = settings.victoria_tenant
        self._in = Http(settings.victoria_url, timeout_s=timeout_s)
        self._out = Http(settings.victoria_read_url or settings.victoria_url, timeout_s=timeout_s)
        self._write_path = f"/insert/{tenant}/influx/api/v2/write" if tenant else "/api/v2/write"
        self._reads = VictoriaReads(
            self._out, f"/select/{tenant}/prometheus/api/v1" if tenant else "/prometheus/api/v1"
        )
        self._server = VictoriaServer(self._in)
        self._clock = clock or SystemClock()
        self._types: dict[tuple[str, str], str] = {}

    def write(self, points: Sequence[Point]) -> None:
        """Hand the points over. Raises StoreUnavailable, StoreRefused, or PointsRejected when all others are taken.

        Points that the server would take and then let fall are rejected here, and say so.
        """
        if not points:
            return
        limits, now_ms = self._server.limits(), self._clock.now_ms()
        sending.write(points, self._post, flaw=lambda point: self._flaw(point, now_ms, limits), line=_lines)

    def latest(self, measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field, with its time in ms, over all points that carry at least these tags."""
        now_ms = self._clock.now_ms()
        return self._reads.latest(measurement, tags, recent_ms=now_ms - _DAY_MS, stop_ms=now_ms + AHEAD_MS)

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values of one field with start ≤ time < stop, oldest first, of all such points."""
        return self._reads.range(measurement, field, tags, *_within(start_ms, stop_ms))

    def windows(
        self,
        measurement: str,
        field: str,
        tags: Mapping[str, str],
        start_ms: int,
        stop_ms: int,
        *,
        every_ms: int,
        aggregate: Aggregate,
    ) -> list[tuple[int, float | None]]:
        """One row for each window that holds part of start ≤ time < stop, its time the window's start (a multiple)."""
        wanted = grid.starts(start_ms, stop_ms, every_ms)
        picked = promql.selector(measurement, tags, field)
        start_ms, stop_ms = _within(start_ms, stop_ms)
        if start_ms >= stop_ms:
            return grid.filled(wanted, {})
        found = self._reads.windows(picked, start_ms, stop_ms, every_ms=every_ms, aggregate=aggregate)
        return grid.filled(wanted, found)

    def export(self, start_ms: int, stop_ms: int, *, measurements: Collection[str] = ()) -> Iterator[Point]:
        """Every stored point with start ≤ time < stop that was written by us, oldest hour first."""
        start_ms, stop_ms = _within(start_ms, min(stop_ms, self._clock.now_ms() + AHEAD_MS))
        if (kept_ms := self._server.limits().retention_ms) is not None:
            start_ms = max(start_ms, self._clock.now_ms() - kept_ms)
        if start_ms < stop_ms:
            yield from self._reads.export(start_ms, stop_ms, measurements)

    def maintain(self, now_ms: int) -> str:
        """Nothing: the server lets points go by its own flag. The line says how that agrees with the settings."""
        del now_ms
        limits, wanted_days = self._server.limits(), self._settings.keep_raw / 86400
        said = ["VictoriaMetrics keeps points by its own -retentionPeriod and computes hourly figures from them"]
        if limits.retention_ms is None:
            said.append(f"it does not say for how long; keep_raw is {wanted_days:g} days")
        elif (days := limits.retention_ms / _DAY_MS) >= wanted_days:
            said.append(f"it keeps {days:g} days for {wanted_days:g} wanted")
        said += shortfalls(limits, self._settings.keep_raw)
        if lost := self._server.lost():
            said.append(f"it dropped rows without a word: {', '.join(f'{n} {why}' for why, n in sorted(lost.items()))}")
        return "; ".join(said)

    def limits(self) -> Limits:
        """How long the server keeps points and what it makes of repeated ones. Raises StoreUnavailable."""
        return self._server.limits()

    def shortfalls(self) -> tuple[str, ...]:
        """Where the server was started otherwise than the settings wish. Raises StoreUnavailable."""
        return shortfalls(self._server.limits(), self._settings.keep_raw)

    def lost(self) -> dict[str, int]:
        """Rows the server took and let fall since we first wrote, by reason, whoever sent them. For an alarm.

        Empty for a cluster, whose vminsert does not know. Raises StoreUnavailable.
        """
        return self._server.lost()

    def count(self) -> int:
        """How many field values are stored. It reads all of them: not for the hot path."""
        return self._reads.count(self._clock.now_ms() + AHEAD_MS)

    def reachable(self) -> bool:
        """Whether the server answers, both halves of a cluster, within 3 s each."""
        try:
            return all(http.get("/health", timeout_s=_PING_S).status < 500 for http in (self._in, self._out))
        except StoreUnavailable:
            return False

    def requests(self) -> Requests:
        """What became of the requests that carried points, since the start of the process."""
        return self._in.writes.figures()

    def close(self) -> None:
        """Close the connections. Nothing may be called afterwards."""
        self._in.close()
        self._out.close()

    def _post(self, lines: bytes) -> Refusal | None:
        answer = self._in.post_lines(self._write_path, {"precision": "ms"}, lines)
        if answer.status == STORED:
            return None
        # the header tells the server's own word about lines from that of a proxy or a router before it
        own = answer.status == 400 and "x-influxdb-version" in answer.headers
        said = " ".join(answer.body.decode(errors="replace").split())[:300]
        if own and "cannot read" in said and "too big" not in said:  # a request cut off on its way
            raise StoreUnavailable(f"{self._in.url} answered 400: {said}")
        if own or answer.status == 413:
            return Refusal(reason=said or "too large for the store")
        raise failure(self._in.url, answer)

    def _flaw(self, point: Point, now_ms: int, limits: Limits) -> str | None:
        return flaws.of_point(point) or too_far(point.at_ms, now_ms, limits) or _cut_off(point) or self._conflict(point)

    def _conflict(self, point: Point) -> str | None:
        """A field keeps the type it was first written with, here or by anyone before."""
        types = self._types
        new: dict[tuple[str, str], str] = {}
        for field, value in point.fields.items():
            key, mine = (point.measurement, field), type(value).__name__
            known = types.get(key)
            if known is None:
                written = self._reads.types(*key)
                known = new[key] = written[0] if written else mine
            if known != mine:
                return f"field type conflict: {field!r} of {point.measurement!r} is {known}, not {mine} {value!r}"
        types.update(new)
        return None


def _within(start_ms: int, stop_ms: int) -> tuple[int, int]:
    start_ms, stop_ms = flaws.within(start_ms, stop_ms)
    return max(start_ms, FIRST_MS), stop_ms


def _cut_off(point: Point) -> str | None:
    """What VictoriaMetrics would not keep as it is."""
    if point.at_ms < FIRST_MS:
        return f"time {point.at_ms} ms lies before 1971"
    if wrong := _tags_cut_off(point.tags):
        return wrong
    for field, value in point.fields.items():
        if '"' in field:
            return f"field {field!r} must hold no quotes: VictoriaMetrics takes what follows for text"
        if isinstance(value, int) and not -_EXACT <= value <= _EXACT:
            return f"field {field!r} is {value}; integers beyond 2^53 do not come back as they were"
    return None


@lru_cache(maxsize=65536)
def _tags_cut_off(tags: Sequence[tuple[str, str]]) -> str | None:
    if len(tags) > _MAX_TAGS:
        return f"the point has {len(tags)} tags; {_MAX_TAGS} at most"
    for key, text in tags:
        if key in {MEASUREMENT, TYPE} or len(text.encode()) > _MAX_TAG_BYTES:
            return f"tag {key!r} is {text!r}; it must be {_MAX_TAG_BYTES} bytes at most, and no {MEASUREMENT} or {TYPE}"
    return None


def _lines(point: Point) -> str:
    return line_protocol.victoria_lines(point, MEASUREMENT, TYPE)
