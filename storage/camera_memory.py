"""What a camera's next look must know about its last ones."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from storage.sqlite import Database

_SCHEMA = "CREATE TABLE IF NOT EXISTS memories (camera_id TEXT PRIMARY KEY, memory BLOB NOT NULL);"
_SAVE = """
INSERT INTO memories (camera_id, memory) VALUES (?, ?)
ON CONFLICT (camera_id) DO UPDATE SET memory = excluded.memory
"""


class CameraMemories:
    """One memory, as bytes, for each camera; the newest wins. A power cut may undo the last saves, a crash none."""

    def __init__(self, path: Path) -> None:
        self._db = Database(path, _SCHEMA, synchronous="NORMAL")

    def load(self, camera_id: str) -> bytes | None:
        """A camera's memory; None if it has none."""
        row = self._db.reader().execute("SELECT memory FROM memories WHERE camera_id = ?", (camera_id,)).fetchone()
        return None if row is None else bytes(row[0])

    def each(self) -> Iterator[bytes]:
        """Every memory, one after the other: together they are too large to be held at once."""
        for (memory,) in self._db.reader().execute("SELECT memory FROM memories"):
            yield bytes(memory)

    def save(self, memories: Mapping[str, bytes]) -> None:
        """Keep these memories by camera_id, all or none."""
        with self._db.transaction() as connection:
            connection.executemany(_SAVE, memories.items())

    def close(self) -> None:
        """Close the file. No thread may use it any more."""
        self._db.close()
