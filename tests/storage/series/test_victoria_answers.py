"""What each answer of a VictoriaMetrics, of a cluster's two halves and of what stands before them means."""

from collections.abc import Callable, Iterator

import pytest

from config.schema import Series
from domain.clock import ManualClock
from domain.errors import PointsRejected, StoreRefused, StoreUnavailable
from domain.point import Point
from storage.series.http import Http
from storage.series.victoria import VictoriaSeries
from storage.series.victoria_server import VictoriaServer, duration_ms
from tests.fakes.answering import Answering, Reply, Request
from tests.fakes.lines import Malformed, parsed

T0 = 1_760_000_000_000
OWN = {"X-Influxdb-Version": "1.8.0"}


class Strict(Answering):
    """A newer single server, or a cluster's both halves: one bad line refuses a request, and a request has a bound."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.stored: list[str] = []
        self.unreadable = "poison"
        self.max_body = 1 << 20
        self.metrics: Reply = Reply(body='flag{name="retentionPeriod", value="100y", is_set="true"} 1\n')
        self.stumble: Callable[[], Reply | None] = lambda: None

    def reply(self, request: Request) -> Reply:
        """The answer to a request."""
        self.asked.append(request.path)
        if request.path.endswith("/metrics"):
            return self.metrics
        if "/prometheus/" in request.path:
            return Reply(body='{"status": "success", "data": []}')
        return self.stumble() or self._write(request)

    def _write(self, request: Request) -> Reply:
        if not request.gzipped or request.given != {"precision": "ms"}:
            return Reply(status=400, headers=OWN, body="this fake takes gzip and ms only")
        if len(request.body) > self.max_body:
            return Reply(status=413, body="too large")
        lines = request.body.decode().split("\n")
        try:
            for line in lines:
                parsed(line.replace(self.unreadable, "="))
        except Malformed as error:
            return Reply(status=400, headers=OWN, body=str(error))
        self.stored += lines
        return Reply(status=204, headers=OWN)


@pytest.fixture
def server() -> Iterator[Strict]:
    """A fresh server."""
    with Strict() as running:
        yield running


@pytest.fixture
def store(server: Strict) -> Iterator[VictoriaSeries]:
    """A store with the right settings."""
    opened = VictoriaSeries(Series(victoria_url=server.url), clock=ManualClock(T0))
    yield opened
    opened.close()


def points(count: int, *, bad: int | None = None) -> list[Point]:
    """Points of one device, one of them with a field that the server cannot read."""
    return [
        Point(
            measurement="tree",
            tags=(("device_id", "t"),),
            fields={"poison" if i == bad else "a": 1.0, "on": True},
            at_ms=T0 - i,
        )
        for i in range(count)
    ]


def test_one_bad_line_is_cut_out_and_the_rest_is_stored(server: Strict, store: VictoriaSeries) -> None:
    """400 in the server's own words refuses the whole request: halves are sent until the culprit stands alone."""
    with pytest.raises(PointsRejected, match="unable to parse") as caught:
        store.write(points(100, bad=42))
    assert [index for index, _ in caught.value.rejected] == [42]
    assert len(server.stored) == 198


def test_a_point_is_a_line_for_each_type_of_its_fields(server: Strict, store: VictoriaSeries) -> None:
    """Booleans, integers and floats are other series; labels say so, and what the measurement is."""
    store.write([Point(measurement="a b", tags=(("k", "v\\w"),), fields={"x": 1.5, "n": 2, "on": True}, at_ms=T0)])
    assert server.stored == [
        rf"a\ b,k=v\\w,measurement=a\ b,value_type=float x=1.5 {T0}",
        rf"a\ b,k=v\\w,measurement=a\ b,value_type=int n=2i {T0}",
        rf"a\ b,k=v\\w,measurement=a\ b,value_type=bool on=true {T0}",
    ]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(status=400, body="missing route for /api/v2/write"), StoreRefused),
        (Reply(status=401, headers={"Www-Authenticate": "Basic"}), StoreRefused),
        (Reply(status=200, body="<html>a portal</html>"), StoreRefused),
        (Reply(status=302, headers={"Location": "/login"}), StoreRefused),
        (Reply(status=400, headers=OWN, body="cannot read gzipped data: unexpected EOF"), StoreUnavailable),
        (Reply(status=429, headers={"Retry-After": "5"}), StoreUnavailable),
        (Reply(status=503, body="the storage is in read-only mode"), StoreUnavailable),
    ],
)
def test_what_is_not_about_lines_rejects_none(
    server: Strict, store: VictoriaSeries, reply: Reply, error: type[Exception]
) -> None:
    """A router's own 400 says nothing of our lines: they are held."""
    server.stumble = lambda: reply
    with pytest.raises(error, match=str(reply.status)):
        store.write(points(10))
    assert server.stored == []


def test_a_large_request_is_halved(server: Strict, store: VictoriaSeries) -> None:
    """413, from it or from a proxy."""
    server.max_body = 1000
    store.write(points(50))
    assert len(server.stored) == 100


def test_a_cluster_is_written_to_and_read_from_at_its_own_paths(server: Strict) -> None:
    """The tenant stands in both paths; vminsert says nothing of retention, and that stops no write."""
    server.metrics = Reply(status=200, body="vm_rows_inserted_total 1\n")
    settings = Series(victoria_url=server.url, victoria_read_url=server.url, victoria_tenant="7:1")
    store = VictoriaSeries(settings, clock=ManualClock(T0))
    store.write(points(1))
    store.range("tree", "a", {}, T0, T0)
    store.close()
    assert server.asked[-1] == "/insert/7:1/influx/api/v2/write"
    assert "/select/7:1/prometheus/api/v1/label/value_type/values" in server.asked
    assert store.lost() == {}


@pytest.mark.parametrize(("text", "days"), [("1", 31), ("31d", 31), ("2w", 14), ("1y", 365), ("36h", 1.5), ("", None)])
def test_retention_as_the_server_writes_it(text: str, days: float | None) -> None:
    """A bare number is months; what is no duration says nothing."""
    assert duration_ms(text) == (None if days is None else days * 86_400_000)


def test_a_server_that_begins_anew_begins_to_count_anew(server: Strict) -> None:
    """A counter that is less than before starts at 0: what it says is new."""
    http = Http(server.url)
    watched = VictoriaServer(http)
    found = []
    for total in (5, 7, 2, 2):
        server.metrics = Reply(body=f'vm_rows_ignored_total{{reason="big_timestamp"}} {total}\n')
        found.append(watched.lost())
    http.close()
    assert found == [{}, {"big_timestamp": 2}, {"big_timestamp": 4}, {"big_timestamp": 4}]


def test_a_server_is_not_asked_what_it_keeps_at_every_write(server: Strict, store: VictoriaSeries) -> None:
    """Once in ten minutes is enough."""
    for _ in range(5):
        store.write(points(1))
    assert server.asked.count("/metrics") == 1
