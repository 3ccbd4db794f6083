"""One connection to the broker, from CONNECT to its end.

The next connection is a new object with a new paho client, so no acknowledgement can stray into it. All of paho is
driven by the one thread in `run`; other threads only leave acknowledgements and wake it.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Final, cast

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from domain import fault
from domain.clock import Clock
from domain.message import RawMessage
from ingest.agreement import Agreement
from ingest.broker import OFFLINE, ONLINE, Broker, Version
from ingest.inbox import Batch, Inbox
from ingest.outcome import TAKEN_OVER_CODE, Outcome, of_refusal
from ingest.sockets import Wait
from ingest.subscriptions import Subscriptions
from ingest.tally import Tally
from ingest.wire import NO_ANSWER, Malformed, Wire, answer, packed

_ANSWER_S: Final = 3.0
_LAST_WORDS_S: Final = 1.0


class Connection:
    """A client that lives as long as its connection."""

    def __init__(
        self,
        broker: Broker,
        version: Version,
        *,
        subscriptions: Subscriptions,
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
        self.explained = False
        """Whether that is the cause itself, and not just that the connection was gone."""
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
        self._leaving_s: float | None = None
        self._ear, self._bell = socket.socketpair()
        self._ear.setblocking(False)
        self._bell.setblocking(False)
        self._client = broker.client(version)
        self._agreement = Agreement(
            broker, version, subscriptions, on_agreed=self._on_agreed, on_refused=self._on_refused
        )
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_disconnect = self._on_disconnect

    @property
    def session_lost(self) -> bool:
        """Whether the broker has no session of ours, though there was one."""
        return self._agreement.session_lost

    def acknowledge(self, answers: list[int]) -> None:
        """Tell the broker that these messages are safe, in this order. From any thread."""
        wanted = [one for one in answers if one != NO_ANSWER]
        with self._lock:
            if not self._ended:
                self._to_acknowledge += wanted
                wanted = []
        self._tally.add(stale_acks=len(wanted))
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
        except (OSError, Malformed) as wrong:
            unheard = isinstance(wrong, OSError) and not self._answered
            self._outcome = Outcome.UNREACHABLE if unheard else Outcome.LOST
            self.detail, self.explained = str(wrong), isinstance(wrong, Malformed)
        finally:
            self._end()
        return Outcome.CLOSED if self._closing else self._outcome

    def _serve(self) -> None:
        self._outcome = Outcome.UNANSWERED
        wait = Wait(self._ear)
        connected_s = time.monotonic()
        try:
            while (wire := self._wire()) is not None:
                writing = wire.unsent or self._client.want_write()
                # The broker's word on whether we are let in is heard in any case.
                reading = not self._inbox.full or not self._answered
                if wait.ready(wire, reading=reading, writing=writing):
                    self._read(wire)
                elif not reading:
                    self._client.excuse_silence()
                self._write()
                self._client.loop_misc()
                if not self._answered and not self._patient(wire, time.monotonic() - connected_s):
                    return
                if self._closing and not self._to_acknowledge and not self._take_leave():
                    return
        finally:
            wait.close()

    def _wire(self) -> Wire | None:
        """None as soon as paho has closed it."""
        return cast("Wire | None", self._client.socket())

    def _read(self, wire: Wire) -> None:
        """Take what has come: messages for the journal, and all else for paho."""
        split = wire.receive(self._clock.now_ms())
        if split is not None and split.messages and not self._muted:
            self._inbox.put(Batch(split.messages, split.answers, self, split.size_bytes))
            again = sum([message.dup for message in split.messages])
            self._tally.add(received=len(split.messages), redelivered=again)
        try:
            while wire.for_paho and self._client.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS:
                pass
        except (struct.error, IndexError, ValueError) as wrong:
            raise Malformed(f"the broker sent a malformed packet ({wrong})") from wrong

    def _write(self) -> None:
        """Send what is to be acknowledged, in one piece, and what else waits."""
        with self._lock:
            answers, self._to_acknowledge = self._to_acknowledge, []
        wire = self._wire()
        if wire is None:
            self._tally.add(stale_acks=len(answers))
            return
        if answers:
            wire.send(packed(answers))
            self._tally.add(acked=len(answers))
            fault.reach("acknowledged")
        elif wire.unsent:
            wire.flush()
        if self._client.want_write():
            self._client.loop_write()

    def _patient(self, wire: Wire, waited_s: float) -> bool:
        """Whether to go on waiting for the CONNACK.

        A broker that cannot read MQTT 5 may wait for bytes that never come. Half-closing tells it that they won't;
        some then answer, and all of them let go.
        """
        if waited_s < _ANSWER_S:
            return True
        wire.half_close()
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
        if (wire := self._wire()) is not None:
            wire.close()
        self._ear.close()
        self._bell.close()

    def _on_connect(
        self, client: Client, _userdata: Any, flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._answered = True
        self._outcome = Outcome.LOST
        if not reason.is_failure:
            self.session_present = flags.session_present
            self._agreement.seek(client, session_present=flags.session_present)
            return
        self.detail = str(reason)
        self._outcome = of_refusal(reason.value)

    def _on_agreed(self) -> None:
        self._client.publish(self._broker.presence, ONLINE, qos=1, retain=True)
        self._on_ready(self)
        self.ready = True

    def _on_refused(self, filters: tuple[str, ...]) -> None:
        self._outcome = Outcome.SUBSCRIPTION_REFUSED
        self.detail = f"not allowed to subscribe to {', '.join(filters)}"
        self._client.disconnect()

    def _on_message(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        """Only for QoS 2, which nobody subscribes to: paho takes part in its four steps, the last is our answer."""
        if self._muted:
            return
        raw = RawMessage(
            topic=message.topic,
            payload=bytes(message.payload),
            qos=message.qos,
            retain=message.retain,
            dup=message.dup,
            received_ms=self._clock.now_ms(),
        )
        self._inbox.put(Batch([raw], [answer(message.mid, message.qos)], self, len(raw.payload)))
        self._tally.add(received=1, redelivered=int(raw.dup))

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: Any,
        flags: DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self.explained = flags.is_disconnect_packet_from_server
        if self.explained and reason.value == TAKEN_OVER_CODE:
            self._outcome = Outcome.TAKEN_OVER
            self.detail = f"another client uses the client id {self._broker.client_id!r}"
        elif not self.detail:
            said = "the broker said" if self.explained else "connection lost"
            self.detail = f"{said}: {reason}"
        if self._closing and (wire := self._wire()) is not None:
            wire.linger(_LAST_WORDS_S)
