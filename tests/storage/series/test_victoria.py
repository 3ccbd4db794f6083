"""What a real VictoriaMetrics does with our points, and how it is kept from losing any without a word."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.clock import SystemClock
from domain.errors import PointsRejected, StoreUnavailable
from domain.point import Aggregate, Point
from domain.reading import Value
from storage.series.http import Http
from storage.series.victoria import VictoriaSeries
from tests.fakes.victoria import SeenAtOnce, Victoria, victoria
from tests.ingest.waiting import until

pytestmark = pytest.mark.server
T0 = 1_760_000_000_000
DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victoria]:
    """A server as its makers start it: 31 days, nothing deduplicated."""
    with victoria(tmp_path_factory.mktemp("victoria"), retention="31d") as running:
        yield running


@pytest.fixture
def store(server: Victoria) -> Iterator[VictoriaSeries]:
    """A store that sees at once what it wrote."""
    opened = SeenAtOnce(server)
    yield opened
    opened.close()


@pytest.fixture
def now_ms() -> int:
    """What the server's clock says too."""
    return SystemClock().now_ms()


def point(at_ms: int, *, m: str, **fields: Value) -> Point:
    """One point of `t-1`."""
    return Point(measurement=m, tags=(("device_id", "t-1"),), fields=fields, at_ms=at_ms)


def test_series_have_the_names_that_anyone_can_ask_for(server: Victoria, store: VictoriaSeries, now_ms: int) -> None:
    """`{measurement}_{field}` with our tags, and two labels that say what a name and a number cannot."""
    store.write([point(now_ms - 5000, m="named", tilt_deg=0.5, smoke=True)])
    http = Http(server.url)
    answer = http.get("/api/v1/export", {"match[]": '{measurement="named"}'})
    http.close()
    found = [json.loads(line) for line in answer.body.splitlines()]
    by_name = {one["metric"].pop("__name__"): one for one in found}
    assert by_name["named_tilt_deg"]["metric"] == {
        "device_id": "t-1", "measurement": "named", "value_type": "float",
    }  # fmt: skip
    assert by_name["named_tilt_deg"]["values"] == [0.5]
    assert by_name["named_smoke"]["metric"]["value_type"] == "bool"
    assert by_name["named_smoke"]["values"] == [1]


def test_points_the_server_would_let_fall_are_rejected_with_the_reason(store: VictoriaSeries, now_ms: int) -> None:
    """It would answer 204 to a point older than it keeps, or more than two days ahead; the others are stored."""
    batch = [
        point(now_ms - 40 * DAY_MS, m="far", a=1.0),
        point(now_ms - 30 * DAY_MS, m="far", a=2.0),
        point(now_ms, m="far", a=3.0),
        point(now_ms + 3 * DAY_MS, m="far", a=4.0),
    ]
    with pytest.raises(PointsRejected) as caught:
        store.write(batch)
    reasons = dict(caught.value.rejected)
    assert set(reasons) == {0, 3}
    assert "older than the 31 days of -retentionPeriod" in reasons[0]
    assert "more than 2 days ahead" in reasons[3]
    assert [value for _, value in store.range("far", "a", {}, 0, 1 << 62)] == [2.0, 3.0]


def test_rows_it_lets_fall_all_the_same_are_counted(server: Victoria, store: VictoriaSeries, now_ms: int) -> None:
    """Whoever sent them: too old, too new, malformed. The count begins where we did."""
    store.write([point(now_ms, m="counted", a=1.0)])
    assert store.lost() == {}
    http = Http(server.url)
    http.post_lines("/api/v2/write", {"precision": "ms"}, b"other a=1 1000000\nother a=1 99999999999999")
    http.close()
    wanted = {"small_timestamp": 1, "big_timestamp": 1}
    # the server's own count is up to a second old
    until(lambda: store.lost() == wanted, f"{wanted} counted")
    assert store.lost() == wanted
    assert "1 big_timestamp, 1 small_timestamp" in store.maintain(now_ms)


def test_upkeep_compares_what_is_kept_with_what_is_wanted(store: VictoriaSeries, now_ms: int) -> None:
    """31 days are fewer than the 90 of the settings, and points sent twice would count twice."""
    said = store.maintain(now_ms)
    assert "it keeps 31 days, less than 90 wanted" in said
    assert "-dedup.minScrapeInterval=1ms" in said


def test_types_are_known_after_a_restart(server: Victoria, store: VictoriaSeries, now_ms: int) -> None:
    """A switch comes back as a switch, and another process may not write it as a number."""
    store.write([point(now_ms, m="typed", on=True, n=3, x=2.0)])
    again = VictoriaSeries(server.settings())
    found = again.latest("typed", {})
    assert found == {"on": (now_ms, True), "n": (now_ms, 3), "x": (now_ms, 2.0)}
    assert [type(found[field][1]) for field in ("on", "n", "x")] == [bool, int, float]
    with pytest.raises(PointsRejected, match="field type conflict: 'on' of 'typed' is bool, not int 1"):
        again.write([point(now_ms, m="typed", on=1)])
    again.close()


