"""The collector over TLS, with certificates on both sides."""

import subprocess
from pathlib import Path

import pytest

from config.schema import Mqtt
from domain.errors import ConfigError
from ingest.broker import Broker
from tests.fakes.brokers import free_port, mosquitto
from tests.fakes.devices import FakeDevice
from tests.fakes.journals import MemoryJournal
from tests.ingest.conftest import Collect
from tests.ingest.waiting import until


def certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that vouches for itself, for this machine, and its key."""
    made, key = folder / f"{name}.pem", folder / f"{name}.key"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(made)]
    subprocess.run([*make.split(), *names], check=True, capture_output=True)
    return made, key


def numbers(journal: MemoryJournal) -> list[int]:
    """What trees have said."""
    return [int(message.payload) for message in journal.messages if message.topic.endswith("/telemetry")]


@pytest.mark.server
def test_tls(tmp_path: Path, collect: Collect, journal: MemoryJournal) -> None:
    """`mqtts://` is checked against `ca_file`; large bursts come through whole, whatever the records' bounds."""
    (made, key), port = certificate(tmp_path, "broker"), free_port()
    with mosquitto(tmp_path, settings=f"listener {port} 127.0.0.1\ncertfile {made}\nkeyfile {key}") as broker:
        collector = collect(f"mqtts://127.0.0.1:{port}", ca_file=made)
        until(lambda: collector.status.connected, "connected")
        with FakeDevice(broker.url, "tree", "tree-1") as tree:
            tree.send(*[str(number).encode().ljust(300) for number in range(3000)])
        assert journal.wait(lambda kept: len(numbers(kept)) == 3000)
        until(lambda: collector.status.acked == 3001, "acknowledged")
        collector.stop(5)
    assert numbers(journal) == list(range(3000))


@pytest.mark.server
def test_a_broker_that_asks_for_our_certificate_gets_it(
    tmp_path: Path, collect: Collect, journal: MemoryJournal, caplog: pytest.LogCaptureFixture
) -> None:
    """With `cert_file` and `key_file` we are let in; without, we are not, and it is said."""
    (made, key), (ours, our_key), port = certificate(tmp_path, "broker"), certificate(tmp_path, "ours"), free_port()
    secure = f"listener {port} 127.0.0.1\ncertfile {made}\nkeyfile {key}\ncafile {ours}\nrequire_certificate true"
    url = f"mqtts://127.0.0.1:{port}"
    with mosquitto(tmp_path, settings=secure) as broker:
        nobody = collect(url, ca_file=made)
        until(lambda: "no connection" in caplog.text, "refused")
        assert not nobody.status.connected
        nobody.stop(5)
        known = collect(url, ca_file=made, cert_file=ours, key_file=our_key)
        until(lambda: known.status.connected, "connected")
        with FakeDevice(broker.url, "tree", "tree-1") as tree:
            tree.send(b"1")
        assert journal.wait(lambda kept: numbers(kept) == [1])
        known.stop(5)


def test_certificates_that_cannot_be_used_stop_the_start(tmp_path: Path) -> None:
    """The error names the setting and the file."""
    made, key = certificate(tmp_path, "ours")
    _, other_key = certificate(tmp_path, "other")
    both = tmp_path / "both.pem"
    both.write_bytes(made.read_bytes() + key.read_bytes())
    locked = tmp_path / "locked.key"
    lock = ["openssl", "ec", "-aes256", "-passout", "pass:x", "-in", str(key), "-out", str(locked)]
    subprocess.run(lock, check=True, capture_output=True)
    nowhere = tmp_path / "nowhere.pem"
    refused: list[tuple[dict[str, Path], str]] = [
        ({"cert_file": nowhere}, r"mqtt\.cert_file is .*nowhere\.pem: No such file"),
        ({"cert_file": made, "key_file": nowhere}, r"mqtt\.key_file is .*nowhere\.pem: No such file"),
        ({"cert_file": made}, r"mqtt\.cert_file is .*ours\.pem, its key .*ours\.pem: "),
        ({"cert_file": made, "key_file": other_key}, r"mqtt\.cert_file is .*ours\.pem, its key .*other\.key: "),
        ({"cert_file": made, "key_file": locked}, r"mqtt\.cert_file is .*ours\.pem, its key .*locked\.key: "),
        ({"key_file": key}, r"mqtt\.key_file is .*ours\.key, but mqtt\.cert_file is not set"),
    ]
    for files, problem in refused:
        with pytest.raises(ConfigError, match=problem):
            Broker(Mqtt.model_validate({"url": "mqtts://broker", **files}), "c")
    with pytest.raises(ConfigError, match=r"mqtt\.url is 'mqtt://broker'; TLS is mqtts://"):
        Broker(Mqtt(url="mqtt://broker", cert_file=made, key_file=key), "c")
    Broker(Mqtt(url="mqtts://broker", cert_file=both), "c")
