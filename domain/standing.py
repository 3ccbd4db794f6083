"""What of a case tells where it stands and how urgent it is: of thousands at once, for a map."""

from msgspec import Struct

from domain.case import CaseState
from domain.finding import Severity


class StandingCase(Struct, frozen=True, kw_only=True):
    """An open case, without its pictures and its story."""

    id: str
    kind: str
    """Of the device that found it."""
    title_zh: str
    title_en: str
    device_id: str
    shop_id: str | None
    sub_district: str | None
    severity: Severity
    state: CaseState
    due_ms: int
    overdue_ms: int | None
    """When a deadline of it first passed."""
