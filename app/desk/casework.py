"""One case for the console: what can be done with it, and what else there is at its place."""

from typing import Final

from app.named import with_named
from cases.merging import same_place
from cases.possible import Possibilities
from config.load import Site
from console.desk.casework import AtHand
from domain.case import Case
from domain.case_choice import CaseChoice
from domain.clock import Clock
from storage.case_store import CaseStore

_HERE: Final = 8
_NEAR: Final = 200
"""Open cases of one matter in one sub-district that are looked through for others on the same road."""


class Casework:
    """Fits `console.desk.casework.CaseworkDesk`."""

    def __init__(self, store: CaseStore, site: Site, clock: Clock) -> None:
        self._store = store
        self._site = site
        self._clock = clock
        self._possibilities = Possibilities(site)

    def at_hand(self, case: Case) -> AtHand:
        """Read in one glance at the case store."""
        now_ms = self._clock.now_ms()
        alike = self._alike(case, now_ms)
        with self._store.glance() as tx:
            possible = self._possibilities.of(tx, case, alike, now_ms)
        return AtHand(possible=possible, alike=alike[:_HERE])

    def _alike(self, case: Case, now_ms: int) -> list[Case]:
        choices = [CaseChoice(device_id=case.device_id)]
        if case.shop_id is not None:
            choices.append(CaseChoice(shop_id=case.shop_id))
        if case.sub_district is not None:
            choices.append(CaseChoice(matter=case.matter, sub_district=case.sub_district, open=True))
        found: dict[str, Case] = {}
        for choice in choices:
            wide = choice.sub_district is not None
            page = self._store.cases_page(with_named(choice, self._site), now_ms, limit=_NEAR if wide else _HERE + 1)
            found |= {one.id: one for one in page.items if not wide or same_place(case, one, self._site)}
        found.pop(case.id, None)
        return sorted(found.values(), key=lambda one: (one.closed_ms is not None, -one.opened_ms))
