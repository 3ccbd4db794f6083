"""Lists of the API, a page at a time: what is held in memory is paged here, and every page says where the next is."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from aiohttp import web

from domain.page import Key, Page, cursor_of, key_of, page_of

Item = TypeVar("Item")


def paged(
    items: Sequence[Item], order: str, key: Callable[[Item], Key], *, cursor: str | None, limit: int
) -> Page[Item]:
    """A page of a whole list that `key` puts in its order, ascending. Raises OrderRefused for a cursor that is none."""
    if not items:
        return Page(items=[], next=None, total=0)
    keys = sorted(((key(item), place) for place, item in enumerate(items)), key=lambda one: one[0])
    if cursor is not None:
        last = key_of(cursor, order, *(type(part) for part in keys[0][0]))
        keys = [one for one in keys if one[0] > last]
    found = [items[place] for _key, place in keys[: limit + 1]]
    follows = cursor_of(order, keys[limit - 1][0]) if len(keys) > limit else None
    return page_of(found, limit, follows, len(items))


def newest(
    found: Sequence[Item], name: str, id_of: Callable[[Item], int], limit: int, total: int | None = None
) -> Page[Item]:
    """A page of what was found below an id, the highest first, of which one more than `limit` was asked for."""
    follows = cursor_of(name, (id_of(found[limit - 1]),)) if len(found) > limit else None
    return page_of(found, limit, follows, total)


def below(cursor: str | None, name: str, before_id: int | None) -> int | None:
    """The id below which a list by id goes on: from its cursor, or as `before_id` says."""
    return before_id if cursor is None else int(key_of(cursor, name, int)[0])


def link_to(request: web.Request, cursor: str) -> str:
    """The header that leads to the page after this one (RFC 8288)."""
    query = {**request.rel_url.query, "cursor": cursor}
    query.pop("before_id", None)
    return f'<{request.rel_url.with_query(query).raw_path_qs}>; rel="next"'
