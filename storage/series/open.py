"""Which series store a site has."""

import re
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from config.schema import Series
from domain.errors import StoreRefused, StoreUnavailable
from domain.point import Aggregate, Point
from domain.reading import Value
from domain.service import Requests
from storage.series.embedded import EmbeddedSeries
from storage.series.http import Answer, Http, failure
from storage.series.influx import InfluxSeries
from storage.series.influx3 import Influx3Series
from storage.series.store import SeriesStore
from storage.series.victoria import VictoriaSeries

_PING_S = 3.0
_MAJOR = re.compile(r"^v?(\d+)\.")
_BY_MAJOR: Mapping[str, type[InfluxSeries] | type[Influx3Series]] = {"2": InfluxSeries, "3": Influx3Series}


def kind_of(settings: Series) -> str:
    """Which store these settings mean, as people call it."""
    names = {"embedded": "embedded", "victoria": "VictoriaMetrics", "influx2": "InfluxDB 2", "influx3": "InfluxDB 3"}
    if settings.store != "auto":
        return names[settings.store]
    return "VictoriaMetrics" if settings.victoria_url else "InfluxDB" if settings.influx_url else "embedded"


def open_store(settings: Series, embedded_path: Path) -> SeriesStore:
    """The store of these settings; without the url of a server, the file at `embedded_path`.

    No server is asked anything yet: one that is down at the start must not stop the start.
    """
    match settings.store:
        case "victoria":
            return VictoriaSeries(settings)
        case "influx2":
            return InfluxSeries(settings)
        case "influx3":
            return Influx3Series(settings)
        case "auto" if settings.victoria_url:
            return VictoriaSeries(settings)
        case "auto" if settings.influx_url:
            return UnknownInflux(settings)
    return EmbeddedSeries(embedded_path, keep_raw_s=settings.keep_raw, keep_hourly_s=settings.keep_hourly)


class _Health(Struct, frozen=True):
    version: str


class UnknownInflux:
    """An InfluxDB of a version not known yet. It is asked when it is first needed, and then taken at its word."""

    def __init__(self, settings: Series, *, timeout_s: float = 15.0) -> None:
        self._settings = settings
        self._timeout_s = timeout_s
        authorization = {"Authorization": f"Token {settings.influx_token}"}
        self._http = Http(settings.influx_url, headers=authorization, timeout_s=_PING_S)
        self._found: SeriesStore | None = None
        self._lock = threading.Lock()

    def write(self, points: Sequence[Point]) -> None:
        """Store the points durably. Raises StoreUnavailable, StoreRefused, or PointsRejected."""
        self._known().write(points)

    def latest(self, measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field, with its time in ms, over all points that carry at least these tags."""
        return self._known().latest(measurement, tags)

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values of one field with start ≤ time < stop, oldest first, of all such points."""
        return self._known().range(measurement, field, tags, start_ms, stop_ms)

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
        return self._known().windows(
            measurement, field, tags, start_ms, stop_ms, every_ms=every_ms, aggregate=aggregate
        )

    def export(self, start_ms: int, stop_ms: int, *, measurements: Collection[str] = ()) -> Iterator[Point]:
        """Every stored point with start ≤ time < stop, oldest hour first."""
        return self._known().export(start_ms, stop_ms, measurements=measurements)

    def maintain(self, now_ms: int) -> str:
        """Make hourly figures, and let go of what is older than is to be kept; a line for the log."""
        return self._known().maintain(now_ms)

    def count(self) -> int:
        """How many field values are stored. It reads all of them: not for the hot path."""
        return self._known().count()

    def reachable(self) -> bool:
        """Whether the server answers, and says that it is an InfluxDB that we know."""
        try:
            return self._known().reachable()
        except StoreUnavailable:
            return False
        except StoreRefused:  # it answers; what is wrong is said when points are written
            return True

    def requests(self) -> Requests:
        """What became of the requests that carried points, since the start of the process."""
        return Requests() if self._found is None else self._found.requests()

    def close(self) -> None:
        """Close the connections. Nothing may be called afterwards."""
        self._http.close()
        if self._found is not None:
            self._found.close()

    def _known(self) -> SeriesStore:
        with self._lock:
            if self._found is None:
                kind = self._asked()
                self._found = kind(self._settings, timeout_s=self._timeout_s)
            return self._found

    def _asked(self) -> type[InfluxSeries] | type[Influx3Series]:
        """Version 2 says it in a header of `/ping` and in `/health`, version 3 in a header and the body of `/ping`."""
        answers = [self._http.get("/ping"), self._http.get("/health")]
        version = next(filter(None, map(_version, answers)), None)
        if version is None:
            worst = max(answers, key=lambda answer: answer.status)
            if worst.status >= 500:
                raise failure(self._settings.influx_url, worst)
            raise StoreRefused(
                f"{self._settings.influx_url} does not say which InfluxDB it is (/ping answered {answers[0].status}, "
                f"/health {answers[1].status}); set series.store to influx2 or influx3"
            )
        major = _MAJOR.match(version)
        if major is None or major[1] not in _BY_MAJOR:
            raise StoreRefused(
                f"{self._settings.influx_url} says it is InfluxDB {version}; versions 2 and 3 are known. "
                "VictoriaMetrics says 1.8: give its url as series.victoria_url"
            )
        return _BY_MAJOR[major[1]]


def _version(answer: Answer) -> str | None:
    if answer.status >= 500:
        return None
    if header := answer.headers.get("x-influxdb-version"):
        return header
    health = answer.as_json(_Health)
    return health.version if health else None
