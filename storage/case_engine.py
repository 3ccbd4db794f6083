"""The case store's database: opened, set up, brought to the newest tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from domain.errors import StoreRefused, StoreUnavailable

_BUSY_MS = 5000
_WRITES = "writes"


def open_engine(url: str) -> Engine:
    """A database by its SQLAlchemy URL; SQLite in a file (never in memory: threads would each see their own)."""
    where = make_url(url)
    engine = create_engine(where)
    if engine.dialect.name == "sqlite":
        if not where.database or where.database == ":memory:":
            raise ValueError(f"the case store's url is {url!r}; SQLite needs a file: sqlite:////var/lib/…/cases.db")
        Path(where.database).parent.mkdir(parents=True, exist_ok=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: it has the database's write lock from its first moment. Raises StoreUnavailable."""
    with _explained(), engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads: one moment of the database, whoever writes meanwhile. Raises StoreUnavailable."""
    with _explained(), engine.connect() as connection:
        yield connection


def migrate(engine: Engine) -> None:
    """Bring the tables to this version's. Raises StoreRefused if a newer version has been here."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as wrong:
            where = engine.url.render_as_string(hide_password=True)
            raise StoreRefused(f"the case store {where} was written by another version: {wrong}") from wrong


def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows `on_conflict_…`, which both databases have and SQLAlchemy's own insert has not."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except OperationalError as trouble:
        raise StoreUnavailable(f"the case store did not take it: {trouble.orig}") from trouble


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin below, not where the driver guesses
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {_BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
