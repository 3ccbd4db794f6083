"""Cases, and what people order about them, in the case store."""

from collections.abc import Collection, Mapping, Sequence

from app.desk.casework import Casework
from app.named import with_named
from app.people import People
from config.load import Site
from console.desk.casework import AtHand
from domain.case import Case, CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.case_order import CaseOrder
from domain.clock import Clock
from domain.page import Page
from storage.case_store import CaseStore


class CityCases:
    """A part of `CityDesk`."""

    _site: Site
    _store: CaseStore
    _clock: Clock
    _people: People
    _casework: Casework

    def cases(self, *, limit: int) -> Sequence[Case]:
        """Open ones first, then newest first."""
        return self._store.cases(limit=limit)

    def case(self, case_id: str) -> Case | None:
        """One case."""
        return self._store.case(case_id)

    def cases_chosen(self, choice: CaseChoice, *, limit: int) -> tuple[Sequence[Case], int]:
        """Open ones first, then newest first."""
        return self._store.cases_chosen(with_named(choice, self._site), self._clock.now_ms(), limit=limit)

    def cases_page(
        self, choice: CaseChoice, *, sort: CaseSort = CaseSort.OPEN, cursor: str | None = None, limit: int
    ) -> Page[Case]:
        """From the case store."""
        named, now_ms = with_named(choice, self._site), self._clock.now_ms()
        return self._store.cases_page(named, now_ms, sort=sort, cursor=cursor, limit=limit)

    def cases_by_state(self, choice: CaseChoice) -> Mapping[CaseState, int]:
        """Counted in the case store."""
        return self._store.cases_by_state(with_named(choice, self._site), self._clock.now_ms())

    def handle(self, order: CaseOrder) -> Case:
        """In the case store."""
        return self._people.handle(order)

    def at_hand(self, case: Case) -> AtHand:
        """In the case store."""
        return self._casework.at_hand(case)

    def cases_opened(
        self, from_ms: int, to_ms: int, *, limit: int, open_only: bool | None = None, matters: Collection[str] = ()
    ) -> Sequence[Case]:
        """Newest first."""
        return self._store.cases_opened(from_ms, to_ms, limit=limit, open_only=open_only, matters=matters)
