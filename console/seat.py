"""Where somebody looks from: who they are, and what of the city is theirs."""

from msgspec import Struct

from config.load import Site
from console.access.caller import Caller
from console.desk.city import Desk


class Seat(Struct, frozen=True, kw_only=True):
    """A desk and a site, as far as its caller may see them."""

    desk: Desk
    site: Site
    caller: Caller | None = None
    """None where nobody asks, as for an error without a request."""
