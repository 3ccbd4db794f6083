"""What the broker has handed over and the journal does not have yet."""

import threading
import time
from collections import deque
from typing import Final, Protocol

from msgspec import Struct

from domain.message import RawMessage

_IDLE_S: Final = 1.0


class Handover(Protocol):
    """Where acknowledgements go: the one connection the messages came in by."""

    def acknowledge(self, answers: list[int]) -> None:
        """Tell the broker that these are safe. Forgotten if the connection has ended."""
        ...


class Batch(Struct, frozen=True):
    """Messages that came together travel with the means to acknowledge them: an answer each."""

    messages: list[RawMessage]
    answers: list[int]
    source: Handover
    size_bytes: int

    def cut(self, count: int) -> "tuple[Batch, Batch]":
        """The first `count` messages, and the rest; the bytes count as held until the rest is gone too."""
        return (
            Batch(self.messages[:count], self.answers[:count], self.source, 0),
            Batch(self.messages[count:], self.answers[count:], self.source, self.size_bytes),
        )


class Inbox:
    """A bounded queue from one network thread to one writer thread.

    It never refuses: who reads from the network looks at `full` first, and stops reading.
    """

    def __init__(self, *, max_messages: int, max_bytes: int, group: int) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._group = group
        self._changed = threading.Condition()
        self._queue: deque[Batch] = deque()
        self._count = 0
        self._bytes = 0
        self._closed = False

    @property
    def full(self) -> bool:
        """Whether no more should be read for now."""
        return self._count >= self._max_messages or self._bytes >= self._max_bytes

    def put(self, batch: Batch) -> None:
        """Add what came together. Never blocks."""
        with self._changed:
            before = self._count
            self._queue.append(batch)
            self._count += len(batch.messages)
            self._bytes += batch.size_bytes
            # The writer needs to know of the first, and of a full group; waking it each time costs more than the rest.
            if not before or before < self._group <= self._count:
                self._changed.notify()

    def take(self, wait_s: float) -> list[Batch]:
        """The next group in order of arrival, empty if nothing came for a second or the inbox is closed.

        After the first message it waits for more until the group is complete, `wait_s` is over, or a tenth of that
        has passed without another: a broker whose window is smaller than a group sends no more until acknowledged.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._queue or self._closed, _IDLE_S):
                return []
            self._gather(wait_s)
            return self._next()

    def _gather(self, wait_s: float) -> None:
        deadline = time.monotonic() + wait_s
        before = 0
        while before < self._count < self._group and not self._closed:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return
            before = self._count
            self._changed.wait(min(left_s, wait_s / 10))

    def _next(self) -> list[Batch]:
        group: list[Batch] = []
        room = self._group
        while room and self._queue:
            batch = self._queue.popleft()
            if len(batch.messages) > room:
                batch, rest = batch.cut(room)
                self._queue.appendleft(rest)
            group.append(batch)
            room -= len(batch.messages)
            self._bytes -= batch.size_bytes
        self._count -= self._group - room
        return group

    def close(self) -> None:
        """Nothing will be added any more; `take` gives what is left without waiting."""
        with self._changed:
            self._closed = True
            self._changed.notify()
