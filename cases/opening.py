"""When somebody is at a shop: its hours, and the days on which it is closed."""

from datetime import datetime, time, timedelta

from msgspec import Struct

from cases.calendar import quiet_until
from config.load import Site
from domain.clock import epoch_ms, utc
from domain.register import Closure, Shop


class Closed(Struct, frozen=True, kw_only=True):
    """Why nobody is there at a moment."""

    until_ms: int
    """When that is over; another reason may follow at once."""
    hours: str | None = None
    """The shop's hours, if it lies outside them."""
    closure: Closure | None = None
    """Else the days on which it is closed."""


def closed_at(shop: Shop, site: Site, at_ms: int) -> Closed | None:
    """Why a shop is closed at a moment; None if it is open, or nobody knows its hours."""
    day = utc(at_ms).astimezone(site.timezone).date()
    for closure in site.closures:
        if closure.shop_id == shop.shop_id and closure.holds(day):
            over = datetime.combine(closure.last + timedelta(days=1), time(), site.timezone)
            return Closed(until_ms=epoch_ms(over), closure=closure)
    if shop.hours is None:
        return None
    opens, closes = shop.hours.split("-")
    until_ms = quiet_until(at_ms, f"{closes}-{opens}", site.timezone)
    return None if until_ms == at_ms else Closed(until_ms=until_ms, hours=shop.hours)
