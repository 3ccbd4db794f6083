"""What the broker has handed over and the journal does not have yet."""

import threading
import time
from collections import deque
from typing import Final, Protocol

from msgspec import Struct

from domain.message import RawMessage

_IDLE_S: Final = 1.0


class Handover(Protocol):
    """Where acknowledgements go: the one connection the message came in by."""

    def acknowledge(self, mids: list[int]) -> None:
        """Tell the broker that these are safe. Forgotten if the connection has ended."""
        ...


class Arrival(Struct, frozen=True, gc=False):
    """A message travels with the means to acknowledge it."""

    message: RawMessage
    source: Handover
    mid: int


class Inbox:
    """A bounded queue from one network thread to one writer thread.

    It never refuses: who reads from the network looks at `full` first, and stops reading.
    """

    def __init__(self, *, max_messages: int, max_bytes: int, group: int) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._group = group
        self._changed = threading.Condition()
        self._queue: deque[Arrival] = deque()
        self._bytes = 0
        self._closed = False

    @property
    def full(self) -> bool:
        """Whether no more should be read for now."""
        return len(self._queue) >= self._max_messages or self._bytes >= self._max_bytes

    def put(self, arrival: Arrival) -> None:
        """Add one. Never blocks."""
        with self._changed:
            self._queue.append(arrival)
            self._bytes += len(arrival.message.payload)
            # The writer needs to know of the first, and of a full group; waking it for each costs more than the rest.
            if len(self._queue) in (1, self._group):
                self._changed.notify()

    def take(self, wait_s: float) -> list[Arrival]:
        """The next group in order of arrival, empty if nothing came for a second or the inbox is closed.

        After the first message it waits for more until the group is complete, `wait_s` is over, or a tenth of that
        has passed without another: a broker whose window is smaller than a group sends no more until acknowledged.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._queue or self._closed, _IDLE_S):
                return []
            self._gather(wait_s)
            group = [self._queue.popleft() for _ in range(min(self._group, len(self._queue)))]
            self._bytes -= sum(len(arrival.message.payload) for arrival in group)
            return group

    def _gather(self, wait_s: float) -> None:
        deadline = time.monotonic() + wait_s
        before = 0
        while before < len(self._queue) < self._group and not self._closed:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return
            before = len(self._queue)
            self._changed.wait(min(left_s, wait_s / 10))

    def close(self) -> None:
        """Nothing will be added any more; `take` gives what is left without waiting."""
        with self._changed:
            self._closed = True
            self._changed.notify()
