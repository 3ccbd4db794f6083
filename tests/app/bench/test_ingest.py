"""The ingest measurement measures: real brokers, the real product, real peers, a few thousand messages."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from app.bench.figures import IngestFigures
from app.bench.leftover import leftover
from app.bench.load import Link, Order, packets
from app.bench.peers import PEERS, missing
from app.bench.phases import flood_traffic, sending
from app.bench.probe import MEASURING
from app.bench.rig import BenchError, binary
from app.bench.rivals import measure_peer, ourselves, peer
from tests.fakes.brokers import mosquitto, scripted

pytestmark = pytest.mark.server


def need(name: str) -> str:
    """A server's program; without it the test is skipped, in CI it fails."""
    found = binary(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{name} is not installed")
    return found


@pytest.mark.slow
def test_everything_sent_is_stored_once_and_every_alarm_is_seen(tmp_path: Path) -> None:
    """The command, small: its last line is one JSON object, nothing is lost or invented, and no alarm is missing."""
    need("mosquitto")
    command = [sys.executable, "-m", "app", "bench", "ingest", "--messages", "3000", "--devices", "150"]
    options = ["--seconds", "2", "--no-peers", "--data", str(tmp_path), "--json"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    figures = msgspec.json.decode(done.stdout.splitlines()[-1], type=IngestFigures)
    assert (figures.messages, figures.lost, figures.extra, figures.unacknowledged) == (3000, 0, 0, 0)
    assert figures.alarms > 100
    assert figures.alarms_missing == 0
    assert figures.p50_ms is not None
    assert figures.p99_ms is not None
    assert 0 < figures.p50_ms <= figures.p99_ms
    assert 0 < figures.taken_by_broker_s <= figures.seconds
    assert figures.cpu_by_part.keys() >= {"broker", "serve", "judge", "load"}
    rounding_s = 0.006
    slowest, fastest = (3000 / (figures.seconds + off_s) for off_s in (rounding_s, -rounding_s))
    assert slowest - 1 <= figures.msgs_per_s <= fastest + 1
    others = {"broker", "load", MEASURING}
    ours = [seconds for part, seconds in figures.cpu_by_part.items() if part not in others]
    assert figures.cpu_s == pytest.approx(sum(ours), abs=0.001)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["longcheng", *PEERS])
async def test_a_peer_is_measured(name: str, tmp_path: Path) -> None:
    """Each peer, and the product beside them, gets everything into VictoriaMetrics when nothing goes wrong."""
    need("mosquitto")
    program = need("victoria-metrics")
    if name in PEERS and missing(name):
        pytest.skip(missing(name))
    start = peer(name) if name in PEERS else ourselves(devices=100, ports=2)
    told: list[int] = []
    traffic = flood_traffic(messages=2000, devices=100, ports=2)
    figures = await measure_peer(name, start, tmp_path, program=program, traffic=traffic, tell=told.append)
    assert (figures.name, figures.messages, figures.lost) == (name, 2000, 0)
    assert figures.msgs_per_s == pytest.approx(2000 / figures.seconds, rel=0.02)
    assert told[-1] == 2000


async def test_the_sender_counts_what_the_broker_acknowledged(tmp_path: Path) -> None:
    """Only acknowledged messages count as sent; several connections share the devices."""
    need("mosquitto")
    with mosquitto(tmp_path) as broker:
        order = Order(broker_port=broker.port, traffic=flood_traffic(messages=2500, devices=30, ports=2), window=400)
        async with sending(order, tmp_path, sys.executable) as sender:
            await sender.run()
    assert sender.last is not None
    assert (sender.last.acked, sender.acked) == (2500, 2500)


async def test_a_broker_that_takes_nothing_is_named(tmp_path: Path) -> None:
    """A sender that is not acknowledged gives up in bounded time and says how far it came."""
    connack = b"\x20\x02\x00\x00"
    with scripted([lambda _: connack]) as url:
        port = int(url.rpartition(":")[2])
        traffic = flood_traffic(messages=50, devices=5, ports=1)
        order = Order(broker_port=port, traffic=traffic, connections=1, quiet_limit_s=0.2)
        async with sending(order, tmp_path, sys.executable) as sender:
            with pytest.raises(BenchError, match="acknowledged 0 of 50"):
                await sender.run()


def test_what_was_never_acknowledged_is_counted(tmp_path: Path) -> None:
    """A message left in a kept session shows, so that an early acknowledgement by nobody cannot hide."""
    need("mosquitto")
    with mosquitto(tmp_path) as broker:
        _leave_session(broker.port, "gone")
        assert leftover(broker.port, "gone") == 0
        link = Link(broker.port, "sender")
        traffic = flood_traffic(messages=12, devices=3, ports=1)
        link.queue.extend((packet, 1) for _, _, packet in packets(traffic, 1))
        link.socket.setblocking(True)
        link.write(window=100)
        _until(lambda: link.acked == 12, link.read)
        link.socket.close()
        assert leftover(broker.port, "gone") == 12


def _leave_session(port: int, client_id: str) -> None:
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False)
    granted: list[int] = []
    client.on_subscribe = lambda *_: granted.append(1)
    client.connect("127.0.0.1", port)
    _until(client.is_connected, client.loop)
    client.subscribe("longcheng/v1/#", qos=1)
    _until(lambda: bool(granted), client.loop)
    client.disconnect()
    client.loop()


def _until(done: Callable[[], bool], step: Callable[[], object]) -> None:
    for _ in range(1000):
        if done():
            return
        step()
    pytest.fail("it never came")
