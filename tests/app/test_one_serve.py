"""One `serve` for each case store on PostgreSQL: two would send notices twice, whoever of them judges."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.backup.postgres import put_back
from app.lifecycle import Lifecycle
from app.stores import open_stores
from domain.clock import SystemClock
from domain.errors import StoreRefused
from tests.app.test_commands_on_postgres import site_at
from tests.fakes.postgres import Postgres, postgres

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Nobody but this file uses it."""
    with postgres() as running:
        yield running


async def test_no_other_gets_in_while_nobody_judges(tmp_path: Path, server: Postgres) -> None:
    """From the start until the judge has begun, and from its death until the next one's beginning: neither a `serve`
    nor a restore. Once this one has ended, another may."""
    url = server.new_database()
    first, second = (site_at(tmp_path / name, url) for name in ("first", "second"))
    life, other = Lifecycle(), Lifecycle()
    try:
        open_stores(first, SystemClock(), life).claim.release()  # as when its judge is to begin
        with pytest.raises(StoreRefused, match=r"by another `serve` \(on 127\.0\.0\.1, since 20"):
            open_stores(second, SystemClock(), other)
        with pytest.raises(StoreRefused, match="by another `serve`"):
            put_back(second.settings, tmp_path / "none.dump", replace=True)
        await other.stop()
        await life.stop()
        open_stores(second, SystemClock(), other)
    finally:
        await life.stop()
        await other.stop()
