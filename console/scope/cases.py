"""Where things lie, and the cases of those who are held to sub-districts."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeVar

from msgspec.structs import replace

from console.scope.pages import ScopedPages
from domain.case import Case, CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.case_order import CaseOrder
from domain.errors import OrderRefused
from domain.page import Page

Item = TypeVar("Item")
EVERYTHING: Final = 10_000_000
_AT_FIRST: Final = 1_000


class ScopedCases(ScopedPages):
    """A part of `ScopedDesk`.

    A thing lies where its case says or, without, where its shop is, else where its device or camera is.
    """

    def cases(self, *, limit: int) -> Sequence[Case]:
        """Theirs."""
        return self._some(lambda n: self._desk.cases(limit=n), self._has_case, limit)

    def case(self, case_id: str) -> Case | None:
        """One of theirs."""
        found = self._desk.case(case_id)
        return found if found is not None and self._has_case(found) else None

    def cases_opened(
        self, from_ms: int, to_ms: int, *, limit: int, open_only: bool | None = None, matters: Collection[str] = ()
    ) -> Sequence[Case]:
        """Theirs."""

        def ask(n: int) -> Sequence[Case]:
            return self._desk.cases_opened(from_ms, to_ms, limit=n, open_only=open_only, matters=matters)

        return self._some(ask, self._has_case, limit)

    def cases_chosen(self, choice: CaseChoice, *, limit: int) -> tuple[Sequence[Case], int]:
        """Theirs, and how many of theirs fit."""
        return self._desk.cases_chosen(replace(choice, ground=self._ground), limit=limit)

    def cases_page(
        self, choice: CaseChoice, *, sort: CaseSort = CaseSort.OPEN, cursor: str | None = None, limit: int
    ) -> Page[Case]:
        """Of theirs."""
        return self._desk.cases_page(replace(choice, ground=self._ground), sort=sort, cursor=cursor, limit=limit)

    def cases_by_state(self, choice: CaseChoice) -> Mapping[CaseState, int]:
        """Of theirs."""
        return self._desk.cases_by_state(replace(choice, ground=self._ground))

    def handle(self, order: CaseOrder) -> Case:
        """About one of theirs, and into one of theirs."""
        for case_id in (order.case_id, order.into):
            if case_id is not None and self.case(case_id) is None:
                raise OrderRefused(f"there is no case {case_id!r}", "missing", "case_missing", case=case_id)
        return self._desk.handle(order)

    def _at(self, device_id: str, shop_id: str | None = None, sub_district: str | None = None) -> bool:
        if sub_district is None:
            site = self._site
            found = site.shops.get(shop_id or "") or site.cameras.get(device_id) or site.devices.get(device_id)
            sub_district = None if found is None else found.location.sub_district
        return sub_district in self._mine

    def _has_case(self, case: Case) -> bool:
        return self._at(case.device_id, case.shop_id, case.sub_district)

    def _some(self, ask: Callable[[int], Sequence[Item]], mine: Callable[[Item], bool], limit: int) -> list[Item]:
        """The first `limit` that are theirs: ever more are asked for, until there are enough, or no more."""
        asked = _AT_FIRST
        while True:
            found = ask(asked)
            kept = [item for item in found if mine(item)]
            if len(kept) >= limit or len(found) < asked:
                return kept[:limit]
            asked *= 8
