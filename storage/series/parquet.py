"""Points as Parquet: one row a point, readable by DuckDB, pandas, Polars and Spark as it is.

Columns: `time` (timestamp, milliseconds, UTC), `measurement`, one text column for each tag, and one for each field,
typed by its values (double, int64, bool). What a point doesn't have is null. Each row group holds points of one
measurement.
A name that two things share (a tag and a field, or a field that is a number here and a switch there) gets the second
column `name:type`; what a column is really called stands in its metadata, so that a file comes back as it was.
"""

import importlib
import itertools
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from domain.errors import TransferError
from domain.point import Point
from domain.reading import Value

_ROWS_AT_ONCE = 50_000
_READ_AT_ONCE = 5000
_MAX_REMEMBERED = 1 << 16
_NAME_KEY = b"longcheng.name"


class _Column(Struct, frozen=True):
    """A tag, or a field of one type."""

    label: str
    is_tag: bool
    name: str
    type: str


def library() -> Any:
    """pyarrow with its Parquet part. Raises TransferError where it is not installed."""
    try:
        importlib.import_module("pyarrow.parquet")
        return importlib.import_module("pyarrow")
    except ImportError:
        raise TransferError("Parquet files need pyarrow: pip install 'longcheng[parquet]'") from None


class ParquetWriter:
    """Writes points into one file. Columns that turn up later begin another part; `close` joins the parts."""

    def __init__(self, path: Path) -> None:
        self._pa = library()
        self._path = path
        self._columns: dict[tuple[bool, str, str], _Column] = {}
        self._labels = {"time", "measurement"}
        self._waiting: list[Point] = []
        self._parts: list[Path] = []
        self._writer: Any = None

    def write(self, points: Sequence[Point]) -> None:
        """Add points."""
        self._waiting += points
        if len(self._waiting) >= _ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Finish the file."""
        self._flush()
        self._end_part()
        if len(self._parts) == 1:
            self._parts[0].replace(self._path)
            return
        with self._pa.parquet.ParquetWriter(self._path, self._schema(), compression="zstd") as joined:
            for part in self._parts:
                with self._pa.parquet.ParquetFile(part) as file:
                    for group in range(file.num_row_groups):
                        joined.write_table(self._widened(file.read_row_group(group)))
                part.unlink()

    def abandon(self) -> None:
        """Let go of everything that was written."""
        if self._writer is not None:
            self._writer.close()
        for part in self._parts:
            part.unlink(missing_ok=True)

    def _flush(self) -> None:
        points, self._waiting = self._waiting, []
        if self._learn(points) or self._writer is None:
            self._end_part()
            part = self._path.with_name(f"{self._path.name}.{len(self._parts)}")
            self._parts.append(part)
            self._writer = self._pa.parquet.ParquetWriter(part, self._schema(), compression="zstd")
        for _, group in itertools.groupby(sorted(points, key=_measurement), key=_measurement):
            self._writer.write_table(self._table(list(group)))

    def _end_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _learn(self, points: Sequence[Point]) -> bool:
        """Whether there are columns that no point had before."""
        before = len(self._columns)
        seen = {(True, key, "string") for point in points for key, _ in point.tags}
        seen |= {(False, name, _type(value)) for point in points for name, value in point.fields.items()}
        for is_tag, name, type_name in sorted(seen - self._columns.keys(), reverse=True):  # tags first
            label = name if name not in self._labels else f"{name}:{type_name}"
            while label in self._labels:
                label += "'"
            self._labels.add(label)
            self._columns[is_tag, name, type_name] = _Column(label, is_tag, name, type_name)
        return len(self._columns) > before

    def _schema(self) -> Any:
        pa = self._pa
        types = {"string": pa.string(), "double": pa.float64(), "int64": pa.int64(), "bool": pa.bool_()}
        return pa.schema(
            [
                pa.field("time", pa.timestamp("ms", tz="UTC"), nullable=False),
                pa.field("measurement", pa.string(), nullable=False),
                *(
                    pa.field(column.label, types[column.type], metadata={_NAME_KEY: column.name.encode()})
                    for column in self._columns.values()
                ),
            ]
        )

    def _table(self, points: Sequence[Point]) -> Any:
        cells: dict[str, list[Value | str | None]] = {}
        for row, point in enumerate(points):
            for key, text in point.tags:
                label = self._columns[True, key, "string"].label
                (cells.get(label) or cells.setdefault(label, [None] * len(points)))[row] = text
            for name, value in point.fields.items():
                label = self._columns[False, name, _type(value)].label
                (cells.get(label) or cells.setdefault(label, [None] * len(points)))[row] = value
        pa, schema = self._pa, self._schema()
        arrays = [
            pa.array([point.at_ms for point in points], schema.field("time").type),
            pa.array([point.measurement for point in points], pa.string()),
        ]
        for field in list(schema)[2:]:
            held = cells.get(field.name)
            arrays.append(pa.nulls(len(points), field.type) if held is None else pa.array(held, field.type))
        return pa.Table.from_arrays(arrays, schema=schema)

    def _widened(self, table: Any) -> Any:
        schema = self._schema()
        arrays = [
            table[field.name] if field.name in table.column_names else self._pa.nulls(len(table), field.type)
            for field in schema
        ]
        return self._pa.Table.from_arrays(arrays, schema=schema)


class ParquetFile:
    """Points of one file. `share` of it, 0 to 1, has been read so far."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises TransferError if it is no such file, or lacks a column that a point must have."""
        self._pa = library()
        self._path = path
        # A series is found faster by tags that are one object for all its points.
        self._tags: dict[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]] = {}
        self.share = 0.0
        try:
            with self._pa.parquet.ParquetFile(path) as file:
                self._columns = self._understood(file.schema_arrow)
                self._rows = max(file.metadata.num_rows, 1)
        except self._pa.ArrowException as wrong:
            raise TransferError(f"{path} is not a Parquet file: {wrong}") from None

    def read(self) -> Iterator[tuple[str, Point | str]]:
        """Each row's place, with its point or with what is wrong with it."""
        row, pa = 0, self._pa
        with pa.parquet.ParquetFile(self._path) as file:
            for batch in file.iter_batches(batch_size=_READ_AT_ONCE):
                cells = {column.label: batch.column(column.label).to_pylist() for column in self._columns}
                times = batch.column("time").cast(pa.timestamp("ms", "UTC"), safe=False).cast(pa.int64()).to_pylist()
                names = batch.column("measurement").to_pylist()
                for index, (at_ms, name) in enumerate(zip(times, names, strict=True)):
                    if at_ms is None or name is None:
                        yield f"row {row + index}", "the row has no time, or no measurement"
                    else:
                        yield f"row {row + index}", self._point(name, at_ms, cells, index)
                row += batch.num_rows
                self.share = row / self._rows

    def _point(self, measurement: str, at_ms: int, cells: dict[str, list[Any]], index: int) -> Point:
        tags: dict[str, str] = {}
        fields: dict[str, Value] = {}
        for column in self._columns:
            value = cells[column.label][index]
            if value is None or (isinstance(value, float) and math.isnan(value)):
                continue
            if column.is_tag:
                tags[column.name] = value
            else:
                fields[column.name] = value
        key = tuple(sorted(tags.items()))
        if len(self._tags) >= _MAX_REMEMBERED:
            self._tags.clear()
        return Point(measurement=measurement, tags=self._tags.setdefault(key, key), fields=fields, at_ms=at_ms)

    def _understood(self, schema: Any) -> list[_Column]:
        types = self._pa.types
        if not {"time", "measurement"} <= set(schema.names) or not types.is_timestamp(schema.field("time").type):
            raise TransferError(
                f"{self._path} has the columns {', '.join(schema.names)}; it must have time (a timestamp) "
                "and measurement (a text), and tags and fields as it likes"
            )
        columns = []
        for field in schema:
            if field.name in {"time", "measurement"}:
                continue
            kind = field.type
            is_tag = types.is_string(kind) or types.is_large_string(kind) or types.is_dictionary(kind)
            if not (is_tag or types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)):
                raise TransferError(
                    f"{self._path}: column {field.name!r} is {kind}; it must be a text, a number or a boolean"
                )
            name = (field.metadata or {}).get(_NAME_KEY, field.name.encode()).decode()
            columns.append(_Column(field.name, is_tag, name, str(kind)))
        return columns


def _measurement(point: Point) -> str:
    return point.measurement


def _type(value: Value) -> str:
    return {float: "double", int: "int64", bool: "bool"}[type(value)]
