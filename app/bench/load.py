"""The sender of the ingest measurement, a process of its own: `python -m app.bench.load` with an Order on its input.

It speaks just enough MQTT 3.1.1 over a few plain sockets: CONNECT, PUBLISH at QoS 1, PUBACK. Packets are made before
the clock starts, so that sending costs next to nothing beside what is measured.
"""

import selectors
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from app.bench.traffic import Traffic, topic

_CHUNK = 100
"""Messages in one write, when as many as possible are sent."""
_TELL_S = 0.25
_ANSWER_S = 10.0
_READ_BYTES = 1 << 18
_LAST_MID = 65_535


class Order(Struct, frozen=True, kw_only=True):
    """What to send, and how."""

    broker_port: int
    traffic: Traffic
    connections: int = 4
    window: int = 5000
    """Unacknowledged messages at a time, over all connections."""
    rate: float = 0.0
    """Messages a second, evenly spread; 0: as many as the broker takes."""
    quiet_limit_s: float = 30.0
    """For so long the broker may take nothing at all before the sender gives up."""


class Told(Struct, frozen=True, kw_only=True):
    """A line of its output: how far it is. Times are of the monotonic clock, which all processes share."""

    state: str
    """`ready`, `sending`, `done`, or `stuck`."""
    acked: int = 0
    """Messages the broker has acknowledged; only these count as sent."""
    at_s: float = 0.0
    first_s: float = 0.0
    """When the first message was written."""
    cpu_s: float = 0.0
    critical: dict[int, float] = {}
    """By message: when a critical one was written."""


class Link:
    """One connection, its packets to send, and what is still unacknowledged."""

    def __init__(self, port: int, name: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.queue: deque[tuple[bytes, int]] = deque()
        self.sent = self.acked = 0
        self._left = memoryview(b"")
        self._torn = b""
        try:
            self._connect(name.encode())
        except OSError:
            self.socket.close()
            raise
        self.socket.setblocking(False)

    def _connect(self, name: bytes) -> None:
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2, "big") + name
        self.socket.sendall(b"\x10" + _length(len(body)) + body)
        answer = self.socket.recv(4)
        if answer[:2] != b"\x20\x02" or answer[3:] != b"\x00":
            raise ConnectionError(f"the broker answers {answer!r} to CONNECT; a CONNACK that accepts must come")

    @property
    def wants_to_write(self) -> bool:
        """Whether there is something that may be sent now, but for the window."""
        return bool(self._left or self.queue)

    def write(self, window: int) -> None:
        """Send until the window is full, nothing is left, or the socket takes no more."""
        while True:
            if not self._left:
                if not self.queue or self.sent - self.acked + self.queue[0][1] > window:
                    return
                packets, count = self.queue.popleft()
                self._left = memoryview(packets)
                self.sent += count
            try:
                self._left = self._left[self.socket.send(self._left) :]
            except BlockingIOError:
                return

    def read(self) -> None:
        """Count PUBACKs. Raises ConnectionError for anything else."""
        data = self._torn + self.socket.recv(_READ_BYTES)
        count, rest = divmod(len(data), 4)
        if len(data) == len(self._torn):
            raise ConnectionError("the broker has closed the connection")
        if data[0 : count * 4 : 4] != b"\x40" * count or data[1 : count * 4 : 4] != b"\x02" * count:
            raise ConnectionError(f"the broker sends something else than PUBACKs: {data[:40]!r}")
        self._torn = data[len(data) - rest :]
        self.acked += count


def _length(size: int) -> bytes:
    """MQTT's remaining length."""
    out = bytearray()
    while size > 127:
        out.append(size & 127 | 128)
        size >>= 7
    out.append(size)
    return bytes(out)


