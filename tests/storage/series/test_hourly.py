"""Hourly figures of the embedded store: what is old shrinks, and nothing is counted twice or lost on the way."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import PointsRejected
from domain.point import Aggregate, Point
from domain.reading import Value
from storage.series.embedded import EmbeddedSeries

HOUR_MS, HOUR_S = 3_600_000, 3600.0
T0 = 1_760_000_400_000 // HOUR_MS * HOUR_MS
TAGS = {"device_id": "t"}
Windows = dict[Aggregate, list[tuple[int, float | None]]]


def point(at_ms: int, *, tags: Mapping[str, str] = TAGS, **fields: Value) -> Point:
    """A point of one device."""
    return Point(measurement="tree", tags=tuple(sorted(tags.items())), fields=fields, at_ms=at_ms)


def open_store(path: Path, *, raw_h: float = 2, hourly_h: float = 1000) -> EmbeddedSeries:
    """A store that keeps raw points for two hours, and takes none that comes later than that."""
    return EmbeddedSeries(path / "series.db", keep_raw_s=raw_h * HOUR_S, keep_hourly_s=hourly_h * HOUR_S, late_s=0)


def windows(store: EmbeddedSeries, field: str = "a", hours: int = 12, every_h: int = 1) -> Windows:
    """Every figure of all windows from T0 on."""
    return {
        aggregate: store.windows(
            "tree", field, {}, T0, T0 + hours * HOUR_MS, every_ms=every_h * HOUR_MS, aggregate=aggregate
        )
        for aggregate in Aggregate
    }


def same(one: Windows, other: Windows) -> bool:
    """Equal but for the last digits of sums, which depend on their order."""

    def close(value: float | None, wanted: float | None) -> bool:
        return value == wanted or (None not in {value, wanted} and value == pytest.approx(wanted, rel=1e-9, abs=1e-6))

    return all(
        at == other_at and close(value, wanted)
        for kind in Aggregate
        for (at, value), (other_at, wanted) in zip(one[kind], other[kind], strict=True)
    )


POINTS = st.lists(
    st.tuples(
        st.integers(0, 6 * HOUR_MS - 1), st.sampled_from("xyz"), st.floats(-1e6, 1e6), st.booleans(), st.integers(1, 9)
    ),
    max_size=40,
    unique_by=lambda row: row[:2],
)


@settings(max_examples=25)
@given(early=POINTS, late=POINTS, cut_h=st.integers(0, 9))
def test_windows_are_the_same_before_and_after(
    early: list[tuple[int, str, float, bool, int]], late: list[tuple[int, str, float, bool, int]], cut_h: int
) -> None:
    """Each figure at any whole-hour width, however often everything is written again between two upkeeps."""

    def points(rows: list[tuple[int, str, float, bool, int]], shift: int) -> list[Point]:
        return [
            point(T0 + at, tags={"device_id": f"{name}{shift}"}, a=value, on=on, n=n) for at, name, value, on, n in rows
        ]

    def write(*batches: list[Point]) -> None:
        for batch in batches:
            with suppress(PointsRejected):
                store.write(batch)

    with tempfile.TemporaryDirectory() as folder:
        store, plain = open_store(Path(folder) / "one", raw_h=0), open_store(Path(folder) / "two")
        # Of two values at the very same time, either may be the last.
        late = [row for row in late if row[0] not in {other[0] for other in early}]
        late = list({row[0]: row for row in late}.values())
        early = list({row[0]: row for row in early}.values())
        in_time = [row for row in late if row[0] >= cut_h * HOUR_MS]
        for shift, (rows, taken) in enumerate(((early, early), (late, in_time))):
            write(points(rows, shift))
            plain.write(points(taken, shift))
            for _ in range(2):
                store.maintain(T0 + cut_h * HOUR_MS)
                write(points(early, 0), points(rows, shift))
            for field in ("a", "on", "n"):
                for every_h in (1, 3, 24):
                    assert same(windows(store, field, every_h=every_h), windows(plain, field, every_h=every_h))
        store.close()
        plain.close()


def test_a_point_of_an_hour_that_is_kept_as_figures_is_refused_and_the_rest_is_stored(tmp_path: Path) -> None:
    """Kept a day longer than said, so a day late is still a point; also by a store that was opened after the upkeep."""
    with closing(EmbeddedSeries(tmp_path / "series.db", keep_raw_s=2 * HOUR_S)) as store:
        store.write([point(T0, a=1.0), point(T0 + HOUR_MS, a=2.0)])
        store.maintain(T0 + 27 * HOUR_MS)
        with closing(EmbeddedSeries(tmp_path / "series.db", keep_raw_s=2 * HOUR_S)) as other:
            for one in (store, other):
                with pytest.raises(PointsRejected, match=r"series\.keep_raw") as caught:
                    one.write([point(T0 + HOUR_MS, a=3.0), point(T0 + HOUR_MS - 1, a=9.0), point(T0, a=1.0)])
                assert [index for index, _ in caught.value.rejected] == [1, 2]
        assert [value for _, value in windows(store, hours=3)[Aggregate.SUM]] == [1.0, 3.0, None]


def test_a_clock_that_once_ran_ahead_keeps_nothing_out_for_good(tmp_path: Path) -> None:
    """From the next upkeep on points of today are taken again."""
    with closing(open_store(tmp_path)) as store:
        store.maintain(T0 + 10_000 * HOUR_MS)
        with pytest.raises(PointsRejected):
            store.write([point(T0, a=1.0)])
        store.maintain(T0)
        store.write([point(T0, a=1.0)])
        assert store.count() == 1


def test_raw_points_go_and_their_figures_stay(tmp_path: Path) -> None:
    """A day of points, of which the last two hours are kept whole; fine windows only see those."""
    store = open_store(tmp_path)
    store.write([point(T0 + minute * 60_000, a=float(minute)) for minute in range(24 * 60)])
    before = windows(store, hours=24)
    said = store.maintain(T0 + 24 * HOUR_MS)
    assert "1320 points" in said
    assert same(before, windows(store, hours=24))
    assert store.count() == 120
    fine = store.windows("tree", "a", TAGS, T0, T0 + 24 * HOUR_MS, every_ms=HOUR_MS // 2, aggregate=Aggregate.COUNT)
    assert [value for _, value in fine] == [None] * 44 + [30.0] * 4
    assert store.maintain(T0 + 24 * HOUR_MS) == "nothing is older than it is to be kept"
    assert store.extent() == (T0, T0 + (24 * 60 - 1) * 60_000)
    store.close()


def test_an_hour_that_is_only_asked_for_in_part_is_left_out(tmp_path: Path) -> None:
    """A figure can't be cut: half an hour of it is not known, and not guessed."""
    store = open_store(tmp_path, raw_h=0)
    store.write([point(T0 + hour * HOUR_MS + 1, a=1.0) for hour in range(3)])
    store.maintain(T0 + 100 * HOUR_MS)
    found = store.windows("tree", "a", TAGS, T0 + 5, T0 + 3 * HOUR_MS - 5, every_ms=HOUR_MS, aggregate=Aggregate.COUNT)
    assert [value for _, value in found] == [None, 1.0, None]
    store.close()


