"""What the console needs to know of cases that people work on, and what they order about them."""

from collections.abc import Collection, Sequence
from typing import Protocol

from domain.case import Case
from domain.case_choice import CaseChoice
from domain.case_order import CaseOrder


class CaseDesk(Protocol):
    """A part of `console.desk.Desk`."""

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

    def handle(self, order: CaseOrder) -> Case:
        """Carry out what a person orders about a case, at once. Raises OrderRefused."""
        ...