def test_what_was_measured_just_now_is_seen_as_it_is(store: VictoriaSeries, now_ms: int) -> None:
    """The server makes up figures of the last 30 s; ours are of the points, and ahead of its clock too."""
    store.write([point(now_ms + at, m="fresh", a=float(at)) for at in (-2000, -1000, 0, 60_000)])
    start = now_ms - 2000
    assert store.latest("fresh", {}) == {"a": (now_ms + 60_000, 60_000.0)}
    found = store.windows("fresh", "a", {}, start, start + 3000, every_ms=1, aggregate=Aggregate.LAST)
    values = {at_ms - now_ms: value for at_ms, value in found if value is not None}
    assert values == {-2000: -2000.0, -1000: -1000.0, 0: 0.0}


def test_many_windows_are_asked_for_in_several_questions(store: VictoriaSeries, now_ms: int) -> None:
    """The server answers 30,000 rows at most; every value is in one window, on each side of a seam."""
    start = now_ms - DAY_MS
    times = [start, start + 9_999, start + 10_000, start + 19_999, start + 20_000, start + 24_999]
    store.write([point(at_ms, m="many", a=1.0) for at_ms in times])
    found = store.windows("many", "a", {}, start, start + 25_000, every_ms=1, aggregate=Aggregate.COUNT)
    assert [at_ms for at_ms, value in found if value] == times


def test_a_value_not_sent_lately_is_still_the_latest(store: VictoriaSeries, now_ms: int) -> None:
    """It looks back a day first, and for fields it did not find there over all times."""
    store.write([point(now_ms - 20 * DAY_MS, m="long", a=1.0, b=1.0), point(now_ms, m="long", a=2.0)])
    assert store.latest("long", {}) == {"a": (now_ms, 2.0), "b": (now_ms - 20 * DAY_MS, 1.0)}


def test_one_value_of_several_at_one_key_is_read(store: VictoriaSeries, now_ms: int) -> None:
    """Nothing is overwritten there; what is read is one of the two, the same each time."""
    store.write([point(now_ms, m="twice", a=1.0)])
    store.write([point(now_ms, m="twice", a=2.0)])
    found = store.range("twice", "a", {}, now_ms, now_ms + 1)
    assert found == [(now_ms, 2.0)]
    assert [one.fields for one in store.export(now_ms, now_ms + 1, measurements={"twice"})] == [{"a": 2.0}]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (Point(measurement="m", tags=(), fields={"n": 1 << 54}, at_ms=T0), "beyond 2\\^53"),
        (Point(measurement="m", tags=(), fields={'a"b': 1.0}, at_ms=T0), "quotes"),
        (Point(measurement="m", tags=(("value_type", "x"),), fields={"a": 1.0}, at_ms=T0), "value_type"),
        (Point(measurement="m", tags=(("k", "x" * 2000),), fields={"a": 1.0}, at_ms=T0), "1024 bytes"),
        (Point(measurement="m", tags=tuple((f"k{i:02d}", "x") for i in range(40)), fields={"a": 1.0}, at_ms=T0), "40"),
        (Point(measurement="m", tags=(), fields={"a": 1.0}, at_ms=1000), "-retentionPeriod"),
    ],
)
def test_what_would_not_come_back_as_it_was_is_rejected(store: VictoriaSeries, wrong: Point, reason: str) -> None:
    """The server would round it, cut it off, or take it for something else, and answer 204."""
    good = SystemClock().now_ms()
    at_ms = wrong.at_ms if wrong.at_ms == 1000 else good
    moved = Point(measurement=wrong.measurement, tags=wrong.tags, fields=wrong.fields, at_ms=at_ms)
    with pytest.raises(PointsRejected, match=reason):
        store.write([moved])


def test_a_server_that_goes_is_waited_for(tmp_path: Path, now_ms: int) -> None:
    """Stopped: unavailable, unreachable. Started again on the same files: everything is there."""
    with victoria(tmp_path) as server:
        store = SeenAtOnce(server)
        store.write([point(now_ms, m="kept", a=1.0)])
        store.close()
    gone = VictoriaSeries(server.settings())
    assert not gone.reachable()
    with pytest.raises(StoreUnavailable):
        gone.write([point(now_ms, m="kept", a=2.0)])
    gone.close()
    with victoria(tmp_path) as server:
        again = VictoriaSeries(server.settings())
        assert again.reachable()
        assert again.latest("kept", {}) == {"a": (now_ms, 1.0)}
        again.close()
