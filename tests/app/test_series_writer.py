"""The series writer: what the store has not confirmed stays in the journal, what it never will is set aside once."""

import json
from collections.abc import Iterator

import pytest

from app.readers.series_writer import SERIES
from domain.message import RejectReason
from domain.point import Point
from storage.series.embedded import EmbeddedSeries
from storage.series.influx import InfluxSeries
from tests.app.line import NOON_MS, QUIET_MA, Line, message, residual, with_batch
from tests.fakes.influx import FakeInflux, Stumble

PORT_3 = {"device_id": "cs-001", "port": "3"}


@pytest.fixture
def embedded(line: Line) -> Iterator[EmbeddedSeries]:
    """The embedded store."""
    store = EmbeddedSeries(line.folder / "series.db")
    yield store
    store.close()


@pytest.fixture
def influx() -> Iterator[FakeInflux]:
    """A small InfluxDB that can stumble."""
    with FakeInflux() as server:
        yield server


@pytest.fixture
def remote(influx: FakeInflux) -> Iterator[InfluxSeries]:
    """A client of it."""
    store = InfluxSeries(influx.settings())
    yield store
    store.close()


def take_as_switch(store: EmbeddedSeries, field: str) -> None:
    """Have the store know a field of chargers as a boolean, so that it refuses numbers under that name for ever."""
    store.write([Point(measurement="charger", tags=(("device_id", "cs-000"),), fields={field: True}, at_ms=NOON_MS)])


def test_readings_are_stored_and_the_cursor_stands_behind_them(line: Line, embedded: EmbeddedSeries) -> None:
    """Every metric of every message, once; what cannot be decoded is the other reader's to report."""
    writer = line.writer(embedded)
    line.journal.append([residual(QUIET_MA, voltage_v=221.5), message(b"rubbish"), residual(5.0, NOON_MS + 1000)])

    assert writer.step() > 0.0

    assert embedded.range("charger", "residual_ma", PORT_3, NOON_MS, NOON_MS + 2000) == [
        (NOON_MS, QUIET_MA),
        (NOON_MS + 1000, 5.0),
    ]
    assert writer.stored == embedded.count() == 3
    assert writer.cursor == line.journal.cursor(SERIES) == 3
    assert line.deadletters.count() == 0


def test_a_full_batch_is_followed_at_once_by_the_next(line: Line, embedded: EmbeddedSeries) -> None:
    """It rests only when it has caught up, so that readings gather into batches."""
    writer = line.writer(embedded)
    line.journal.append([residual(QUIET_MA, NOON_MS + number) for number in range(2001)])

    rests = [writer.step(), writer.step()]

    assert rests[0] == 0.0
    assert rests[1] > 0.0
    assert embedded.count() == 2001


def test_the_smallest_batch_that_settings_allow_is_written(line: Line, embedded: EmbeddedSeries) -> None:
    """`series.batch: 1` is slow, and nothing else."""
    writer = line.writer(embedded, with_batch(line.site, 1))
    line.journal.append([residual(QUIET_MA, NOON_MS + number) for number in range(3)])

    writer.step()

    assert (embedded.count(), line.journal.cursor(SERIES)) == (3, 3)


@pytest.mark.parametrize(
    "stumble",
    [
        pytest.param((503, {}, ""), id="unavailable"),
        pytest.param((429, {}, ""), id="too-many-requests"),
        pytest.param((401, {}, '{"code": "unauthorized", "message": "unauthorized access"}'), id="refused"),
    ],
)
def test_a_store_that_does_not_take_it_loses_nothing(
    line: Line, influx: FakeInflux, remote: InfluxSeries, stumble: Stumble
) -> None:
    """Unavailable or refusing: the cursor stays until the store has said yes, and then everything is there once."""
    writer = line.writer(remote)
    line.journal.append([residual(QUIET_MA)])
    influx.stumble = lambda: stumble

    assert [writer.step(), writer.step()] == [0.5, 1.0]
    assert (writer.cursor, line.journal.cursor(SERIES), writer.stored, writer.reachable) == (0, 0, 0, False)

    line.journal.append([residual(5.0, NOON_MS + 1000)])
    influx.stumble = lambda: None
    writer.step()
    writer.step()
    assert (writer.cursor, line.journal.cursor(SERIES), writer.stored, writer.reachable) == (2, 2, 2, True)
    assert remote.count() == 2
    assert line.deadletters.count() == 0


