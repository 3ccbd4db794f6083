"""SQLite against DuckDB as the embedded series store: the measurement behind docs/decisions/0003."""

import resource
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Protocol

import numpy as np
from msgspec import Struct

from domain.point import Point
from domain.reading import Value
from storage.series.embedded import EmbeddedSeries

_FIELDS = ("tilt_deg", "soil_vwc_pct", "soil_temp_c", "air_temp_c", "air_rh_pct", "battery_pct")
_DEVICES = 500
_POINTS = 5000 // len(_FIELDS)
_START_MS, _STEP_MS, _DAY_MS = 1_760_000_000_000, 10_000, 86_400_000
_ASKED = {"device_id": "tree-00007"}


class EngineFigures(Struct, frozen=True, kw_only=True):
    """One engine, batches of 5,000 values, durable at the end of each."""

    write_values_s: int
    """Values a second, `write` alone; the points are made beforehand."""
    write_again_values_s: int
    """The same points once more, as after a crash."""
    busy_write_values_s: int
    """New points while another thread of the process computes without rest."""
    latest_ms: float
    """The newest values of one device; median of 20."""
    day_ms: float
    """One field of one device over a day (or all there is); median of 20."""
    bytes_per_value: float
    peak_mib: float
    """Largest resident size of the measuring process, which also makes the points."""


class SeriesFigures(Struct, frozen=True, kw_only=True):
    """Both engines on this machine."""

    values: int
    sqlite: EngineFigures
    duckdb: EngineFigures


class _Engine(Protocol):
    def write(self, points: Sequence[Point], /) -> None: ...
    def latest(self, measurement: str, tags: Mapping[str, str], /) -> dict[str, tuple[int, Value]]: ...
    def range(
        self, measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int, /
    ) -> list[tuple[int, Value]]: ...
    def close(self) -> None: ...


class _DuckDb:
    """The least that could stand in for EmbeddedSeries: floats only, no checks, whole batches as numpy arrays."""

    def __init__(self, path: Path) -> None:
        import duckdb  # noqa: PLC0415 - a development dependency

        self._db = duckdb.connect(str(path))
        self._db.execute(
            "CREATE TABLE points (series INTEGER, at_ms BIGINT, value DOUBLE, PRIMARY KEY (series, at_ms))"
        )
        self._ids: dict[tuple[str, str], int] = {}

    def write(self, points: Sequence[Point]) -> None:
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
        ids = {self._ids[tags["device_id"], field]: field for field in _FIELDS}
        found = self._db.execute(
            "SELECT series, max(at_ms), arg_max(value, at_ms) FROM points "
            "WHERE series IN (SELECT unnest(?)) GROUP BY series",
            [list(ids)],
        ).fetchall()
        return {ids[series]: (at_ms, value) for series, at_ms, value in found}

    def range(
        self, _measurement: str, field: str, tags: Mapping[str, str], start_ms: int, stop_ms: int
    ) -> list[tuple[int, Value]]:
        found: list[tuple[int, Value]] = self._db.execute(
            "SELECT at_ms, value FROM points WHERE series = ? AND at_ms >= ? AND at_ms < ? ORDER BY 1",
            [self._ids[tags["device_id"], field], start_ms, stop_ms],
        ).fetchall()
        return found

    def close(self) -> None:
        self._db.close()


_ENGINES: Mapping[str, type[EmbeddedSeries] | type[_DuckDb]] = {"sqlite": EmbeddedSeries, "duckdb": _DuckDb}


def bench_series(values: int = 1_000_000, folder: Path | None = None) -> SeriesFigures:
    """Write `values` values into each engine, in a process of its own, and read some back.

    `folder` says which disk is measured; by default the system's temporary one. Needs duckdb (a dev dependency).
    """
    figures = {}
    for name in _ENGINES:
        with (
            tempfile.TemporaryDirectory(dir=folder) as scratch,
            ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process,
        ):
            figures[name] = process.submit(_measured, name, values, Path(scratch)).result()
    return SeriesFigures(values=values, sqlite=figures["sqlite"], duckdb=figures["duckdb"])


def _measured(name: str, values: int, folder: Path) -> EngineFigures:
    engine: _Engine = _ENGINES[name](folder / name)
    count = max(10, values // (_POINTS * len(_FIELDS)))
    write = _write(engine, 0, count)
    again = _write(engine, 0, count // 5)
    with _a_busy_thread():
        busy = _write(engine, count, 10)
    end_ms = _START_MS + ((count + 10) * _POINTS // _DEVICES) * _STEP_MS
    latest_ms = _median_ms(lambda: engine.latest("tree", _ASKED))
    day_ms = _median_ms(lambda: engine.range("tree", "tilt_deg", _ASKED, end_ms - _DAY_MS, end_ms))
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    engine.close()
    size = sum(path.stat().st_size for path in folder.iterdir())
    return EngineFigures(
        write_values_s=write,
        write_again_values_s=again,
        busy_write_values_s=busy,
        latest_ms=latest_ms,
        day_ms=day_ms,
        bytes_per_value=round(size / ((count + 10) * _POINTS * len(_FIELDS)), 1),
        peak_mib=round(peak_mib, 1),
    )


def _write(engine: _Engine, first: int, count: int) -> int:
    """Values a second over `count` batches."""
    spent_s = 0.0
    for batch in _batches(first, count):
        began = time.perf_counter()
        engine.write(batch)
        spent_s += time.perf_counter() - began
    return round(count * _POINTS * len(_FIELDS) / spent_s)


def _batches(first: int, count: int) -> Iterator[list[Point]]:
    """Every device in turn, a step apart in time, with the two decimals that sensors send."""
    random = Random(first)  # noqa: S311 - numbers to measure with
    for number in range(first * _POINTS, (first + count) * _POINTS, _POINTS):
        yield [
            Point(
                measurement="tree",
                tags=(("device_id", f"tree-{index % _DEVICES:05d}"), ("district", "天宁区"), ("site_id", "bench")),
                fields={field: round(random.random() * 100, 2) for field in _FIELDS},
                at_ms=_START_MS + index // _DEVICES * _STEP_MS,
            )
            for index in range(number, number + _POINTS)
        ]


@contextmanager
def _a_busy_thread() -> Iterator[None]:
    enough = threading.Event()

    def compute() -> None:
        while not enough.is_set():
            sum(range(1000))

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _median_ms(ask: Callable[[], object]) -> float:
    taken = []
    for _ in range(20):
        began = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - began) * 1000)
    return round(sorted(taken)[10], 2)
