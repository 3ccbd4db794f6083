"""What happens, for those who are held to sub-districts: what is elsewhere, or nowhere, is not asked for at all."""

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from console.desk.events import EventDesk
from domain.event import Event, EventChoice, EventPage


class ScopedEvents:
    """Fits `EventDesk`."""

    def __init__(self, desk: EventDesk, sub_districts: Collection[str]) -> None:
        self._desk, self._mine = desk, frozenset(sub_districts)

    def page(self, choice: EventChoice, *, limit: int, before: int | None = None) -> EventPage:
        """Theirs."""
        return self._desk.page(self._of_theirs(choice), limit=limit, before=before)

    def since(self, choice: EventChoice, *, after: int, limit: int) -> tuple[Sequence[Event], int]:
        """Theirs."""
        return self._desk.since(self._of_theirs(choice), after=after, limit=limit)

    def newest(self) -> int:
        """Of the whole city: a number says nothing of what it is about."""
        return self._desk.newest()

    def _of_theirs(self, choice: EventChoice) -> EventChoice:
        asked = choice.sub_districts
        return replace(choice, sub_districts=self._mine if asked is None else self._mine & asked)
