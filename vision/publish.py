"""Looks on their way to the broker: QoS 1, and each is kept until the broker has acknowledged it."""

import logging
import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import msgspec

from config.schema import Mqtt
from vision.connection import Connection, Handlers
from vision.wire import asks_to_look

log = logging.getLogger(__name__)

KEEP: Final = 10_000
"""Looks kept while there is no broker: at 671 cameras and a look a minute a quarter of an hour. Then the oldest go."""
QOS: Final = 1


class PublishStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How the way to the broker stands."""

    connected: bool
    protocol: str
    published: int
    waiting: int
    dropped: int


class SightingPublisher:
    """One broker connection on a thread of its own. Its methods may be called from any thread and never block,
    but for `flush` and `stop`.
    """

    def __init__(
        self,
        mqtt: Mqtt,
        *,
        client_id: str,
        chance: random.Random,
        on_look_now: Callable[[str], None] | None = None,
        keep: int = KEEP,
    ) -> None:
        """`on_look_now` is called with a camera_id, on the connection's thread, for each order to look at once."""
        self._root = mqtt.root
        self._status_topic = f"{mqtt.root}/service/{client_id}/status"
        self._on_look_now = on_look_now
        self._keep = keep
        self._change = threading.Condition()
        self._waiting: OrderedDict[int, tuple[str, bytes]] = OrderedDict()
        self._next = 0
        self._published = 0
        self._dropped = 0
        self._sent: dict[int, int] = {}
        self._early: set[int] = set()
        self._live: Any = None
        self._problem: str | None = None
        self._connection = Connection(
            mqtt,
            client_id=client_id,
            will=(self._status_topic, b'{"state":"offline"}'),
            handlers=Handlers(connected=self._connected, lost=self._lost, acked=self._acked, message=self._message),
            chance=chance,
        )

    @property
    def status(self) -> PublishStatus:
        """How it stands now."""
        with self._change:
            return PublishStatus(
                connected=self._live is not None,
                protocol=self._connection.protocol,
                published=self._published,
                waiting=len(self._waiting),
                dropped=self._dropped,
            )

    @property
    def published(self) -> int:
        """How many looks the broker has acknowledged."""
        with self._change:
            return self._published

    @property
    def dropped(self) -> int:
        """How many looks were let go because the broker was away for too long."""
        with self._change:
            return self._dropped

    def start(self) -> None:
        """Begin to connect; looks may be published at once."""
        self._connection.start()

    def wait_connected(self, timeout_s: float) -> bool:
        """Whether the broker is there, within the time."""
        with self._change:
            return self._change.wait_for(lambda: self._live is not None, timeout_s)

    def publish(self, camera_id: str, payload: bytes) -> None:
        """Take one look. Kept until acknowledged, over broken connections too, as long as there is room."""
        with self._change:
            if len(self._waiting) >= self._keep:
                self._waiting.popitem(last=False)
                self._dropped += 1
                if self._dropped == 1:
                    log.warning("no acknowledgement for %d looks; the oldest are dropped from now on", self._keep)
            number, self._next = self._next, self._next + 1
            topic = f"{self._root}/camera/{camera_id}/sighting"
            self._waiting[number] = (topic, payload)
            client = self._live
        if client is not None:
            self._send(client, number, topic, payload)

    def tell(self, problem: str | None) -> None:
        """Say with our status what is wrong, for people who look after the product; None: nothing is."""
        self._problem = problem
        with self._change:
            client = self._live
        if client is not None:
            self._say_status(client)

    def flush(self, timeout_s: float) -> bool:
        """Whether everything was acknowledged within the time."""
        with self._change:
            return self._change.wait_for(lambda: not self._waiting, timeout_s)

    def stop(self, timeout_s: float) -> None:
        """Flush, say offline and leave, all within about the time."""
        if not self.flush(timeout_s):
            log.warning("%d looks were not acknowledged within %g s and are lost", self.status.waiting, timeout_s)
        self._connection.stop(timeout_s)

    def _send(self, client: Any, number: int, topic: str, payload: bytes) -> None:
        # not under our lock: the library holds one of its own while it calls `_acked`
        message_id = client.publish(topic, payload, QOS).mid
        with self._change:
            if client is not self._live:
                return
            if message_id in self._early:
                self._early.discard(message_id)
                self._count(number)
            else:
                self._sent[message_id] = number

    def _count(self, number: int) -> None:
        if self._waiting.pop(number, None) is not None:
            self._published += 1
        self._change.notify_all()

    def _connected(self, client: Any) -> None:
        client.subscribe(f"{self._root}/camera/+/command", QOS)
        with self._change:
            self._live = client
            self._sent, self._early = {}, set()
            again = list(self._waiting.items())
            self._change.notify_all()
        self._say_status(client)
        for number, (topic, payload) in again:
            self._send(client, number, topic, payload)

    def _say_status(self, client: Any) -> None:
        """Two threads may say it; the last word must be the newest problem."""
        said: str | None = ""
        while said != (problem := self._problem):
            status = {"state": "online"} | ({"problem": problem} if problem else {})
            client.publish(self._status_topic, msgspec.json.encode(status), 0, retain=True)
            said = problem

    def _lost(self) -> None:
        with self._change:
            self._live = None

    def _acked(self, client: Any, message_id: int) -> None:
        with self._change:
            if client is not self._live:
                return
            number = self._sent.pop(message_id, None)
            if number is None:
                self._early.add(message_id)  # the answer was faster than our own bookkeeping
            else:
                self._count(number)

    def _message(self, topic: str, payload: bytes) -> None:
        camera_id = topic.removeprefix(f"{self._root}/camera/").removesuffix("/command")
        if self._on_look_now is not None and asks_to_look(payload):
            self._on_look_now(camera_id)
