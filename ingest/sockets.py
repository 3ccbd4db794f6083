"""What a connection does with its socket beyond what paho does.

A socket is typed Any here: paho may hand over a plain one, an SSL one, or None where it has closed it.
"""

import contextlib
import selectors
import socket
import ssl
import time
from typing import Any, Final

_MISC_S: Final = 1.0
"""How often keepalive and deadlines are looked at when nothing happens."""


class Wait:
    """Waits for the socket and for a wake-up."""

    def __init__(self, ear: socket.socket) -> None:
        self._ear = ear
        self._selector = selectors.DefaultSelector()
        self._selector.register(ear, selectors.EVENT_READ)
        self._watched = 0

    def ready(self, sock: Any, *, reading: bool, writing: bool) -> bool:
        """Wait until there is something to do, a second at most; whether that is to read."""
        self._watch(sock, (selectors.EVENT_READ if reading else 0) | (selectors.EVENT_WRITE if writing else 0))
        buffered = reading and isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        readable = buffered
        for key, events in self._selector.select(0 if buffered else _MISC_S):
            if key.fileobj is self._ear:
                with contextlib.suppress(BlockingIOError):
                    self._ear.recv(4096)
            elif events & selectors.EVENT_READ:
                readable = True
        return readable

    def _watch(self, sock: Any, events: int) -> None:
        """A socket nobody wants to read from is not watched at all, or its end would wake us without end."""
        if events == self._watched:
            return
        if self._watched:
            self._selector.unregister(sock)
        if events:
            self._selector.register(sock, events)
        self._watched = events

    def close(self) -> None:
        """Watch nothing any more."""
        self._selector.close()


def linger(sock: Any, at_most_s: float) -> None:
    """Wait for the broker to close its side: closing ours on unread messages would reset what it has not read yet."""
    deadline_s = time.monotonic() + at_most_s
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while (left_s := deadline_s - time.monotonic()) > 0:
            sock.settimeout(left_s)
            if not sock.recv(1 << 16):
                return


def send_at_once(sock: Any) -> None:
    """Don't hold back small packets until earlier ones are confirmed."""
    if sock is not None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
