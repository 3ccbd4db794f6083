"""How long an InfluxDB 2 keeps what: buckets, the task, and figures that outlive their points."""

from collections.abc import Iterator

import pytest

from domain.point import Aggregate, Point
from storage.series.influx import InfluxSeries
from tests.fakes.influx import FakeInflux

HOUR_MS = 3_600_000
DAY_S = 86_400
NOW = 1_760_000_400_000 // HOUR_MS * HOUR_MS
TAGS = {"device_id": "tree-1"}


@pytest.fixture
def fake() -> Iterator[FakeInflux]:
    """A fresh server whose clock says NOW."""
    with FakeInflux() as server:
        server.now_ms = NOW
        yield server


@pytest.fixture
def influx(fake: FakeInflux) -> Iterator[InfluxSeries]:
    """A store that keeps points for 2 days and figures for 30."""
    store = InfluxSeries(fake.settings(keep_raw="2d", keep_hourly="30d"))
    yield store
    store.close()


def hours(store: InfluxSeries, count: int, *, ago: int) -> None:
    """In each of so many hours, from so many hours ago: the values n, n + 1 and a switch that is on."""
    for number in range(count):
        at_ms = NOW - (ago - number) * HOUR_MS
        store.write([
            Point(measurement="tree", tags=tuple(TAGS.items()), fields={"a": float(number), "on": True}, at_ms=at_ms),
            Point(measurement="tree", tags=tuple(TAGS.items()), fields={"a": number + 1.0}, at_ms=at_ms + 60_000),
        ])  # fmt: skip


def days(store: InfluxSeries, aggregate: Aggregate, start_ms: int, stop_ms: int) -> list[float | None]:
    """Figures of windows of six hours."""
    found = store.windows("tree", "a", TAGS, start_ms, stop_ms, every_ms=6 * HOUR_MS, aggregate=aggregate)
    return [value for _, value in found]


def test_upkeep_makes_the_bucket_the_task_and_the_retentions_once(fake: FakeInflux, influx: InfluxSeries) -> None:
    """What was done is said; the second time there is nothing to do, and nothing is asked to be changed."""
    said = influx.maintain(NOW)
    assert "made the bucket 'readings_hourly'" in said
    assert "made the task" in said
    assert fake.buckets["readings"]["retentionRules"][0]["everySeconds"] == 2 * DAY_S
    assert fake.buckets["readings_hourly"]["retentionRules"][0]["everySeconds"] == 30 * DAY_S
    assert len(fake.tasks) == 1
    assert influx.maintain(NOW) == "the server keeps points for 2 days and hourly figures for 30 days"
    assert len(fake.tasks) == 1


@pytest.mark.parametrize("aggregate", list(Aggregate))
def test_windows_are_the_same_before_and_after_points_are_let_go(
    fake: FakeInflux, influx: InfluxSeries, aggregate: Aggregate
) -> None:
    """Figures of everything that was there are made before anything goes; hours held twice count once."""
    hours(influx, 100, ago=96)
    start, stop = NOW - 96 * HOUR_MS, NOW + 6 * HOUR_MS
    before = days(influx, aggregate, start, stop)
    influx.maintain(NOW)
    fake.expire()
    assert min(at_ms for rows in fake.points.values() for at_ms in rows) >= NOW - 2 * DAY_S * 1000
    assert days(influx, aggregate, start, stop) == pytest.approx(before)
    fake.now_ms = NOW + 6 * HOUR_MS
    fake.run_tasks()
    assert days(influx, aggregate, start, stop) == pytest.approx(before)


def test_a_late_point_counts_in_its_hour_at_once(fake: FakeInflux, influx: InfluxSeries) -> None:
    """Its hour has figures already, but more points by now: those are taken."""
    hours(influx, 2, ago=2)
    influx.maintain(NOW)
    late = Point(measurement="tree", tags=tuple(TAGS.items()), fields={"a": 50.0}, at_ms=NOW - HOUR_MS + 120_000)
    influx.write([late])
    found = influx.windows("tree", "a", TAGS, NOW - HOUR_MS, NOW, every_ms=HOUR_MS, aggregate=Aggregate.MAX)
    assert found == [(NOW - HOUR_MS, 50.0)]


def test_hours_cut_by_the_span_are_never_taken_whole(fake: FakeInflux, influx: InfluxSeries) -> None:
    """Asked from the middle of an hour: its hourly figure holds more than was asked for."""
    hours(influx, 2, ago=2)
    influx.maintain(NOW)
    start = NOW - 2 * HOUR_MS + 30_000
    found = influx.windows("tree", "a", TAGS, start, NOW, every_ms=HOUR_MS, aggregate=Aggregate.COUNT)
    assert found == [(NOW - 2 * HOUR_MS, 1.0), (NOW - HOUR_MS, 2.0)]


def test_a_token_that_may_only_write_changes_nothing_and_says_so(fake: FakeInflux, influx: InfluxSeries) -> None:
    """No exception, no shorter retention: points are not let go without their figures."""
    fake.may_manage = False
    said = influx.maintain(NOW)
    assert said.startswith("retention and hourly figures are as they were; the token must be allowed")
    assert "403" in said
    assert fake.buckets["readings"]["retentionRules"][0]["everySeconds"] == 0


def test_other_settings_change_what_is_there(fake: FakeInflux, influx: InfluxSeries) -> None:
    """A longer keep_raw is set on the same bucket; a task that somebody edited is put right."""
    influx.maintain(NOW)
    fake.tasks[0]["flux"] += "// mine"
    other = InfluxSeries(fake.settings(keep_raw="9d", keep_hourly="30d"))
    said = other.maintain(NOW)
    other.close()
    assert "'readings' now keeps 777600 s, before: 172800 s" in said
    assert "changed the task" in said
    assert "// mine" not in fake.tasks[0]["flux"]
