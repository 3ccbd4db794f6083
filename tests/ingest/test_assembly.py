"""What a profile makes of values, names, times and retained messages."""

import json
from typing import Any

import pytest
from msgspec import structs

from config.schema import Profile, SourceField
from domain.message import RawMessage
from domain.reading import Reading, TimeSource
from ingest.decode import Decoded, Decoder
from tests.ingest.site import NOW_MS, make_site, message, parts, with_fields

SITE = make_site()
HOUR_MS = 3_600_000


def pile(content: object, **profile: object) -> Decoded:
    """What a charger says whose profile has something else."""
    return Decoder(with_fields(SITE, "charging-station", **profile)).decode(said(content))


def said(content: object) -> RawMessage:
    """The charger's words, delivered live."""
    return message("charger/pile-1/telemetry", json.dumps(content).encode())


def kept(content: object) -> RawMessage:
    """The same, as the broker keeps them for those who subscribe later."""
    return structs.replace(said(content), retain=True)


def metrics(decoded: Decoded) -> dict[int | None, dict[str, Any]]:
    """What the readings hold, by port."""
    return {one.port: one.metrics for one in decoded.observations if isinstance(one, Reading)}


def one(decoded: Decoded) -> Reading:
    """The one reading."""
    [reading] = decoded.observations
    assert isinstance(reading, Reading)
    return reading


FIELDS: dict[str, object] = {
    "U": {"metric": "voltage_v", "scale": 0.1},
    "T": {"metric": "temp_c", "scale": 0.1, "offset": -40},
    "door": {"metric": "door_open", "values": {"open": True, "closed": False, "1": True, "true": True}},
    "count": "swipe_count",
    "p1": {"metric": "power_w", "port": 1},
    "p2": {"metric": "power_w", "port": 2},
    "p9": {"metric": "power_w", "port": 9},
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"U": 2310}, {"voltage_v": 231.0}),
        ({"U": 2313}, {"voltage_v": 231.3}),  # and not 231.30000000000001
        ({"U": " 2310 "}, {"voltage_v": 231.0}),
        ({"U": "2.31e3"}, {"voltage_v": 231.0}),
        ({"T": 655}, {"temp_c": 25.5}),
        ({"door": "open"}, {"door_open": True}),
        ({"door": "closed"}, {"door_open": False}),
        ({"door": 1.0}, {"door_open": True}),
        ({"door": True}, {"door_open": True}),
        ({"count": "12"}, {"swipe_count": 12}),
        ({"current_a": 1}, {"current_a": 1.0}),  # not listed: the metric's own name
    ],
)
def test_a_field_becomes_its_metric(values: object, expected: object) -> None:
    """Scale and offset, words and texts that are numbers; the type is the registry's."""
    decoded = pile({"metrics": values}, fields=FIELDS)
    assert (one(decoded).metrics, decoded.rejects) == (expected, ())
    assert all(type(value) is not int or key == "swipe_count" for key, value in one(decoded).metrics.items())


@pytest.mark.parametrize(
    ("values", "reject"),
    [
        ({"U": 5010}, ("U", "range")),
        ({"U": "high"}, ("U", "type")),
        ({"U": ""}, ("U", "type")),
        ({"U": "0x10"}, ("U", "type")),
        ({"U": "1" * 10_000}, ("U", "type")),
        ({"U": None}, ("U", "type")),
        ({"U": True}, ("U", "type")),
        ({"U": [1]}, ("U", "type")),
        ({"door": "ajar"}, ("door", "type")),
        ({"door": 0}, ("door", "type")),
        ({"door": {}}, ("door", "type")),
        ({"door": None}, ("door", "type")),
        ({"current_a": "1"}, ("current_a", "type")),  # our own payload has types; only a vendor's field is read so
        ({"p9": 1}, ("p9", "schema")),  # a port the device does not have
        ({"serial": "X1"}, ("serial", "unknown_metric")),
    ],
)
def test_a_field_that_cannot_be_its_metric(values: object, reject: tuple[str, str]) -> None:
    """It is set aside under the name the payload has."""
    decoded = pile({"metrics": values}, fields=FIELDS)
    assert (decoded.observations, parts(decoded.rejects)) == ((), [reject])


