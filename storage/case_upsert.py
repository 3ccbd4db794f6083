"""Many rows in one statement.

SQLite's driver gives the interpreter away at every row of an `executemany`, and beside a busy thread it gets it back
only 5 ms later: 500 rows would take seconds. There each row has places of its own in the text. PostgreSQL would parse
that text anew each time; it gets an array for each column instead, and always the same text.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

_MOST = 1024
_MOST_IN_ARRAYS = 16_384

Cell = str | int | float | bytes | None


def upsert(connection: Connection, table: Table, rows: Sequence[Sequence[Cell]]) -> None:
    """Insert rows, each in the order of the table's columns, or replace those with the same primary key.

    No primary key may stand in `rows` twice.
    """
    if connection.dialect.name == "postgresql":
        for start in range(0, len(rows), _MOST_IN_ARRAYS):
            columns = tuple(list(column) for column in zip(*rows[start : start + _MOST_IN_ARRAYS], strict=True))
            connection.exec_driver_sql(_of_arrays(table), columns)
        return
    start = 0
    while start < len(rows):
        # Powers of two, so that there are few different statements and each is prepared once.
        size = min(_MOST, 1 << ((len(rows) - start).bit_length() - 1))
        cells = tuple(cell for row in rows[start : start + size] for cell in row)
        connection.exec_driver_sql(_of_rows(table, size), cells)
        start += size


@cache
def _of_rows(table: Table, size: int) -> str:
    row = f"({', '.join('?' for _ in table.columns)})"
    return _statement(table, f"VALUES {', '.join([row] * size)}")


@cache
def _of_arrays(table: Table) -> str:
    kinds = [column.type.compile(dialect=postgresql.dialect()) for column in table.columns]  # type: ignore[no-untyped-call]
    return _statement(table, f"SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in kinds)})")


def _statement(table: Table, rows: str) -> str:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) {rows} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {replaced}"
    )
