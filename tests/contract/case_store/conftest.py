"""An empty case store on each database, for the suites that it must pass on both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.case_store import CaseStore
from tests.fakes.postgres import Postgres, postgres

DATABASES = ["sqlite", pytest.param("postgres", marks=pytest.mark.server)]


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    """One PostgreSQL for all tests; each has databases of its own."""
    with postgres() as running:
        yield running


@pytest.fixture(scope="session")
def template(server: Postgres) -> str:
    """The words that make a new database with the tables in it: a copy of one that a store has made."""
    url = server.new_database()
    CaseStore(url).close()
    return f"TEMPLATE {url.rpartition('/')[2]}"


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Which it is: `sqlite` or `postgres`."""
    return str(request.param)


@pytest.fixture
def empty_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without any table."""
    with _new(database, tmp_path, request, "") as made:
        yield made


@pytest.fixture
def url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database in which a store finds no row."""
    template = request.getfixturevalue("template") if database == "postgres" else ""
    with _new(database, tmp_path, request, template) as made:
        yield made


@contextmanager
def _new(database: str, folder: Path, request: pytest.FixtureRequest, more: str) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder / 'cases.db'}"
        return
    server: Postgres = request.getfixturevalue("server")
    made = server.new_database(more)
    yield made
    server.drop(made)


@pytest.fixture
def store(url: str) -> Iterator[CaseStore]:
    """An empty store."""
    opened = CaseStore(url)
    yield opened
    opened.close()
