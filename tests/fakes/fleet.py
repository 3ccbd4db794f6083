"""Many devices behind one connection: MQTT 3.1.1 at QoS 1, and every PUBACK counted."""

import contextlib
import select
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count

from msgspec import Struct

from app.bench.load import Link

_PATIENCE_S = 60.0
_WINDOW = 500
_MIDS = 65_535
_names = count(1)


class Message(Struct, frozen=True, kw_only=True):
    """What is published."""

    topic: str
    payload: bytes
    retain: bool = False


class Fleet:
    """Publishes in order. What a lost connection leaves unacknowledged goes out again with DUP, as a device does it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._link: Link | None = None
        self._mids = count(1)
        self.acked = 0
        """Messages the broker has acknowledged so far."""

    def close(self) -> None:
        """Leave."""
        if self._link is not None:
            self._link.socket.close()
            self._link = None

    def send(self, messages: Iterable[Message]) -> None:
        """Return when the broker has acknowledged every one of them."""
        waiting = list(messages)
        deadline_s = time.monotonic() + _PATIENCE_S
        again = False
        while waiting:
            assert time.monotonic() < deadline_s, f"the broker has not acknowledged {len(waiting)} messages"
            done = self._try(waiting, deadline_s, again=again)
            self.acked += done
            waiting = waiting[done:]
            again = True

    def _try(self, messages: Sequence[Message], deadline_s: float, *, again: bool) -> int:
        """How many were acknowledged before the connection was lost, if it was."""
        before = 0
        try:
            link = self._connected()
            before = link.acked
            for number, message in enumerate(messages):
                dup = again and number < _WINDOW
                link.queue.append((_publish(message, next(self._mids) % _MIDS + 1, dup=dup), 1))
            while link.acked - before < len(messages) and time.monotonic() < deadline_s:
                link.write(_WINDOW)
                if select.select([link.socket], [], [], 0.05)[0]:
                    link.read()
        except OSError:
            done = self._link.acked - before if self._link is not None else 0
            self.close()
            threading.Event().wait(0.05)  # the broker is away
            return done
        return link.acked - before

    def _connected(self) -> Link:
        if self._link is None:
            self._link = Link(self._port, f"fleet-{next(_names)}")
        return self._link


@contextmanager
def fleet(port: int) -> Iterator[Fleet]:
    """A fleet that leaves in the end."""
    one = Fleet(port)
    try:
        yield one
    finally:
        one.close()


class Busy:
    """Publishes in a thread of its own, a group at a time, until all is out."""

    def __init__(self, one: Fleet, messages: Sequence[Message], *, group: int, pause_s: float) -> None:
        self._fleet = one
        self._messages = messages
        self._group = group
        self._pause_s = pause_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fleet", daemon=True)
        self._problem: BaseException | None = None
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether all is out."""
        return not self._thread.is_alive()

    def finish(self) -> None:
        """Send the rest without a pause, and return when all is out. Raises what went wrong."""
        self._stopping.set()
        self._thread.join(_PATIENCE_S)
        assert not self._thread.is_alive(), "still publishing"
        if self._problem is not None:
            raise self._problem

    def _run(self) -> None:
        try:
            for start in range(0, len(self._messages), self._group):
                self._fleet.send(self._messages[start : start + self._group])
                self._stopping.wait(self._pause_s)
        except BaseException as problem:  # noqa: BLE001  told to who waits for it
            self._problem = problem


@contextmanager
def busy(one: Fleet, messages: Sequence[Message], *, group: int = 20, pause_s: float = 0.05) -> Iterator[Busy]:
    """Publishing goes on beside what the block does; in the end all is out."""
    going = Busy(one, messages, group=group, pause_s=pause_s)
    with contextlib.ExitStack() as stack:
        stack.callback(going.finish)
        yield going


def _publish(message: Message, mid: int, *, dup: bool) -> bytes:
    name = message.topic.encode()
    body = len(name).to_bytes(2, "big") + name + mid.to_bytes(2, "big") + message.payload
    size, left = bytearray(), len(body)
    while left > 127:
        size.append(left & 127 | 128)
        left >>= 7
    size.append(left)
    return bytes([0x32 | (0x08 if dup else 0) | int(message.retain)]) + bytes(size) + body
