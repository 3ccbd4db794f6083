"""InfluxDB 2.x: line protocol in, Flux out."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TypeVar

from influxdb_client import InfluxDBClient
from influxdb_client.client.flux_csv_parser import FluxQueryException
from influxdb_client.client.flux_table import FluxRecord
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from config.schema import Series
from domain.clock import epoch_ms
from domain.errors import StoreRefused, StoreUnavailable
from domain.point import Aggregate, Point
from domain.reading import Value
from domain.service import Requests
from storage.series import flaws, flux, grid, influx_answers, influx_upkeep, merging, sending
from storage.series.http import STORED, Answer, Http, failure
from storage.series.sending import Refusal

T = TypeVar("T")

_PING_S = 3.0
_NO_TAGS = frozenset({"result", "table", "_start", "_stop", "_time", "_value", "_field", "_measurement"})


class InfluxSeries:
    """One bucket. Points are written as they are given: no buffer, no retry, an answer for each batch.

    Hourly figures are in the bucket `{bucket}_hourly`, if `maintain` could make it.
    """

    def __init__(self, settings: Series, *, timeout_s: float = 15.0) -> None:
        self._settings = settings
        self._url = settings.influx_url
        self._bucket, self._hourly = settings.influx_bucket, influx_upkeep.hourly_bucket(settings)
        self._about = f"{self._url} (org {settings.influx_org!r}, bucket {self._bucket!r})"
        authorization = {"Authorization": f"Token {settings.influx_token}"}
        self._http = Http(self._url, headers=authorization, timeout_s=timeout_s)
        self._client = InfluxDBClient(
            url=self._url,
            token=settings.influx_token,
            org=settings.influx_org,
            timeout=round(timeout_s * 1000),
            enable_gzip=True,
            retries=False,
        )
        self._query_api = self._client.query_api()

    def write(self, points: Sequence[Point]) -> None:
        """Store the points durably. Raises StoreUnavailable, StoreRefused, or PointsRejected."""
        sending.write(points, self._post)

    def latest(self, measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field, with its time in ms, over all points that carry at least these tags."""
        out: dict[str, tuple[int, Value]] = {}
        for record in self._query(f"{self._everything()} |> {flux.picked(measurement, tags)} |> last()"):
            field, at_ms = record.get_field(), epoch_ms(record.get_time())
            if field not in out or out[field][0] < at_ms:
                out[field] = (at_ms, record.get_value())
        return out

    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Times in ms and values of one field with start ≤ time < stop, oldest first, of all such points."""
        start_ms, stop_ms = flaws.within(start_ms, stop_ms)
        if start_ms >= stop_ms:
            return []
        found = self._query(f"{self._from(start_ms, stop_ms)} |> {flux.picked(measurement, tags, field)}")
        return sorted((epoch_ms(record.get_time()), record.get_value()) for record in found)

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
        """One row for each window that holds part of start ≤ time < stop, its time the window's start (a multiple).

        What only the hourly bucket holds counts in windows of whole hours, for hours that lie inside the span.
        Where several series answer and only hourly figures are left, `last` is that of one of them.
        """
        wanted = grid.starts(start_ms, stop_ms, every_ms)
        start_ms, stop_ms = flaws.within(start_ms, stop_ms)
        picked = flux.picked(measurement, tags, field)
        if start_ms >= stop_ms:
            return grid.filled(wanted, {})
        if every_ms % grid.HOUR_MS:
            raw = self._figures(f"{self._from(start_ms, stop_ms)} |> {picked}", every_ms, aggregate)
            return grid.filled(wanted, raw)
        figures, part = merging.Figures(), merging.part_of(aggregate)
        everything = f"{self._from(start_ms, stop_ms)} |> {picked}"
        figures.add(
            self._figures(everything, grid.HOUR_MS, Aggregate.COUNT), self._figures(everything, grid.HOUR_MS, part)
        )
        first, last = grid.whole_hours(start_ms, stop_ms)
        if first < last:
            kept = flux.source(self._hourly, first, last)
            figures.add(
                self._kept(f"{kept} |> {flux.picked(measurement, tags, f'{field}_{Aggregate.COUNT}')}", Aggregate.SUM),
                self._kept(
                    f"{kept} |> {flux.picked(measurement, tags, f'{field}_{part}')}",
                    Aggregate.SUM if part is Aggregate.COUNT else part,
                ),
            )
        return grid.filled(wanted, figures.windows(every_ms, aggregate))

    def export(self, start_ms: int, stop_ms: int, *, measurements: Collection[str] = ()) -> Iterator[Point]:
        """Every stored point with start ≤ time < stop, oldest hour first; hourly figures are not among them."""
        start_ms, stop_ms = flaws.within(start_ms, stop_ms)
        if start_ms >= stop_ms:
            return
        only = f" |> {flux.measured(measurements)}" if measurements else ""
        counts: dict[int, float] = {}
        for record in self._query(f"{self._from(start_ms, stop_ms)}{only} |> {flux.HOURLY_COUNTS}"):
            hour = epoch_ms(record.get_time()) // grid.HOUR_MS * grid.HOUR_MS
            counts[hour] = counts.get(hour, 0) + record.get_value()
        for first, last in merging.pieces(counts, start_ms, stop_ms):
            found = self._query(f"{self._from(first, last)}{only}")
            yield from merging.points(_row(record) for record in found)

    def maintain(self, now_ms: int) -> str:
        """Have the server keep raw points and hourly figures for as long as is set, and make the figures by a task."""
        return influx_upkeep.maintain(self._http, self._settings, now_ms)

    def count(self) -> int:
        """How many field values are stored. It reads all of them: not for the hot path."""
        return sum(record.get_value() for record in self._query(f"{self._everything()} |> count() |> group() |> sum()"))

    def reachable(self) -> bool:
        """Whether the server answers, within 3 s; it need not accept our token for that."""
        try:
            return self._http.get("/ping", timeout_s=_PING_S).status < 500
        except StoreUnavailable:
            return False

    def requests(self) -> Requests:
        """What became of the requests that carried points, since the start of the process."""
        return self._http.writes.figures()

    def close(self) -> None:
        """Close the connections. Nothing may be called afterwards."""
        self._http.close()
        self._client.close()

    def _post(self, lines: bytes) -> Refusal | None:
        where = {"org": self._settings.influx_org, "bucket": self._bucket, "precision": "ms"}
        answer = self._http.post_lines("/api/v2/write", where, lines)
        if answer.status == STORED:
            return None
        if found := influx_answers.refusal(answer):
            return found
        raise failure(self._about, answer, influx_answers.said(answer))

    def _figures(self, asked: str, every_ms: int, aggregate: Aggregate) -> dict[int, float]:
        found = self._query(f"{asked} |> {flux.window(every_ms, aggregate)}")
        return {epoch_ms(record.get_time()) // every_ms * every_ms: float(record.get_value()) for record in found}

    def _kept(self, asked: str, over: Aggregate) -> dict[int, float]:
        """Hourly figures of all series together, from the hourly bucket; none if there is no such bucket."""
        try:
            return self._figures(asked, grid.HOUR_MS, over)
        except StoreRefused:  # not made yet, or not ours to read
            return {}

    def _query(self, asked: str) -> Iterator[FluxRecord]:
        """The records as they come in."""
        records = self._asked(lambda: self._query_api.query_stream(asked))
        while (record := self._asked(lambda: next(records, None))) is not None:
            yield record

    def _asked(self, ask: Callable[[], T]) -> T:
        """What `ask` returns, with the client's errors told apart by what can be done about them."""
        try:
            return ask()
        except ApiException as error:
            headers = {name.lower(): value for name, value in (error.headers or {}).items()}
            body = error.body or ""
            answer = Answer(
                status=error.status or 0, headers=headers, body=body if isinstance(body, bytes) else body.encode()
            )
            raise failure(self._about, answer, influx_answers.said(answer)) from error
        except FluxQueryException as error:  # it had begun to answer
            raise StoreUnavailable(f"{self._about} broke off its answer: {error}") from error
        except (HTTPError, OSError) as error:
            raise StoreUnavailable(f"{self._url} does not answer: {error}") from error

    def _everything(self) -> str:
        return self._from(flaws.FIRST_MS, flaws.END_MS)

    def _from(self, start_ms: int, stop_ms: int) -> str:
        return flux.source(self._bucket, start_ms, stop_ms)


def _row(record: FluxRecord) -> merging.Row:
    tags = tuple(sorted((key, text) for key, text in record.values.items() if key not in _NO_TAGS and text))
    return record.get_measurement(), tags, record.get_field(), epoch_ms(record.get_time()), record.get_value()
