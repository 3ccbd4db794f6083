"""Who started this process, as the process sees it: an order on standard input, a status on standard output, an end.

After the order there may be further words; each, as the order, is its length on a line and then so many bytes.
"""

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable
from typing import Final, Self

import msgspec
from msgspec import Struct

from domain.errors import StoreUnavailable

_TOLD_EVERY_S: Final = 0.5
_ASKED_EVERY_S: Final = 2.0
_LOOK_S: Final = 0.1


class Parent:
    """Who started us, at the other end of standard input and output."""

    def __init__(self) -> None:
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: None)  # the wake-up is all that is needed
        signal.set_wakeup_fd(self._bell.fileno(), warn_on_full_buffer=False)
        self._selector.register(self._ear, selectors.EVENT_READ)
        return self

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(-1)
        self._selector.close()
        self._ear.close()
        self._bell.close()

    def order(self) -> bytes:
        """What we are told at first. Empty if nobody is there."""
        order = _word()
        if order:
            self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        return order

    def report(
        self,
        status_of: Callable[[], Struct],
        *,
        attend: Callable[[], object],
        news: Callable[[], Iterable[Struct]] = tuple,
        hear: Callable[[bytes], None] = lambda _word: None,
    ) -> None:
        """Tell how we are doing, at once if that changes, until we are to stop. `news` is told before each status.

        `attend` asks the journal something now and then: only who asks learns that another process must mend it.
        `hear` gets each further word.
        """
        told: Struct | None = None
        told_s = asked_s = 0.0
        while self._goes_on(hear):
            status, now_s = status_of(), time.monotonic()
            if not all(self.tell(one) for one in news()):
                return
            if status != told or now_s - told_s >= _TOLD_EVERY_S:
                if not self.tell(status):
                    return
                told, told_s = status, now_s
            if now_s - asked_s >= _ASKED_EVERY_S:
                asked_s = now_s
                with contextlib.suppress(StoreUnavailable):
                    attend()

    def tell(self, status: Struct) -> bool:
        """Whether somebody was there to be told."""
        line = memoryview(msgspec.json.encode(status) + b"\n")
        with contextlib.suppress(OSError):
            while line:
                line = line[os.write(sys.stdout.fileno(), line) :]
            return True
        return False

    def _goes_on(self, hear: Callable[[bytes], None]) -> bool:
        """Wait a little. Whether we are not to stop."""
        ready = {key.fd for key, _events in self._selector.select(_LOOK_S)}
        if not ready:
            return True
        word = b"" if self._ear.fileno() in ready else _word()
        if word:
            hear(word)
        return bool(word)


def _word() -> bytes:
    """The next; empty if nobody is there any more. Never reads beyond it: what follows must wake who waits for it."""
    size = b""
    while not size.endswith(b"\n"):
        if not (digit := os.read(sys.stdin.fileno(), 1)):
            return b""
        size += digit
    word = bytearray()
    while len(word) < int(size):
        if not (part := os.read(sys.stdin.fileno(), int(size) - len(word))):
            return b""
        word += part
    return bytes(word)
