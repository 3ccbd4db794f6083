"""What is the embedded store's own: its file."""

from pathlib import Path

import pytest

from domain.errors import StoreUnavailable
from domain.point import Aggregate, Point
from domain.reading import Value
from storage.series.embedded import EmbeddedSeries
from tests.storage.test_journal_crash import no_file_longer_than

T0 = 1_760_000_000_000
TAGS = (("device_id", "t"),)


def point(at_ms: int = T0, **fields: Value) -> Point:
    """A point of one device."""
    return Point(measurement="tree", tags=TAGS, fields=fields, at_ms=at_ms)


def test_it_is_all_there_after_a_restart(tmp_path: Path) -> None:
    """Values, types, and the numbers they are stored under."""
    first = EmbeddedSeries(tmp_path / "series.db")
    first.write([point(a=1.0, b=True, c=7)])
    first.close()
    again = EmbeddedSeries(tmp_path / "series.db")
    again.write([point(T0 + 1, a=2.0)])
    assert again.latest("tree", {}) == {"a": (T0 + 1, 2.0), "b": (T0, True), "c": (T0, 7)}
    assert again.count() == 4
    again.close()


def test_two_processes_share_a_file(tmp_path: Path) -> None:
    """Each learns of the series the other began, to read them and to write to them."""
    one, two = EmbeddedSeries(tmp_path / "series.db"), EmbeddedSeries(tmp_path / "series.db")
    one.write([point(a=1.0)])
    assert two.latest("tree", {"device_id": "t"}) == {"a": (T0, 1.0)}
    two.write([point(T0 + 1, a=2.0, b=1)])
    one.write([point(T0 + 1, b=2)])
    assert one.latest("tree", {}) == {"a": (T0 + 1, 2.0), "b": (T0 + 1, 2)}
    one.close()
    two.close()


def test_a_disk_that_takes_no_more_is_unavailable(tmp_path: Path) -> None:
    """The whole batch can be written again when there is room, and then stands there once."""
    store = EmbeddedSeries(tmp_path / "series.db")
    store.write([point(a=1.0)])
    batch = [point(T0 + i, a=float(i)) for i in range(20_000)]
    with no_file_longer_than(200_000), pytest.raises(StoreUnavailable, match=r"series\.db"):
        store.write(batch)
    assert store.latest("tree", {}) == {"a": (T0, 1.0)}
    store.write(batch)
    assert store.count() == 20_000
    store.close()


def test_new_series_on_a_full_disk_are_not_remembered_wrongly(tmp_path: Path) -> None:
    """A number that was never stored must not be used: the points would belong to nobody."""
    store = EmbeddedSeries(tmp_path / "series.db")
    batch = [
        Point(measurement="tree", tags=(("device_id", f"t-{i:05d}"),), fields={"a": 1.0}, at_ms=T0) for i in range(5000)
    ]
    with no_file_longer_than(50_000), pytest.raises(StoreUnavailable):
        store.write(batch)
    store.write(batch)
    assert store.latest("tree", {"device_id": "t-04999"}) == {"a": (T0, 1.0)}
    assert store.count() == 5000
    store.close()


def test_a_file_that_is_gone_is_not_reachable(tmp_path: Path) -> None:
    """`reachable` raises nothing, whatever has happened."""
    store = EmbeddedSeries(tmp_path / "series.db")
    assert store.reachable()
    store.close()
    assert not store.reachable()


def test_what_is_written_again_counts_whether_folded_or_not(tmp_path: Path) -> None:
    """New values hide older ones at the same time at once; the point's other fields stay."""
    store = EmbeddedSeries(tmp_path / "series.db")
    store.write([point(a=1.0, b=1.0), point(T0 + 1, a=5.0)])
    store.maintain(T0)
    store.write([point(a=2.0)])
    for _ in range(2):
        assert store.range("tree", "a", {}, T0, T0 + 9) == [(T0, 2.0), (T0 + 1, 5.0)]
        assert store.range("tree", "b", {}, T0, T0 + 9) == [(T0, 1.0)]
        assert store.latest("tree", {}) == {"a": (T0 + 1, 5.0), "b": (T0, 1.0)}
        assert store.count() == 3
        found = store.windows("tree", "a", {}, T0, T0 + 9, every_ms=10, aggregate=Aggregate.SUM)
        assert found == [(T0, 7.0)]
        store.maintain(T0)
    store.close()


def test_a_series_may_have_more_fields_than_a_row_has_room(tmp_path: Path) -> None:
    """The fortieth field is written, read and merged like the first."""
    store = EmbeddedSeries(tmp_path / "series.db")
    wide: dict[str, Value] = {f"f{number:02}": float(number) for number in range(40)}
    store.write([point(T0, **wide), point(T0 + 1, f39=-1.0, f00=-2.0)])
    store.write([point(f39=0.5)])
    assert store.latest("tree", {}) == {
        **{name: (T0, value) for name, value in wide.items()},
        "f39": (T0 + 1, -1.0),
        "f00": (T0 + 1, -2.0),
    }
    assert store.range("tree", "f39", {}, T0, T0 + 9) == [(T0, 0.5), (T0 + 1, -1.0)]
    assert store.count() == 42
    store.close()


def test_many_rows_are_folded_while_writing(tmp_path: Path) -> None:
    """More than stay in the order they came: all of them are found, and the newest at once."""
    store = EmbeddedSeries(tmp_path / "series.db")
    for start in range(0, 60_000, 5000):
        store.write([point(T0 + index * 1000, a=float(index)) for index in range(start, start + 5000)])
    assert store.count() == 60_000
    assert store.latest("tree", {}) == {"a": (T0 + 59_999_000, 59_999.0)}
    found = store.range("tree", "a", {}, T0 + 49_998_000, T0 + 50_002_000)
    assert [value for _, value in found] == [49_998.0, 49_999.0, 50_000.0, 50_001.0]
    store.close()
