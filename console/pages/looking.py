"""What somebody looks at, and from where: all that a page is made from."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from msgspec import Struct

from config.load import Site
from console.desk.city import Desk
from console.seat import Seat
from console.words import Words
from domain.errors import OrderRefused

Asked = TypeVar("Asked", bound="AskPage")
Contexts = dict[str, dict[str, object]]
"""By the name of each section of a page: what its template is filled with."""
Found = tuple[str, Contexts]
"""A page's title, and its sections."""


class AskPage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of a page that asks nothing. Others derive from it."""


class View(Struct, frozen=True, kw_only=True):
    """What a browser looks at: a page by its name, what it is about, and what its address asks further."""

    language: str
    name: str = "overview"
    about: str = ""
    """The id in the page's path, such as a case's; empty where it has none."""
    asked: tuple[tuple[str, str], ...] = ()
    """The query, in the order of its names."""

    def as_(self, shape: type[Asked]) -> Asked:
        """The query as a question of this shape. Raises OrderRefused where it does not fit."""
        try:
            return msgspec.convert(dict(self.asked), shape, strict=False)
        except msgspec.ValidationError as wrong:
            raise OrderRefused(f"the address asks what cannot be: {wrong}") from None


class Looking(Struct, frozen=True, kw_only=True):
    """A view, who looks, and the words of their language at this moment."""

    view: View
    seat: Seat
    words: Words

    @property
    def desk(self) -> Desk:
        """As far as they may see it."""
        return self.seat.desk

    @property
    def site(self) -> Site:
        """As far as they may see it."""
        return self.seat.site


Answer = Callable[[Looking], Found | None]
"""Makes a page's sections; None if there is nothing of what it is about."""
