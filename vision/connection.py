"""A broker connection that is always being kept up: MQTT 5, or 3.1.1 where the broker knows no better."""

import contextlib
import logging
import random
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from config.schema import Mqtt

log = logging.getLogger(__name__)

CONNECT_S: Final = 5.0
ANSWER_S: Final = 3.0
"""A broker that knows only 3.1.1 may leave an MQTT 5 greeting unanswered for ever."""
LET_GO_S: Final = 1.0
KEEPALIVE_S: Final = 30
FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0
IN_FLIGHT: Final = 100
UNKNOWN_PROTOCOL: Final = frozenset({1, 132})
"""CONNACK: unacceptable protocol version, as 3.1.1 and as 5 say it."""


class Handlers(Struct, frozen=True, kw_only=True):
    """What to call, always on the connection's threads. `client` is the connection it is about."""

    connected: Callable[[Any], None]
    lost: Callable[[], None]
    acked: Callable[[Any, int], None]
    message: Callable[[str, bytes], None]


class Connection:
    """Connects, connects again, and says so once each. A new client each time: nothing of an old one lives on."""

    def __init__(
        self, mqtt: Mqtt, *, client_id: str, will: tuple[str, bytes], handlers: Handlers, chance: random.Random
    ) -> None:
        self._mqtt = mqtt
        self._client_id = client_id
        self._will = will
        self._handlers = handlers
        self._chance = chance
        pinned = mqtt.protocol == "3.1.1"
        self._version = MQTTProtocolVersion.MQTTv311 if pinned else MQTTProtocolVersion.MQTTv5
        self._stopping = threading.Event()
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._accepted = False
        self._refused: int | None = None
        self._complained = False
        self._thread = threading.Thread(target=self._run, name="sightings", daemon=True)

    @property
    def protocol(self) -> str:
        """`5` or `3.1.1`."""
        return "5" if self._version is MQTTProtocolVersion.MQTTv5 else "3.1.1"

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """Leave in good order; waits at most so long."""
        self._stopping.set()
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._stopping.is_set():
            if self._connect_and_stay():
                wait_s = FIRST_WAIT_S
            self._stopping.wait(wait_s * self._chance.uniform(0.5, 1.0))
            wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    def _connect_and_stay(self) -> bool:
        """One connection from its beginning to its end; whether there was one."""
        self._answered.clear()
        self._ended.clear()
        self._accepted, self._refused = False, None
        client = self._client()
        parts = urlsplit(self._mqtt.url)
        try:
            client.connect(parts.hostname or "", parts.port or _default_port(parts.scheme), KEEPALIVE_S)
        except (OSError, ssl.SSLError) as wrong:
            self._complain(f"{type(wrong).__name__}: {wrong}")
            return False
        client.loop_start()
        try:
            self._answered.wait(ANSWER_S)
            if not self._accepted:
                self._not_let_in(client)
                return False
            self._ended.wait()
            return True
        finally:
            self._handlers.lost()
            self._leave(client)

    def _client(self) -> Client:
        version = self._version
        client = Client(
            CallbackAPIVersion.VERSION2,
            self._client_id,
            protocol=version,
            clean_session=None if version is MQTTProtocolVersion.MQTTv5 else True,
            reconnect_on_failure=False,
        )
        client.connect_timeout = CONNECT_S
        client.max_inflight_messages_set(IN_FLIGHT)
        if self._mqtt.username:
            client.username_pw_set(self._mqtt.username, self._mqtt.password)
        if self._mqtt.url.startswith("mqtts://"):
            client.tls_set(ca_certs=str(self._mqtt.ca_file) if self._mqtt.ca_file else None)
        client.will_set(*self._will, 1, retain=True)
        client.on_connect = self._on_connect
        client.on_disconnect = lambda *_: self._end()
        client.on_publish = lambda client, _, message_id, reason, __: self._on_publish(client, message_id, reason)
        client.on_message = lambda _, __, message: self._handlers.message(message.topic, bytes(message.payload))
        return client

    def _on_connect(self, client: Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._refused = reason.value
        else:
            if self._complained:
                log.info("connected to %s, MQTT %s", self._mqtt.url, self.protocol)
            self._complained = False
            self._accepted = True
            self._handlers.connected(client)
        self._answered.set()

    def _on_publish(self, client: Client, message_id: int, reason: Any) -> None:
        if reason is not None and reason.is_failure:
            log.warning("the broker does not take a look: %s", reason)
            return
        self._handlers.acked(client, message_id)

    def _end(self) -> None:
        self._answered.set()
        self._ended.set()

    def _not_let_in(self, client: Client) -> None:
        v5 = self._mqtt.protocol == "auto" and self._version is MQTTProtocolVersion.MQTTv5
        if v5 and (self._refused in UNKNOWN_PROTOCOL or self._refused is None):
            log.warning("%s does not answer MQTT 5; going on with 3.1.1", self._mqtt.url)
            self._version = MQTTProtocolVersion.MQTTv311
            _half_close(client)
            self._ended.wait(LET_GO_S)
        else:
            self._complain("no answer" if self._refused is None else f"refused with code {self._refused}")

    def _complain(self, why: str) -> None:
        log.log(logging.DEBUG if self._complained else logging.WARNING, "no connection to %s: %s", self._mqtt.url, why)
        self._complained = True

    def _leave(self, client: Client) -> None:
        if self._stopping.is_set() and client.is_connected():
            with contextlib.suppress(ValueError, RuntimeError):
                client.publish(self._will[0], self._will[1], 1, retain=True).wait_for_publish(1.0)
        client.disconnect()
        client.loop_stop()


def _default_port(scheme: str) -> int:
    return 8883 if scheme == "mqtts" else 1883


def _half_close(client: Client) -> None:
    """Say that nothing more will come: a broker that waits for the rest of a greeting it misread lets go then."""
    channel = client.socket()
    if isinstance(channel, socket.socket):
        with contextlib.suppress(OSError):
            channel.shutdown(socket.SHUT_WR)