def test_it_waits_longer_each_time_but_not_for_ever(line: Line, influx: FakeInflux, remote: InfluxSeries) -> None:
    """0.5 s, doubled up to 30 s; a success begins anew."""
    writer = line.writer(remote)
    line.journal.append([residual(QUIET_MA)])
    influx.stumble = lambda: (503, {}, "")

    assert [writer.step() for _ in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]

    influx.stumble = lambda: None
    writer.step()
    line.journal.append([residual(QUIET_MA, NOON_MS + 1000)])
    influx.stumble = lambda: (503, {}, "")
    assert writer.step() == 0.5


def test_it_waits_as_long_as_the_store_asks(line: Line, influx: FakeInflux, remote: InfluxSeries) -> None:
    """Retry-After is heeded where it is longer than our own wait."""
    writer = line.writer(remote)
    line.journal.append([residual(QUIET_MA)])
    influx.stumble = lambda: (429, {"Retry-After": "7"}, "")

    assert writer.step() == 7.0


def test_the_trouble_is_told_once_and_so_is_its_end(
    line: Line, influx: FakeInflux, remote: InfluxSeries, caplog: pytest.LogCaptureFixture
) -> None:
    """One WARNING for any number of attempts."""
    caplog.set_level("INFO", logger="app.readers.series_writer")
    writer = line.writer(remote)
    line.journal.append([residual(QUIET_MA)])
    influx.stumble = lambda: (503, {}, "")
    for _ in range(3):
        writer.step()
    influx.stumble = lambda: None
    writer.step()

    said = [
        (record.levelname, record.getMessage())
        for record in caplog.records
        if record.name == "app.readers.series_writer"
    ]
    assert [level for level, _ in said] == ["WARNING", "INFO"]
    assert "readings wait in the journal" in said[0][1]


def test_what_the_store_never_takes_is_set_aside_and_the_rest_is_stored(line: Line, embedded: EmbeddedSeries) -> None:
    """A dead letter names the message and the point's place in it; the good points beside it are not lost."""
    take_as_switch(embedded, "residual_ma")
    writer = line.writer(embedded)
    moments = [
        {"ts": NOON_MS, "port": 1, "metrics": {"temp_c": 21.0}},
        {"ts": NOON_MS, "port": 2, "metrics": {"residual_ma": QUIET_MA}},
    ]
    line.journal.append([residual(QUIET_MA, NOON_MS - 1000), message(json.dumps(moments).encode())])

    writer.step()

    letters = sorted((letter.seq, letter.part, letter.reason) for letter in line.deadletters.list())
    assert letters == [(1, "point 0", RejectReason.SINK_REJECTED), (2, "point 1", RejectReason.SINK_REJECTED)]
    assert embedded.latest("charger", {"device_id": "cs-001"}) == {"temp_c": (NOON_MS, 21.0)}
    assert writer.cursor == line.journal.cursor(SERIES) == 2
    assert writer.reachable


def test_a_repeated_batch_sets_nothing_aside_twice(line: Line, embedded: EmbeddedSeries) -> None:
    """As after a crash before the cursor moved, even if the batch is then cut elsewhere."""
    take_as_switch(embedded, "residual_ma")
    before_the_crash, after_it = line.writer(embedded), line.writer(embedded, with_batch(line.site, 2))
    line.journal.append([residual(QUIET_MA, NOON_MS + number) for number in range(3)])

    before_the_crash.step()
    first = [(letter.seq, letter.part) for letter in line.deadletters.list()]
    for _ in range(3):
        after_it.step()

    assert len(first) == 3
    assert [(letter.seq, letter.part) for letter in line.deadletters.list()] == first
    assert after_it.cursor == 3


def test_values_set_aside_do_not_count_as_stored(line: Line, embedded: EmbeddedSeries) -> None:
    """`stored` is shown as `readings_stored`, "field values in the series store"."""
    take_as_switch(embedded, "residual_ma")
    writer = line.writer(embedded)
    line.journal.append([residual(QUIET_MA), residual(QUIET_MA, NOON_MS + 1)])

    writer.step()

    assert line.deadletters.count() == 2
    assert writer.stored == 0


def test_each_point_that_is_set_aside_has_its_own_letter(line: Line, embedded: EmbeddedSeries) -> None:
    """Also where `series.batch` cuts a message in two: places are counted in the message, and no letter is lost."""
    take_as_switch(embedded, "residual_ma")
    writer = line.writer(embedded, with_batch(line.site, 2))
    moments = [{"ts": NOON_MS, "port": port, "metrics": {"residual_ma": QUIET_MA}} for port in (1, 2, 3)]
    line.journal.append([message(json.dumps(moments).encode())])

    writer.step()

    assert sorted(letter.part for letter in line.deadletters.list()) == ["point 0", "point 1", "point 2"]
