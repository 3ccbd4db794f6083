"""Many rows in one statement.

SQLite's driver gives the interpreter away at every row of an `executemany`, and beside a busy thread it gets it back
only 5 ms later: 500 rows would take seconds. The text below is the same for SQLite and PostgreSQL.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Table, TextClause, text

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
        cells = [cell for row in rows[start : start + size] for cell in row]
        connection.execute(_statement(table, size), {f"c{at}": cell for at, cell in enumerate(cells)})
        start += size


@cache
def _statement(table: Table, size: int) -> TextClause:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    width = len(names)
    rows = (", ".join(f":c{at}" for at in range(row * width, (row + 1) * width)) for row in range(size))
    replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    return text(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({'), ('.join(rows)}) "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {replaced}"
    )
