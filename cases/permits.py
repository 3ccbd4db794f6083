"""What shops may do for a time, by leave."""

from collections import defaultdict
from datetime import datetime, time, timedelta

from msgspec import Struct

from config.load import Site
from domain.clock import epoch_ms, utc
from domain.register import Permit


class Leave(Struct, frozen=True, kw_only=True):
    """A permit that holds now."""

    document: str
    until_ms: int
    """The end of its last day, on the site's clock."""


class Permits:
    """Those of the registers, by shop and matter: each shop in front of a camera has its own."""

    def __init__(self, site: Site) -> None:
        self._timezone = site.timezone
        self._by: dict[tuple[str, str], list[Permit]] = defaultdict(list)
        for permit in site.permits:
            self._by[permit.shop_id, permit.matter].append(permit)

    def __bool__(self) -> bool:
        return bool(self._by)

    def leave(self, shop_id: str | None, matter: str, at_ms: int) -> Leave | None:
        """The leave of a shop for a matter at a moment; of several the one that lasts longest."""
        day = utc(at_ms).astimezone(self._timezone).date()
        held = [permit for permit in self._by.get((shop_id or "", matter), ()) if permit.holds(day)]
        if not held:
            return None
        longest = max(held, key=lambda permit: permit.last)
        over = datetime.combine(longest.last + timedelta(days=1), time(), self._timezone)
        return Leave(document=longest.document, until_ms=epoch_ms(over))