def test_the_latest_of_a_device_that_fell_silent_long_ago_is_still_known(tmp_path: Path) -> None:
    """Its last value outlives its raw points, with the time to the millisecond; a field of its own time too."""
    store = open_store(tmp_path)
    store.write([point(T0 + 1234, a=1.5, b=True), point(T0 + 2345, b=False)])
    store.maintain(T0 + 100 * HOUR_MS)
    assert store.count() == 0
    assert store.latest("tree", TAGS) == {"a": (T0 + 1234, 1.5), "b": (T0 + 2345, False)}
    store.write([point(T0 + 99 * HOUR_MS, a=2.5)])
    assert store.latest("tree", TAGS) == {"a": (T0 + 99 * HOUR_MS, 2.5), "b": (T0 + 2345, False)}
    store.close()


def test_figures_go_when_they_are_too_old(tmp_path: Path) -> None:
    """Only those before the limit."""
    store = open_store(tmp_path, raw_h=1, hourly_h=5)
    store.write([point(T0 + hour * HOUR_MS, a=float(hour)) for hour in range(10)])
    store.maintain(T0 + 10 * HOUR_MS)
    kept = windows(store, hours=10)[Aggregate.COUNT]
    assert [value for _, value in kept] == [None] * 5 + [1.0] * 5
    store.close()


_ENDLESS = """
import sys
from pathlib import Path
from storage.series.embedded import EmbeddedSeries
store = EmbeddedSeries(Path(sys.argv[1]), keep_raw_s=0.0)
print("begins", flush=True)
store.maintain(int(sys.argv[2]))
print("done", flush=True)
"""


@pytest.mark.parametrize("figures", [1, 400, 1500])
def test_a_kill_in_the_middle_costs_nothing(tmp_path: Path, figures: int) -> None:
    """kill -9 when some of the figures are there: every value still counts once, and the next run goes on."""
    store = open_store(tmp_path, raw_h=0)
    store.write(
        [
            point(T0 + hour * HOUR_MS + number, tags={"device_id": f"t-{number}"}, a=float(number), n=number)
            for hour in range(4)
            for number in range(400)
        ]
    )
    before, path = windows(store, hours=4), tmp_path / "series.db"
    with subprocess.Popen(
        [sys.executable, "-c", _ENDLESS, str(path), str(T0 + 50 * HOUR_MS)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "begins\n"
        while child.poll() is None and store.count() > 3200 - figures * 2:
            pass
        child.send_signal(signal.SIGKILL)
    assert same(before, windows(store, hours=4))
    store.maintain(T0 + 50 * HOUR_MS)
    assert store.count() == 0
    assert same(before, windows(store, hours=4))
    store.close()
