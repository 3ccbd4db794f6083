"""The demo's broker."""

import socket

import pytest

from app.demo.broker import Broker, BrokerFailed

PATIENCE_S = 60.0


def test_it_finds_a_port_and_says_where_it_is(broker: Broker) -> None:
    """As `mqtt.url` wants it."""
    assert broker.port > 0
    assert broker.url == f"mqtt://127.0.0.1:{broker.port}"


def test_a_taken_port_is_named(broker: Broker) -> None:
    """The error says which."""
    with pytest.raises(BrokerFailed, match=f"127.0.0.1:{broker.port}"):
        Broker(broker.host, broker.port).start()


def test_it_listens_until_it_is_stopped_and_can_be_stopped_twice() -> None:
    """Also if it never started."""
    broker = Broker()
    broker.stop()
    broker.start()
    broker.stop(PATIENCE_S)
    broker.stop(PATIENCE_S)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((broker.host, broker.port))
