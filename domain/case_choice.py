"""Which cases somebody wants to see."""

from msgspec import Struct

from domain.case import CaseState


class CaseChoice(Struct, frozen=True, kw_only=True):
    """Those that fit all that is named; None fits all."""

    state: CaseState | None = None
    unit: str | None = None
    matter: str | None = None
    overdue: bool | None = None
    """Only those that ever were past a deadline while open, or only the others."""
    open: bool | None = None
    """Only open ones, or only closed ones."""
