"""Long lists, a page at a time. A cursor says after which item the next page begins, so that none is told twice or
left out because others came meanwhile."""

import base64
import binascii
from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from domain.errors import OrderRefused

Item = TypeVar("Item")
Key = tuple[int | str, ...]
"""What a list is ordered by, of one item: it differs from that of every other."""
_LONGEST = 1000
_LARGEST = 2**63 - 1


class Page(Struct, Generic[Item], frozen=True, kw_only=True):
    """Some items of a list, in its order."""

    items: Sequence[Item]
    next: str | None
    """The cursor of the page after this one; None if nothing comes after it."""
    total: int | None = None
    """How many items all pages have, as they are now; None where nobody counted them."""


def cursor_of(order: str, key: Key) -> str:
    """The text that says: after the item with this key, in this order. Safe in an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode([order, *key])).decode().rstrip("=")


def key_of(cursor: str, order: str, *parts: type[int | str]) -> Key:
    """The key in a cursor, each part of the type it has to have. Raises OrderRefused for a cursor of another order."""
    if len(cursor) > _LONGEST:
        raise _refused(cursor, "is none of ours")
    try:
        whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        named, *key = msgspec.json.decode(whole, type=list[int | str])
    except (ValueError, binascii.Error, msgspec.MsgspecError):
        raise _refused(cursor, "is none of ours") from None
    if named != order or [type(part) for part in key] != list(parts):
        raise _refused(cursor, "is of another list, or of another order of it")
    if any(abs(part) > _LARGEST if isinstance(part, int) else "\0" in part for part in key):
        raise _refused(cursor, "is none of ours")
    return tuple(key)


def page_of(found: Sequence[Item], limit: int, cursor: str | None, total: int | None = None) -> Page[Item]:
    """A page of what was found, of which one more was asked for than `limit`; `cursor` is that of its last item."""
    return Page(items=found[:limit], next=cursor if len(found) > limit else None, total=total)


def _refused(cursor: str, why: str) -> OrderRefused:
    return OrderRefused(
        f"cursor {cursor[:80]!r} {why}; take `next` of the page before, or none to begin anew", key="page_gone"
    )
