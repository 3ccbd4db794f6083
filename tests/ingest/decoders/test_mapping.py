"""A vendor's own JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from config.load import Site
from domain.clock import utc
from domain.errors import ConfigError
from domain.message import RawMessage
from domain.reading import DeviceState, Status, TimeSource
from ingest.decode import Decoded, Decoder
from tests.ingest.decoders.feeds import JSON, broken, can_be_kept, payload, readings, states
from tests.ingest.site import NOW_MS, device, foreign, make_site, parts, with_feed, with_fields

FIELDS = {
    "U": {"metric": "voltage_v", "scale": 0.1},
    "I": "current_a",
    "T": {"metric": "temp_c", "scale": 0.1, "offset": -40},
    "door": {"metric": "door_open", "values": {"open": True, "closed": False}},
    "temp": "temp_c",
    "leak": "residual_ma",
}
FLAT = {"address": "sn", "time": "time", "time_unit": "local", "port": "port"}
LISTED = {"address": "id", "each": "rows", "values": "data", "time": "t", "time_unit": "s"}
AVAILABLE = {"state": {"path": "state"}}


def site(envelope: dict[str, Any], *, topics: tuple[str, ...] = ("acme/up",), ignore: tuple[str, ...] = ()) -> Site:
    """A site with three chargers of a vendor's."""
    piles = [("pile-a", "10086"), ("pile-b", "N-1"), ("pile-c", "N-2")]
    return with_feed(
        with_fields(make_site(), "charging-station", fields=FIELDS, ignore=ignore),
        *(device(name, "charging-station", "charger", address=address, ports=4) for name, address in piles),
        format="mapping",
        topics=topics,
        envelope=envelope,
    )


def decode(content: object, town: Site, topic: str = "acme/up") -> Decoded:
    """What a payload says."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Decoder(town).decode(foreign(topic, body))


FLAT_SITE = site(FLAT, ignore=("fw", "net.*"))
LIST_SITE = site(LISTED)


def test_a_flat_payload() -> None:
    """Address, local time, port and scaled values of one object; what the envelope names is no value."""
    decoded = decode(payload("vendor_flat"), FLAT_SITE)
    [reading] = readings(decoded)
    assert (reading.device_id, reading.port, reading.at_ms, reading.time_source) == (
        "pile-a",
        3,
        NOW_MS - 1000,
        TimeSource.DEVICE,
    )
    assert reading.metrics == {"voltage_v": 221.5, "current_a": 1.52, "temp_c": 25.5, "door_open": False}
    assert decoded.rejects == ()


def test_names_nobody_has_listed() -> None:
    """Each is a dead letter until the profile has it in `fields` or in `ignore`."""
    decoded = decode(payload("vendor_flat"), site(FLAT))
    assert len(readings(decoded)) == 1
    assert parts(decoded.rejects) == [
        ("fw", "unknown_metric"),
        ("net.csq", "unknown_metric"),
        ("net.iccid", "unknown_metric"),
    ]


def test_a_list_of_several_devices() -> None:
    """Every element stands for itself; one without a time has that of receipt, one without an address is named."""
    decoded = decode(payload("vendor_list"), LIST_SITE)
    assert [(one.device_id, one.at_ms - NOW_MS, one.metrics) for one in readings(decoded)] == [
        ("pile-b", -10_000, {"temp_c": 31.5, "residual_ma": 4.0}),
        ("pile-b", -5_000, {"temp_c": 33.5, "residual_ma": 6.0}),
        ("pile-c", 0, {"temp_c": 32.5, "residual_ma": 5.0}),
    ]
    assert parts(decoded.rejects) == [("rows[3]", "schema")]


def test_what_stands_outside_the_list_counts_for_all_of_it() -> None:
    """A path is looked for in the element first, and then in the whole payload."""
    town = site({**LISTED, "address": "gateway", "time": "sent"})
    content = {"gateway": "N-1", "sent": 1771699999, "rows": [{"data": {"temp": 1}}, {"sent": 5, "data": {"temp": 2}}]}
    assert [(one.device_id, one.device_ms or one.at_ms) for one in readings(decode(content, town))] == [
        ("pile-b", NOW_MS - 1000),
        ("pile-b", 5000),
    ]


def test_a_payload_that_is_a_list() -> None:
    """Without `each`, a payload is one reading or a list of them."""
    content = [{"sn": "N-1", "temp": 1}, {"sn": "N-2", "temp": 2}]
    assert [one.device_id for one in readings(decode(content, FLAT_SITE))] == ["pile-b", "pile-c"]


@pytest.mark.parametrize(
    ("topics", "topic", "device_id"),
    [
        (("acme/{address}/up",), "acme/N-1/up", "pile-b"),
        (("{address}/up",), "N-1/up", "pile-b"),
        (("acme/+/{address}/#",), "acme/x/N-1/any/thing", "pile-b"),
        (("acme/{address}/#",), "acme/N-1", "pile-b"),
        (("a/{address}", "b/x/{address}"), "b/x/N-2", "pile-c"),
    ],
)
def test_an_address_in_the_topic(topics: tuple[str, ...], topic: str, device_id: str) -> None:
    """One level of it, in any of the feed's topics."""
    decoded = decode({"temp": 30}, site({}, topics=topics), topic)
    assert [one.device_id for one in readings(decoded)] == [device_id]


