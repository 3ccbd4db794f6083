"""Events of ChirpStack."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from config.load import Site
from domain.clock import utc
from domain.errors import ConfigError
from domain.reading import TimeSource
from ingest.decode import Decoded, Decoder
from tests.ingest.decoders.feeds import JSON, broken, can_be_kept, payload, readings, states
from tests.ingest.site import NOW_MS, device, foreign, make_site, parts, with_feed, with_fields

FIELDS = {"tilt.x": "tilt_x_deg", "tilt.y": "tilt_y_deg", "battery": {"metric": "battery_pct", "scale": 20}}
IGNORE = ["state", "samples.*"]
TREE = device("ginkgo", "heritage-tree", "tree", address="A84041FFFF00C0DE")
SITE = with_feed(
    with_fields(make_site(), "heritage-tree", fields=FIELDS, ignore=IGNORE),
    TREE,
    device("well-lane", "gateway", "gateway", address="24e124fffef00001"),
    format="chirpstack",
)
UP = payload("chirpstack_up")
SERVER_MS = NOW_MS - 488


def decode(content: object, event: str = "up", *, site: Site = SITE) -> Decoded:
    """What an event says."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Decoder(site).decode(foreign(f"application/8c7d2a35/device/a84041ffff00c0de/event/{event}", body))


def changed(**more: Any) -> dict[str, Any]:
    """The uplink with other values; None leaves a key out."""
    return {key: value for key, value in {**UP, **more}.items() if value is not None}


def test_an_uplink() -> None:
    """Nested values by their path, the server's time, the better gateway's signal; and both gateways were heard."""
    decoded = decode(UP)
    [reading] = readings(decoded)
    assert (reading.kind, reading.device_id, reading.port) == ("tree", "ginkgo", None)
    assert reading.metrics == {
        "tilt_x_deg": 0.0,
        "tilt_y_deg": 1.5,
        "soil_vwc_pct": 23.0,
        "battery_pct": 60.0,
        "rssi_dbm": -87.0,
        "snr_db": 9.5,
    }
    assert (reading.at_ms, reading.time_source, reading.received_ms) == (SERVER_MS, TimeSource.NETWORK, NOW_MS)
    assert states(decoded) == [("well-lane", "online")]
    assert decoded.rejects == ()


def test_an_uplink_delivered_twice_is_one_point() -> None:
    """Its time is its own, whenever it is delivered again."""
    first = foreign("application/x/device/y/event/up", json.dumps(UP).encode())
    again = structs.replace(first, received_ms=NOW_MS + 5000, dup=True)
    decoder = Decoder(SITE)
    [one], [other] = readings(decoder.decode(first)), readings(decoder.decode(again))
    assert (one.at_ms, one.metrics) == (other.at_ms, other.metrics)


def test_a_gateways_clock_is_not_asked() -> None:
    """`time` is a gateway's clock where there is one, here half an hour wrong; what the server noted counts."""
    for wrong in ("0001-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00"):
        assert readings(decode(changed(time=wrong)))[0].at_ms == SERVER_MS


@pytest.mark.parametrize(
    ("time", "at_ms", "source", "rejects"),
    [
        ("2026-02-21T18:53:19.480+00:00", NOW_MS - 520, TimeSource.NETWORK, []),
        ("2026-02-21T18:53:19.480999999Z", NOW_MS - 519, TimeSource.NETWORK, []),
        ("2026-02-21 18:53", NOW_MS, TimeSource.RECEIVED, [("time", "timestamp")]),
        (None, NOW_MS, TimeSource.RECEIVED, []),
    ],
)
def test_a_server_that_notes_no_time_of_its_own(
    time: str | None, at_ms: int, source: TimeSource, rejects: list[object]
) -> None:
    """Then it is the event's; without any it is the time of receipt."""
    decoded = decode(changed(time=time, rxInfo=None))
    [reading] = readings(decoded)
    assert (reading.at_ms, reading.time_source, parts(decoded.rejects)) == (at_ms, source, rejects)


def test_what_is_zero_is_not_sent() -> None:
    """A missing frame counter and port are 0: they are known, not unknown."""
    site = with_fields(make_site(), "heritage-tree", fields={**FIELDS, "f_cnt": "swipe_count"}, ignore=IGNORE)
    site = with_feed(site, TREE, format="chirpstack")
    [reading] = readings(decode(changed(fCnt=None), site=site))
    assert reading.metrics["swipe_count"] == 0
    [reading] = readings(decode(changed(fCnt=7), site=site))
    assert reading.metrics["swipe_count"] == 7


def test_an_uplink_without_a_codec_says_what_to_do() -> None:
    """Bytes that nobody has decoded are set aside, the gateways were heard all the same."""
    decoded = decode(changed(object=None))
    assert readings(decoded) == []
    assert parts(decoded.rejects) == [("object", "schema")]
    assert "codec" in decoded.rejects[0].detail
    assert states(decoded) == [("well-lane", "online")]


def test_an_empty_uplink_is_a_sign_of_life() -> None:
    """Without data there is nothing that a codec could read."""
    decoded = decode(changed(object=None, data=None))
    assert (states(decoded), decoded.rejects) == ([("ginkgo", "online"), ("well-lane", "online")], ())


