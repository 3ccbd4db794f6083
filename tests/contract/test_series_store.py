"""What every series store must do, run against each of them."""

import math
import re
import threading
import uuid
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import PointsRejected
from domain.point import Point
from domain.reading import Value
from storage.series.store import SeriesStore

T0 = 1_760_000_000_000
TAGS = {"device_id": "tree-1", "district": "天宁区", "site_id": "demo"}


def point(at_ms: int = T0, *, m: str, tags: Mapping[str, str] = TAGS, **fields: Value) -> Point:
    """One point of `tree-1`, if nothing else is said."""
    return Point(measurement=m, tags=tuple(sorted(tags.items())), fields=fields, at_ms=at_ms)


def test_a_value_comes_back_with_its_time_and_type(store: SeriesStore, m: str) -> None:
    """Booleans stay booleans, integers integers, and floats that happen to be whole stay floats."""
    store.write([point(m=m, tilt_deg=0.31, voltage_v=220.0, tiny=1e-7, charge_min=42, smoke=False, door_open=True)])
    found = store.latest(m, {"device_id": "tree-1"})
    assert found == {
        "tilt_deg": (T0, 0.31),
        "voltage_v": (T0, 220.0),
        "tiny": (T0, 1e-7),
        "charge_min": (T0, 42),
        "smoke": (T0, False),
        "door_open": (T0, True),
    }
    assert {field: type(value) for field, (_, value) in found.items()} == {
        "tilt_deg": float,
        "voltage_v": float,
        "tiny": float,
        "charge_min": int,
        "smoke": bool,
        "door_open": bool,
    }


def test_the_same_write_twice_changes_nothing(store: SeriesStore, m: str) -> None:
    """A point's identity is measurement, tags and time: redelivery is harmless."""
    before = store.count()
    batch = [point(T0 + i * 1000, m=m, tilt_deg=float(i), battery_pct=90) for i in range(10)]
    store.write(batch)
    store.write(batch)
    assert store.count() - before == 20
    assert store.range(m, "tilt_deg", TAGS, T0, T0 + 10_000) == [(T0 + i * 1000, float(i)) for i in range(10)]


def test_fields_at_one_key_merge_and_the_newest_write_wins(store: SeriesStore, kind: str, m: str) -> None:
    """Within one batch and across two, by order of writing. VictoriaMetrics merges, but overwrites nothing."""
    if kind == "victoria":
        store.write([point(m=m, a=2.0), point(m=m, c=1.0)])
    else:
        store.write([point(m=m, a=1.0, b=1.0), point(m=m, a=2.0, c=1.0)])
    store.write([point(m=m, b=3.0)])
    assert store.latest(m, TAGS) == {"a": (T0, 2.0), "b": (T0, 3.0), "c": (T0, 1.0)}


def test_latest_is_by_time_not_by_order_of_arrival(store: SeriesStore, m: str) -> None:
    """Late data doesn't become the latest; a field that was not sent lately keeps its old value and time."""
    store.write([point(T0 + 5000, m=m, a=5.0)])
    store.write([point(T0, m=m, a=0.0, b=0.5)])
    assert store.latest(m, TAGS) == {"a": (T0 + 5000, 5.0), "b": (T0, 0.5)}


def test_a_range_holds_its_start_and_not_its_stop(store: SeriesStore, m: str) -> None:
    """start ≤ t < stop, to the millisecond, oldest first; an empty range is empty."""
    store.write([point(T0 + i, m=m, a=float(i)) for i in (3, 1, 2, 0)])
    assert store.range(m, "a", TAGS, T0 + 1, T0 + 3) == [(T0 + 1, 1.0), (T0 + 2, 2.0)]
    assert store.range(m, "a", TAGS, T0 + 1, T0 + 1) == []
    assert store.range(m, "a", TAGS, T0 + 3, T0 + 1) == []
    assert store.range(m, "a", TAGS, -5, 1 << 62) == [(T0 + i, float(i)) for i in range(4)]