def test_an_address_that_is_not_registered() -> None:
    """It is named, and so is an empty one."""
    town = site({}, topics=("acme/{address}/up",))
    assert parts(decode({"temp": 30}, town, "acme/N-9/up").rejects) == [("N-9", "unknown_device")]
    assert parts(decode({"temp": 30}, town, "acme//up").rejects) == [("", "topic")]


def test_the_time_of_a_reading_that_is_wrongly_written() -> None:
    """It is named by its path; the values are kept, with the time of receipt."""
    decoded = decode({"sn": "N-1", "time": "22.02.2026", "temp": 30}, FLAT_SITE)
    assert [(one.at_ms, one.time_source) for one in readings(decoded)] == [(NOW_MS, TimeSource.RECEIVED)]
    assert parts(decoded.rejects) == [("time", "timestamp")]


@pytest.mark.parametrize(("raw", "port"), [(3, 3), (3.0, 3), ("3", 3), (None, None)])
def test_a_port_as_vendors_write_it(raw: object, port: int | None) -> None:
    """A number, also as a text; without one it is the device's own."""
    [reading] = readings(decode({"sn": "N-1", "port": raw, "temp": 30}, FLAT_SITE))
    assert reading.port == port


@pytest.mark.parametrize("raw", [0, 5, "A", 2.5, True, []])
def test_a_port_the_device_does_not_have(raw: object) -> None:
    """The reading may be of another device."""
    assert parts(decode({"sn": "N-1", "port": raw, "temp": 30}, FLAT_SITE).rejects) == [("", "schema")]


def test_null_says_nothing() -> None:
    """A vendor's null is a value that was not measured, no fault."""
    decoded = decode({"sn": "N-1", "temp": None, "leak": 4}, FLAT_SITE)
    assert ([one.metrics for one in readings(decoded)], decoded.rejects) == ([{"residual_ma": 4.0}], ())


@pytest.mark.parametrize(
    ("content", "town", "part"),
    [
        ({"temp": 1}, FLAT_SITE, ""),
        ({"sn": True, "temp": 1}, FLAT_SITE, ""),
        (3, FLAT_SITE, ""),
        ([], FLAT_SITE, ""),
        ({"rows": {}}, LIST_SITE, ""),
        ({"rows": []}, LIST_SITE, ""),
        ({"rows": [{"id": "N-1"}]}, LIST_SITE, "rows[0]"),
        ({"rows": [{"id": "N-1", "data": [1]}]}, LIST_SITE, "rows[0]"),
    ],
)
def test_a_payload_of_another_shape(content: object, town: Site, part: str) -> None:
    """The place that is missing is named."""
    decoded = decode(content, town)
    assert (decoded.observations, parts(decoded.rejects)) == ((), [(part, "schema")])


@pytest.mark.parametrize(
    "content",
    [
        {"sn": "N-1", "log": list(range(3000))},
        {"sn": "N-1", "log": {str(key): {"a": 1} for key in range(1500)} | {"more": [0] * 1500}},
        {"sn": "N-1", "k" * 400_000: {"a": {"b": 1}}},
        {"sn": "N-1", "a.b": 1, "a": {"b": 2}},
    ],
)
def test_a_payload_that_is_no_measurement(content: object) -> None:
    """Pictures and logs are set aside whole, before they cost memory; so is a path that means two values."""
    assert parts(decode(content, FLAT_SITE).rejects) == [("", "schema")]


def told(body: bytes, envelope: dict[str, Any], *, retain: bool = False) -> Decoded:
    """What an availability topic says."""
    decoder = Decoder(site(envelope, topics=("home/{address}/availability",)))
    return decoder.decode(foreign("home/N-1/availability", body, retain=retain))


