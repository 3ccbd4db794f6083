"""Which case store a site has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, inspect, make_url

from config.schema import Settings
from storage import case_engine
from storage.accounts import AccountStore
from storage.case_engine import open_engine, reading
from storage.case_store import CaseStore
from storage.sqlite import open_readonly


def open_cases(settings: Settings, *, serves: bool = False) -> CaseStore:
    """The database that `cases.url` names, else the file in the data folder. Its tables are made, or brought up.

    Who `serves` says in it whether there is a platform, as its own settings have it. Every other process goes by
    that, for its shell may lack the variables that the settings are filled in from.

    Raises ConfigError for PostgreSQL without its driver; StoreUnavailable if it can't be reached; StoreRefused if a
    newer version has written there, or we may not make tables.
    """
    return CaseStore(_url(settings), platform=bool(settings.platform.url) if serves else None)


def open_accounts(settings: Settings) -> AccountStore:
    """The accounts, in the same database as the cases; it is made if there is none. Raises as `open_cases`."""
    return AccountStore(_url(settings))


@contextmanager
def known_cases(settings: Settings) -> Iterator[CaseStore | None]:
    """The case store for a command, beside `serve` or without it; None where none has been made, and none is made."""
    if not _is_made(settings):
        yield None
        return
    store = open_cases(settings)
    try:
        yield store
    finally:
        store.close()


def place_of_cases(settings: Settings) -> str:
    """Where it is, or would be, as an operator knows it; never the password."""
    return case_engine.place(make_url(_url(settings)))


@contextmanager
def readonly_cases(settings: Settings) -> Iterator[Engine | None]:
    """The database as it is, whatever version's its tables are; None where none has been made. Nothing is written."""
    if not _is_made(settings):
        yield None
        return
    path = _path(settings)
    if settings.cases.url:
        engine = open_engine(settings.cases.url)
    else:
        engine = create_engine(_url(settings), creator=lambda: open_readonly(path), poolclass=NullPool)
    try:
        yield engine
    finally:
        engine.dispose()


def _url(settings: Settings) -> str:
    return settings.cases.url or f"sqlite:///{_path(settings)}"


def _path(settings: Settings) -> Path:
    return settings.data_dir / "cases.db"


def _is_made(settings: Settings) -> bool:
    if not settings.cases.url:
        return _path(settings).is_file()
    engine = open_engine(settings.cases.url)
    try:
        with reading(engine) as connection:
            return inspect(connection).has_table("alembic_version")
    finally:
        engine.dispose()
