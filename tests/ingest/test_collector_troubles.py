"""What a collector says of the cause when it is not connected, or not as it could be."""

import logging
from pathlib import Path

import pytest

from tests.fakes.brokers import HANG_UP, mosquitto, scripted
from tests.ingest.conftest import Collect
from tests.ingest.waiting import until

QUESTION = "is another client using the client id 'collector'?"
TAKEN_OVER = "session taken over: another client uses the client id 'collector'"


def _accept(_packet: bytes) -> bytes:
    return b"\x20\x02\x00\x00"


def _accept_v5(_packet: bytes) -> bytes:
    return b"\x20\x03\x00\x00\x00"


def _grant(packet: bytes) -> bytes:
    assert packet[0] == 0x82
    return b"\x90\x05" + packet[2:4] + b"\x01\x01\x01"


def _take_over(packet: bytes) -> bytes:
    return b"\x90\x06" + packet[2:4] + b"\x00\x01\x01\x01" + b"\xe0\x02\x8e\x00"


def test_another_client_in_our_name_is_named(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    """MQTT 5 says that the session was taken over: the log and the status say by which client id."""
    with scripted([_accept_v5, _take_over]) as url:
        collector = collect(url, label="collector one")
        until(lambda: "no connection" in caplog.text, "the log")
        collector.stop(5)
    [first, *_] = [one.getMessage() for one in caplog.records if "no connection" in one.getMessage()]
    assert f"collector one: no connection to {url.removeprefix('mqtt://')} ({TAKEN_OVER})" in first


@pytest.mark.server
@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_two_collectors_of_one_name_find_each_other_out(
    tmp_path: Path, collect: Collect, caplog: pytest.LogCaptureFixture, protocol: str
) -> None:
    """Whether the broker says what it does or not: within seconds the log names the client id."""
    with mosquitto(tmp_path) as broker:
        first = collect(broker.url, protocol=protocol)
        until(lambda: first.status.connected, "connected")
        second = collect(broker.url, protocol=protocol)
        until(lambda: QUESTION in caplog.text or TAKEN_OVER in caplog.text, "found out")
        first.stop(5)
        until(lambda: second.status.connected, "the other one has it for itself", patience_s=40)
        assert second.status.trouble == ""
        second.stop(5)


@pytest.mark.server
def test_where_the_settings_ask_for_an_old_version_its_window_is_told_once(
    tmp_path: Path, collect: Collect, caplog: pytest.LogCaptureFixture
) -> None:
    """Who chose 3.1.1 may not know what it costs; one WARNING, not one for each connection."""
    with mosquitto(tmp_path) as broker:
        collector = collect(broker.url, protocol="3.1.1")
        until(lambda: collector.status.connected, "connected")
        broker.stop()
        until(lambda: not collector.status.connected, "disconnected")
        broker.start()
        until(lambda: collector.status.connected, "connected again")
        collector.stop(5)
    warnings = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    [window] = [text for text in warnings if "20 unacknowledged messages at mosquitto" in text]
    assert "mqtt.protocol is 3.1.1" in window
    assert "does not speak MQTT 5" not in window


def _hang_up(_packet: bytes) -> bytes:
    return HANG_UP


def test_losses_again_and_again_raise_the_question(collect: Collect, caplog: pytest.LogCaptureFixture) -> None:
    """3.1.1 knows no word for it: once is an accident, twice within seconds is worth asking."""
    with scripted(*[[_accept, _grant, _hang_up]] * 3) as url:
        collector = collect(url, protocol="3.1.1")
        until(lambda: caplog.text.count(QUESTION) == 2, "the question")
        collector.stop(5)
    losses = [one.getMessage() for one in caplog.records if "no connection" in one.getMessage()]
    assert [QUESTION in text for text in losses[:3]] == [False, True, True]
