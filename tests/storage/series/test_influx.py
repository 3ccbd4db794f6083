"""What each answer of InfluxDB means, and how many requests it costs."""

import math
import socket
from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from config.schema import Series
from domain.errors import PointsRejected, StoreRefused, StoreUnavailable
from domain.point import Point
from storage.series.flux import quoted
from storage.series.influx import InfluxSeries
from tests.fakes.influx import FakeInflux, Stumble

T0 = 1_760_000_000_000


@pytest.fixture
def fake() -> Iterator[FakeInflux]:
    """A fresh server."""
    with FakeInflux() as server:
        yield server


@pytest.fixture
def influx(fake: FakeInflux) -> Iterator[InfluxSeries]:
    """A store with the right settings."""
    store = InfluxSeries(fake.settings())
    yield store
    store.close()


def at(port: int) -> Series:
    """Settings for whatever listens there."""
    return Series(influx_url=f"http://127.0.0.1:{port}", influx_token="t", influx_org="o", influx_bucket="b")


def points(count: int, **fields: float) -> list[Point]:
    """Points of one device, a second apart."""
    return [
        Point(measurement="tree", tags=(("device_id", "t"),), fields=fields or {"a": 1.0}, at_ms=T0 + i * 1000)
        for i in range(count)
    ]


def poisoned(count: int, bad: set[int]) -> list[Point]:
    """Points of which some have a field of another type than the store knows."""
    batch = points(count)
    for index in bad:
        batch[index].fields["typed"] = True
    return batch


def test_a_batch_is_one_compressed_request(fake: FakeInflux, influx: InfluxSeries) -> None:
    """5,000 lines go in one gzipped POST; the first answer of 204 ends it."""
    influx.write(points(5000))
    assert fake.writes == [5000]
    assert fake.gzipped == 1
    assert influx.count() == 5000


@pytest.mark.parametrize("wrong", [{"influx_token": "no"}, {"influx_org": "no"}, {"influx_bucket": "no"}])
def test_wrong_settings_hold_the_data(fake: FakeInflux, wrong: dict[str, str]) -> None:
    """401 and 404 are for a person to mend: StoreRefused on every way in, and still reachable."""
    store = InfluxSeries(fake.settings(**wrong))
    with pytest.raises(StoreRefused, match=fake.url):
        store.write(points(1))
    with pytest.raises(StoreRefused):
        store.latest("tree", {})
    assert store.reachable()
    store.close()


@pytest.mark.parametrize(("status", "headers", "wait_s"), [
    (503, {"Retry-After": "7"}, 7.0),
    (503, {}, None),
    (429, {"Retry-After": "30"}, 30.0),
    (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:20 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 20.0),
    (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "Wed, 21 Oct 2026 07:30:00 GMT"}, 0.0),
    (500, {"Retry-After": "soon"}, None),
    (408, {}, None),
])  # fmt: skip
def test_a_busy_server_is_tried_again(
    fake: FakeInflux, influx: InfluxSeries, status: int, headers: dict[str, str], wait_s: float | None
) -> None:
    """StoreUnavailable says for how long it asked to be left alone; the client itself tries nothing again."""
    answers: Iterator[Stumble | None] = chain([(status, headers, "")], repeat(None))
    fake.stumble = lambda: next(answers)
    with pytest.raises(StoreUnavailable, match=str(status)) as caught:
        influx.write(points(3))
    assert caught.value.retry_after_s == wait_s
    assert fake.writes == []
    influx.write(points(3))
    assert fake.writes == [3]


def test_no_server_is_unavailable() -> None:
    """Nobody listens: StoreUnavailable, and not reachable."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        store = InfluxSeries(at(unused.getsockname()[1]))
        with pytest.raises(StoreUnavailable, match="does not answer"):
            store.write(points(1))
        with pytest.raises(StoreUnavailable):
            store.count()
        assert not store.reachable()
        store.close()


def test_a_server_that_hangs_is_unavailable() -> None:
    """It takes the connection and says nothing: the timeout ends it."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = InfluxSeries(at(silent.getsockname()[1]), timeout_s=0.1)
        with pytest.raises(StoreUnavailable):
            store.write(points(1))
        store.close()


