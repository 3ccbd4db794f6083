"""What the broker keeps for the collector, and what happens when it does not."""

import logging
import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from config.load import SHARED
from ingest.subscriptions import Subscriptions
from tests.fakes.brokers import Mosquitto, mosquitto, scripted
from tests.fakes.devices import FakeDevice
from tests.fakes.journals import MemoryJournal
from tests.ingest.conftest import Collect
from tests.ingest.waiting import until

BARE = "user root\n"
"""Mosquitto's own defaults."""

server = pytest.mark.server


def say(broker: Mosquitto, *topics: str) -> None:
    """Publish a word under each of these, and return when the broker has them all."""
    done: queue.SimpleQueue[int] = queue.SimpleQueue()
    client = Client(CallbackAPIVersion.VERSION2)

    def published(_client: Client, _userdata: Any, mid: int, _reason: object, _properties: object) -> None:
        done.put(mid)

    client.on_publish = published
    client.connect("127.0.0.1", broker.port)
    client.loop_start()
    for topic in topics:
        client.publish(topic, b"x", qos=1)
    for _ in topics:
        done.get(timeout=60)
    client.disconnect()
    client.loop_stop()


def remembering(folder: Path, broker: Mosquitto, *filters: str) -> Subscriptions:
    """As after a start of the product."""
    place = broker.url.removeprefix("mqtt://")
    return Subscriptions(filters, client_id="collector", broker=place, folder=folder)


@server
def test_a_filter_that_is_no_longer_configured_is_unsubscribed(
    tmp_path: Path, collect: Collect, journal: MemoryJournal
) -> None:
    """The kept session would go on with it for ever; what is new comes as well."""
    with mosquitto(tmp_path) as broker:
        first = collect(broker.url, remembering(tmp_path, broker, "old/#", "same/#"))
        until(lambda: first.status.connected, "connected")
        first.stop(5)
        second = collect(broker.url, remembering(tmp_path, broker, "same/#", "new/#"))
        until(lambda: second.status.connected, "connected again")
        say(broker, "old/1", "same/1", "new/1")
        assert journal.wait(lambda kept: len(kept.messages) >= 2)
        second.stop(5)
    assert [message.topic for message in journal.messages] == ["same/1", "new/1"]


@server
def test_a_session_that_was_not_kept_is_told_at_the_next_start(
    tmp_path: Path, collect: Collect, caplog: pytest.LogCaptureFixture
) -> None:
    """Not at the very first start, but whenever there was one: with what may be lost, and what to set."""
    caplog.set_level(logging.INFO, "ingest")
    with mosquitto(tmp_path, whole=BARE) as broker:
        first = collect(broker.url, remembering(tmp_path, broker, "a/#"))
        until(lambda: first.status.connected, "connected")
        assert [record.levelno for record in caplog.records] == [logging.INFO]
        first.stop(5)
        broker.stop()
        broker.start()
        caplog.clear()
        second = collect(broker.url, remembering(tmp_path, broker, "a/#"))
        until(lambda: second.status.connected, "connected")
        second.stop(5)
    [warning] = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert "has not kept our session" in warning
    assert "persistence true" in warning


@server
def test_connecting_again_is_counted(tmp_path: Path, collect: Collect) -> None:
    """With the time of the last one, for whoever draws curves of it."""
    with mosquitto(tmp_path) as broker:
        collector = collect(broker.url)
        until(lambda: collector.status.connected, "connected")
        first = collector.status
        broker.stop()
        until(lambda: not collector.status.connected, "disconnected")
        broker.start()
        until(lambda: collector.status.connected, "connected again")
        again = collector.status
        collector.stop(5)
    assert (first.reconnects, again.reconnects) == (0, 1)
    assert first.last_connect_ms is not None
    assert again.last_connect_ms is not None
    assert again.last_connect_ms > first.last_connect_ms


def absent(broker: Mosquitto, collect: Collect, journal: MemoryJournal, *, restart: bool) -> int:
    """How many of 3,000 at QoS 1 and of 300 at QoS 0 arrive that were sent while the collector was away."""
    first = collect(broker.url)
    until(lambda: first.status.connected, "connected")
    first.stop(5)
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*[b"0"] * 300, qos=0)
        tree.send(*[b"1"] * 3000)
    if restart:
        broker.stop()
        broker.start()
    second = collect(broker.url)
    until(lambda: second.status.connected, "connected again")
    with FakeDevice(broker.url, "tree", "tree-2") as tree:
        tree.send(b"last")
    assert journal.wait(lambda kept: kept.messages[-1].payload == b"last" if kept.messages else False)
    second.stop(5)
    return sum(message.payload in {b"0", b"1"} for message in journal.messages)


