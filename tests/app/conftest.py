"""A line that is closed at the end of the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.line import Line, starter


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """An empty line."""
    opened = Line(starter(tmp_path))
    yield opened
    opened.close()
