"""One connection to the broker, from CONNECT to its end.

The next connection is a new object with a new paho client, so no acknowledgement can stray into it. All of paho is
driven by the one thread in `run`; other threads only leave acknowledgements and wake it.
"""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from domain.clock import Clock
from domain.message import RawMessage
from ingest.broker import OFFLINE, ONLINE, Broker, Version
from ingest.inbox import Arrival, Inbox
from ingest.sockets import Wait, linger, send_at_once
from ingest.tally import Tally

_ANSWER_S: Final = 3.0
_LAST_WORDS_S: Final = 1.0
_READS_AT_ONCE: Final = 200

_VERSION_REFUSED: Final = 0x84
_LOGIN_REFUSED: Final = frozenset({0x86, 0x87, 0x8A, 0x8C})  # bad password, not authorised, banned, bad method


class Outcome(StrEnum):
    """How a connection ended."""

    CLOSED = "closed"  # we wanted it
    LOST = "lost"
    UNREACHABLE = "unreachable"
    UNANSWERED = "unanswered"  # no CONNACK: perhaps a broker that cannot read this version
    VERSION_REFUSED = "version refused"
    LOGIN_REFUSED = "login refused"
    SUBSCRIPTION_REFUSED = "subscription refused"


class Connection:
    """A client that lives as long as its connection."""

    def __init__(
        self,
        broker: Broker,
        version: Version,
        *,
        inbox: Inbox,
        tally: Tally,
        clock: Clock,
        on_ready: Callable[["Connection"], None],
    ) -> None:
        """`on_ready` is called, in the thread of `run`, once the broker has accepted the subscriptions."""
        self.version = version
        self.session_present = False
        self.ready = False
        """Whether the broker is sending us messages."""
        self.detail = ""
        """Why it ended, for the log."""
        self._broker = broker
        self._inbox = inbox
        self._tally = tally
        self._clock = clock
        self._on_ready = on_ready
        self._lock = threading.Lock()
        self._to_acknowledge: list[int] = []
        self._ended = False
        self._muted = False
        self._closing = False
        self._answered = False
        self._outcome = Outcome.LOST
        self._handed_over = 0
        self._leaving_s: float | None = None
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._client = broker.client(version)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_disconnect = self._on_disconnect

    def acknowledge(self, mids: list[int]) -> None:
        """Tell the broker that these messages are safe, in this order. From any thread."""
        with self._lock:
            if not self._ended:
                self._to_acknowledge += mids
                mids = []
        self._tally.add(stale_acks=len(mids))
        self.wake()

    def wake(self) -> None:
        """Let `run` look around: there is room in the inbox, or something to acknowledge. From any thread."""
        with contextlib.suppress(OSError):  # full: it will wake anyway; closed: it is over
            self._bell.send(b"\0")

    def mute(self) -> None:
        """Take no more messages; the broker keeps what is not acknowledged. From any thread."""
        self._muted = True

    def close(self) -> None:
        """Send what is to be acknowledged, say goodbye and end. From any thread."""
        self._closing = True
        self.wake()

    def run(self) -> Outcome:
        """Connect and stay until the end, whatever it is. Network and broker never make it raise."""
        try:
            if not self._closing:
                self._broker.connect(self._client, self.version)
                self._serve()
        except OSError as wrong:
            self._outcome = Outcome.LOST if self._answered else Outcome.UNREACHABLE
            self.detail = str(wrong)
        finally:
            self._end()
        return Outcome.CLOSED if self._closing else self._outcome

    def _serve(self) -> None:
        self._outcome = Outcome.UNANSWERED
        send_at_once(self._client.socket())
        wait = Wait(self._ear)
        connected_s = time.monotonic()
        try:
            while (sock := self._client.socket()) is not None:
                if wait.ready(sock, reading=not self._inbox.full, writing=self._client.want_write()):
                    self._read()
                self._send_acknowledgements()
                if self._client.want_write():
                    self._client.loop_write()
                self._client.loop_misc()
                if not self._answered and not self._patient(sock, time.monotonic() - connected_s):
                    return
                if self._closing and not self._to_acknowledge and not self._take_leave():
                    return
        finally:
            wait.close()

    def _read(self) -> None:
        """Read packets while they bring messages and there is room; whoever came with the last, comes with the next."""
        taken = 0
        for _ in range(_READS_AT_ONCE):
            before = self._handed_over
            if self._client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS or self._handed_over == before:
                break
            taken += 1
            if self._inbox.full:
                break
        self._tally.add(received=taken)

    def _send_acknowledgements(self) -> None:
        with self._lock:
            mids, self._to_acknowledge = self._to_acknowledge, []
        if not mids:
            return
        sent = 0
        for mid in mids:
            if self._client.ack(mid, qos=1) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
            sent += 1
        self._tally.add(acked=sent, stale_acks=len(mids) - sent)

    def _patient(self, sock: Any, waited_s: float) -> bool:
        """Whether to go on waiting for the CONNACK.

        A broker that cannot read MQTT 5 may wait for bytes that never come. Half-closing tells it that they won't;
        some then answer, and all of them let go.
        """
        if waited_s < _ANSWER_S:
            return True
        if not isinstance(sock, ssl.SSLSocket):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_WR)
        return waited_s < _ANSWER_S + _LAST_WORDS_S

    def _take_leave(self) -> bool:
        """Say goodbye, and whether the goodbye still has to go out."""
        if self._leaving_s is None:
            if not self.ready:
                return False
            self._leaving_s = time.monotonic()
            self._client.publish(self._broker.presence, OFFLINE, qos=0, retain=True)
            self._client.disconnect()
        return time.monotonic() - self._leaving_s < _LAST_WORDS_S

    def _end(self) -> None:
        self.ready = False
        with self._lock:
            self._ended = True
            left, self._to_acknowledge = len(self._to_acknowledge), []
        self._tally.add(stale_acks=left)
        if (sock := self._client.socket()) is not None:
            sock.close()
        self._ear.close()
        self._bell.close()

    def _on_connect(
        self, client: Client, _userdata: Any, flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._answered = True
        self._outcome = Outcome.LOST
        if not reason.is_failure:
            self.session_present = flags.session_present
            self._broker.subscribe(client, self.version)
            return
        self.detail = str(reason)
        if reason.value == _VERSION_REFUSED:
            self._outcome = Outcome.VERSION_REFUSED
        elif reason.value in _LOGIN_REFUSED:
            self._outcome = Outcome.LOGIN_REFUSED

    def _on_subscribe(
        self, client: Client, _userdata: Any, _mid: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refused = [name for name, reason in zip(self._broker.filters, reasons, strict=False) if reason.is_failure]
        if refused:
            self._outcome = Outcome.SUBSCRIPTION_REFUSED
            self.detail = f"not allowed to subscribe to {', '.join(refused)}"
            client.disconnect()
            return
        client.publish(self._broker.presence, ONLINE, qos=1, retain=True)
        self._on_ready(self)
        self.ready = True

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        if self._muted:
            return
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "\N{REPLACEMENT CHARACTER}"  # no broker may send this; it becomes a dead letter, not a dead thread
        raw = RawMessage(
            topic=topic,
            payload=bytes(message.payload),
            qos=message.qos,
            retain=message.retain,
            dup=message.dup,
            received_ms=self._clock.now_ms(),
        )
        self._handed_over += 1
        self._inbox.put(Arrival(raw, self, message.mid))

    def _on_disconnect(
        self, client: Client, _userdata: Any, flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if not self.detail:
            said = "the broker said" if flags.is_disconnect_packet_from_server else "connection lost"
            self.detail = f"{said}: {reason}"
        if self._closing:
            linger(client.socket(), _LAST_WORDS_S)
