"""The case store's database: opened, set up, brought to the newest tables."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoConnection

from domain.errors import ConfigError, StoreRefused, StoreUnavailable
from storage import case_postgres
from storage.case_turn import turn
from storage.sqlite import write_ahead

_BUSY_MS = 10_000
"""How long whoever wants to write waits for its turn; and then for those who know of none, as an older version."""
_WRITES = "writes"
_MIGRATES = "migrates"


def open_engine(url: str) -> Engine:
    """A database by its SQLAlchemy URL: PostgreSQL, or SQLite in a file (in memory threads would each see their own).

    Raises ConfigError for PostgreSQL without its driver.
    """
    try:
        where = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigError("the case store's url is none: postgresql+psycopg://user:password@host:5432/name") from None
    match where.get_backend_name():
        case "postgresql":
            engine = case_postgres.engine_of(where)
            event.listen(engine, "begin", _begin_postgres)
        case "sqlite":
            if not where.database or where.database == ":memory:":
                raise ValueError(f"the case store's url is {url!r}; SQLite needs a file: sqlite:////var/lib/…/cases.db")
            engine = create_engine(where)
            Path(where.database).parent.mkdir(parents=True, exist_ok=True)
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        case other:
            raise ConfigError(f"the case store's url begins with {other}; it can be postgresql+psycopg or sqlite")
    return engine


def place(url: URL) -> str:
    """Where that is, as an operator knows it; never the password."""
    if url.get_backend_name() == "postgresql":
        return case_postgres.place(url)
    return str(url.database)


@contextmanager
def writing(engine: Engine, *, migrating: bool = False) -> Iterator[Connection]:
    """A transaction that writes: it has the database's write lock from its first moment. Raises StoreUnavailable."""
    options = {_WRITES: True, _MIGRATES: migrating}
    with (
        _turn(engine, migrating=migrating),
        explained(engine),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads: one moment of the database, whoever writes meanwhile. Raises StoreUnavailable."""
    with explained(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


def migrate(engine: Engine) -> None:
    """Bring the tables to this version's, if they are not. Raises StoreRefused if a newer version has been here."""
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    newest = set(ScriptDirectory.from_config(config).get_heads())
    with reading(engine) as connection:
        if set(MigrationContext.configure(connection).get_current_heads()) == newest:
            return
    try:
        with writing(engine, migrating=True) as connection:
            _refuse_other_encodings(connection)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as wrong:
        raise StoreRefused(f"the case store, {place(engine.url)}, was written by another version: {wrong}") from wrong


def insert_into(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows `on_conflict_…`, which both databases have and SQLAlchemy's own insert has not."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _refuse_other_encodings(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if found != "UTF8":
            where = place(connection.engine.url)
            raise StoreRefused(
                f"the case store, {where}, is in {found}; make it with ENCODING 'UTF8' TEMPLATE template0"
            )


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Whatever may pass is StoreUnavailable, with where it was and what may be done; all else stays what it is."""
    try:
        yield
    except NoConnection as trouble:
        raise StoreUnavailable(f"the case store, {place(engine.url)}, has no connection free: {trouble}") from trouble
    except DBAPIError as trouble:
        if not _may_pass(trouble, engine):
            raise
        why = " ".join(str(trouble.orig).split())
        told = case_postgres.hint(trouble) if engine.dialect.name == "postgresql" else ""
        text = f"the case store, {place(engine.url)}, did not take it: {why}" + (f" ({told})" if told else "")
        raise StoreUnavailable(text) from trouble


def _may_pass(trouble: DBAPIError, engine: Engine) -> bool:
    """Whether the same may work later. What breaks a constraint, or asks for what there is not, never will."""
    if engine.dialect.name == "sqlite":
        return isinstance(trouble, OperationalError)
    passing = isinstance(trouble, OperationalError | InterfaceError | InternalError)
    return passing or (isinstance(trouble, ProgrammingError) and case_postgres.may_not(trouble))


def _turn(engine: Engine, *, migrating: bool) -> AbstractContextManager[None]:
    """PostgreSQL keeps who waits for the lock in a queue of its own."""
    if engine.dialect.name != "sqlite":
        return nullcontext()
    return turn(Path(str(engine.url.database)), (case_postgres.MIGRATION_MS if migrating else _BUSY_MS) / 1000)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin below, not where the driver guesses
    for pragma in ("synchronous = FULL", "foreign_keys = ON", _patience(_BUSY_MS)):
        connection.execute(f"PRAGMA {pragma}").close()
    write_ahead(connection)


def _patience(limit_ms: int) -> str:
    return f"busy_timeout = {limit_ms}"


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_MIGRATES, False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES, False) else "BEGIN")
        return
    connection.exec_driver_sql(f"PRAGMA {_patience(case_postgres.MIGRATION_MS)}")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA {_patience(_BUSY_MS)}")


def _begin_postgres(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(_WRITES, False):
        case_postgres.take_turn(connection, migrating=options.get(_MIGRATES, False))
