"""What a VictoriaMetrics says of itself: how long it keeps points, and which it let fall without a word."""

import re
import threading
import time
from collections.abc import Callable

from msgspec import Struct

from domain.errors import StoreUnavailable
from storage.series.http import Http

AHEAD_MS = 2 * 86_400_000
"""Points further ahead of the server's clock are let fall."""
_STALE_S = 600.0
_MARGIN_MS = 60_000
_LOST = re.compile(
    r"^(?:vm_rows_ignored_total\{(?:.*,)?reason=\"(\w+)\".*\}"
    r"|vm_rows_(invalid)_total\{(?:.*,)?type=\"influx\".*\}"
    r"|vm_(\w+_series_limit)_rows_dropped_total(?:\{.*\})?) (\S+)$",
    re.MULTILINE,
)
_FLAG = re.compile(r"^flag\{name=\"([\w.]+)\", ?value=\"([^\"]*)\"", re.MULTILINE)
_UNITS_MS = {
    "": 31 * 86_400_000,
    "M": 31 * 86_400_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 7 * 86_400_000,
    "y": 365 * 86_400_000,
}


class Limits(Struct, frozen=True, kw_only=True):
    """What the server will keep; None where it does not say."""

    retention_ms: int | None = None
    deduplicates: bool | None = None


class VictoriaServer:
    """Asks a single server's `/metrics`, now and then. A cluster's vminsert knows nothing of all this."""

    def __init__(self, http: Http, *, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._http = http
        self._monotonic_s = monotonic_s
        self._lock = threading.Lock()
        self._asked_s: float | None = None
        self._limits = Limits()
        self._seen: dict[str, int] | None = None
        self._lost: dict[str, int] = {}

    def limits(self) -> Limits:
        """What it keeps, asked anew every ten minutes. Raises StoreUnavailable if it does not answer."""
        with self._lock:
            if self._asked_s is None or self._monotonic_s() - self._asked_s > _STALE_S:
                self._ask()
            return self._limits

    def lost(self) -> dict[str, int]:
        """Rows let fall since this was first asked, by reason, whoever sent them; empty if the server does not say.

        Raises StoreUnavailable if it does not answer.
        """
        with self._lock:
            self._ask()
            return dict(self._lost)

    def _ask(self) -> None:
        answer = self._http.get("/metrics")
        if answer.status >= 500:
            raise StoreUnavailable(f"{self._http.url}/metrics answered {answer.status}")
        text = answer.body.decode(errors="replace") if answer.status == 200 else ""
        flags = dict(_FLAG.findall(text))
        self._limits = Limits(
            retention_ms=duration_ms(flags["retentionPeriod"]) if "retentionPeriod" in flags else None,
            deduplicates=flags["dedup.minScrapeInterval"] not in {"0", "0s"}
            if "dedup.minScrapeInterval" in flags
            else None,
        )
        self._count({reason or invalid or limit: int(float(n)) for reason, invalid, limit, n in _LOST.findall(text)})
        self._asked_s = self._monotonic_s()

    def _count(self, now: dict[str, int]) -> None:
        before = now if self._seen is None else self._seen
        for reason, total in now.items():
            known = before.get(reason, 0)
            # less than before: it began anew
            if more := total - known if total >= known else total:
                self._lost[reason] = self._lost.get(reason, 0) + more
        self._seen = {**before, **now}


def shortfalls(limits: Limits, wanted_s: float) -> tuple[str, ...]:
    """Where the server was started otherwise than is wanted, which is to keep points for so many seconds."""
    said = []
    if limits.retention_ms is not None and limits.retention_ms < wanted_s * 1000:
        days, wanted_days = limits.retention_ms / 86_400_000, wanted_s / 86_400
        said.append(
            f"it keeps {days:g} days, less than {wanted_days:g} wanted; start it with -retentionPeriod={wanted_days:g}d"
        )
    if limits.deduplicates is False:
        said.append("it counts points sent twice as two; start it with -dedup.minScrapeInterval=1ms")
    return tuple(said)


def too_far(at_ms: int, now_ms: int, limits: Limits) -> str | None:
    """Why the server would let a point of this time fall; None if it would not."""
    if at_ms > now_ms + AHEAD_MS - _MARGIN_MS:
        return f"time {at_ms} ms is more than 2 days ahead; VictoriaMetrics would drop it without a word"
    if limits.retention_ms is not None and at_ms < now_ms - limits.retention_ms + _MARGIN_MS:
        days = limits.retention_ms / 86_400_000
        return f"time {at_ms} ms is older than the {days:g} days of -retentionPeriod; VictoriaMetrics would drop it"
    return None


def duration_ms(text: str) -> int | None:
    """A duration as VictoriaMetrics writes it: `100y`, `31d`, a bare number of months; None if it is none."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([a-zA-Z]?)", text)
    if match is None or match[2] not in _UNITS_MS:
        return None
    return round(float(match[1]) * _UNITS_MS[match[2]])
