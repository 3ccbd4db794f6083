"""One `serve` judges for each case store."""

from pathlib import Path

import pytest

from config.case_store import Cases
from config.schema import Settings
from domain.errors import StoreRefused, StoreUnavailable
from storage.case_claim import Claim
from storage.case_store import CaseStore
from tests.cases.city import make_site
from tests.fakes.postgres import Postgres

pytestmark = pytest.mark.server


@pytest.fixture
def database() -> str:
    """A file has its folder's lock."""
    return "postgres"


def settings_at(folder: Path, url: str) -> Settings:
    """Of a site whose cases are there."""
    return make_site(folder).settings.model_copy(update={"cases": Cases(url=url)})


def test_a_second_one_is_told_who_has_it(tmp_path: Path, url: str) -> None:
    """By the machine and since when; commands may open the store all the same. Released, it may be had."""
    settings = settings_at(tmp_path, url)
    first, second = Claim(settings), Claim(settings)
    first.take()
    first.take()
    with pytest.raises(StoreRefused, match=r"by another `serve` \(on 127\.0\.0\.1, since 20\d\d-"):
        second.take()
    CaseStore(url).close()

    first.release()
    second.take()
    second.release()


def test_another_database_or_schema_is_another_claim(tmp_path: Path, url: str, server: Postgres) -> None:
    """Sites that share a server do not hinder each other."""
    server.run("CREATE SCHEMA north", url.rpartition("/")[2])
    urls = (url, server.url(), f"{url}?options=-csearch_path%3Dnorth", "")
    claims = [Claim(settings_at(tmp_path, each)) for each in urls]
    for claim in claims:
        claim.take()
    for claim in claims:
        claim.release()


def test_it_is_taken_again_when_the_server_is_back(tmp_path: Path, url: str, server: Postgres) -> None:
    """By the first who asks."""
    settings = settings_at(tmp_path, url)
    first, second = Claim(settings), Claim(settings)
    first.take()
    server.crash()
    with pytest.raises(StoreUnavailable):
        first.take()
    server.start()

    second.take()
    with pytest.raises(StoreRefused):
        first.take()
    second.release()
    first.take()
    first.release()
