"""What the console needs to know of one case that somebody has before them."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from cases.possible import Possible
from domain.case import Case


class AtHand(Struct, frozen=True, kw_only=True):
    """What can be done with a case now, and which others there are or were at its place."""

    possible: Possible
    alike: Sequence[Case]
    """Of the same device or shop, or of the same matter on the same road; open ones first, then the newest."""


class CaseworkDesk(Protocol):
    """A part of `console.desk.city.Desk`."""

    def at_hand(self, case: Case) -> AtHand:
        """About one case. Nothing is changed."""
        ...