@pytest.mark.parametrize("bad", [{0}, {999}, {3, 4, 500, 777}])
def test_culprits_of_a_partial_write_are_found_cheaply(fake: FakeInflux, influx: InfluxSeries, bad: set[int]) -> None:
    """422: the good ones are stored, and k bad of n cost O(k log n) requests."""
    influx.write([Point(measurement="tree", tags=(("device_id", "t"),), fields={"typed": 1.0}, at_ms=T0)])
    fake.writes.clear()
    with pytest.raises(PointsRejected) as caught:
        influx.write(poisoned(1000, bad))
    assert {index for index, _ in caught.value.rejected} == bad
    assert len(fake.writes) <= 1 + 2 * len(bad) * math.ceil(math.log2(1000))
    assert len(influx.range("tree", "a", {}, T0, T0 + 1_000_000)) == 1000 - len(bad)


def test_a_batch_of_nothing_but_culprits_costs_one_request(fake: FakeInflux, influx: InfluxSeries) -> None:
    """The answer says that all were dropped; there is nothing left to look for."""
    influx.write([Point(measurement="tree", tags=(("device_id", "t"),), fields={"typed": 1.0}, at_ms=T0)])
    fake.writes.clear()
    with pytest.raises(PointsRejected) as caught:
        influx.write(poisoned(1000, set(range(1000))))
    assert len(caught.value.rejected) == 1000
    assert fake.writes == [1000]


def test_a_malformed_line_is_cut_out(fake: FakeInflux, influx: InfluxSeries) -> None:
    """400: nothing of that request is stored, so the halves are sent until the line stands alone."""
    fake.unreadable = "poison=1.5"
    batch = points(200)
    batch[77].fields["poison"] = 1.5
    with pytest.raises(PointsRejected) as caught:
        influx.write(batch)
    assert [index for index, _ in caught.value.rejected] == [77]
    assert "unable to parse" in caught.value.rejected[0][1]
    assert len(fake.writes) <= 1 + 2 * math.ceil(math.log2(200))
    assert influx.count() == 199


@pytest.mark.parametrize("status", [200, 400, 403, 404, 405, 422])
def test_what_is_not_influxdbs_own_word_holds_the_data(fake: FakeInflux, influx: InfluxSeries, status: int) -> None:
    """A proxy's page says nothing about our lines: none may be given up for it, nor be taken as stored for a 200."""
    fake.stumble = lambda: (status, {}, "<html>The plain HTTP request was sent to HTTPS port</html>")
    with pytest.raises(StoreRefused, match=f"answered {status}: <html>"):
        influx.write(points(10))


def test_a_redirect_is_for_a_person_to_follow(fake: FakeInflux, influx: InfluxSeries) -> None:
    """A POST sent after a redirect may come out as a GET; the error says where it pointed."""
    fake.stumble = lambda: (307, {"Location": "https://influx.example/api/v2/write"}, "")
    with pytest.raises(StoreRefused, match=r"points to https://influx\.example"):
        influx.write(points(1))


def test_a_token_that_may_only_read_holds_the_data(fake: FakeInflux, influx: InfluxSeries) -> None:
    """403 in InfluxDB's own words, which the error repeats."""
    fake.stumble = lambda: (403, {}, '{"code": "forbidden", "message": "insufficient permissions for write"}')
    with pytest.raises(StoreRefused, match="insufficient permissions for write"):
        influx.write(points(1))


def test_old_servers_tell_a_type_conflict_as_their_own_fault(fake: FakeInflux, influx: InfluxSeries) -> None:
    """Up to 2.0.3 it is a 500 with "partial write … dropped=1": trying it again would never end."""
    fake.conflict_status = 500
    influx.write([Point(measurement="tree", tags=(("device_id", "t"),), fields={"typed": 1.0}, at_ms=T0)])
    with pytest.raises(PointsRejected) as caught:
        influx.write(poisoned(50, {7}))
    assert [index for index, _ in caught.value.rejected] == [7]
    assert influx.count() == 50


