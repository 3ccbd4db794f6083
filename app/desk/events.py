"""Everything that happens, from the log of the case store."""

from collections.abc import Sequence
from functools import lru_cache

from config.load import Site
from console.scope.pages import ground_of
from domain.event import Event, EventChoice, EventPage
from domain.ground import Ground
from storage.case_store import CaseStore


class LogEvents:
    """Fits `console.desk.events.EventDesk`. Any thread may ask."""

    def __init__(self, store: CaseStore, site: Site) -> None:
        self._store = store
        self._ground = lru_cache(maxsize=64)(lambda sub_districts: ground_of(site, sub_districts))

    def page(self, choice: EventChoice, *, limit: int, before: int | None = None) -> EventPage:
        """Newest first."""
        return self._store.happened(choice, limit=limit, before=before, ground=self._ground_of(choice))

    def since(self, choice: EventChoice, *, after: int, limit: int) -> tuple[Sequence[Event], int]:
        """Oldest first."""
        return self._store.happened_since(choice, after=after, limit=limit, ground=self._ground_of(choice))

    def newest(self) -> int:
        """The newest line of the log."""
        return self._store.newest_line()

    def _ground_of(self, choice: EventChoice) -> Ground | None:
        return None if choice.sub_districts is None else self._ground(choice.sub_districts)