def test_tags_pick_every_series_that_carries_them(store: SeriesStore, m: str) -> None:
    """A charger asked without its port answers for all ports; with a port, for that one."""
    one, two = {**TAGS, "port": "1"}, {**TAGS, "port": "2"}
    store.write([point(T0, m=m, tags=one, power_w=100.0), point(T0 + 1, m=m, tags=two, power_w=200.0)])
    assert store.latest(m, TAGS) == {"power_w": (T0 + 1, 200.0)}
    assert store.latest(m, {**TAGS, "port": "1"}) == {"power_w": (T0, 100.0)}
    assert store.range(m, "power_w", TAGS, T0, T0 + 9) == [(T0, 100.0), (T0 + 1, 200.0)]
    assert store.latest(m, {"port": "3"}) == {}
    assert store.latest(f"{m}x", TAGS) == {}
    assert store.range(m, "voltage_v", TAGS, T0, T0 + 9) == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"tilt_deg": float("nan")}, id="nan"),
        pytest.param({"tilt_deg": float("-inf")}, id="infinite"),
        pytest.param({"count": 1 << 63}, id="65-bit"),
        pytest.param({}, id="no-fields"),
        pytest.param({"_reserved": 1.0}, id="reserved-name"),
        pytest.param({"two\nlines": 1.0}, id="newline"),
        pytest.param({"ok": 1.0, "time": 1.0}, id="time"),
    ],
)
def test_a_point_no_store_can_take_is_named_and_the_rest_is_stored(
    store: SeriesStore, m: str, wrong: dict[str, Value]
) -> None:
    """PointsRejected carries the index in the batch as it was given, and a reason."""
    bad = Point(measurement=m, tags=tuple(sorted(TAGS.items())), fields=wrong, at_ms=T0 + 1)
    with pytest.raises(PointsRejected) as caught:
        store.write([point(T0, m=m, tilt_deg=0.0), bad, point(T0 + 2, m=m, tilt_deg=2.0)])
    assert [index for index, _ in caught.value.rejected] == [1]
    assert caught.value.rejected[0][1]
    assert store.range(m, "tilt_deg", TAGS, T0, T0 + 9) == [(T0, 0.0), (T0 + 2, 2.0)]
    assert "ok" not in store.latest(m, TAGS)


@pytest.mark.parametrize("value", ["", "two\nlines", "ends\\", "\x00"])
def test_a_tag_no_store_can_take_is_rejected(store: SeriesStore, m: str, value: str) -> None:
    """An empty tag, a control character, a backslash at the end."""
    with pytest.raises(PointsRejected):
        store.write([point(m=m, tags={"device_id": value}, a=1.0)])
    with pytest.raises(PointsRejected):
        store.write([Point(measurement=m, tags=(("b", "1"), ("a", "1")), fields={"a": 1.0}, at_ms=T0)])
    with pytest.raises(PointsRejected):
        store.write([point(-1, m=m, a=1.0)])


def test_a_field_keeps_its_first_type(store: SeriesStore, m: str) -> None:
    """A conflicting point is rejected whole; the k bad of n are found, all others stored."""
    store.write([point(T0, m=m, tilt_deg=1.0)])
    bad = {7, 8, 31, 99}
    batch = [
        point(T0 + 1 + i, m=m, tilt_deg=1, other=True) if i in bad else point(T0 + 1 + i, m=m, tilt_deg=float(i))
        for i in range(100)
    ]
    with pytest.raises(PointsRejected) as caught:
        store.write(batch)
    assert {index for index, _ in caught.value.rejected} == bad
    assert re.search("field type conflict|invalid column type", caught.value.rejected[0][1])
    assert len(store.range(m, "tilt_deg", TAGS, T0, T0 + 1000)) == 97
    assert "other" not in store.latest(m, TAGS)


def test_a_type_conflict_inside_one_batch(store: SeriesStore, m: str) -> None:
    """The first of a new field says its type, also across tags; a field of another measurement is another field."""
    other = {**TAGS, "device_id": "tree-2"}
    with pytest.raises(PointsRejected) as caught:
        store.write([point(m=m, a=1.0), point(m=m, tags=other, a=True), point(m=f"{m}_b", a=True)])
    assert [index for index, _ in caught.value.rejected] == [1]
    assert store.latest(m, TAGS) == {"a": (T0, 1.0)}
    assert store.latest(m, other) == {}
    assert store.latest(f"{m}_b", TAGS) == {"a": (T0, True)}


