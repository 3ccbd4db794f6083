"""Many rows in one statement.

SQLite's driver gives the interpreter away at every row of an `executemany`, and beside a busy thread it gets it back
only 5 ms later: 500 rows would take seconds. The text below is the same for SQLite and PostgreSQL.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Table

_MOST = 1024

Cell = str | int | bytes | None


def upsert(connection: Connection, table: Table, rows: Sequence[Sequence[Cell]]) -> None:
    """Insert rows, each in the order of the table's columns, or replace those with the same primary key.

    No primary key may stand in `rows` twice.
    """
    start = 0
    while start < len(rows):
        # Powers of two, so that there are few different statements and each is prepared once.
        size = min(_MOST, 1 << ((len(rows) - start).bit_length() - 1))
        cells = tuple(cell for row in rows[start : start + size] for cell in row)
        connection.exec_driver_sql(_statement(table, size, connection.dialect.paramstyle), cells)
        start += size


@cache
def _statement(table: Table, size: int, paramstyle: str) -> str:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    place = "?" if paramstyle == "qmark" else "%s"
    row = f"({', '.join([place] * len(names))})"
    replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * size)} "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {replaced}"
    )
