"""What every series store answers about many values: windows of time, all there is, and its own upkeep."""

from collections.abc import Mapping

import pytest

from domain.point import Aggregate, Point
from domain.reading import Value
from storage.series.store import SeriesStore

HOUR_MS = 3_600_000
T0 = 1_760_000_400_000 // HOUR_MS * HOUR_MS
TAGS = {"device_id": "tree-1", "site_id": "demo"}


def point(at_ms: int, *, m: str, tags: Mapping[str, str] = TAGS, **fields: Value) -> Point:
    """One point of `tree-1`, if nothing else is said."""
    return Point(measurement=m, tags=tuple(sorted(tags.items())), fields=fields, at_ms=at_ms)


def ask(
    store: SeriesStore, m: str, aggregate: Aggregate, *, start: int = 0, stop: int = 40, field: str = "a"
) -> list[tuple[int, float | None]]:
    """Windows of 10 s of `TAGS`; all times in seconds, from T0."""
    found = store.windows(m, field, TAGS, T0 + start * 1000, T0 + stop * 1000, every_ms=10_000, aggregate=aggregate)
    return [((at_ms - T0) // 1000, value) for at_ms, value in found]


@pytest.fixture
def filled(store: SeriesStore, m: str) -> SeriesStore:
    """Values 1, 4, 1 in the first window, nothing in the second, 2 at the very start of the third, 8 in the fourth."""
    at_s = {0: 1.0, 4: 4.0, 9: 1.0, 20: 2.0, 39: 8.0}
    store.write([point(T0 + s * 1000, m=m, a=value, b=0.5) for s, value in at_s.items()])
    return store


@pytest.mark.parametrize(
    ("aggregate", "values"),
    [
        (Aggregate.MEAN, [2.0, None, 2.0, 8.0]),
        (Aggregate.MIN, [1.0, None, 2.0, 8.0]),
        (Aggregate.MAX, [4.0, None, 2.0, 8.0]),
        (Aggregate.LAST, [1.0, None, 2.0, 8.0]),
        (Aggregate.SUM, [6.0, None, 2.0, 8.0]),
        (Aggregate.COUNT, [3.0, None, 1.0, 1.0]),
    ],
)
def test_each_window_has_its_figure_and_an_empty_one_none(
    filled: SeriesStore, m: str, aggregate: Aggregate, values: list[float | None]
) -> None:
    """A value at a window's start is that window's; a gap is said to be one, never filled in."""
    assert ask(filled, m, aggregate) == list(zip([0, 10, 20, 30], values, strict=True))


def test_windows_stand_at_multiples_and_only_the_asked_time_counts(filled: SeriesStore, m: str) -> None:
    """From 4 s to 21 s: windows still begin at 0, 10 and 20, and the first and last hold only what was asked for."""
    assert ask(filled, m, Aggregate.SUM, start=4, stop=21) == [(0, 5.0), (10, None), (20, 2.0)]
    assert ask(filled, m, Aggregate.SUM, start=4, stop=20) == [(0, 5.0), (10, None)]
    assert ask(filled, m, Aggregate.COUNT, start=0, stop=4) == [(0, 1.0)]
    assert ask(filled, m, Aggregate.COUNT, start=10, stop=10) == []


def test_windows_of_an_unknown_field_are_empty_not_missing(filled: SeriesStore, m: str) -> None:
    """A chart needs its axis also where nothing was measured."""
    assert ask(filled, m, Aggregate.MEAN, field="nothing") == [(0, None), (10, None), (20, None), (30, None)]


def test_windows_go_over_all_series_with_these_tags(store: SeriesStore, m: str) -> None:
    """A charger asked without its port: the ports' values together. Booleans count as 0 and 1."""
    one, two = {**TAGS, "port": "1"}, {**TAGS, "port": "2"}
    store.write([point(T0, m=m, tags=one, a=1.0, on=True), point(T0 + 1000, m=m, tags=two, a=3.0, on=False)])
    assert ask(store, m, Aggregate.MEAN, stop=10) == [(0, 2.0)]
    assert ask(store, m, Aggregate.LAST, stop=10) == [(0, 3.0)]
    assert ask(store, m, Aggregate.SUM, stop=10, field="on") == [(0, 1.0)]
    assert ask(store, m, Aggregate.MEAN, stop=10, field="on") == [(0, 0.5)]


def test_hours_and_days_are_windows_too(store: SeriesStore, m: str) -> None:
    """Widths that hourly figures could answer."""
    store.write([point(T0 + hour * HOUR_MS + 60_000, m=m, a=float(hour)) for hour in range(5)])
    found = store.windows(m, "a", TAGS, T0, T0 + 5 * HOUR_MS, every_ms=HOUR_MS, aggregate=Aggregate.MAX)
    assert found == [(T0 + hour * HOUR_MS, float(hour)) for hour in range(5)]
    day = T0 // (24 * HOUR_MS) * 24 * HOUR_MS
    days = store.windows(m, "a", TAGS, day, day + 48 * HOUR_MS, every_ms=24 * HOUR_MS, aggregate=Aggregate.COUNT)
    assert sum(value or 0.0 for _, value in days) == 5.0


def test_a_window_must_have_a_width(store: SeriesStore, m: str) -> None:
    """A width of nothing is the asker's mistake, and so is a number of windows that nobody can read."""
    for every_ms in (0, -1):
        with pytest.raises(ValueError, match="every_ms"):
            store.windows(m, "a", TAGS, T0, T0 + 1, every_ms=every_ms, aggregate=Aggregate.MEAN)
    with pytest.raises(ValueError, match="windows"):
        store.windows(m, "a", TAGS, 0, 1 << 60, every_ms=1, aggregate=Aggregate.MEAN)


def test_export_gives_every_point_whole(store: SeriesStore, m: str) -> None:
    """All fields of a point together, its tags and its time; oldest hour first; start counts, stop doesn't."""
    wide = {f"f{number}": float(number) for number in range(20)}
    written = [
        point(T0 + hour * HOUR_MS + at, m=m, tags={"device_id": device}, **wide)
        for hour in (2, 0, 1)
        for device in ("t-1", "t-2")
        for at in (0, 1, HOUR_MS - 1)
    ]
    store.write(written)
    found = list(store.export(T0, T0 + 3 * HOUR_MS, measurements={m}))
    assert sorted(map(key, found)) == sorted(map(key, written))
    hours = [one.at_ms // HOUR_MS for one in found]
    assert hours == sorted(hours)
    part = list(store.export(T0 + 1, T0 + HOUR_MS, measurements={m}))
    assert sorted(one.at_ms - T0 for one in part) == [1, 1, HOUR_MS - 1, HOUR_MS - 1]


def key(point: Point) -> tuple[object, ...]:
    """A point as something that can be sorted."""
    return (point.measurement, point.tags, point.at_ms, sorted(point.fields.items()))


def test_export_keeps_measurements_apart(store: SeriesStore, m: str) -> None:
    """Only the named ones; a name that nobody has gives nothing."""
    store.write([point(T0, m=m, a=1.0), point(T0, m=f"{m}_b", b=2.0)])
    assert [one.fields for one in store.export(T0, T0 + 1, measurements={f"{m}_b"})] == [{"b": 2.0}]
    assert {one.measurement for one in store.export(T0, T0 + 1)} >= {m, f"{m}_b"}
    assert list(store.export(T0, T0 + 1, measurements={f"{m}_c"})) == []
    assert list(store.export(T0, T0, measurements={m})) == []


def test_what_is_written_again_is_exported_once(store: SeriesStore, m: str) -> None:
    """Redelivery leaves no second point in an export, in a window or in a count of values."""
    batch = [point(T0 + i * 1000, m=m, a=float(i)) for i in range(5)]
    store.write(batch)
    list(store.export(T0, T0 + 10_000, measurements={m}))
    store.write(batch)
    assert len(list(store.export(T0, T0 + 10_000, measurements={m}))) == 5
    store.write(batch)
    assert ask(store, m, Aggregate.COUNT, stop=10) == [(0, 5.0)]
    assert store.range(m, "a", TAGS, T0, T0 + 10_000) == [(T0 + i * 1000, float(i)) for i in range(5)]


def test_upkeep_says_what_it_did_and_harms_nothing_that_is_to_be_kept(filled: SeriesStore, m: str) -> None:
    """Called again and again, with points younger than any limit."""
    for _ in range(2):
        said = filled.maintain(T0 + 60_000)
        assert said
        assert "\n" not in said
    assert ask(filled, m, Aggregate.COUNT) == [(0, 3.0), (10, None), (20, 1.0), (30, 1.0)]
