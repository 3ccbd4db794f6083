"""What stands between paho and its socket.

Messages are parsed here, straight from what one `recv` brought, and never reach paho, which takes a packet by three or
four calls of the system and many more of its own. Everything else goes to paho byte for byte. What is sent, by paho or
by us, goes through one buffer in order, so that a packet is never torn by another.
"""

import contextlib
import socket
import ssl
import time
from struct import pack
from typing import Any, Final

from msgspec import Struct
from paho.mqtt.client import Client

from domain.errors import LongchengError
from domain.message import RawMessage

NO_ANSWER: Final = 0
_PUBACK: Final = 0x4002 << 16
_PUBCOMP: Final = 0x7002 << 16
_RECV_BYTES: Final = 256 << 10

_PUBLISH: Final = 0x30
_QOS: Final = 0b0110
_QOS_2: Final = 0b0100


class Malformed(LongchengError):
    """What came is not MQTT; the connection cannot go on."""


def answer(mid: int, qos: int) -> int:
    """The packet that tells the broker that a message is safe, as a number of four bytes; `NO_ANSWER` at QoS 0."""
    return (NO_ANSWER, _PUBACK | mid, _PUBCOMP | mid)[qos]


def packed(answers: list[int]) -> bytes:
    """The packets, for the wire."""
    return pack(f">{len(answers)}I", *answers)


class Split(Struct):
    """What some bytes of the wire hold."""

    messages: list[RawMessage]
    answers: list[int]
    """One for each message."""
    others: bytearray
    """All other packets, whole and in order."""
    size_bytes: int


class Splitter:
    """Takes the byte stream of one connection apart, however it was cut."""

    def __init__(self, *, v5: bool) -> None:
        self._v5 = v5
        self._begun: list[bytes] = []
        self._held_bytes = 0
        self._needed_bytes = 0

    def feed(self, data: bytes, received_ms: int) -> Split:
        """The packets that are complete with this. Raises Malformed."""
        split = Split([], [], bytearray(), 0)
        if self._begun:
            # A packet of many pieces is put together once, not again with each of them.
            self._begun.append(data)
            self._held_bytes += len(data)
            if self._held_bytes < self._needed_bytes:
                return split
            data = b"".join(self._begun)
            self._begun.clear()
        done = split.size_bytes = self._parse(data, received_ms, split)
        if done < len(data):
            self._begun.append(data[done:])
            self._held_bytes = len(data) - done
        return split

    def _parse(self, data: bytes, received_ms: int, split: Split) -> int:
        """Where the first packet begins that is not complete."""
        add, v5, at, end = split.messages.append, self._v5, 0, len(data)
        while at + 2 <= end:
            head, length, body = data[at], data[at + 1], at + 2
            if length > 127:
                length, body = _number(data, at + 1, end)
            stop = body + length
            if stop > end or not body:
                self._needed_bytes = stop - at if body else end - at + 1
                return at
            if head & 0xF0 != _PUBLISH or head & _QOS == _QOS_2:
                split.others += data[at:stop]
            else:
                topic_end = body + 2 + (data[body] << 8 | data[body + 1]) if length > 1 else stop + 1
                begin = _payload(data, head, topic_end, stop, split.answers, v5=v5)
                if begin > stop or topic_end == body + 2:
                    raise Malformed(f"the broker sent a malformed PUBLISH of {stop - at} bytes")
                add(
                    RawMessage(
                        topic=str(data[body + 2 : topic_end], "utf-8", "replace"),
                        payload=data[begin:stop],
                        qos=head >> 1 & 1,
                        retain=head & 1 == 1,
                        dup=head & 8 == 8,
                        received_ms=received_ms,
                    )
                )
            at = stop
        self._needed_bytes = 2
        return at


