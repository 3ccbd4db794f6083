"""DuckDB as a series store, to measure the embedded one beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from domain.point import Aggregate, Point
from domain.reading import Value

FIELDS = ("tilt_deg", "soil_vwc_pct", "soil_temp_c", "air_temp_c", "air_rh_pct", "battery_pct")
_FUNCTIONS = {
    Aggregate.MEAN: "avg",
    Aggregate.MIN: "min",
    Aggregate.MAX: "max",
    Aggregate.SUM: "sum",
    Aggregate.COUNT: "count",
}


class DuckDbSeries:
    """The least that could stand in for EmbeddedSeries: floats only, no checks, whole batches as numpy arrays."""

    def __init__(self, path: Path) -> None:
        import duckdb  # noqa: PLC0415 - a development dependency

        self._db = duckdb.connect(str(path))
        self._db.execute(
            "CREATE TABLE points (series INTEGER, at_ms BIGINT, value DOUBLE, PRIMARY KEY (series, at_ms))"
        )
        self._ids: dict[tuple[str, str], int] = {}

    def write(self, points: Sequence[Point]) -> None:
        """Store a batch, durably."""
        rows = [
            (self._ids.setdefault((point.tags[0][1], field), len(self._ids)), point.at_ms, value)
            for point in points
            for field, value in point.fields.items()
        ]
        series, at_ms, values = zip(*rows, strict=True)
        batch = {"series": np.array(series), "at_ms": np.array(at_ms), "value": np.array(values)}
        self._db.register("batch", batch)
        self._db.execute(
            "INSERT INTO points SELECT series, at_ms, value FROM batch "
            "ON CONFLICT (series, at_ms) DO UPDATE SET value = excluded.value"
        )

    def latest(self, _measurement: str, tags: Mapping[str, str]) -> dict[str, tuple[int, Value]]:
        """The newest value of each field."""
        ids = {self._ids[tags["device_id"], field]: field for field in FIELDS}
        found = self._db.execute(
            "SELECT series, max(at_ms), arg_max(value, at_ms) FROM points "
            "WHERE series IN (SELECT unnest(?)) GROUP BY series",
            [list(ids)],
        ).fetchall()
        return {ids[series]: (at_ms, value) for series, at_ms, value in found}

    def range(
        self, _measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        """Values of one field, oldest first."""
        found: list[tuple[int, Value]] = self._db.execute(
            "SELECT at_ms, value FROM points WHERE series = ? AND at_ms >= ? AND at_ms < ? ORDER BY 1",
            [self._ids[tags["device_id"], field], start_ms, stop_ms],
        ).fetchall()
        return found

    def windows(
        self,
        _measurement: str,
        field: str,
        tags: Mapping[str, str],
        start_ms: int,
        stop_ms: int,
        *,
        every_ms: int,
        aggregate: Aggregate,
    ) -> list[tuple[int, float | None]]:
        """Figures of windows that hold anything; `last` is not measured."""
        found: list[tuple[int, float | None]] = self._db.execute(
            f"SELECT at_ms - at_ms % ?, {_FUNCTIONS[aggregate]}(value) FROM points "
            "WHERE series = ? AND at_ms >= ? AND at_ms < ? GROUP BY 1 ORDER BY 1",
            [every_ms, self._ids[tags["device_id"], field], start_ms, stop_ms],
        ).fetchall()
        return found

    def close(self) -> None:
        """Close the file."""
        self._db.close()
