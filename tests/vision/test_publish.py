"""Looks on their way to real brokers."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from config.schema import Mqtt
from tests.fakes.brokers import Mosquitto, amqtt, free_port, mosquitto
from vision.publish import SightingPublisher

PATIENCE_S = 60.0


class Listener:
    """Hears everything under the root, by MQTT 3.1.1."""

    def __init__(self, url: str) -> None:
        self._change = threading.Condition()
        self.heard: list[tuple[str, bytes, bool]] = []
        self._client = Client(CallbackAPIVersion.VERSION2, "listener")
        self._subscribed = threading.Event()
        self._client.on_message = self._on_message
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", int(url.rpartition(":")[2]))
        self._client.subscribe("longcheng/v1/#", 1)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        with self._change:
            self.heard.append((message.topic, bytes(message.payload), message.retain))
            self._change.notify_all()

    def until(self, topic: str, payload: bytes) -> None:
        """Wait for a message."""
        with self._change:
            assert self._change.wait_for(
                lambda: any(heard[:2] == (topic, payload) for heard in self.heard), PATIENCE_S
            ), self.heard

    def order(self, camera_id: str, payload: bytes) -> None:
        """Send a camera an order."""
        self._client.publish(f"longcheng/v1/camera/{camera_id}/command", payload, 1)

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def listening(url: str) -> Iterator[Listener]:
    """A listener that leaves before the broker does."""
    listener = Listener(url)
    try:
        yield listener
    finally:
        listener.close()


def publisher(url: str, *, asked: list[str] | None = None, keep: int = 10_000, **login: str) -> SightingPublisher:
    """A publisher that appends the cameras it is asked to look at."""
    return SightingPublisher(
        Mqtt(url=url, **login),
        client_id="watch-test",
        chance=random.Random(1),
        on_look_now=None if asked is None else asked.append,
        keep=keep,
    )


def test_looks_arrive_and_count_once_acknowledged_by_mqtt_5(tmp_path: Path) -> None:
    """With birth and farewell on our own status topic, and orders from the other side."""
    asked: list[str] = []
    with mosquitto(tmp_path) as broker, listening(broker.url) as listener:
        looks = publisher(broker.url, asked=asked)
        looks.start()
        assert looks.wait_connected(PATIENCE_S)
        assert looks.status.protocol == "5"
        listener.until("longcheng/v1/service/watch-test/status", b'{"state":"online"}')
        for number in range(300):
            looks.publish("cam-1", b"%d" % number)
        assert looks.flush(PATIENCE_S)
        assert looks.published == 300
        listener.order("cam-7", b'{"command":"reboot"}')
        listener.order("cam-9", b'{"command":"look_now"}')
        listener.order("cam-1", b'{"command":"look_now"}')
        looks.publish("cam-1", b"last")
        listener.until("longcheng/v1/camera/cam-1/sighting", b"last")
        listener.until("longcheng/v1/camera/cam-1/command", b'{"command":"look_now"}')
        looks.stop(PATIENCE_S)
        listener.until("longcheng/v1/service/watch-test/status", b'{"state":"offline"}')
        heard = [payload for topic, payload, _ in listener.heard if topic.endswith("sighting")]
    assert heard == [*(b"%d" % number for number in range(300)), b"last"]
    assert asked == ["cam-9", "cam-1"]


def test_a_broker_that_knows_only_3_1_1_is_understood() -> None:
    """amqtt leaves an MQTT 5 greeting unanswered for ever."""
    with amqtt() as url:
        looks = publisher(url)
        looks.start()
        assert looks.wait_connected(PATIENCE_S)
        assert looks.status.protocol == "3.1.1"
        for number in range(20):
            looks.publish("cam-1", b"%d" % number)
        assert looks.flush(PATIENCE_S)
        assert looks.published == 20
        looks.stop(PATIENCE_S)


def test_what_is_not_acknowledged_survives_the_broker(tmp_path: Path) -> None:
    """Looks before the first connection, and while the broker is away, arrive once it is there."""
    broker = Mosquitto(tmp_path)
    looks = publisher(broker.url)
    looks.start()
    looks.publish("cam-1", b"early")
    assert looks.published == 0
    broker.start()
    try:
        assert looks.flush(PATIENCE_S)
        broker.stop()
        for number in range(50):
            looks.publish("cam-1", b"%d" % number)
        assert looks.published == 1
        assert looks.status.waiting == 50
        broker.start()
        assert looks.flush(PATIENCE_S)
        assert looks.published == 51
        looks.stop(PATIENCE_S)
    finally:
        broker.stop()


def test_without_a_broker_the_newest_are_kept_and_the_stop_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing waits for ever, nothing grows for ever, and what is lost is said."""
    looks = publisher(f"mqtt://127.0.0.1:{free_port()}", keep=5)
    looks.start()
    for number in range(8):
        looks.publish("cam-1", b"%d" % number)
    status = looks.status
    assert (status.waiting, status.dropped, status.connected) == (5, 3, False)
    assert looks.flush(0.01) is False
    looks.stop(0.5)
    assert "5 looks were not acknowledged within 0.5 s and are lost" in caplog.text


def test_a_wrong_password_is_told_once_and_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without the password; and it does not make us think that the broker is an old one."""
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    passwords.chmod(0o600)
    settings = f"allow_anonymous false\npassword_file {passwords}"
    with mosquitto(tmp_path, settings=settings) as broker:
        looks = publisher(broker.url, username="watch", password="pa55word")
        looks.start()
        assert not looks.wait_connected(2.0)
        assert looks.status.protocol == "5"
        looks.stop(1.0)
    assert caplog.text.count("refused with code") == 1
    assert "pa55word" not in caplog.text
