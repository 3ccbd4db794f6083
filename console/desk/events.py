"""What the console needs to know of everything that happens, as it comes."""

from collections.abc import Sequence
from typing import Protocol

from domain.event import Event, EventChoice, EventPage


class EventDesk(Protocol):
    """A part of `console.desk.city.Desk`."""

    def page(self, choice: EventChoice, *, limit: int, before: int | None = None) -> EventPage:
        """At most `limit` events that fit, newest first, with ids below `before`. What is rare is looked for only so
        far back; the page says where to go on."""
        ...

    def since(self, choice: EventChoice, *, after: int, limit: int) -> tuple[Sequence[Event], int]:
        """At most `limit` events that fit, oldest first, with ids above `after`; and up to which id that is all."""
        ...

    def newest(self) -> int:
        """The id of the newest event in the whole city; 0 if nothing ever happened."""
        ...