def test_points_older_than_the_bucket_keeps_are_named(fake: FakeInflux, influx: InfluxSeries) -> None:
    """422 says only how many; each is found, and the others are stored."""
    fake.buckets[fake.bucket]["retentionRules"][0]["everySeconds"] = 100
    fake.now_ms = T0 + 150_000
    with pytest.raises(PointsRejected, match="beyond retention policy") as caught:
        influx.write(points(60))
    assert {index for index, _ in caught.value.rejected} == set(range(50))


def test_a_version_3_behind_the_same_url_is_understood(fake: FakeInflux, influx: InfluxSeries) -> None:
    """Its 400 names lines and means that all others are stored: the answer counts, not what was there before."""
    body = '{"error": "partial write of line protocol occurred", "data": [{"original_line": "", "line_number": 2, "error_message": "no"}]}'  # noqa: E501
    answers: Iterator[Stumble | None] = chain([(400, {}, body)], repeat(None))
    fake.stumble = lambda: next(answers)
    with pytest.raises(PointsRejected) as caught:
        influx.write(points(3))
    assert caught.value.rejected == ((1, "no"),)
    assert influx.count() == 2


def test_an_answer_broken_off_is_no_answer(fake: FakeInflux, influx: InfluxSeries) -> None:
    """A query that fails half-way must not pass for one that found little."""
    csv = "#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,out of memory,897\r\n"
    fake.stumble = lambda: (200, {"Content-Type": "text/csv"}, csv)
    with pytest.raises(StoreUnavailable, match="out of memory"):
        influx.range("tree", "a", {}, T0, T0 + 1)


def test_too_large_is_halved(fake: FakeInflux, influx: InfluxSeries) -> None:
    """413: halves until they fit; a single line that never fits is rejected."""
    fake.max_body = 500
    influx.write(points(100))
    assert influx.count() == 100
    with pytest.raises(PointsRejected, match="too large"):
        influx.write([*points(3), *points(1, **{f"field_{i:03d}": 1.0 for i in range(60)})])
    assert influx.count() == 100


def test_an_outage_in_the_middle_of_a_search_is_an_outage(fake: FakeInflux, influx: InfluxSeries) -> None:
    """The same batch written again later finds the culprit and loses nothing."""
    influx.write([Point(measurement="tree", tags=(("device_id", "t"),), fields={"typed": 1.0}, at_ms=T0)])
    answers: Iterator[Stumble | None] = chain([None, None, (503, {}, "")], repeat(None))
    fake.stumble = lambda: next(answers)
    batch = poisoned(64, {9})
    with pytest.raises(StoreUnavailable):
        influx.write(batch)
    with pytest.raises(PointsRejected) as caught:
        influx.write(batch)
    assert [index for index, _ in caught.value.rejected] == [9]
    assert len(influx.range("tree", "a", {}, T0, T0 + 1_000_000)) == 63


def test_later_values_win_even_when_a_batch_is_halved(fake: FakeInflux, influx: InfluxSeries) -> None:
    """Halves are sent in order."""
    fake.max_body = 100
    batch = [Point(measurement="tree", tags=(), fields={"a": float(i)}, at_ms=T0) for i in range(50)]
    influx.write(batch)
    assert influx.latest("tree", {}) == {"a": (T0, 49.0)}


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain", '"plain"'),
        ('a"b', '"a\\"b"'),
        ("a\\b", '"a\\\\b"'),
        ("${x}", '"\\${x}"'),
        ('\\"', '"\\\\\\""'),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_flux_literals(text: str, literal: str) -> None:
    """Quotes, backslashes, interpolation and line ends cannot leave a string literal."""
    assert quoted(text) == literal
