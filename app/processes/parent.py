"""Who started this process, as the process sees it: an order on standard input, a status on standard output, an end."""

import contextlib
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
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
        """What we are told: its length on a line, and then so many bytes. Empty if nobody is there."""
        size = sys.stdin.buffer.readline()
        order = sys.stdin.buffer.read(int(size)) if size else b""
        if order:
            self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        return order

    def report(self, status_of: Callable[[], Struct], *, attend: Callable[[], object]) -> None:
        """Tell how we are doing, at once if that changes, until we are to stop.

        `attend` asks the journal something now and then: only who asks learns that another process must mend it.
        """
        told: Struct | None = None
        told_s = asked_s = 0.0
        while not self._selector.select(_LOOK_S):
            status, now_s = status_of(), time.monotonic()
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
        with contextlib.suppress(OSError):
            os.write(sys.stdout.fileno(), msgspec.json.encode(status) + b"\n")
            return True
        return False
