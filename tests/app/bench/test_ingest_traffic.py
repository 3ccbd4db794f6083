"""The messages of the ingest measurement, and the check that finds every fault of a store."""

import json
from collections import Counter

import pytest

from app.bench.load import packets
from app.bench.phases import flood_traffic, steady_traffic
from app.bench.probe import percentile
from app.bench.traffic import METRICS, Check, Traffic, topic
from domain.point import Point

TRAFFIC = Traffic(messages=500, devices=7, ports=3, first_ms=1_795_384_754_942, lap_ms=2500, critical_every=50)


def point(number: int, **changed: float) -> Point:
    """What a store must hold of a message."""
    device, port, at_ms = TRAFFIC.key(number)
    values = {name: tenths / 10 for name, tenths in zip(METRICS, TRAFFIC.tenths(number), strict=True)}
    tags = (("device_id", f"station-{device:05d}"), ("port", str(port)), ("site_id", "bench"))
    return Point(measurement="charger", tags=tags, fields={**values, **changed}, at_ms=at_ms)


def test_each_message_is_found_again_by_its_station_port_and_time() -> None:
    """No two messages can be taken for one another, and no other key is taken for a message."""
    assert [TRAFFIC.number(*TRAFFIC.key(number)) for number in range(500)] == list(range(500))
    device, port, at_ms = TRAFFIC.key(123)
    assert TRAFFIC.number(device, port % 3 + 1, at_ms) is None
    assert TRAFFIC.number(device, port, at_ms + 1) is None
    assert TRAFFIC.number(*TRAFFIC.key(500)) is None


def test_the_payload_says_what_is_checked() -> None:
    """The JSON on the wire and the values looked for in the store are the same numbers."""
    for number in (0, 49, 499):
        said = json.loads(TRAFFIC.payload(number))
        assert (said["ts"], said["port"]) == (TRAFFIC.key(number)[2], TRAFFIC.key(number)[1])
        assert said["metrics"] == point(number).fields


def test_a_store_that_holds_everything_once_passes() -> None:
    """Nothing lost, nothing extra."""
    check = Check(TRAFFIC)
    check.points(point(number) for number in range(500))
    assert (check.lost, check.extra) == (0, 0)


@pytest.mark.parametrize(
    ("kept", "lost", "extra"),
    [
        pytest.param([point(n) for n in range(499)], 1, 0, id="one is missing"),
        pytest.param([point(n) for n in [*range(500), 7]], 0, 1, id="one is there twice"),
        pytest.param([*(point(n) for n in range(499)), point(499, temp_c=99.0)], 1, 1, id="one has another value"),
        pytest.param([point(n) for n in range(501)], 0, 1, id="one was never sent"),
        pytest.param([point(n, smoke=1.0) for n in range(500)], 500, 500, id="a metric too many"),
    ],
)
def test_a_faulty_store_is_found_out(kept: list[Point], lost: int, extra: int) -> None:
    """Whatever a store does wrong shows as lost or extra."""
    check = Check(TRAFFIC)
    check.points(kept)
    assert (check.lost, check.extra) == (lost, extra)


def test_packets_carry_topic_mid_and_payload() -> None:
    """QoS 1, the mids of a connection in turn, a device always on the same connection."""
    mids: Counter[int] = Counter()
    for number, link, packet in packets(TRAFFIC, 2):
        device = number % TRAFFIC.devices
        name = topic(device).encode()
        size = packet[1] & 127 | packet[2] << 7
        assert (packet[0], size, link) == (0x32, len(packet) - 3, device % 2)
        assert packet[3:5] == len(name).to_bytes(2, "big")
        assert packet[5 : 5 + len(name)] == name
        mids[link] += 1
        assert int.from_bytes(packet[5 + len(name) : 7 + len(name)], "big") == mids[link]
        assert packet[7 + len(name) :] == TRAFFIC.payload(number)


def test_every_alarm_of_the_steady_phase_is_of_a_socket_of_its_own() -> None:
    """Only a socket's first alarm is a new one; about as many come as were asked for."""
    traffic = steady_traffic(seconds=20, rate=2000, devices=5000, ports=2, alarms=200)
    critical = [number for number in range(traffic.messages) if traffic.critical(number)]
    assert 190 <= len(critical) <= 200
    assert len({traffic.key(number)[:2] for number in critical}) == len(critical)


def test_the_flood_is_of_the_time_just_past() -> None:
    """No message is of the future, which the product would not believe."""
    traffic = flood_traffic(messages=1000, devices=50, ports=2)
    assert traffic.key(999)[2] <= traffic.first_ms + 20_000


def test_percentiles_are_values_that_occurred() -> None:
    """Nearest rank; NaN of nothing, which is no figure."""
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.99) == 4.0
    assert str(percentile([], 0.5)) == "nan"