def test_an_object_without_values_is_a_reading_of_the_network() -> None:
    """A codec that finds nothing is no fault; the signal is still known."""
    decoded = decode(changed(object={}))
    assert [one.metrics for one in readings(decoded)] == [{"rssi_dbm": -87.0, "snr_db": 9.5}]
    assert decoded.rejects == ()


def test_a_codecs_own_signal_wins() -> None:
    """What the network knows beside is only taken where the payload has no word on it."""
    [reading] = readings(decode(changed(object={"rssi_dbm": -60.0})))
    assert reading.metrics == {"rssi_dbm": -60.0, "snr_db": 9.5}


def test_an_unknown_value_is_named() -> None:
    """What a codec sends and nobody has listed is a dead letter, until it stands in `fields` or `ignore`."""
    decoded = decode(changed(object={"soil_vwc_pct": 23.0, "firmware": "1.2", "gas": {"co": 1.0}}))
    assert parts(decoded.rejects) == [("firmware", "unknown_metric"), ("gas.co", "unknown_metric")]


def test_a_status() -> None:
    """The battery by its percentage; further facts where a profile has a place for them."""
    [reading] = readings(decode(payload("chirpstack_status"), "status"))
    assert (reading.metrics, reading.at_ms) == ({"battery_pct": 75.2}, NOW_MS - 520)
    site = with_fields(make_site(), "heritage-tree", fields={"margin_db": "wind_m_s", "external_power": "smoke"})
    site = with_feed(site, TREE, format="chirpstack")
    [reading] = readings(decode(payload("chirpstack_status"), "status", site=site))
    assert reading.metrics == {"wind_m_s": 12.0, "smoke": False, "battery_pct": 75.2}


@pytest.mark.parametrize("key", ["externalPowerSource", "batteryLevelUnavailable"])
def test_a_battery_of_which_nothing_is_known(key: str) -> None:
    """The zero that then stands for the level would be an alarm."""
    decoded = decode({**payload("chirpstack_status"), key: True, "batteryLevel": 0}, "status")
    assert decoded == Decoded()


def test_a_join() -> None:
    """A device that joins is there; it has measured nothing."""
    decoded = decode(payload("chirpstack_join"), "join")
    assert (states(decoded), readings(decoded), decoded.rejects) == ([("ginkgo", "online")], [], ())


@pytest.mark.parametrize("event", ["ack", "txack", "log", "location", "integration"])
def test_events_that_say_nothing_of_the_city(event: str) -> None:
    """They are taken and left."""
    assert decode(UP, event) == Decoded()


def test_an_event_nobody_knows() -> None:
    """A later version may have more; they are seen and named."""
    decoded = decode(UP, "relay")
    assert parts(decoded.rejects) == [("", "schema")]
    assert "there is ack, integration, join" in decoded.rejects[0].detail


def test_version_3_is_called_by_its_name() -> None:
    """The mistake is at the server, and the reason says so."""
    decoded = decode(payload("chirpstack_v3_up"))
    assert parts(decoded.rejects) == [("", "schema")]
    assert "ChirpStack v3" in decoded.rejects[0].detail


def test_a_device_that_is_not_registered() -> None:
    """Its DevEUI is named; a gateway that is not registered is no fault."""
    stranger = changed(deviceInfo={"devEui": "A84041FFFF00BEEF"})
    assert parts(decode(stranger).rejects) == [("a84041ffff00beef", "unknown_device")]


def test_what_is_retained_is_the_past() -> None:
    """A reading has its own time and stays; a birth told again is no word of now."""
    kept = foreign("application/x/device/y/event/up", json.dumps(UP).encode(), retain=True)
    [reading] = readings(Decoder(SITE).decode(kept))
    assert (reading.past, reading.at_ms) == (True, SERVER_MS)


@pytest.mark.parametrize("topic", ["lora/{address}/event/up", "application/+/device/+/event", "a/+/uplink"])
def test_topics_that_do_not_name_the_event(topic: str) -> None:
    """Such a feed stops the start, with its name and what is allowed."""
    with pytest.raises(ConfigError, match=r"ingest\.feeds\.f: the topic .* must end with the event"):
        Decoder(with_feed(make_site(), format="chirpstack", topics=[topic]))


def test_topics_of_ones_own() -> None:
    """A server with another template is read by its own topics."""
    decoder = Decoder(with_feed(SITE, format="chirpstack", topics=["lora/+/up"]))
    assert len(readings(decoder.decode(foreign("lora/x/up", json.dumps(UP).encode())))) == 1


@given(
    st.sampled_from(["up", "status", "join", "log", "x"]),
    st.binary() | JSON.map(lambda any_: json.dumps(any_).encode()),
)
def test_any_payload(event: str, body: bytes) -> None:
    """Readings or named rejects, whatever comes."""
    decoded = decode(body, event)
    assert can_be_kept(decoded.rejects)
    assert decoded.rejects or decoded.observations or event == "log"


@given(broken("chirpstack_up"))
def test_an_almost_right_uplink(content: dict[str, Any]) -> None:
    """One wrong value costs at most the message, and never passes unsaid."""
    decoded = decode(content)
    assert can_be_kept(decoded.rejects)
    assert decoded.rejects or decoded.observations
    for reading in readings(decoded):
        assert reading.metrics
        assert utc(reading.at_ms).tzinfo
