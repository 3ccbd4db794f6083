"""Files of every store, in a folder of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.journal import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty journal of 64 MiB."""
    opened = Journal(tmp_path / "journal.db", max_bytes=64 << 20)
    yield opened
    opened.close()
