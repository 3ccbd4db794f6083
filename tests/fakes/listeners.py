"""Somebody who listens to a broker."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

_PATIENCE_S = 60.0


@contextmanager
def listening(url: str, topics: str) -> Iterator["queue.SimpleQueue[MQTTMessage]"]:
    """What comes on these topics while inside, in order; the broker has accepted the subscription on entering."""
    heard: queue.SimpleQueue[MQTTMessage] = queue.SimpleQueue()
    ready = threading.Event()
    parts = urlsplit(url)
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv311)
    client.on_connect = lambda client, *_: client.subscribe(topics, qos=1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _client, _data, message: heard.put(message)
    client.connect(parts.hostname or "", parts.port or 1883)
    client.loop_start()
    try:
        assert ready.wait(_PATIENCE_S), f"{url} did not accept a subscription to {topics}"
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()