def _payload(data: bytes, head: int, at: int, stop: int, answers: list[int], *, v5: bool) -> int:
    """Where the payload begins, beyond `stop` if it cannot; `at` is where the topic ends."""
    if head & _QOS:
        if at + 2 > stop or head & _QOS == _QOS:
            return stop + 1
        mid = data[at] << 8 | data[at + 1]
        if not mid:
            return stop + 1
        answers.append(_PUBACK | mid)
        at += 2
    else:
        answers.append(NO_ANSWER)
    if not v5:
        return at
    if at >= stop:
        return stop + 1
    properties_bytes, begin = _number(data, at, stop)
    return begin + properties_bytes if begin else stop + 1


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of one to four bytes and where it ends; (0, 0) if it goes on beyond `end`. Raises Malformed."""
    value = shift = 0
    for place in range(at, min(at + 4, end)):
        byte = data[place]
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place + 1
        shift += 7
    if at + 4 <= end:
        raise Malformed(f"the broker sent a length of more than four bytes: {data[at : at + 4].hex()}")
    return 0, 0


class Wire:
    """A connected socket, plain or TLS, that does not block. The first part is what paho asks of its socket."""

    def __init__(self, sock: Any, splitter: Splitter) -> None:
        self._sock = sock
        self._splitter = splitter
        self._space = bytearray(_RECV_BYTES)
        self._view = memoryview(self._space)
        self._inward = bytearray()
        self._outward = bytearray()
        self._ended = False

    def recv(self, size: int) -> bytes:
        """What is for paho. Raises BlockingIOError if nothing is."""
        if not self._inward and not self._ended:
            raise BlockingIOError
        taken = bytes(self._inward[:size])
        del self._inward[:size]
        return taken

    def send(self, data: bytes | bytearray) -> int:
        """Take all of it, and send what can be sent. Raises OSError."""
        self._outward += data
        self.flush()
        return len(data)

    def fileno(self) -> int:
        """For selectors."""
        return int(self._sock.fileno())

    def setblocking(self, flag: bool) -> None:
        """Paho wants it not to, once it is connected."""
        self._sock.setblocking(flag)

    def close(self) -> None:
        """Let go of it; what is unsent stays so."""
        self._sock.close()

    def receive(self, received_ms: int) -> Split | None:
        """The messages of what has come; the rest waits for paho. None: nothing. Raises OSError and Malformed."""
        try:
            count = self._sock.recv_into(self._space)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None
        if not count:
            self._ended = True
            return None
        split = self._splitter.feed(bytes(self._view[:count]), received_ms)
        self._inward += split.others
        return split

    @property
    def for_paho(self) -> bool:
        """Whether paho has something to read: packets, or the end."""
        return self._ended or bool(self._inward)

    @property
    def buffered(self) -> bool:
        """Whether there is something to receive that no selector knows of."""
        return isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0

    @property
    def unsent(self) -> bool:
        """Whether something waits until the socket takes it."""
        return bool(self._outward)

    def flush(self) -> None:
        """Send what waits, as far as the socket takes it. Raises OSError."""
        while self._outward:
            try:
                sent = self._sock.send(self._outward)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            del self._outward[:sent]

    def half_close(self) -> None:
        """Tell the broker that no more will come. Not by TLS, which has no such thing."""
        if not isinstance(self._sock, ssl.SSLSocket):
            with contextlib.suppress(OSError):
                self._sock.shutdown(socket.SHUT_WR)

    def linger(self, at_most_s: float) -> None:
        """Send the rest and wait for the broker to close its side: closing ours on unread messages would reset it."""
        deadline_s = time.monotonic() + at_most_s
        with contextlib.suppress(OSError):
            self._sock.settimeout(at_most_s)
            self._sock.sendall(self._outward)
            self._sock.shutdown(socket.SHUT_WR)
            while (left_s := deadline_s - time.monotonic()) > 0:
                self._sock.settimeout(left_s)
                if not self._sock.recv(1 << 16):
                    return


class WiredClient(Client):
    """Paho's client on such a wire, as paho puts its own websockets between."""

    def excuse_silence(self) -> None:
        """Whoever does not read may not end the connection for an unanswered ping; the broker still gets its pings."""
        self._ping_t = 0.0

    def _create_socket(self) -> Any:
        sock: Any = super()._create_socket()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # small packets don't wait for earlier ones
        return Wire(sock, Splitter(v5=self._protocol == 5))
