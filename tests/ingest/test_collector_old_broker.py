"""The collector against brokers that do not speak MQTT 5, or do not want it."""

import json
import logging

import pytest

from tests.fakes.brokers import amqtt, scripted
from tests.fakes.devices import FakeDevice
from tests.fakes.journals import MemoryJournal
from tests.ingest.conftest import Collect
from tests.ingest.waiting import until


def test_it_falls_back_and_says_so_once(
    collect: Collect, journal: MemoryJournal, caplog: pytest.LogCaptureFixture
) -> None:
    """No answer to MQTT 5: it goes on with 3.1.1, with one WARNING, and the session is kept all the same."""
    with amqtt() as url:
        first = collect(url)
        until(lambda: first.status.connected, "connected")
        assert first.status.protocol == "3.1.1"
        with FakeDevice(url, "tree", "tree-1") as tree:
            tree.send(*[{"number": number} for number in range(200)])
            assert journal.wait(lambda kept: _numbers(kept) == set(range(200)))
            until(lambda: first.status.acked >= 200, "acknowledged")
            first.stop(5)
            tree.send(*[{"number": number} for number in range(200, 300)])
        second = collect(url)
        assert journal.wait(lambda kept: _numbers(kept) == set(range(300)))
        until(lambda: second.status.connected, "connected again")
        assert second.status.session_present is True
        second.stop(5)
    said = [record for record in caplog.records if record.name.startswith("ingest")]
    assert all(
        "20 unacknowledged messages at mosquitto, 32 at EMQX" in one.getMessage()
        for one in said
        if one.levelno >= logging.WARNING
    )
    assert ["does not speak MQTT 5" in one.getMessage() for one in said if one.levelno >= logging.WARNING] == [True] * 2


def _accept_v311(packet: bytes) -> bytes:
    assert packet[2:8] == b"\x00\x04MQTT"
    assert packet[8] == 4
    assert packet[9] & 0b10 == 0  # no clean session
    return b"\x20\x02\x00\x00"


def _grant(packet: bytes) -> bytes:
    return b"\x90\x05" + _mid(packet) + b"\x01\x01\x01"


def _mid(packet: bytes) -> bytes:
    assert packet[0] == 0x82
    return packet[2:4]


def test_a_broker_that_refuses_version_5_is_not_asked_twice(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    """The refusal is no failure: 3.1.1 follows at once, and after a lost connection 3.1.1 again."""
    refuse = [lambda _packet: b"\x20\x02\x00\x01"]
    hang_up = [_accept_v311, lambda packet: _grant(packet) + b"\xf0\x00"]
    with scripted(refuse, hang_up, [_accept_v311, _grant]) as url:
        collector = collect(url)
        until(lambda: "no connection" in caplog.text, "hung up by nonsense")
        until(lambda: collector.status.connected, "connected again")
        assert collector.status.protocol == "3.1.1"
        collector.stop(5)
    assert caplog.text.count("does not speak MQTT 5") == 1


def test_where_only_version_5_will_do_the_refusal_is_said(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    """Sharing takes MQTT 5; falling back would hear nothing and look well."""
    refuse = [lambda _packet: b"\x20\x02\x00\x01"]
    with scripted(refuse, refuse) as url:
        collector = collect(url, protocol="5")
        until(lambda: "it may not speak MQTT 5, which mqtt.protocol" in caplog.text, "complaint")
        assert not collector.status.connected
        collector.stop(5)


def test_a_subscription_that_is_refused_is_no_connection(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    """A collector that is connected and hears nothing must not look well; the WARNING names the filter."""
    accept = b"\x20\x03\x00\x00\x00"
    with scripted([lambda _packet: accept, lambda packet: b"\x90\x06" + _mid(packet) + b"\x00\x01\x87\x01"]) as url:
        collector = collect(url)
        until(lambda: "not allowed to subscribe to longcheng/v1/+/+/status)" in caplog.text, "complaint")
        assert not collector.status.connected
        collector.stop(5)


def _numbers(journal: MemoryJournal) -> set[int]:
    return {json.loads(one.payload)["number"] for one in journal.messages if one.topic.endswith("/telemetry")}
