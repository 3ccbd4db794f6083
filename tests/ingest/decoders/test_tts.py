"""Messages of The Things Stack."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import Site
from domain.clock import utc
from domain.errors import ConfigError
from domain.reading import TimeSource
from ingest.decode import Decoded, Decoder
from tests.ingest.decoders.feeds import JSON, broken, can_be_kept, payload, readings, states
from tests.ingest.site import NOW_MS, device, foreign, make_site, parts, with_feed, with_fields

FIELDS = {
    "tilt.x": "tilt_x_deg",
    "tilt.y": "tilt_y_deg",
    "battery": {"metric": "battery_pct", "scale": 20},
    "soil_vwc_pct": "soil_vwc_pct",
    "air.temperature": "air_temp_c",
    "air.relativeHumidity": "air_rh_pct",
}
IGNORE = ["state", "samples.*"]
TREE = device("ginkgo", "heritage-tree", "tree", address="a84041ffff00c0de")
SITE = with_feed(
    with_fields(make_site(), "heritage-tree", fields=FIELDS, ignore=IGNORE),
    TREE,
    device("well-lane", "gateway", "gateway", address="24E124FFFEF00001"),
    format="tts",
)
UP = payload("tts_up")
SERVER_MS = NOW_MS - 488


def decode(content: object, *, site: Site = SITE) -> Decoded:
    """What a message says."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Decoder(site).decode(foreign("v3/trees@city/devices/ginkgo-by-the-well/up", body))


def changed(**more: Any) -> dict[str, Any]:
    """The uplink with another value in its `uplink_message`; None leaves a key out."""
    uplink = {key: value for key, value in {**UP["uplink_message"], **more}.items() if value is not None}
    return {**UP, "uplink_message": uplink}


def test_an_uplink() -> None:
    """Values by their path, numbers also as texts, the network server's time, the better gateway's signal."""
    decoded = decode(UP)
    [reading] = readings(decoded)
    assert (reading.kind, reading.device_id, reading.port) == ("tree", "ginkgo", None)
    assert reading.metrics == {
        "tilt_x_deg": 0.0,
        "tilt_y_deg": 1.5,
        "soil_vwc_pct": 23.0,
        "battery_pct": 60.0,
        "rssi_dbm": -87.5,
        "snr_db": 9.5,
    }
    assert (reading.at_ms, reading.time_source) == (SERVER_MS, TimeSource.NETWORK)
    assert states(decoded) == [("well-lane", "online")]
    assert decoded.rejects == ()


def test_made_up_messages_are_set_aside() -> None:
    """The console of The Things Stack can send what no device has measured."""
    decoded = decode({**UP, "simulated": True})
    assert (decoded.observations, parts(decoded.rejects)) == ((), [("", "simulated")])
    assert len(readings(decode({**UP, "simulated": False}))) == 1


@pytest.mark.parametrize(
    ("times", "at_ms", "source", "rejects"),
    [
        ({"received_at": None}, NOW_MS - 300, TimeSource.NETWORK, []),  # then the application server's
        ({"received_at": "soon"}, NOW_MS, TimeSource.RECEIVED, [("received_at", "timestamp")]),
        ({"received_at": 2463457000}, NOW_MS, TimeSource.RECEIVED, [("received_at", "timestamp")]),
    ],
)
def test_whose_time_it_is(times: dict[str, Any], at_ms: int, source: TimeSource, rejects: list[object]) -> None:
    """A server's; never a gateway's clock, and never its counter of microseconds, which is called timestamp."""
    decoded = decode(changed(**times))
    [reading] = readings(decoded)
    assert (reading.at_ms, reading.time_source, parts(decoded.rejects)) == (at_ms, source, rejects)


def test_what_is_zero_is_not_sent() -> None:
    """A missing frame counter is 0."""
    site = with_fields(make_site(), "heritage-tree", fields={**FIELDS, "f_cnt": "swipe_count"}, ignore=IGNORE)
    site = with_feed(site, TREE, format="tts")
    assert readings(decode(changed(f_cnt=None), site=site))[0].metrics["swipe_count"] == 0
    assert readings(decode(changed(f_cnt=7), site=site))[0].metrics["swipe_count"] == 7


