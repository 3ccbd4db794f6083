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

from msgspec import Struct

from app.bench.duckdb import FIELDS, DuckDbSeries
from domain.point import Aggregate, Point
from domain.reading import Value
from storage.series.embedded import EmbeddedSeries

_DEVICES = 5000
_POINTS = 5000 // len(FIELDS)
_START_MS, _STEP_MS, _DAY_MS = 1_760_000_000_000, 10_000, 86_400_000
_WINDOW_MS = 600_000
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
    windows_ms: float
    """The same in means of 10 minutes; median of 20."""
    roll_up_points_s: int | None
    """Points a second that become hourly figures and are deleted; None for an engine that has no such thing."""
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
    def windows(
        self,
        measurement: str,
        field: str,
        tags: Mapping[str, str],
        start_ms: int,
        stop_ms: int,
        *,
        every_ms: int,
        aggregate: Aggregate,
    ) -> list[tuple[int, float | None]]: ...
    def close(self) -> None: ...


_ENGINES: Mapping[str, type[EmbeddedSeries] | type[DuckDbSeries]] = {"sqlite": EmbeddedSeries, "duckdb": DuckDbSeries}


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
    count = max(10, values // (_POINTS * len(FIELDS)))
    write = _write(engine, 0, count)
    again = _write(engine, 0, count // 5)
    with _a_busy_thread():
        busy = _write(engine, count, 10)
    end_ms = _START_MS + ((count + 10) * _POINTS // _DEVICES) * _STEP_MS
    latest_ms = _median_ms(lambda: engine.latest("tree", _ASKED))
    day_ms = _median_ms(lambda: engine.range("tree", "tilt_deg", _ASKED, end_ms - _DAY_MS, end_ms))
    windows_ms = _median_ms(
        lambda: engine.windows(
            "tree", "tilt_deg", _ASKED, end_ms - _DAY_MS, end_ms, every_ms=_WINDOW_MS, aggregate=Aggregate.MEAN
        )
    )
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    engine.close()
    size = sum(path.stat().st_size for path in folder.iterdir())
    rolled = _roll_up(folder / name, (count + 10) * _POINTS) if name == "sqlite" else None
    return EngineFigures(
        write_values_s=write,
        write_again_values_s=again,
        busy_write_values_s=busy,
        latest_ms=latest_ms,
        day_ms=day_ms,
        windows_ms=windows_ms,
        roll_up_points_s=rolled,
        bytes_per_value=round(size / ((count + 10) * _POINTS * len(FIELDS)), 1),
        peak_mib=round(peak_mib, 1),
    )


def _write(engine: _Engine, first: int, count: int) -> int:
    """Values a second over `count` batches."""
    spent_s = 0.0
    for batch in _batches(first, count):
        began = time.perf_counter()
        engine.write(batch)
        spent_s += time.perf_counter() - began
    return round(count * _POINTS * len(FIELDS) / spent_s)


def _roll_up(path: Path, points: int) -> int:
    """Points a second."""
    store = EmbeddedSeries(path, keep_raw_s=0.0)
    began = time.perf_counter()
    store.maintain(_START_MS + 365 * _DAY_MS)
    spent_s = time.perf_counter() - began
    store.close()
    return round(points / spent_s)


def _batches(first: int, count: int) -> Iterator[list[Point]]:
    """Every device in turn, a step apart in time, with the two decimals that sensors send."""
    random = Random(first)  # noqa: S311 - numbers to measure with
    tags = [
        (("device_id", f"tree-{device:05d}"), ("district", "天宁区"), ("site_id", "bench"))
        for device in range(_DEVICES)
    ]
    for number in range(first * _POINTS, (first + count) * _POINTS, _POINTS):
        yield [
            Point(
                measurement="tree",
                tags=tags[index % _DEVICES],
                fields={field: round(random.random() * 100, 2) for field in FIELDS},
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
