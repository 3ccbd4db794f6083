"""What the console needs to know of cases that people work on, and what they order about them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from console.desk.pages import PageDesk
from domain.case import Case, CaseState
from domain.case_choice import CaseChoice, CaseSort
from domain.case_order import CaseOrder
from domain.page import Page


class CaseDesk(PageDesk, Protocol):
    """A part of `console.desk.city.Desk`."""

    def cases(self, *, limit: int) -> Sequence[Case]:
        """At most `limit` cases; the open ones come before the closed ones."""
        ...

    def case(self, case_id: str) -> Case | None:
        """One case, or None if there is none of this number."""
        ...

    def cases_opened(
        self, from_ms: int, to_ms: int, *, limit: int, open_only: bool | None = None, matters: Collection[str] = ()
    ) -> Sequence[Case]:
        """Cases opened from one moment up to, and without, another, newest first; of all matters, or of some."""
        ...

    def cases_chosen(self, choice: CaseChoice, *, limit: int) -> tuple[Sequence[Case], int]:
        """At most `limit` of the cases that fit, open ones first, and how many fit."""
        ...

    def cases_page(
        self, choice: CaseChoice, *, sort: CaseSort = CaseSort.OPEN, cursor: str | None = None, limit: int
    ) -> Page[Case]:
        """At most `limit` of the cases that fit, in an order, after those of the page that `cursor` is the `next` of.

        The page's `total` counts all that fit. `choice.text` looks in numbers, titles, and the names and roads of
        shops, cameras and devices; who is held to sub-districts gets what is theirs. Raises OrderRefused for a cursor
        that is none of this order's.
        """
        ...

    def cases_by_state(self, choice: CaseChoice) -> Mapping[CaseState, int]:
        """How many of the cases that fit are in each state; a state without any is left out."""
        ...

    def handle(self, order: CaseOrder) -> Case:
        """Carry out what a person orders about a case, at once. Raises OrderRefused."""
        ...
