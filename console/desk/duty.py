"""What the console needs to know for the pages Live, Dead letters and Health."""

from typing import Protocol

from console.desk.events import EventDesk
from console.desk.letters import LetterDesk
from console.desk.vitals import Vitals


class DutyDesk(Protocol):
    """A part of `console.desk.city.Desk`."""

    @property
    def events(self) -> EventDesk:
        """Everything that happens."""
        ...

    @property
    def mending(self) -> LetterDesk:
        """Dead letters one by one, and what people do to mend them."""
        ...

    def vitals(self) -> Vitals:
        """The product itself, beyond `health`. Never raises: what cannot be asked is left out."""
        ...
