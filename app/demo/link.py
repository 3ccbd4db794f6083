"""One device's MQTT connection: a paho client driven by the running event loop, so that 43 need no threads."""

import asyncio
import logging
import random
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from app.demo.wire import Outgoing

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike  # paho declares it for type checkers only

logger = logging.getLogger(__name__)

KEEPALIVE_S = 30
CONNECT_WITHIN_S = 2.0
RETRY_S = (0.5, 8.0)


class Link:
    """Says `birth` when connected, has the broker say `will` when it vanishes, and keeps trying while wanted."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        birth: Outgoing,
        will: Outgoing,
        client_id: str,
        acknowledged: Callable[[Outgoing], None],
        chance: random.Random,
    ) -> None:
        self._address = address
        self._birth = birth
        self._acknowledged = acknowledged
        self._chance = chance
        self._loop = asyncio.get_running_loop()
        self._wanted = False
        self._failures = 0
        self._retry: asyncio.TimerHandle | None = None
        self._pending: dict[int, Outgoing] = {}
        self.connected = asyncio.Event()
        self.settled = asyncio.Event()
        self.settled.set()
        self.gone = asyncio.Event()
        self.gone.set()
        self._client = self._make_client(client_id, will)

    @property
    def pending(self) -> int:
        """Messages that the broker has not acknowledged."""
        return len(self._pending)

    @property
    def open(self) -> bool:
        """Whether it is connected or trying to be."""
        return self._wanted

    def connect(self) -> None:
        """Connect now, and again whenever the connection is lost."""
        self._wanted = True
        self._retry = None
        try:
            self._client.connect(*self._address, keepalive=KEEPALIVE_S)
        except OSError as failure:
            self._later(str(failure))

    def publish(self, message: Outgoing) -> None:
        """Hand over one message; it goes out when there is a connection. `acknowledged` is called on its PUBACK."""
        info = self._client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        self._pending[info.mid] = message
        self.settled.clear()

    def tend(self) -> None:
        """Keep-alive; call it every few seconds."""
        self._client.loop_misc()

    def cut(self) -> None:
        """Lose the connection as a power cut does: no goodbye."""
        self._stop_trying()
        if isinstance(sock := self._client.socket(), socket.socket):
            with suppress(OSError):  # the broker may have been quicker
                sock.shutdown(socket.SHUT_RDWR)

    async def close(self, timeout_s: float) -> None:
        """Say goodbye (no will is sent) and wait for the end of the connection, at most `timeout_s`."""
        self._stop_trying()
        self._client.disconnect()
        try:
            await asyncio.wait_for(self.gone.wait(), timeout_s)
        except TimeoutError:
            self.cut()

    def _stop_trying(self) -> None:
        self._wanted = False
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _make_client(self, client_id: str, will: Outgoing) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id, clean_session=True, protocol=MQTTv311)
        client.connect_timeout = CONNECT_WITHIN_S
        client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_socket_open = self._on_open
        client.on_socket_close = self._on_close
        client.on_socket_register_write = self._on_write
        client.on_socket_unregister_write = self._on_written
        return client

    def _on_open(self, client: Client, _data: object, sock: "SocketLike") -> None:
        self.gone.clear()
        self._loop.add_reader(sock, client.loop_read)

    def _on_close(self, _client: Client, _data: object, sock: "SocketLike") -> None:
        self._loop.remove_reader(sock)
        self.connected.clear()
        self.gone.set()

    def _on_write(self, client: Client, _data: object, sock: "SocketLike") -> None:
        self._loop.add_writer(sock, client.loop_write)

    def _on_written(self, _client: Client, _data: object, sock: "SocketLike") -> None:
        self._loop.remove_writer(sock)

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if not reason.is_failure:
            self._failures = 0
            self.publish(self._birth)
            self.connected.set()

    def _on_disconnect(
        self, _client: Client, _data: object, _flags: DisconnectFlags, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if self._wanted:
            self._later(str(reason))

    def _on_publish(
        self, _client: Client, _data: object, mid: int, _reason: ReasonCode, _more: Properties | None
    ) -> None:
        self._acknowledged(self._pending.pop(mid))
        if not self._pending:
            self.settled.set()

    def _later(self, reason: str) -> None:
        """Another try after a jittered, growing, capped wait."""
        shortest, longest = RETRY_S
        wait_s = min(longest, shortest * 2**self._failures) * self._chance.uniform(0.5, 1.0)
        self._failures += 1
        logger.debug("%s has no connection (%s); next try in %.1f s", self._birth.topic, reason, wait_s)
        self._retry = self._loop.call_later(wait_s, self.connect)
