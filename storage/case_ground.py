"""Conditions on places and texts, for both databases."""

import operator
from collections.abc import Collection, Sequence
from functools import reduce
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Select, Text, and_, any_, bindparam, false, func, or_, select

from domain.ground import Ground

_FEW: Final = 8


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
    *,
    one_by_one: bool = False,
) -> ColumnElement[bool]:
    """Whether a row's thing lies on a ground.

    `one_by_one` names each of a few sub-districts: who plans the query sees how few they are, and takes an index that
    begins with them.
    """
    no_other = or_(shop_id.is_(None), ~among(dialect, shop_id, ground.elsewhere))
    # What excludes most is asked first: of all the city's things few are here.
    placed = or_(among(dialect, shop_id, ground.shops), and_(among(dialect, device_id, ground.devices), no_other))
    if sub_district is None:
        return placed
    streets = among(dialect, sub_district, ground.sub_districts)
    if one_by_one and 0 < len(ground.sub_districts) <= _FEW:
        streets = sub_district.in_(sorted(ground.sub_districts))
    return or_(streets, and_(sub_district.is_(None), placed))


def how_many_lie_in(
    dialect: str,
    ground: Ground,
    device_id: ColumnElement[Any],
    shop_id: ColumnElement[Any],
    where: Sequence[ColumnElement[bool]],
) -> Select[int]:
    """Counts the rows that `lies_in` holds for, by an index that begins with the shop: no row elsewhere is looked at.

    Those of the ground's shops; those of no shop, and those of one that no register has, by their device. Which shops
    these are is asked of the index by going from each shop to the next.
    """
    each = select(func.min(shop_id).label("shop")).cte("each_shop", recursive=True)
    following = select(func.min(shop_id)).where(shop_id > each.c.shop).scalar_subquery()
    each = each.union_all(select(following).where(each.c.shop.is_not(None)))
    known = among(dialect, each.c.shop, ground.shops | ground.elsewhere)
    unknown = shop_id.in_(select(each.c.shop).where(each.c.shop.is_not(None), ~known))
    there = among(dialect, device_id, ground.devices)
    parts = ((among(dialect, shop_id, ground.shops),), (shop_id.is_(None), there), (unknown, there))
    counts = (select(func.count()).where(*part, *where).scalar_subquery() for part in parts)
    return select(reduce(operator.add, counts))


def has_text(dialect: str, column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Whether a column has a text in it, in whatever case of its letters."""
    pattern = "".join(f"\\{sign}" if sign in "\\%_" else sign for sign in text)
    # SQLite's LIKE takes letters of either case as the same already.
    like = column.like if dialect == "sqlite" else column.ilike
    return like(f"%{pattern}%", escape="\\")