@pytest.mark.parametrize(
    ("envelope", "body", "state"),
    [
        (AVAILABLE, b'{"state": "online"}', "online"),
        (AVAILABLE, b'{"state": "offline"}', "offline"),
        ({"state": {}}, b"online", "online"),
        ({"state": {}}, b'"offline"', "offline"),
        ({"state": {"online": [1, True], "offline": [0, False]}}, b"1", "online"),
        ({"state": {"online": [1, True], "offline": [0, False]}}, b"false", "offline"),
        ({"state": {"path": "d.up", "online": ["Y"], "offline": ["N"]}}, b'{"d": {"up": "N"}}', "offline"),
    ],
)
def test_a_vendors_way_to_say_who_is_there(envelope: dict[str, Any], body: bytes, state: str) -> None:
    """A word at a path, or the payload itself."""
    assert (states(told(body, envelope)), told(body, envelope).rejects) == ([("pile-b", state)], ())


def test_a_retained_state_is_told_from_a_fresh_one() -> None:
    """What the broker kept for new subscribers is no word of now."""
    status = Status(kind="charger", device_id="pile-b", state=DeviceState.ONLINE, received_ms=NOW_MS)
    assert told(b"online", {"state": {}}).observations == (status,)
    assert told(b"online", {"state": {}}, retain=True).observations == (structs.replace(status, retain=True),)


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b'{"state": "asleep"}', "schema"), (b"{}", "schema"), (b"online", "decode"), (b'"online"', "schema")],
)
def test_a_word_nobody_knows(body: bytes, reason: str) -> None:
    """It is set aside, and the reason says which words there are."""
    decoded = told(body, AVAILABLE)
    assert (decoded.observations, parts(decoded.rejects)) == ((), [("", reason)])


def test_a_state_that_is_taken_back() -> None:
    """An empty payload is how a retained one is removed, after a device was renamed; it says nothing."""
    assert told(b"", AVAILABLE) == Decoded()


@pytest.mark.parametrize(
    ("envelope", "topics", "wrong"),
    [
        ({}, ("acme/up",), "has no {address}, and the envelope no path"),
        ({"address": "sn"}, ("acme/{address}/up",), "stands in the topic"),
        ({}, ("acme/{address}/{address}",), "twice"),
        ({}, ("acme/x{address}/up",), "not alone between slashes"),
        ({"address": "a..b"}, ("acme/up",), r"envelope.address: 'a..b' is no path"),
        ({"address": "sn", "time": ".t"}, ("acme/up",), r"envelope.time: '.t' is no path"),
        ({"address": "sn", "each": "rows []"}, ("acme/ up", "longcheng/v1/a/b"), "below our own root"),
        ({"state": {"path": "a."}}, ("a/{address}",), "'a.' is no path"),
        ({"state": {"online": [1], "offline": ["1"]}}, ("a/{address}",), "both in online and in offline"),
    ],
)
def test_a_feed_that_cannot_be_read_stops_the_start(
    envelope: dict[str, Any], topics: tuple[str, ...], wrong: str
) -> None:
    """The error names the file, the feed, the key and what is allowed."""
    with pytest.raises(ConfigError) as error:
        Decoder(site(envelope, topics=topics))
    assert "site.yaml: ingest.feeds.f: " in str(error.value)
    assert wrong in str(error.value)


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


@pytest.mark.parametrize("town", [FLAT_SITE, LIST_SITE, site(AVAILABLE, topics=("{address}/+",))])
@given(body=st.binary(min_size=1) | JSON.map(_json))
def test_any_payload(town: Site, body: bytes) -> None:
    """Readings or named rejects, whatever comes."""
    decoded = decode(body, town)
    assert can_be_kept(decoded.rejects)
    assert decoded.rejects or decoded.observations


@given(
    broken("vendor_flat").map(lambda one: (FLAT_SITE, one)) | broken("vendor_list").map(lambda one: (LIST_SITE, one))
)
def test_an_almost_right_payload(case: tuple[Site, dict[str, Any]]) -> None:
    """One wrong value costs at most the message, and never passes unsaid."""
    town, content = case
    decoded = decode(content, town)
    assert can_be_kept(decoded.rejects)
    assert decoded.rejects or decoded.observations
    for reading in readings(decoded):
        assert reading.metrics
        assert utc(reading.at_ms).tzinfo


def test_the_deepest_payload() -> None:
    """Nesting near the bottom of the stack is read, or set aside."""
    for depth in (*range(900, 1100, 9), 100_000):
        body = b'{"sn": "N-1", "a": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
        message = RawMessage(topic="acme/up", payload=body, qos=0, retain=False, dup=False, received_ms=NOW_MS)
        assert Decoder(FLAT_SITE).decode(message).rejects
