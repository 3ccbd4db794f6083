"""A case store that takes nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """As long as the block lasts; what is there can be read."""
    with closing(sqlite3.connect(folder / "cases.db", timeout=10, isolation_level=None)) as other:
        other.execute("ALTER TABLE alarm_changes RENAME TO gone")
        try:
            yield
        finally:
            other.execute("ALTER TABLE gone RENAME TO alarm_changes")