def test_an_uplink_without_a_formatter_says_what_to_do() -> None:
    """Bytes that nobody has decoded are set aside; the gateways were heard all the same."""
    decoded = decode(changed(decoded_payload=None))
    assert parts(decoded.rejects) == [("decoded_payload", "schema")]
    assert "payload formatter" in decoded.rejects[0].detail
    assert (readings(decoded), states(decoded)) == ([], [("well-lane", "online")])


def test_an_empty_uplink_is_a_sign_of_life() -> None:
    """Without a payload there is nothing that a formatter could read."""
    decoded = decode(changed(decoded_payload=None, frm_payload=None))
    assert (states(decoded), decoded.rejects) == ([("ginkgo", "online"), ("well-lane", "online")], ())


def test_normalized_measurements() -> None:
    """Each is a moment; one with a time has the device's, the others the server's, and none falls upon another."""
    decoded = decode(payload("tts_normalized"))
    assert [(one.at_ms - NOW_MS, one.time_source.value, one.metrics) for one in readings(decoded)] == [
        (-601_000, "device", {"air_temp_c": 20.5}),
        (-501, "network", {"air_temp_c": 21.5, "air_rh_pct": 60.0}),
        (-500, "network", {"air_temp_c": 22.5}),
    ]
    assert decoded.rejects == ()


def test_a_formatters_own_values_come_before_normalized_ones() -> None:
    """They are the same measurement told twice."""
    both = changed(normalized_payload=[{"air": {"temperature": 21.5}}])
    assert readings(decode(both)) == readings(decode(UP))


def test_a_device_without_an_eui_has_its_name() -> None:
    """Devices that are activated by hand may have none."""
    tree = device("ginkgo", "heritage-tree", "tree", address="ginkgo-by-the-well")
    site = with_feed(with_fields(make_site(), "heritage-tree", fields=FIELDS), tree, format="tts")
    unnamed = {**UP, "end_device_ids": {"device_id": "ginkgo-by-the-well"}}
    assert [one.device_id for one in readings(decode(unnamed, site=site))] == ["ginkgo"]


def test_a_join() -> None:
    """A device that joins is there."""
    assert states(decode(payload("tts_join"))) == [("ginkgo", "online")]


@pytest.mark.parametrize("key", ["downlink_ack", "downlink_failed", "location_solved", "service_data"])
def test_messages_that_say_nothing_of_the_city(key: str) -> None:
    """A feed of `v3/+/devices/+/#` brings them too; they are taken and left."""
    assert decode({"end_device_ids": UP["end_device_ids"], key: {}}) == Decoded()


@pytest.mark.parametrize("content", [{}, {"end_device_ids": {}}, {"uplink_message": {"decoded_payload": {"a": 1}}}, []])
def test_what_is_no_message_of_the_things_stack(content: object) -> None:
    """JSON of another shape is SCHEMA."""
    assert parts(decode(content).rejects) == [("", "schema")]


def test_a_topic_with_an_address_stops_the_start() -> None:
    """The address is in the payload; the error says what to write."""
    with pytest.raises(ConfigError, match=r"ingest\.feeds\.f: the topic .* write \+"):
        Decoder(with_feed(make_site(), format="tts", topics=["v3/trees/devices/{address}/up"]))


@given(st.binary() | JSON.map(lambda content: json.dumps(content).encode()))
def test_any_payload(body: bytes) -> None:
    """Readings or named rejects, whatever comes."""
    decoded = decode(body)
    assert can_be_kept(decoded.rejects)
    assert decoded.rejects or decoded.observations


@given(broken("tts_up") | broken("tts_normalized"))
def test_an_almost_right_uplink(content: dict[str, Any]) -> None:
    """One wrong value costs at most the message, and never passes unsaid."""
    decoded = decode(content)
    assert can_be_kept(decoded.rejects)
    assert decoded.rejects or decoded.observations
    for reading in readings(decoded):
        assert reading.metrics
        assert utc(reading.at_ms).tzinfo