def test_fields_of_several_ports_become_a_reading_each() -> None:
    """A device that tells of all its ports at once is as many subjects; what has no port is the device's own."""
    decoded = pile({"ts": NOW_MS, "metrics": {"p1": 10, "temp_c": 30, "p2": 20}}, fields=FIELDS)
    assert metrics(decoded) == {1: {"power_w": 10.0}, None: {"temp_c": 30.0}, 2: {"power_w": 20.0}}
    assert {one.at_ms for one in decoded.observations if isinstance(one, Reading)} == {NOW_MS}


def test_two_names_of_one_metric_are_a_conflict() -> None:
    """The second does not overwrite the first in silence."""
    decoded = pile({"metrics": {"U": 2310, "voltage_v": 12}}, fields=FIELDS)
    assert one(decoded).metrics == {"voltage_v": 231.0}
    assert parts(decoded.rejects) == [("voltage_v", "schema")]


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        (["serial"], [("debug.a", "unknown_metric"), ("debug.b", "unknown_metric")]),
        (["debug.*"], [("serial", "unknown_metric")]),
        (["debug.*", "serial"], []),
        (["*"], []),
    ],
)
def test_what_is_left_out_on_purpose(ignore: list[str], left: list[tuple[str, str]]) -> None:
    """A name, or the beginning of names; metrics of the registry stay in what * leaves out."""
    said = {"metrics": {"serial": "X1", "debug.a": 1, "debug.b": 2, "temp_c": 30}}
    decoded = pile(said, ignore=ignore)
    assert one(decoded).metrics == {"temp_c": 30.0}
    assert parts(decoded.rejects) == left


def test_a_metric_can_be_left_out_by_its_name() -> None:
    """A vendor may use a registered name for something else."""
    assert pile({"metrics": {"temp_c": 30}}, ignore=["temp_c"]) == Decoded()


@pytest.mark.parametrize(
    "profile",
    [
        {"ignore": ["a*b"]},
        {"ignore": [""]},
        {"ignore": ["U"], "fields": {"U": "voltage_v"}},
    ],
)
def test_what_cannot_be_ignored(profile: dict[str, object]) -> None:
    """A pattern that would not do what it says, or a name that is wanted elsewhere, stops the start."""
    with pytest.raises(ValueError, match="ignore"):
        Profile.model_validate({"kind": "charger", "interval": "30s", "zh": "桩", "en": "pile", **profile})


def test_a_field_has_values_or_a_scale() -> None:
    """Both would leave open which comes first."""
    with pytest.raises(ValueError, match="not both"):
        SourceField(metric="temp_c", scale=2, values={"hot": 1})


@pytest.mark.parametrize(
    ("policy", "device_ms", "at_ms", "source", "told_ms"),
    [
        ("received", NOW_MS - HOUR_MS, NOW_MS - HOUR_MS, TimeSource.DEVICE, None),
        ("received", NOW_MS + 8 * HOUR_MS, NOW_MS, TimeSource.RECEIVED, NOW_MS + 8 * HOUR_MS),
        ("received", 0, NOW_MS, TimeSource.RECEIVED, 0),
        ("received", 4_070_908_800_000, NOW_MS, TimeSource.RECEIVED, 4_070_908_800_000),
        ("local", NOW_MS - HOUR_MS, NOW_MS - HOUR_MS, TimeSource.DEVICE, None),
        ("local", NOW_MS + 8 * HOUR_MS, NOW_MS, TimeSource.SHIFTED, NOW_MS + 8 * HOUR_MS),
        ("local", NOW_MS + 7 * HOUR_MS, NOW_MS - HOUR_MS, TimeSource.SHIFTED, NOW_MS + 7 * HOUR_MS),
        ("local", NOW_MS + 9 * HOUR_MS, NOW_MS, TimeSource.RECEIVED, NOW_MS + 9 * HOUR_MS),
        ("local", 0, NOW_MS, TimeSource.RECEIVED, 0),
        ("local", 4_070_908_800_000, NOW_MS, TimeSource.RECEIVED, 4_070_908_800_000),
        ("local", 1 << 53, NOW_MS, TimeSource.RECEIVED, 1 << 53),  # a year no calendar has
        ("local", -(1 << 53), NOW_MS, TimeSource.RECEIVED, -(1 << 53)),
    ],
)
def test_a_wrong_clock(policy: str, device_ms: int, at_ms: int, source: TimeSource, told_ms: int | None) -> None:
    """Local time sent as UTC is put right where the profile says so; both times are kept wherever they differ."""
    reading = one(pile({"ts": device_ms, "metrics": {"temp_c": 30}}, wrong_time=policy))
    assert (reading.at_ms, reading.time_source, reading.device_ms) == (at_ms, source, told_ms)


