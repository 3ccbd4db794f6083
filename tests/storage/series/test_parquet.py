"""Parquet as others see it: DuckDB reads what we write, and we read what DuckDB writes."""

import subprocess
import sys
from pathlib import Path

import pytest

from domain.errors import TransferError
from domain.point import Point
from domain.reading import Value
from storage.series.parquet import ParquetFile, ParquetWriter, library

T0 = 1_760_000_000_123
pq = library().parquet


def point(at_ms: int = T0, *, m: str = "tree", device: str = "t", **fields: Value) -> Point:
    """A point of one device."""
    return Point(measurement=m, tags=(("device_id", device), ("site_id", "demo")), fields=fields, at_ms=at_ms)


def written(path: Path, *batches: list[Point]) -> Path:
    """A file of these points."""
    writer = ParquetWriter(path)
    for batch in batches:
        writer.write(batch)
    writer.close()
    return path


def read(path: Path) -> list[Point | str]:
    """What a file holds."""
    return [found for _, found in ParquetFile(path).read()]


def test_columns_are_named_and_typed_as_one_would_like(tmp_path: Path) -> None:
    """time with its zone, measurement, tags as text, metrics by type; null for what a point doesn't have."""
    path = written(tmp_path / "a.parquet", [point(tilt_deg=1.5, smoke=True), point(T0 + 1, m="charger", charge_min=7)])
    file = pq.ParquetFile(path)
    assert {field.name: str(field.type) for field in file.schema_arrow} == {
        "time": "timestamp[ms, tz=UTC]",
        "measurement": "string",
        "device_id": "string",
        "site_id": "string",
        "tilt_deg": "double",
        "smoke": "bool",
        "charge_min": "int64",
    }
    rows = file.read().to_pylist()
    assert [(row["measurement"], row["tilt_deg"], row["smoke"], row["charge_min"]) for row in rows] == [
        ("charger", None, None, 7),
        ("tree", 1.5, True, None),
    ]
    assert file.num_row_groups == 2


def test_columns_that_turn_up_late_are_in_the_whole_file(tmp_path: Path) -> None:
    """A metric first seen after the first hundred thousand points: one file, one schema, nothing left over."""
    early = [point(T0 + index, a=float(index)) for index in range(50_000)]
    late = [point(T0 + 50_000 + index, a=0.5, late=index) for index in range(50_000)]
    path = written(tmp_path / "a.parquet", early, late, [point(T0 + 200_000, m="other", on=True)])
    assert [file.name for file in tmp_path.iterdir()] == ["a.parquet"]
    assert pq.read_metadata(path).num_rows == 100_001
    found = read(path)
    assert found[0] == early[0]
    assert found[50_000] == late[0]
    assert found[-1] == point(T0 + 200_000, m="other", on=True)


def test_duckdb_and_we_read_each_other(tmp_path: Path) -> None:
    """By SQL without a word about the schema; a file DuckDB wrote, with integers of any width and no zone, comes in."""
    duckdb = pytest.importorskip("duckdb")
    path = written(tmp_path / "a.parquet", [point(T0 + i, device=f"t-{i % 2}", a=float(i)) for i in range(10)])
    with duckdb.connect() as db:
        found = db.execute(
            f"SELECT device_id, avg(a), epoch_ms(min(time)) FROM '{path}' GROUP BY 1 ORDER BY 1"
        ).fetchall()
        assert found == [("t-0", 4.0, T0), ("t-1", 5.0, T0 + 1)]
        theirs = tmp_path / "theirs.parquet"
        db.execute(
            "COPY (SELECT TIMESTAMP '2026-11-22 12:00:00.5' AS time, 'tree' AS measurement, 'd' AS device_id, "
            f"3::TINYINT AS n, 2.5::FLOAT AS a, NULL::BOOLEAN AS on) TO '{theirs}' (FORMAT parquet)"
        )
    assert read(theirs) == [
        Point(measurement="tree", tags=(("device_id", "d"),), fields={"n": 3, "a": 2.5}, at_ms=1_795_348_800_500)
    ]


def test_files_that_are_something_else_are_refused(tmp_path: Path) -> None:
    """No Parquet at all; no time; a column of dates."""
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "a.parquet"
    path.write_text("nothing of the kind")
    with pytest.raises(TransferError, match="is not a Parquet file"):
        ParquetFile(path)
    for columns, said in (
        ("1 AS time, 'tree' AS measurement", "must have time"),
        ("now() AS time, 'tree' AS measurement, DATE '2026-01-01' AS planted", "column 'planted' is date32"),
    ):
        with duckdb.connect() as db:
            db.execute(f"COPY (SELECT {columns}) TO '{path}' (FORMAT parquet)")
        with pytest.raises(TransferError, match=said):
            ParquetFile(path)


def test_without_the_library_it_says_what_to_install(tmp_path: Path) -> None:
    """In a process that has no pyarrow."""
    program = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from pathlib import Path\nfrom domain.errors import TransferError\n"
        "from storage.series.parquet import ParquetWriter\n"
        "try:\n    ParquetWriter(Path(sys.argv[1]))\nexcept TransferError as wrong:\n    print(wrong)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "a.parquet")], capture_output=True, text=True, check=True
    )
    assert "pip install 'longcheng[parquet]'" in said.stdout