@server
def test_mosquitto_as_it_comes_loses_what_is_sent_to_an_absent_collector(
    tmp_path: Path, collect: Collect, journal: MemoryJournal
) -> None:
    """This is why a configuration is shipped; if it ever stops being so, the shipped one may be shorter."""
    with mosquitto(tmp_path, whole=BARE) as broker:
        assert absent(broker, collect, journal, restart=False) <= 1020


@server
@pytest.mark.parametrize("beside_debians", [False, True], ids=["by itself", "in conf.d beside Debian's own"])
def test_mosquitto_as_we_ship_it_loses_nothing(
    tmp_path: Path, collect: Collect, journal: MemoryJournal, beside_debians: bool
) -> None:
    """Not even over a restart of the broker, and not what LoRaWAN servers send at QoS 0."""
    shipped = (SHARED / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    assert "\nlistener 1883 127.0.0.1\nallow_anonymous true\n" in shipped
    ours = shipped.replace("listener 1883 127.0.0.1\nallow_anonymous true\n", "user root\n")
    whole = ours.replace("#persistence_location /var/lib/mosquitto/", f"persistence_location {tmp_path}/")
    assert whole != ours
    if beside_debians:
        (tmp_path / "conf.d").mkdir()
        (tmp_path / "conf.d" / "longcheng.conf").write_text(ours, encoding="utf-8")
        whole = f"persistence true\npersistence_location {tmp_path}/\ninclude_dir {tmp_path}/conf.d\n"
    with mosquitto(tmp_path, whole=whole) as broker:
        assert absent(broker, collect, journal, restart=True) == 3300


ACCEPT = b"\x20\x03\x00\x00\x00"
Answer = Callable[[bytes], bytes]


def grant(then: bytes) -> Answer:
    """Accept the three subscriptions, and send this with it."""
    return lambda packet: b"\x90\x06" + packet[2:4] + b"\x00\x01\x01\x01" + then


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (b"\x32\x05\x00\x01a\x00\x00", "malformed PUBLISH of 7 bytes"),
        (b"\x30\xff\xff\xff\xff\x01", "a length of more than four bytes: ffffffff"),
        (b"\x90\x01\x00", "Protocol error"),
        (b"\x34\x06\x00\x01\xff\x00\x07\x00\x62\x02\x00\x07", "malformed packet"),
    ],
)
def test_what_is_not_mqtt_ends_the_connection_and_says_why(
    collect: Collect, caplog: pytest.LogCaptureFixture, broken: bytes, said: str
) -> None:
    """It neither hangs nor spins: the next connection follows, and the log names what was wrong."""
    accept: Answer = lambda _packet: ACCEPT  # noqa: E731
    with scripted([accept, grant(broken)], [accept, grant(b"")]) as url:
        collector = collect(url)
        until(lambda: "no connection" in caplog.text, "the first connection ended")
        until(lambda: collector.status.connected, "the second one stands")
        collector.stop(5)
    assert said in caplog.text
    assert "by a fault of ours" not in caplog.text


PING = b"\xc0\x00"


def count_pings(heard: queue.SimpleQueue[bytes]) -> Answer:
    """Notes what comes, and answers none of it."""

    def take(packet: bytes) -> bytes:
        heard.put(packet)
        return b""

    return take


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keepalive at a second, not at half a minute."""
    monkeypatch.setattr("ingest.broker._KEEPALIVE_S", 1)


@pytest.mark.usefixtures("hasty")
def test_a_broker_that_answers_no_ping_is_left(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    """Messages do not go through paho; that the broker is silent is still its to know."""
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    accept: Answer = lambda _packet: ACCEPT  # noqa: E731
    with scripted([accept, grant(b""), *[count_pings(heard)] * 5]) as url:
        collector = collect(url)
        until(lambda: "Keep alive timeout" in caplog.text, "given up")
        collector.stop(5)
    assert PING in b"".join(heard.get() for _ in range(heard.qsize()))


@pytest.mark.usefixtures("hasty")
def test_who_cannot_take_more_does_not_blame_the_broker(collect: Collect, journal: MemoryJournal) -> None:
    """With a full inbox the answers to pings lie unread; the connection stands, and the broker hears of us."""
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    accept: Answer = lambda _packet: ACCEPT  # noqa: E731
    flood = b"\x30\x05\x00\x01a\x00x" * 200
    journal.hold()
    with scripted([accept, grant(flood), *[count_pings(heard)] * 20]) as url:
        collector = collect(url, receive_maximum=1)
        received = b""
        while received.count(PING) < 4:
            received += heard.get(timeout=60)
        assert (collector.status.connected, collector.status.reconnects) == (True, 0)
        journal.release()
        assert journal.wait(lambda kept: len(kept.messages) == 200)
        collector.stop(5)
