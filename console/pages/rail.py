"""The rail: every place of the console, in the order of a watch."""

from typing import Final

from msgspec import Struct

from console.access.caller import Caller
from domain.permission import Permission


class Stop(Struct, frozen=True, kw_only=True):
    """One place: its name is that of its word and its icon."""

    name: str
    href: str
    needs: Permission = Permission.READ


RAIL: Final[tuple[Stop, ...]] = (
    Stop(name="overview", href="/"),
    Stop(name="map", href="/map"),
    Stop(name="events", href="/events"),
    Stop(name="review", href="/review", needs=Permission.CONFIRM),
    Stop(name="cases", href="/cases"),
    Stop(name="cameras", href="/cameras"),
    Stop(name="devices", href="/devices"),
    Stop(name="rules", href="/rules"),
    Stop(name="deadletters", href="/deadletters"),
    Stop(name="figures", href="/figures"),
    Stop(name="health", href="/health"),
)


def stops(caller: Caller | None) -> tuple[Stop, ...]:
    """Those that are open to somebody; where nobody asks, as for an error, only the first."""
    return RAIL[:1] if caller is None else tuple(stop for stop in RAIL if caller.may(stop.needs))
