"""A month that the real book has lived through, and the bulletin of it."""

import random
from collections.abc import Iterator

import pytest

from cases.kpi.bulletin import Bulletin, make_bulletin
from cases.kpi.period import Period, Span
from storage.case_store import CaseStore
from tests.fakes.invented_month import Month, make_city

TEXT = "2026-10"


@pytest.fixture(scope="session")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """Eighteen shops in October 2026."""
    folder = tmp_path_factory.mktemp("month")
    site = make_city(folder, shops_a_road=2)
    (folder / "data").mkdir()
    store = CaseStore(f"sqlite:///{folder / 'data' / 'cases.db'}")
    month = Month(site, store, random.Random(11))
    period = Period.read(Span.MONTH, TEXT, site.timezone)
    month.invent(period, each_shop=4)
    month.live(period, chargers=8)
    yield month
    store.close()


@pytest.fixture(scope="session")
def bulletin(month: Month) -> Bulletin:
    """As of the next morning."""
    period = Period.read(Span.MONTH, TEXT, month.site.timezone)
    return make_bulletin(month.store, month.site, period, period.to_ms + 8 * 3_600_000)
