"""The collector against a real mosquitto: nothing acknowledged before it is durable, nothing lost."""

import json
import logging
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from domain.message import RawMessage
from tests.fakes.brokers import Mosquitto, free_port, mosquitto
from tests.fakes.devices import FakeDevice
from tests.fakes.journals import MemoryJournal
from tests.ingest.conftest import Collect
from tests.ingest.waiting import until

pytestmark = pytest.mark.server


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """A mosquitto of this test's own."""
    with mosquitto(tmp_path) as running:
        yield running


def readings(messages: Sequence[RawMessage]) -> list[int]:
    """The numbers that were sent as tilt, in order of the journal."""
    return [
        json.loads(message.payload)["metrics"]["tilt_deg"]
        for message in messages
        if message.topic.endswith("/telemetry")
    ]


def numbered(start: int, stop: int) -> list[object]:
    """Readings that carry these numbers."""
    return [{"metrics": {"tilt_deg": number}} for number in range(start, stop)]


def test_what_is_sent_is_journalled_in_order_and_acknowledged(
    broker: Mosquitto, collect: Collect, journal: MemoryJournal
) -> None:
    """MQTT 5; topic, payload, QoS and the received time arrive as they were; every message gets its one ack."""
    collector = collect(broker.url)
    until(lambda: collector.status.connected, "connected")
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 500))
        tree.send({"look_id": "x"}, leaf="sighting")  # under a tree: not subscribed to
    assert journal.wait(lambda kept: len(kept.messages) >= 501)
    assert readings(journal.messages) == list(range(500))
    birth = journal.messages[0]
    assert birth.topic == "longcheng/v1/tree/tree-1/status"
    assert (birth.payload, birth.qos, birth.retain, birth.dup) == (b'{"state": "online"}', 1, False, False)
    assert birth.received_ms > 1_700_000_000_000
    until(lambda: collector.status.acked == 501, "all acknowledged")
    status = collector.status
    assert (status.protocol, status.session_present, status.received, status.journalled) == ("5", False, 501, 501)
    assert (status.stale_acks, status.paused) == (0, False)


def test_nothing_is_acknowledged_before_the_journal_has_it(
    broker: Mosquitto, collect: Collect, journal: MemoryJournal
) -> None:
    """While the write is under way the broker holds its window back; receive maximum bounds what is taken."""
    collector = collect(broker.url, receive_maximum=10)
    until(lambda: collector.status.connected, "connected")
    journal.hold()
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 30))
        until(lambda: collector.status.received == 10, "the window is used up")
        assert (collector.status.acked, collector.status.journalled) == (0, 0)
        journal.release()
        assert journal.wait(lambda kept: len(readings(kept.messages)) == 30)
    until(lambda: collector.status.acked >= 31, "all acknowledged")


def test_a_full_journal_pauses_and_nothing_is_lost(
    broker: Mosquitto, collect: Collect, journal: MemoryJournal, caplog: pytest.LogCaptureFixture
) -> None:
    """One complaint, no acknowledgement; when there is room again, everything follows in order."""
    collector = collect(broker.url)
    until(lambda: collector.status.connected, "connected")
    journal.fill()
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 300))
    assert journal.wait(lambda kept: kept.refusals >= 2)
    assert collector.status.paused
    assert collector.status.acked == 0
    journal.drain()
    assert journal.wait(lambda kept: len(readings(kept.messages)) >= 300)
    assert readings(journal.messages) == list(range(300))
    until(lambda: not collector.status.paused, "resumed")
    complaints = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(complaints) == 1
    assert "the journal takes nothing" in complaints[0].getMessage()


def test_what_came_while_it_was_away_comes_when_it_is_back(
    broker: Mosquitto, collect: Collect, journal: MemoryJournal
) -> None:
    """A stopped collector keeps its session; a new one with the same name takes it up."""
    first = collect(broker.url)
    until(lambda: first.status.connected, "connected")
    first.stop(5)
    assert not first.status.connected
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 1500))
    second = collect(broker.url)
    assert journal.wait(lambda kept: len(readings(kept.messages)) >= 1500)
    assert readings(journal.messages) == list(range(1500))
    until(lambda: second.status.connected, "connected")
    assert second.status.session_present is True


def test_stopping_finishes_what_was_taken(broker: Mosquitto, collect: Collect, journal: MemoryJournal) -> None:
    """What it had taken is journalled and acknowledged, so that nothing of it comes again."""
    collector = collect(broker.url)
    until(lambda: collector.status.connected, "connected")
    journal.hold()
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 200))
        until(lambda: collector.status.received == 201, "received")
        journal.release()
        collector.stop(5)
        assert collector.status.acked == 201
        tree.send(*numbered(200, 210))
    again = collect(broker.url)
    assert journal.wait(lambda kept: len(readings(kept.messages)) >= 210)
    again.stop(5)
    assert readings(journal.messages) == list(range(210))


