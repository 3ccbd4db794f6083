"""What the console needs to know of cases that people work on, and what they order about them."""

from collections.abc import Sequence
from typing import Protocol

from domain.case import Case
from domain.case_choice import CaseChoice
from domain.case_order import CaseOrder


class CaseDesk(Protocol):
    """A part of `console.desk.Desk`."""

    def cases_chosen(self, choice: CaseChoice, *, limit: int) -> tuple[Sequence[Case], int]:
        """At most `limit` of the cases that fit, open ones first, and how many fit."""
        ...

    def handle(self, order: CaseOrder) -> Case:
        """Carry out what a person orders about a case, at once. Raises OrderRefused."""
        ...
