"""How often rules fired, and what people found of it."""

from typing import Final

from msgspec import Struct

from domain.finding import AlarmState, Severity

DAY_MS: Final = 86_400_000


class Firing(Struct, frozen=True, kw_only=True):
    """Alarms of one rule that were raised on one day."""

    rule_id: str
    day_ms: int
    """When the day began, on the clock that was asked for."""
    n: int
    last_day: int
    """Those of them that were raised in the 24 hours before the moment of asking."""
    last_week: int
    """And in the seven days before."""
    device_id: str = ""
    """Only where it was asked for by place; then one device, and one shop."""
    shop_id: str | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """Alarms of one rule that stand now in the same way."""

    rule_id: str
    severity: Severity
    state: AlarmState
    n: int
    device_id: str = ""
    shop_id: str | None = None


class Judged(Struct, frozen=True, kw_only=True):
    """What people said of a rule's finds: how many they judged, and of these how many were none."""

    rule_id: str
    n: int
    wrong: int


class Fired(Struct, frozen=True, kw_only=True):
    """How often one rule fired over one subject."""

    subject: str
    device_id: str
    shop_id: str | None
    n: int
    last_ms: int