def test_stopping_with_a_full_journal_is_bounded_and_loses_nothing(
    broker: Mosquitto, collect: Collect, journal: MemoryJournal
) -> None:
    """What cannot be kept stays with the broker."""
    collector = collect(broker.url)
    until(lambda: collector.status.connected, "connected")
    journal.fill()
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 50))
    assert journal.wait(lambda kept: kept.refusals >= 1)
    collector.stop(2.5)
    assert collector.status.acked == 0
    journal.drain()
    collect(broker.url)
    assert journal.wait(lambda kept: len(set(readings(kept.messages))) == 50)


def test_a_broker_restart_is_survived(
    broker: Mosquitto, collect: Collect, journal: MemoryJournal, caplog: pytest.LogCaptureFixture
) -> None:
    """One WARNING when it goes, one INFO when it is back, the session found again, and nothing lost in between."""
    caplog.set_level(logging.INFO, "ingest")
    collector = collect(broker.url)
    until(lambda: collector.status.connected, "connected")
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 100))
        assert journal.wait(lambda kept: len(readings(kept.messages)) == 100)
        until(lambda: collector.status.acked == 101, "acknowledged")
    broker.stop()
    until(lambda: not collector.status.connected, "disconnected")
    broker.start()
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(100, 200))
    assert journal.wait(lambda kept: len(set(readings(kept.messages))) == 200)
    until(lambda: collector.status.connected, "connected again")
    assert collector.status.session_present is True
    said = [(record.levelno, record.getMessage()) for record in caplog.records if record.name == "ingest.collector"]
    assert [level for level, _ in said] == [logging.INFO, logging.WARNING, logging.INFO]
    assert "no connection" in said[1][1]
    assert "connected again" in said[2][1]


def test_an_unacknowledged_message_comes_again_and_its_old_ack_is_stale(
    broker: Mosquitto, collect: Collect, journal: MemoryJournal
) -> None:
    """An acknowledgement never reaches another connection than the one its message came in by."""
    collector = collect(broker.url)
    until(lambda: collector.status.connected, "connected")
    journal.hold()
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 20))
        until(lambda: collector.status.received == 21, "received")
    broker.stop()
    until(lambda: not collector.status.connected, "disconnected")
    broker.start()
    until(lambda: collector.status.connected, "connected again")
    journal.release()
    assert journal.wait(lambda kept: len(readings(kept.messages)) >= 40)
    assert sorted(set(readings(journal.messages))) == list(range(20))
    assert any(message.dup for message in journal.messages)
    until(lambda: collector.status.stale_acks >= 20, "the old acknowledgements are counted")


def test_a_wrong_password_waits_and_says_so_once(
    tmp_path: Path, collect: Collect, caplog: pytest.LogCaptureFixture
) -> None:
    """The WARNING names the reason and a wait of at least half a minute; stopping does not wait for it."""
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "desk", "right"], check=True, capture_output=True)
    with mosquitto(tmp_path, settings=f"allow_anonymous false\npassword_file {passwords}") as broker:
        wrong = collect(broker.url, username="desk", password="wrong")
        until(lambda: "login refused" in caplog.text, "refused")
        assert not wrong.status.connected
        [complaint] = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
        assert float(complaint.rsplit("in ", 1)[1].removesuffix(" s")) >= 30
        wrong.stop(5)
        right = collect(broker.url, username="desk", password="right")
        until(lambda: right.status.connected, "connected with the right one")


def test_nobody_there_is_tried_again(
    tmp_path: Path, collect: Collect, journal: MemoryJournal, caplog: pytest.LogCaptureFixture
) -> None:
    """A collector that is started before its broker connects when there is one; it complains once."""
    late = Mosquitto(tmp_path)
    collector = collect(late.url)
    until(lambda: "no connection" in caplog.text, "the first failure")
    until(lambda: "unreachable: " in collector.status.trouble, "the cause is known to whoever asks")
    caplog.set_level(logging.INFO, "ingest")
    late.start()
    try:
        until(lambda: collector.status.connected, "connected")
        assert collector.status.trouble == ""
        assert "connected to" in caplog.text
        assert "connected again" not in caplog.text
        assert len([record for record in caplog.records if record.levelno == logging.WARNING]) == 1
        collector.stop(5)
    finally:
        late.stop()


def test_it_stops_reading_when_it_cannot_keep_up(broker: Mosquitto, collect: Collect, journal: MemoryJournal) -> None:
    """QoS 0 knows no window: twice the receive maximum is taken in, the rest waits in the network."""
    collector = collect(broker.url, receive_maximum=5)
    until(lambda: collector.status.connected, "connected")
    journal.hold()
    with FakeDevice(broker.url, "tree", "tree-1") as tree:
        tree.send(*numbered(0, 200), qos=0)
        until(lambda: collector.status.received >= 10, "the inbox is full")
        assert collector.status.received <= 10 + 100  # and the group that is being written
        journal.release()
        assert journal.wait(lambda kept: len(readings(kept.messages)) == 200)
    assert readings(journal.messages) == list(range(200))
    assert {message.qos for message in journal.messages if message.topic.endswith("/telemetry")} == {0}
    assert collector.status.acked == 1  # the birth; QoS 0 is not acknowledged


def test_stopping_before_anyone_answered(collect: Collect) -> None:
    """No broker, no hurry: it still stops at once."""
    collector = collect(f"mqtt://127.0.0.1:{free_port()}")
    collector.stop(5)
    assert not collector.status.connected
