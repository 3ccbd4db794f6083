"""The measurement behind the figures of long lists still measures."""

from app.bench.lists import bench_lists


def test_every_list_is_measured() -> None:
    """Each of a filled store, and those that have further pages also deep in them."""
    figures = bench_lists(2_500, rounds=1)

    assert figures.cases == 2_500
    assert 200 < figures.open_cases < 400
    assert all(one.first_ms > 0 for one in figures.lists)
    deep = {one.name for one in figures.lists if one.deep_ms}
    assert {"all cases, newest order", "ladders", "notices", "alarms, all"} <= deep
    sizes = {one.name: one.n for one in figures.lists}
    assert sizes["of a keeper of nothing"] == 0
    assert 0 < (sizes["a keeper's, open first"] or 0) < 2_500 / 10