@pytest.mark.parametrize(
    "text",
    [
        "a b,c=d",
        'quo"te',
        "back\\slash",
        "${1 + 1}",
        '") or (r) => true //',
        '\\") |> drop()',
        "名木#1",
        "a\\,b",
        "x=1,y=2 z",
    ],
)
def test_text_is_only_ever_text(store: SeriesStore, kind: str, m: str, text: str) -> None:
    """Nothing in a tag, a field name or a measurement can end a line, a literal or a query."""
    field = f"field {text}"
    if kind == "victoria" and '"' in text:
        with pytest.raises(PointsRejected, match="no quotes"):
            store.write([Point(measurement=m, tags=(), fields={field: 1.5}, at_ms=T0)])
        field = "field"
    tags = {"device_id": text, f"key {text}": "v"}
    odd = Point(measurement=f"{m} {text}", tags=tuple(sorted(tags.items())), fields={field: 1.5}, at_ms=T0)
    store.write([odd, point(m=f"{m} {text}", other=2.5)])
    assert store.latest(f"{m} {text}", tags) == {field: (T0, 1.5)}
    assert store.range(f"{m} {text}", field, {"device_id": text}, T0, T0 + 1) == [(T0, 1.5)]
    assert store.latest(m, {"device_id": f"{text}x"}) == {}


def test_nothing_asked_is_nothing_done(store: SeriesStore, m: str) -> None:
    """An empty batch is no error, and an unknown measurement has no values."""
    store.write([])
    assert store.latest(m, {}) == {}
    assert store.reachable()


def test_threads_may_share_a_store(store: SeriesStore, m: str) -> None:
    """Four writers and a reader at once: every value arrives, none doubled."""
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            tags = {**TAGS, "device_id": f"tree-{number}"}
            for i in range(5):
                store.write([point(T0 + i * 100 + k, m=m, tags=tags, a=float(k)) for k in range(20)])
                store.latest(m, tags)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failures == []
    assert len(store.range(m, "a", {"site_id": "demo"}, T0, T0 + 1000)) == 400


VALUES = st.one_of(
    st.dictionaries(st.sampled_from(["f1", "f2"]), st.floats(allow_nan=False, allow_infinity=False), min_size=1),
    st.dictionaries(st.sampled_from(["i1", "i2"]), st.integers(-(1 << 63), (1 << 63) - 1), min_size=1),
    st.dictionaries(st.sampled_from(["b1", "b2"]), st.booleans(), min_size=1),
)


def as_victoria_keeps_them(
    writes: list[tuple[str, int, dict[str, Value]]],
) -> list[tuple[str, int, dict[str, Value]]]:
    """One value for each key and field; integers that a float can be; floats of a like size, three decimals of them."""
    seen: set[tuple[str, int, str]] = set()
    out = []
    for port, at, fields in writes:
        new = {
            field: round(math.fmod(value, 1e6), 3) if isinstance(value, float) else value
            for field, value in fields.items()
            if (port, at, field) not in seen and abs(value) <= (math.inf if isinstance(value, float) else 1 << 53)
        }
        seen |= {(port, at, field) for field in new}
        if new:
            out.append((port, at, new))
    return out


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(writes=st.lists(st.tuples(st.sampled_from(["1", "2"]), st.integers(T0, T0 + 3), VALUES), max_size=12))
def test_a_store_is_a_dictionary_by_key_and_field(
    store: SeriesStore, kind: str, writes: list[tuple[str, int, dict[str, Value]]]
) -> None:
    """Whatever is written, in whatever order: what is read is what a plain dictionary would hold."""
    m = f"tree_{uuid.uuid4().hex}"
    if kind == "victoria":
        writes = as_victoria_keeps_them(writes)
    store.write([point(at, m=m, tags={"port": port}, **fields) for port, at, fields in writes])
    for port in ("1", "2"):
        for field in ("f1", "f2", "i1", "i2", "b1", "b2"):
            held = {at: fields[field] for where, at, fields in writes if where == port and field in fields}
            found = store.range(m, field, {"port": port}, T0, T0 + 9)
            assert [at for at, _ in found] == sorted(held)
            # SQLite promises 15 digits of a float, no more.
            assert [value for _, value in found] == pytest.approx([held[at] for at in sorted(held)], rel=1e-15)
