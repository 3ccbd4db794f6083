"""Where the broker is."""

from pathlib import Path

import pytest

from config.schema import Mqtt
from domain.errors import ConfigError
from ingest.broker import Broker


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("mqtt://broker", "broker:1883"),
        ("mqtts://broker", "broker:8883"),
        ("mqtt://10.0.0.7:18830", "10.0.0.7:18830"),
        ("mqtt://[::1]:1884", "::1:1884"),
    ],
)
def test_host_and_port(url: str, place: str) -> None:
    """Without a port, the well-known one of the scheme."""
    assert str(Broker(Mqtt(url=url), "c")) == place


@pytest.mark.parametrize("url", ["mqtt://:1883", "mqtt://broker:port", "mqtt://broker:99999", "mqtt://broker:0"])
def test_a_url_nobody_can_connect_to(url: str) -> None:
    """It stops the start, and the error shows the url."""
    with pytest.raises(ConfigError, match=r"mqtt\.url is 'mqtt://"):
        Broker(Mqtt(url=url), "c")


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    """It stops the start rather than each connection."""
    missing = tmp_path / "ca.pem"
    with pytest.raises(ConfigError, match=r"mqtt\.ca_file is .*ca\.pem"):
        Broker(Mqtt(url="mqtts://broker", ca_file=missing), "c")
    missing.write_text("no certificate", encoding="ascii")
    with pytest.raises(ConfigError, match=r"mqtt\.ca_file is .*ca\.pem"):
        Broker(Mqtt(url="mqtts://broker", ca_file=missing), "c")
