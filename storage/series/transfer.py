"""All points of a store into a file, and out of a file into a store."""

import itertools
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Protocol, Self, TextIO

from msgspec import Struct

from domain.errors import PointsRejected, TransferError
from domain.point import Point
from storage.series import flaws, line_protocol
from storage.series.lines import LineFile, LineWriter
from storage.series.parquet import ParquetFile, ParquetWriter
from storage.series.store import SeriesStore

BATCH = 5000
_ENDINGS = (".parquet", ".lp", ".lp.gz")


class Exported(Struct, frozen=True, kw_only=True):
    """What an export wrote."""

    file: str
    points: int
    values: int
    size_bytes: int
    seconds: float


class Imported(Struct, frozen=True, kw_only=True):
    """What an import read, and what became of it: `points` = `stored` + `rejected`."""

    file: str
    points: int
    stored: int
    rejected: int
    rejected_file: str | None
    seconds: float


class Writer(Protocol):
    """Writes one kind of file."""

    def write(self, points: list[Point], /) -> None:
        """Add points."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


class Reader(Protocol):
    """Reads one kind of file."""

    share: float
    """How much of the file has been read, 0 to 1."""

    def read(self) -> Iterator[tuple[str, Point | str]]:
        """Each line or row (its text, or where it stands), with its point or with what is wrong with it."""
        ...


Progress = Callable[[int, float | None], None]
"""Told how many points are done, and which share of all that is, if it is known."""


def export_file(
    store: SeriesStore,
    path: Path,
    *,
    start_ms: int,
    stop_ms: int,
    measurements: Collection[str] = (),
    progress: Progress = lambda _points, _share: None,
) -> Exported:
    """Write every point with start ≤ time < stop. The file has its name only when it is whole, and not empty.

    Raises TransferError if the file cannot be written, and whatever the store raises.
    """
    kind, began = _ending(path), time.monotonic()
    unfinished = path.with_name(f"{path.name}.part")
    points = values = 0
    try:
        if not path.parent.exists():
            raise TransferError(f"{path} cannot be written: there is no folder {path.parent}")
        writer: Writer = ParquetWriter(unfinished) if kind == ".parquet" else LineWriter(unfinished, named=path)
        try:
            found = store.export(start_ms, stop_ms, measurements=measurements)
            while batch := list(itertools.islice(found, BATCH)):
                writer.write(batch)
                points += len(batch)
                values += sum(len(point.fields) for point in batch)
                progress(points, None)
        except BaseException:
            _abandon(writer, unfinished)
            raise
        if points:
            writer.close()
            unfinished.replace(path)
        else:
            _abandon(writer, unfinished)
    except OSError as wrong:
        raise TransferError(f"{path} cannot be written: {wrong.strerror}") from wrong
    return Exported(
        file=str(path),
        points=points,
        values=values,
        size_bytes=path.stat().st_size if points else 0,
        seconds=round(time.monotonic() - began, 2),
    )


def import_file(
    store: SeriesStore, path: Path, *, precision: str = "ms", progress: Progress = lambda _points, _share: None
) -> Imported:
    """Write every point of a file into a store. What it will not take stands in FILE.rejected.lp with the reason.

    May be run again after an interruption: a point's identity is its measurement, tags and time. `precision` is the
    unit of the times in a file of line protocol. Raises TransferError, StoreUnavailable, StoreRefused.
    """
    began = time.monotonic()
    reader = _reader(path, precision)
    counted = 0
    with _Rejects(path) as rejects:
        found = reader.read()
        while batch := list(itertools.islice(found, BATCH)):
            _store(store, batch, rejects)
            counted += len(batch)
            progress(counted, reader.share)
    return Imported(
        file=str(path),
        points=counted,
        stored=counted - rejects.count,
        rejected=rejects.count,
        rejected_file=str(rejects.path) if rejects.count else None,
        seconds=round(time.monotonic() - began, 2),
    )


class _Rejects:
    """Points that were not stored, as lines that can be mended and imported again. No file without any."""

    def __init__(self, source: Path) -> None:
        self.path = source.with_name(f"{source.name}.rejected.lp")
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, text: str, reason: str) -> None:
        """Keep a line, or a row's place, and why it was not stored."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8")
        self.count += 1
        self._file.write(f"# {' '.join(reason.split())}\n{text}\n")


def _store(store: SeriesStore, batch: Sequence[tuple[str, Point | str]], rejects: _Rejects) -> None:
    places: list[str] = []
    points: list[Point] = []
    for place, found in batch:
        if isinstance(found, Point):
            places.append(place)
            points.append(found)
        else:
            rejects.add(f"# {place}" if place.startswith("row ") else place, found)
    try:
        store.write(points)
    except PointsRejected as some:
        for index, reason in some.rejected:
            rejects.add(_shown(places[index], points[index]), reason)


def _shown(place: str, point: Point) -> str:
    """The line it came from, or one for a row; a comment where no line can say it."""
    if not place.startswith("row "):
        return place
    return f"# {place}: {point!r}" if flaws.of_point(point) else line_protocol.line(point)


def _reader(path: Path, precision: str) -> Reader:
    kind = _ending(path)
    if not path.is_file():
        raise TransferError(f"{path} is not there")
    return ParquetFile(path) if kind == ".parquet" else LineFile(path, precision=precision)


def _ending(path: Path) -> str:
    for ending in _ENDINGS:
        if path.name.endswith(ending):
            return ending
    raise TransferError(f"{path} is no file of points; its name must end in {', '.join(_ENDINGS)}")


def _abandon(writer: Writer, unfinished: Path) -> None:
    if isinstance(writer, ParquetWriter):
        writer.abandon()
    else:
        writer.close()
    unfinished.unlink(missing_ok=True)
