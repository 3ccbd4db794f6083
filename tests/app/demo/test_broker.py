"""The demo's broker."""

import time

import pytest

from app.demo.broker import Broker, BrokerFailed


def test_it_finds_a_port_and_says_where_it_is(broker: Broker) -> None:
    """As `mqtt.url` wants it."""
    assert broker.port > 0
    assert broker.url == f"mqtt://127.0.0.1:{broker.port}"


def test_a_taken_port_is_named(broker: Broker) -> None:
    """The error says which."""
    with pytest.raises(BrokerFailed, match=f"127.0.0.1:{broker.port}"):
        Broker(broker.host, broker.port).start()


def test_it_stops_within_two_seconds_and_can_be_stopped_twice() -> None:
    """Also if it never started."""
    broker = Broker()
    broker.stop()
    broker.start()
    begun = time.monotonic()
    broker.stop()
    broker.stop()
    assert time.monotonic() - begun < 2
