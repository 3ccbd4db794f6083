"""A file of the former format opens as if it were today's."""

import sqlite3
from pathlib import Path

import pytest

from domain.errors import StoreRefused
from storage.series.embedded import EmbeddedSeries

T0 = 1_760_000_000_000
_FORMER = """
CREATE TABLE series (id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL, UNIQUE (measurement, tags));
CREATE TABLE columns (
    id INTEGER PRIMARY KEY, series_id INTEGER NOT NULL, field TEXT NOT NULL, type TEXT NOT NULL,
    UNIQUE (series_id, field)
);
CREATE TABLE points (
    series_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, fields TEXT NOT NULL, PRIMARY KEY (series_id, at_ms)
) WITHOUT ROWID;
INSERT INTO series VALUES (1, 'tree', '[["device_id","银杏"],["site_id","demo"]]'), (2, 'tree', '[["device_id","b"]]');
INSERT INTO columns VALUES (1, 1, 'tilt_deg', 'float'), (2, 1, 'smoke', 'bool'), (3, 2, 'tilt_deg', 'float'),
    (4, 2, 'n', 'int');
INSERT INTO points VALUES (1, 1760000000000, '{"1":1.5,"2":true}'), (1, 1760000000001, '{"1":2.0}'),
    (2, 1760000000000, '{"3":-1,"4":9007199254740993}');
"""


def former(path: Path) -> Path:
    """A small file as the former version left it, with its write-ahead log."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(_FORMER)
    connection.close()
    return path


def test_everything_is_moved_over(tmp_path: Path) -> None:
    """Points, tags, types; and what is written then stands beside it. Opened again, nothing is moved twice."""
    path = former(tmp_path / "series.db")
    (tmp_path / "series.db.new").write_text("left over from a crash")
    for _ in range(2):
        store = EmbeddedSeries(path)
        assert store.count() == 5
        assert store.latest("tree", {"site_id": "demo"}) == {"tilt_deg": (T0 + 1, 2.0), "smoke": (T0, True)}
        found = store.latest("tree", {"device_id": "b"})
        assert found == {"tilt_deg": (T0, -1.0), "n": (T0, 9007199254740993)}
        assert {type(value) for _, value in found.values()} == {float, int}
        store.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["series.db", "series.db.lock"]


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    """An older program must not write into it; the message says which file and what is understood."""
    path = former(tmp_path / "series.db")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreRefused, match=r"series\.db has format 99"):
        EmbeddedSeries(path)