@pytest.mark.parametrize("device_ms", [0, NOW_MS + 8 * HOUR_MS, 4_070_908_800_000, 1 << 53])
def test_a_wrong_clock_can_be_refused(device_ms: int) -> None:
    """`reject` sets the reading aside and says by how much the clock is wrong; a good one passes."""
    decoded = pile({"ts": device_ms, "metrics": {"temp_c": 30}}, wrong_time="reject")
    assert (decoded.observations, parts(decoded.rejects)) == ((), [("", "timestamp")])
    assert "ahead" in decoded.rejects[0].detail or "behind" in decoded.rejects[0].detail
    assert one(pile({"ts": NOW_MS, "metrics": {"temp_c": 30}}, wrong_time="reject")).at_ms == NOW_MS


def test_a_list_keeps_what_a_refused_time_leaves() -> None:
    """One moment of a back-fill with a wrong time costs only itself."""
    listed = [{"ts": 0, "metrics": {"temp_c": 30}}, {"ts": NOW_MS, "metrics": {"temp_c": 31}}]
    decoded = pile(listed, wrong_time="reject")
    assert one(decoded).metrics == {"temp_c": 31.0}
    assert parts(decoded.rejects) == [("[0]", "timestamp")]


def test_a_retained_reading_is_the_past() -> None:
    """It is stored at its own time, and never judged as news."""
    content = {"ts": NOW_MS - HOUR_MS, "metrics": {"smoke": True}}
    reading = one(Decoder(SITE).decode(kept(content)))
    assert (reading.at_ms, reading.past) == (NOW_MS - HOUR_MS, True)
    assert one(Decoder(SITE).decode(said(content))).past is False


@pytest.mark.parametrize("ts", [None, 0, NOW_MS + 8 * HOUR_MS, "yesterday"])
def test_a_retained_reading_without_a_time_is_set_aside(ts: object) -> None:
    """At every new subscription it would come as news of that moment."""
    decoded = Decoder(SITE).decode(kept({"ts": ts, "metrics": {"smoke": True}}))
    assert decoded.observations == ()
    assert ("", "retained") in parts(decoded.rejects)


def test_a_shifted_time_is_a_time() -> None:
    """A retained reading whose clock can be put right is kept."""
    decoder = Decoder(with_fields(SITE, "charging-station", wrong_time="local"))
    reading = one(decoder.decode(kept({"ts": NOW_MS + 7 * HOUR_MS, "metrics": {"temp_c": 30}})))
    assert (reading.at_ms, reading.past) == (NOW_MS - HOUR_MS, True)


def test_a_profile_can_refuse_what_is_retained() -> None:
    """`retained: reject`, for devices whose broker keeps what it should not; what they say live passes."""
    decoder = Decoder(with_fields(SITE, "charging-station", retained="reject"))
    content = {"ts": NOW_MS, "metrics": {"temp_c": 30}}
    decoded = decoder.decode(kept(content))
    assert (decoded.observations, parts(decoded.rejects)) == ((), [("", "retained")])
    assert one(decoder.decode(said(content))).metrics == {"temp_c": 30.0}
