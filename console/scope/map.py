"""The map of those who are held to sub-districts."""

from collections.abc import Sequence

from console.memory import Memory
from console.scope.cases import ScopedCases
from domain.standing import StandingCase


class ScopedMap(ScopedCases):
    """A part of `ScopedDesk`."""

    @property
    def memory(self) -> Memory:
        """One for all: who asks names the sub-districts in the question."""
        return self._desk.memory

    def standing_cases(self) -> Sequence[StandingCase]:
        """Theirs."""
        found = self._desk.standing_cases()
        return [case for case in found if self._at(case.device_id, case.shop_id, case.sub_district)]
