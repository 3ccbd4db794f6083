"""A line whose site is its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.backup.archives import own_site
from tests.app.line import Line


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A line of a site of its own, and its data folder in the environment."""
    monkeypatch.setenv("LONGCHENG_DATA", str(tmp_path / "data"))
    opened = Line(own_site(tmp_path))
    yield opened
    opened.close()
