"""Nouns to rows and back. A table has exactly the fields of its noun as columns."""

from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, Table

Noun = TypeVar("Noun", bound=msgspec.Struct)


def to_row(noun: msgspec.Struct, *, numbered: bool = False) -> dict[str, Any]:
    """A noun's fields as column values; with `numbered` the database gives it its id."""
    row: dict[str, Any] = msgspec.to_builtins(noun)
    if numbered:
        del row["id"]
    return row


def to_noun(row: Row[Any], noun: type[Noun]) -> Noun:
    """A whole row as its noun."""
    # Names that SQL reserves are no plain strings in SQLAlchemy.
    return msgspec.convert({str(name): value for name, value in row._mapping.items()}, noun)


def part_of(row: Row[Any], table: Table, noun: type[Noun]) -> Noun:
    """One table's part of a row that joins several, as its noun."""
    return msgspec.convert({str(column.name): row._mapping[column] for column in table.columns}, noun)
