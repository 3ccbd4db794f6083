"""What is going to happen, in the order of time: hours in which nothing does cost nothing."""

import heapq
from collections.abc import Callable

Action = Callable[[int], None]
"""Called with its own time."""


class Agenda:
    """Actions by time; of one time in the order in which they were put there."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Action]] = []
        self._count = 0

    @property
    def next_ms(self) -> int | None:
        """When the next one is; None: never."""
        return self._heap[0][0] if self._heap else None

    def at(self, at_ms: int, action: Action) -> None:
        """Let it happen then."""
        self._count += 1
        heapq.heappush(self._heap, (at_ms, self._count, action))

    def happen(self, until_ms: int) -> None:
        """All that is to happen up to and with a moment, also what comes of it within this time."""
        while self._heap and self._heap[0][0] <= until_ms:
            at_ms, _number, action = heapq.heappop(self._heap)
            action(at_ms)
