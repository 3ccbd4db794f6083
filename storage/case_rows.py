"""Nouns to rows and back. A table has exactly the fields of its noun as columns."""

from functools import lru_cache
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
    return msgspec.convert(dict(zip(_plain(row._fields), row, strict=True)), noun)


def part_of(row: Row[Any], table: Table, noun: type[Noun]) -> Noun:
    """One table's part of a row that joins several, as its noun."""
    mapping = row._mapping
    values = [mapping[column] for column in table.columns]
    return msgspec.convert(dict(zip(_names(table), values, strict=True)), noun)


@lru_cache(maxsize=64)
def _plain(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names that SQL reserves are no plain strings in SQLAlchemy."""
    return tuple(str(name) for name in names)


@lru_cache(maxsize=64)
def _names(table: Table) -> tuple[str, ...]:
    return tuple(str(column.name) for column in table.columns)
