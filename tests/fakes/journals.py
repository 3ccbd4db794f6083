"""A journal that lives in memory and can be told to be full, or to hold a write back."""

import threading
from collections.abc import Callable, Sequence

from domain.errors import JournalFull
from domain.message import RawMessage

_PATIENCE_S = 60.0


class MemoryJournal:
    """Keeps messages in a list. Thread-safe."""

    def __init__(self) -> None:
        self.messages: list[RawMessage] = []
        self.groups: list[int] = []
        self.refusals = 0
        self._changed = threading.Condition()
        self._full = False
        self._gate = threading.Event()
        self._gate.set()

    def append(self, messages: Sequence[RawMessage]) -> int:
        """Keep all of them. Raises JournalFull while told to be full."""
        self._gate.wait(_PATIENCE_S)
        with self._changed:
            if self._full:
                self.refusals += 1
                self._changed.notify_all()
                raise JournalFull("the journal has reached its bound")
            self.messages += messages
            self.groups.append(len(messages))
            self._changed.notify_all()
            return len(self.messages)

    def fill(self) -> None:
        """Refuse from now on."""
        self._full = True

    def drain(self) -> None:
        """Take messages again."""
        self._full = False

    def hold(self) -> None:
        """Let `append` wait until `release`."""
        self._gate.clear()

    def release(self) -> None:
        """Let what waits in `append` go on."""
        self._gate.set()

    def wait(self, reached: Callable[["MemoryJournal"], bool]) -> bool:
        """Wait, with bounded patience, until that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: reached(self), _PATIENCE_S)
