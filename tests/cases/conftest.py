"""What the book's tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases.city import Town, make_site


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town without quiet hours."""
    town = Town(make_site(tmp_path / "site"), tmp_path)
    yield town
    town.store.close()
