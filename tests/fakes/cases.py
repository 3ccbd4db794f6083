"""The cases of a desk in memory."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from msgspec.structs import replace

from console.desk.casework import AtHand
from domain.case import Alarm, Case, CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.case_order import MOVES, CaseOrder
from domain.errors import OrderRefused
from domain.page import Page
from domain.standing import StandingCase
from tests.fakes.case_pages import fits, in_order, page_at
from tests.fakes.casework import at_hand


def standing_of(case: Case) -> StandingCase:
    """What a map has of a case."""
    return StandingCase(**{name: getattr(case, name) for name in StandingCase.__struct_fields__})


class FakeCases:
    """A part of `FakeDesk`."""

    all_cases: list[Case]
    all_alarms: list[Alarm]
    case_orders: list[CaseOrder]

    def cases(self, *, limit: int) -> Sequence[Case]:
        """Open ones first."""
        return sorted(self.all_cases, key=lambda case: (case.closed_ms is not None, -case.opened_ms))[:limit]

    def standing_cases(self) -> Sequence[StandingCase]:
        """Those that are open."""
        return [standing_of(case) for case in self.all_cases if case.closed_ms is None]

    def case(self, case_id: str) -> Case | None:
        """By its number."""
        return next((case for case in self.all_cases if case.id == case_id), None)

    def cases_chosen(self, choice: CaseChoice, *, limit: int) -> tuple[Sequence[Case], int]:
        """Those that fit, open ones first."""
        found = [case for case in self.cases(limit=len(self.all_cases)) if fits(case, choice)]
        return found[:limit], len(found)

    def cases_page(
        self, choice: CaseChoice, *, sort: CaseSort = CaseSort.OPEN, cursor: str | None = None, limit: int
    ) -> Page[Case]:
        """Those that fit."""
        return page_at(in_order(self.all_cases, choice, sort), f"cases.{sort}", cursor, limit)

    def cases_by_state(self, choice: CaseChoice) -> Mapping[CaseState, int]:
        """Counted from the list."""
        return Counter(case.state for case in self.all_cases if fits(case, choice))

    def handle(self, order: CaseOrder) -> Case:
        """Kept in the list; the case comes to the state that the act leads to, and nothing else happens."""
        case = self.case(order.case_id)
        if case is None:
            raise OrderRefused(f"there is no case {order.case_id}", "missing")
        if order.version not in {None, case.version}:
            raise OrderRefused(f"case {case.id} was changed meanwhile: it is {case.state}", "conflict")
        if case.state not in MOVES[order.act]:
            raise OrderRefused(f"case {case.id} is {case.state}", "over")
        self.case_orders.append(order)
        after = replace(case, state=MOVES[order.act][case.state], version=case.version + 1)
        self.all_cases[self.all_cases.index(case)] = after
        return after

    def cases_opened(
        self, from_ms: int, to_ms: int, *, limit: int, open_only: bool | None = None, matters: Collection[str] = ()
    ) -> Sequence[Case]:
        """The newest."""
        found = [
            case
            for case in self.all_cases
            if from_ms <= case.opened_ms < to_ms
            and (open_only is None or open_only == (case.closed_ms is None))
            and (not matters or case.matter in matters)
        ]
        return sorted(found, key=lambda case: -case.opened_ms)[:limit]

    def at_hand(self, case: Case) -> AtHand:
        """By the table of moves."""
        return at_hand(case, self.all_cases, self.all_alarms)
