"""What the console needs to know for its map."""

from collections.abc import Sequence
from typing import Protocol

from console.memory import Memory
from domain.standing import StandingCase


class MapDesk(Protocol):
    """A part of `console.desk.city.Desk`."""

    @property
    def memory(self) -> Memory:
        """What was worked out before; one for all who look, so a question's name says for whom it was."""
        ...

    def standing_cases(self) -> Sequence[StandingCase]:
        """Every open case, little of each, in the order of their numbers."""
        ...
