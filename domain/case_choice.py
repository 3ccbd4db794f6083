"""Which cases somebody wants to see, and in which order."""

from enum import StrEnum

from msgspec import Struct

from domain.case import CaseState
from domain.finding import Severity
from domain.ground import Ground


class CaseSort(StrEnum):
    """The order of a list of cases. In `open`, `worst` and `due`, open ones come before closed ones."""

    OPEN = "open"  # then the newest first
    WORST = "worst"  # the most severe first, and of equally severe ones the earliest deadline
    DUE = "due"  # the earliest deadline first
    NEWEST = "newest"  # by when they were opened, open or not
    CLOSED = "closed"  # only closed ones, the last closed first


class CaseChoice(Struct, frozen=True, kw_only=True):
    """Those that fit all that is named; None fits all."""

    state: CaseState | None = None
    states: frozenset[CaseState] = frozenset()
    """In any of these; none named: in any at all."""
    unit: str | None = None
    matter: str | None = None
    overdue: bool | None = None
    """Only those that are overdue (`domain.overdue`), or only the others."""
    open: bool | None = None
    """Only open ones, or only closed ones."""
    severity: Severity | None = None
    sub_district: str | None = None
    handler: str | None = None
    device_id: str | None = None
    """Of one camera or device."""
    shop_id: str | None = None
    opened_from_ms: int | None = None
    opened_to_ms: int | None = None
    """Not included."""
    text: str | None = None
    """In its number or its title, or in the name or the address of its shop, its camera or its device."""
    named_shops: frozenset[str] = frozenset()
    """Those that have the text in their name or address: whoever knows the registers fills these two in."""
    named_devices: frozenset[str] = frozenset()
    ground: Ground | None = None
    """Only those that lie there."""
