"""Ports of loopback that the demo would like to have."""

import socket

from app.demo.ports import free, free_or_any, is_free
from tests.fakes.brokers import free_port


def test_a_taken_port_gives_way_to_any() -> None:
    """Nobody's demo fails because another one runs."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert free_or_any(port) == 0


def test_a_free_port_is_kept() -> None:
    """So that the address in the README is the address."""
    port = free_port()
    assert is_free(port)
    assert free_or_any(port) == port


def test_a_port_is_known_before_anybody_listens() -> None:
    """The one that is wanted if it is free, else one that is."""
    port = free_port()
    assert free(port) == port
    with socket.create_server(("127.0.0.1", 0)) as taken:
        other = free(taken.getsockname()[1])
        assert other != taken.getsockname()[1]
        assert is_free(other)
    assert is_free(free(0))
