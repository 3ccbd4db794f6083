"""A device as the broker sees it: real MQTT, with its birth and its last will."""

import json
import threading
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

_PATIENCE_S = 60.0


class FakeDevice:
    """Connects on entering, says that it is online, and leaves in good order."""

    def __init__(
        self, url: str, kind: str, device_id: str, *, root: str = "longcheng/v1", username: str = "", password: str = ""
    ) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 1883)
        self._topic = f"{root}/{kind}/{device_id}"
        self._connected = threading.Event()
        # 3.1.1 is what sensors speak, and what both brokers understand.
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=f"device-{device_id}", protocol=MQTTProtocolVersion.MQTTv311
        )
        self._client.max_inflight_messages_set(1000)
        self._client.will_set(f"{self._topic}/status", '{"state":"offline"}', qos=1, retain=True)
        self._client.on_connect = self._on_connect
        if username:
            self._client.username_pw_set(username, password)

    def __enter__(self) -> Self:
        self._client.connect(*self._address)
        self._client.loop_start()
        assert self._connected.wait(_PATIENCE_S), f"{self._topic} could not connect"
        self._publish("status", {"state": "online"}, retain=True).wait_for_publish(_PATIENCE_S)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, *contents: object, leaf: str = "telemetry", qos: int = 1) -> None:
        """Publish each of these as JSON (bytes as they are); at QoS 1, return when the broker has them all."""
        for sent in [self._publish(leaf, content, qos=qos) for content in contents]:
            sent.wait_for_publish(_PATIENCE_S)
            assert sent.is_published()

    def _publish(self, leaf: str, content: object, *, qos: int = 1, retain: bool = False) -> MQTTMessageInfo:
        payload = content if isinstance(content, bytes) else json.dumps(content).encode()
        return self._client.publish(f"{self._topic}/{leaf}", payload, qos=qos, retain=retain)

    def _on_connect(
        self, _client: Client, _userdata: Any, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if not reason.is_failure:
            self._connected.set()
