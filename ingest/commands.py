"""Our own words to devices and cameras: published with QoS 1, done when the broker has them."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from paho.mqtt.client import Client
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from config.schema import Mqtt
from domain.errors import ChannelError
from ingest.broker import Broker

_ANSWER_S: Final = 5.0
_LOOK_S: Final = 0.05


class Commands:
    """A client of its own beside the collector, whose one thread must never wait for an answer.

    MQTT 3.1.1 is all that publishing needs, and every broker speaks it.
    """

    def __init__(self, mqtt: Mqtt, client_id: str) -> None:
        """Connects to nothing yet. Raises ConfigError for a bad url."""
        self._broker = Broker(mqtt, client_id)
        self._client = self._broker.speaker()
        self._client.on_publish = self._on_publish
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to connect, in the background, again and again. Call it where the event loop runs."""
        self._loop = asyncio.get_running_loop()
        self._client.connect_async(self._broker.host, self._broker.port)
        self._client.loop_start()

    def stop(self) -> None:
        """Leave. What was not acknowledged has failed already, and is in the outbox."""
        self._client.disconnect()
        self._client.loop_stop()

    async def connected(self, within_s: float) -> bool:
        """Wait until there is a connection, so long at most. Returns whether there is one."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self._client.is_connected():  # noqa: ASYNC110 - paho tells its own thread, not us
                    await asyncio.sleep(_LOOK_S)
        return self._client.is_connected()

    async def publish(self, topic: str, payload: bytes) -> None:
        """Return once the broker has acknowledged it. Raises ChannelError, to be tried again, if it does not."""
        if not self._client.is_connected():
            raise ChannelError(f"no connection to {self._broker}", retry=True)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Paho's thread may acknowledge before this returns; the callback is queued behind us on the loop.
        sent = self._client.publish(topic, payload, qos=1)
        self._waiting[sent.mid] = done
        try:
            async with asyncio.timeout(_ANSWER_S):
                await done
        except TimeoutError:
            raise ChannelError(f"{self._broker} did not acknowledge within {_ANSWER_S:g} s", retry=True) from None
        finally:
            self._waiting.pop(sent.mid, None)

    def _on_publish(
        self, _client: Client, _userdata: Any, mid: int, _reason: ReasonCode, _properties: Properties
    ) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._acknowledged, mid)

    def _acknowledged(self, mid: int) -> None:
        done = self._waiting.get(mid)
        if done is not None and not done.done():
            done.set_result(None)
