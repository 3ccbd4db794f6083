"""The tables of a case store by version: taken back, and read or filled without knowing them."""

from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Boolean, Float, Integer, LargeBinary, MetaData, Table, insert, select

from storage.case_engine import open_engine, reading, writing

Rows = dict[str, list[dict[str, Any]]]
"""By table."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    return config


REVISIONS = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]
"""All, from the first to the newest."""


def move(url: str, revision: str) -> None:
    """Make the tables those of a version, from an older or from a newer one."""
    config, engine = _config(), open_engine(url)
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        (command.downgrade if revision == "base" else command.upgrade)(config, revision)
    engine.dispose()


def take_back(url: str, revision: str) -> None:
    """Make the tables those of an older version."""
    config, engine = _config(), open_engine(url)
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
    engine.dispose()


def fill(url: str) -> Rows:
    """A row in every table, with a value in every column. Returns them."""
    engine, metadata = open_engine(url), MetaData()
    metadata.reflect(engine)
    written: Rows = {}
    with writing(engine) as connection:
        for table in metadata.sorted_tables:
            if table.name != "alembic_version":
                written[table.name] = [_row(table)]
                connection.execute(insert(table), written[table.name])
    engine.dispose()
    return written


def _row(table: Table) -> dict[str, Any]:
    values: tuple[tuple[type, Any], ...] = (
        (LargeBinary, b"\x00\xff"),
        (Boolean, True),
        (BigInteger, 2**40),
        (Integer, 3),
        (Float, 0.1),
    )
    row = {
        column.name: next((value for kind, value in values if isinstance(column.type, kind)), f'{{"{column.name}":1}}')
        for column in table.columns
    }
    for key in table.foreign_keys:
        row[key.parent.name] = 7 if isinstance(key.parent.type, Integer) else "7"
    if "id" in row:
        row["id"] = 7 if isinstance(table.c.id.type, Integer) else "7"
    return row


def held(url: str) -> Rows:
    """Everything that is in it."""
    engine, metadata = open_engine(url), MetaData()
    metadata.reflect(engine)
    with reading(engine) as connection:
        found = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
        }
    engine.dispose()
    found.pop("alembic_version", None)
    return found
