"""Conditions on places and texts, for both databases."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, bindparam, false, func, or_, select

from domain.ground import Ground


def among(dialect: str, column: ColumnElement[Any], values: Collection[str]) -> ColumnElement[bool]:
    """Whether a column has one of these, however many they are: they are one parameter."""
    if not values:
        return false()
    if dialect == "sqlite":
        told = func.json_each(msgspec.json.encode(sorted(values)).decode()).table_valued("value")
        return column.in_(select(told.c.value))
    return column == any_(bindparam(None, sorted(values), type_=ARRAY(Text), unique=True))


def lies_in(
    dialect: str,
    ground: Ground,
    device_id: ColumnElement[Any],
    shop_id: ColumnElement[Any],
    sub_district: ColumnElement[Any] | None = None,
) -> ColumnElement[bool]:
    """Whether a row's thing lies on a ground."""
    no_other = or_(shop_id.is_(None), ~among(dialect, shop_id, ground.elsewhere))
    # What excludes most is asked first: of all the city's things few are here.
    placed = or_(among(dialect, shop_id, ground.shops), and_(among(dialect, device_id, ground.devices), no_other))
    if sub_district is None:
        return placed
    return or_(among(dialect, sub_district, ground.sub_districts), and_(sub_district.is_(None), placed))


def has_text(dialect: str, column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column has a text in it, in whatever case of its letters."""
    pattern = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in text)
    # SQLite's LIKE takes letters of either case as the same already.
    like = column.like if dialect == "sqlite" else column.ilike
    return like(f"%{pattern}%", escape="\\")
