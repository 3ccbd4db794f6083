"""The measurement behind docs/decisions/0003 still measures."""

import pytest

from app.bench.series import bench_series

pytest.importorskip("duckdb")


def test_both_engines_are_measured() -> None:
    """Every figure of both is there and above zero, in seconds rather than minutes."""
    figures = bench_series(10_000)

    for engine, missing in ((figures.sqlite, []), (figures.duckdb, ["roll_up_points_s"])):
        assert [name for name in engine.__struct_fields__ if not (getattr(engine, name) or 0) > 0] == missing
