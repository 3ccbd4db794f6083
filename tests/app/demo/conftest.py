"""The demo city's parts, started for real on free ports of loopback."""

import threading
from collections.abc import Callable, Iterator

import pytest
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from app.demo.broker import Broker
from app.demo.frames import Frames
from app.demo.scenes import CameraScene, read_scenes
from config.load import Site, load_site
from domain.message import RawMessage


@pytest.fixture(scope="session")
def site() -> Site:
    return load_site("demo", {})


@pytest.fixture(scope="session")
def scenes(site: Site) -> dict[str, CameraScene]:
    return read_scenes(site.folder / "scenes.csv")


@pytest.fixture(scope="session")
def frames(site: Site) -> Frames:
    return Frames(seed=1, timezone=site.timezone)


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    broker.start()
    yield broker
    broker.stop()


class Listener:
    """Hears everything below a topic root and lets a test wait for it."""

    def __init__(self, broker: Broker, root: str) -> None:
        self.heard: list[RawMessage] = []
        self._news = threading.Condition()
        self._ready = threading.Event()
        self._topics = f"{root}/#"
        self._client = Client(CallbackAPIVersion.VERSION2, "listener", clean_session=False, protocol=MQTTv311)
        self._client.on_connect = self._subscribe
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._hear
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        assert self._ready.wait(60)

    def wait(self, enough: Callable[[list[RawMessage]], bool], timeout_s: float = 60.0) -> bool:
        with self._news:
            return self._news.wait_for(lambda: enough(self.heard), timeout_s)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _subscribe(
        self, client: Client, _data: object, _flags: ConnectFlags, _reason: ReasonCode, _more: Properties | None
    ) -> None:
        client.subscribe(self._topics, qos=1)

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        heard = RawMessage(
            topic=message.topic,
            payload=bytes(message.payload),
            qos=message.qos,
            retain=message.retain,
            dup=message.dup,
            received_ms=0,
        )
        with self._news:
            self.heard.append(heard)
            self._news.notify_all()


@pytest.fixture
def listener(broker: Broker, site: Site) -> Iterator[Listener]:
    listener = Listener(broker, site.settings.mqtt.root)
    yield listener
    listener.stop()