def packets(traffic: Traffic, connections: int) -> Iterator[tuple[int, int, bytes]]:
    """Number, connection and PUBLISH packet of every message. A device keeps to its connection."""
    topics = [topic(device).encode() for device in range(traffic.devices)]
    mids = [0] * connections
    for number in range(traffic.messages):
        device = number % traffic.devices
        link = device % connections
        mids[link] = mids[link] % _LAST_MID + 1
        name, payload = topics[device], traffic.payload(number)
        size = _length(len(name) + len(payload) + 4)
        head = b"\x32" + size + len(name).to_bytes(2, "big") + name
        yield number, link, head + mids[link].to_bytes(2, "big") + payload


class Sender:
    """Sends an order."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._links = [Link(order.broker_port, f"bench-load-{number}") for number in range(order.connections)]
        self._due: deque[tuple[int, Link, bytes]] = deque()
        self._critical: dict[int, float] = {}
        self._first_s = self._told_s = 0.0
        if order.rate:
            self._due.extend(
                (n, self._links[link], packet) for n, link, packet in packets(order.traffic, len(self._links))
            )
        else:
            self._fill()

    def _fill(self) -> None:
        waiting: list[list[bytes]] = [[] for _ in self._links]
        for _, link, packet in packets(self._order.traffic, len(self._links)):
            waiting[link].append(packet)
            if len(waiting[link]) == _CHUNK:
                self._links[link].queue.append((b"".join(waiting[link]), _CHUNK))
                waiting[link].clear()
        for link, rest in enumerate(waiting):
            if rest:
                self._links[link].queue.append((b"".join(rest), len(rest)))

    @property
    def acked(self) -> int:
        """Messages acknowledged so far."""
        return sum(link.acked for link in self._links)

    def run(self) -> bool:
        """Send everything; False if the broker stopped acknowledging."""
        window = max(_CHUNK, self._order.window // len(self._links))
        self._first_s = moved_s = time.monotonic()
        acked = 0
        with selectors.DefaultSelector() as selector:
            for link in self._links:
                selector.register(link.socket, selectors.EVENT_READ, link)
            while (now_acked := self.acked) < self._order.traffic.messages:
                rest_s = self._release()
                if now_acked > acked:
                    acked, moved_s = now_acked, time.monotonic()
                elif time.monotonic() - moved_s > self._order.quiet_limit_s:
                    return False
                for link in self._links:
                    link.write(window)
                for key, _ in selector.select(rest_s):
                    key.data.read()
                self._tell_now_and_then()
        return True

    def _release(self) -> float:
        """Queue what is due by the clock; how long until there is something to do, in seconds."""
        if not self._order.rate:
            # A socket that takes no more has room again when acknowledgements come; the limit is for the others.
            return 0.005 if any(link.wants_to_write for link in self._links) else 0.05
        now_s = time.monotonic()
        while self._due and self._first_s + self._due[0][0] / self._order.rate <= now_s:
            number, link, packet = self._due.popleft()
            if self._order.traffic.critical(number):
                self._critical[number] = now_s
            link.queue.append((packet, 1))
        return 0.002 if self._due else 0.05

    def _tell_now_and_then(self) -> None:
        now_s = time.monotonic()
        if now_s - self._told_s >= _TELL_S:
            self._told_s = now_s
            self.tell("sending")

    def tell(self, state: str) -> None:
        """Print how far it is."""
        done = state in {"done", "stuck"}
        _print(
            Told(
                state=state,
                acked=self.acked,
                at_s=time.monotonic(),
                first_s=self._first_s,
                cpu_s=time.process_time(),
                critical=self._critical if done else {},
            )
        )


def _print(told: Told) -> None:
    sys.stdout.write(msgspec.json.encode(told).decode() + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the order, make the packets, say `ready`, wait for a line, send, and say `done`."""
    order = msgspec.json.decode(sys.stdin.readline(), type=Order)
    sender = Sender(order)
    _print(Told(state="ready", cpu_s=time.process_time()))
    if sys.stdin.readline():  # its end means that who started us is gone
        sender.tell("done" if sender.run() else "stuck")


if __name__ == "__main__":
    main()
