"""Windows of every store against a plain computation, to the millisecond."""

import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.point import Aggregate, Point
from storage.series.store import SeriesStore

T0 = 1_759_999_000_000
SPAN_MS = 60

VALUES = st.dictionaries(
    st.tuples(st.integers(0, SPAN_MS), st.sampled_from(["1", "2"])), st.integers(-1000, 1000).map(float), max_size=12
)


def plain(
    values: dict[tuple[int, str], float], start_ms: int, stop_ms: int, every_ms: int, aggregate: Aggregate
) -> list[tuple[int, float | None]]:
    """The rows that there should be."""
    inside = sorted((T0 + at, value) for (at, _), value in values.items() if start_ms <= T0 + at < stop_ms)
    rows: list[tuple[int, float | None]] = []
    for begin in range(start_ms // every_ms * every_ms, stop_ms, every_ms):
        held = [value for at_ms, value in inside if begin <= at_ms < begin + every_ms]
        rows.append((begin, figure(held, aggregate) if held else None))
    return rows


def figure(held: list[float], aggregate: Aggregate) -> float:
    """The figure of values in the order of their times."""
    match aggregate:
        case Aggregate.MEAN:
            return sum(held) / len(held)
        case Aggregate.MIN:
            return min(held)
        case Aggregate.MAX:
            return max(held)
        case Aggregate.LAST:
            return held[-1]
        case Aggregate.SUM:
            return sum(held)
        case Aggregate.COUNT:
            return float(len(held))


@pytest.mark.parametrize("aggregate", list(Aggregate))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=VALUES,
    start=st.integers(-5, SPAN_MS),
    length=st.integers(0, SPAN_MS),
    every_ms=st.sampled_from([1, 7, 10, 60, 1000]),
)
def test_a_window_holds_exactly_its_values(
    store: SeriesStore,
    aggregate: Aggregate,
    values: dict[tuple[int, str], float],
    start: int,
    length: int,
    every_ms: int,
) -> None:
    """Its first moment and not the next window's, of all series, and none from outside what was asked for."""
    if aggregate is Aggregate.LAST:  # of two series at one moment either is the last
        values = {(at, port): value for (at, port), value in values.items() if port == "1"}
    m = f"tree_{uuid.uuid4().hex}"
    store.write([
        Point(measurement=m, tags=(("port", port),), fields={"a": value}, at_ms=T0 + at)
        for (at, port), value in values.items()
    ])  # fmt: skip
    start_ms, stop_ms = T0 + start, T0 + start + length
    found = store.windows(m, "a", {}, start_ms, stop_ms, every_ms=every_ms, aggregate=aggregate)
    wanted = plain(values, start_ms, stop_ms, every_ms, aggregate) if length else []
    assert [at_ms for at_ms, _ in found] == [at_ms for at_ms, _ in wanted]
    assert [value for _, value in found] == pytest.approx([value for _, value in wanted])
