"""Waiting for a wire, and being woken from it."""

import contextlib
import selectors
import socket
from typing import Final

from ingest.wire import Wire

_MISC_S: Final = 1.0
"""How often keepalive and deadlines are looked at when nothing happens."""


class Wait:
    """Waits for the wire and for a wake-up."""

    def __init__(self, ear: socket.socket) -> None:
        self._ear = ear
        self._selector = selectors.DefaultSelector()
        self._selector.register(ear, selectors.EVENT_READ)
        self._watched = 0

    def ready(self, wire: Wire, *, reading: bool, writing: bool) -> bool:
        """Wait until there is something to do, a second at most; whether that is to read."""
        self._watch(wire, (selectors.EVENT_READ if reading else 0) | (selectors.EVENT_WRITE if writing else 0))
        buffered = reading and wire.buffered
        readable = buffered
        for key, events in self._selector.select(0 if buffered else _MISC_S):
            if key.fileobj is self._ear:
                with contextlib.suppress(BlockingIOError):
                    self._ear.recv(4096)
            elif events & selectors.EVENT_READ:
                readable = True
        return readable

    def _watch(self, wire: Wire, events: int) -> None:
        """A socket nobody wants to read from is not watched at all, or its end would wake us without end."""
        if events == self._watched:
            return
        if self._watched:
            self._selector.unregister(wire)
        if events:
            self._selector.register(wire, events)
        self._watched = events

    def close(self) -> None:
        """Watch nothing any more."""
        self._selector.close()
