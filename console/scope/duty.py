"""What happens, dead letters and the product itself, for those who are held to sub-districts."""

from collections.abc import Sequence
from typing import NoReturn

from console.desk.city import Desk
from console.desk.letters import Replayed, Trial, WholeLetter
from console.desk.vitals import Vitals
from console.scope.events import ScopedEvents
from domain.errors import OrderRefused
from domain.mended import Mended
from domain.message import RejectReason

_CITY = "dead letters are the whole city's, and who asks is held to some of its sub-districts"


class NoLetters:
    """Fits `LetterDesk`. Nobody knows where a message comes from that could not be read."""

    def whole(self, letter_id: int) -> WholeLetter | None:  # noqa: ARG002 - the desk's signature
        """None."""
        return None

    def count_replay(self, *, ids: Sequence[int] | None = None, reason: RejectReason | None = None) -> Replayed:  # noqa: ARG002
        """Refused."""
        _refuse()

    def check(self, letter_id: int, topic: str, payload: bytes) -> Trial:  # noqa: ARG002
        """Refused."""
        _refuse()

    def mend(self, letter_id: int, topic: str, payload: bytes, *, who: str, why: str) -> Mended:  # noqa: ARG002
        """Refused."""
        _refuse()

    def mended(self, *, limit: int, before_id: int | None = None) -> Sequence[Mended]:  # noqa: ARG002
        """None."""
        return []


class ScopedDuty:
    """A part of `ScopedDesk`."""

    _desk: Desk
    _mine: frozenset[str]

    @property
    def events(self) -> ScopedEvents:
        """Theirs."""
        return ScopedEvents(self._desk.events, self._mine)

    @property
    def mending(self) -> NoLetters:
        """None."""
        return NoLetters()

    def vitals(self) -> Vitals:
        """The product's own; it names nothing in the city."""
        return self._desk.vitals()


def _refuse() -> NoReturn:
    raise OrderRefused(_CITY)
