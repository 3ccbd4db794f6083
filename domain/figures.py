"""What the book holds of a stretch of time beside its cases and ladders, counted or cut short where it lies."""

from msgspec import Struct

from domain.finding import Severity


class CaseMoment(Struct, frozen=True, kw_only=True):
    """When something was done about a case, and where that is."""

    case_id: str
    device_id: str
    shop_id: str | None
    sub_district: str | None
    what: str
    at_ms: int


class AlarmTally(Struct, frozen=True, kw_only=True):
    """So many alarms of one rule were raised at one place, and so many of them are still open."""

    rule_id: str
    title_zh: str
    title_en: str
    severity: Severity
    device_id: str
    shop_id: str | None
    n: int
    open: int


class NoticeTally(Struct, frozen=True, kw_only=True):
    """So many notices of one channel are in one state, and so many are known to have arrived."""

    channel: str
    state: str
    device_id: str
    shop_id: str | None
    sub_district: str | None
    n: int
    delivered: int
