"""What the book's tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from domain.case import CaseState
from domain.finding import Change
from tests.cases.city import Town, clock_ms, leaning, make_site
from tests.cases.desks import Desk, the_case


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A town without quiet hours."""
    town = Town(make_site(tmp_path / "site"), tmp_path)
    yield town
    town.store.close()


@pytest.fixture
def desk(town: Town) -> Desk:
    """王工 in a town where a tree has begun to lean: a case of its sub-district's team, with time until Monday."""
    town.record(leaning(Change.RAISED, clock_ms("23 09:00")))
    town.record(leaning(Change.RESOLVED, clock_ms("23 09:30")))
    with town.store.transaction() as tx:
        tx.save_case(replace(the_case(town), state=CaseState.PENDING_HANDLE))
    return Desk(town)
