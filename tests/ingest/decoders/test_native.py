"""The native telemetry payload."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.message import RejectReason
from domain.reading import Reading, TimeSource
from ingest.decode import Decoded, Decoder
from tests.ingest.site import NOW_MS, make_site, message, parts

SITE = make_site()
DAY_MS = 86_400_000


def decode(content: object, *, device: str = "charger/pile-1") -> Decoded:
    """What a payload says, given as JSON content or as raw bytes."""
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Decoder(SITE).decode(message(f"{device}/telemetry", payload))


def readings(decoded: Decoded) -> list[Reading]:
    """The observations, all of them readings."""
    assert all(isinstance(observation, Reading) for observation in decoded.observations)
    return [observation for observation in decoded.observations if isinstance(observation, Reading)]


def test_a_reading_with_everything() -> None:
    """Kind, device, port, time and typed metrics come out as one Reading."""
    decoded = decode({"ts": NOW_MS - 500, "port": 3, "metrics": {"voltage_v": 220, "relay_on": 1, "swipe_count": 2.0}})
    assert decoded == Decoded(
        (
            Reading(
                kind="charger",
                device_id="pile-1",
                port=3,
                at_ms=NOW_MS - 500,
                received_ms=NOW_MS,
                metrics={"voltage_v": 220.0, "relay_on": True, "swipe_count": 2},
                time_source=TimeSource.DEVICE,
            ),
        )
    )
    assert readings(decoded)[0].subject == "pile-1/3"


def test_one_bad_metric_costs_only_itself() -> None:
    """Unknown, mistyped, implausible and not-a-number metrics are named one by one; the good ones are kept."""
    decoded = decode(
        b'{"metrics": {"voltage_v": 9999, "temp_c": "hot", "tilt_degrees": 1, "power_w": NaN, "current_a": 1.5}}'
    )
    assert [reading.metrics for reading in readings(decoded)] == [{"current_a": 1.5}]
    assert sorted(parts(decoded.rejects)) == [
        ("power_w", "type"),
        ("temp_c", "type"),
        ("tilt_degrees", "unknown_metric"),
        ("voltage_v", "range"),
    ]


def test_a_number_beyond_json_costs_only_itself() -> None:
    """1e999, which is infinite, is one bad metric and not a bad message."""
    decoded = decode(b'{"metrics": {"power_w": 1e999, "current_a": 1.5}}')
    assert [reading.metrics for reading in readings(decoded)] == [{"current_a": 1.5}]
    assert parts(decoded.rejects) == [("power_w", "type")]


def test_nothing_good_is_no_reading() -> None:
    """A reading without metrics would say that the device is well."""
    decoded = decode({"metrics": {"nonsense": 1}})
    assert decoded.observations == ()
    assert parts(decoded.rejects) == [("nonsense", "unknown_metric")]


def test_back_fill_keeps_the_siblings_of_a_bad_moment() -> None:
    """Each element of a list stands for itself, and a reject says which one it was."""
    decoded = decode(
        [
            {"ts": NOW_MS - 2000, "metrics": {"temp_c": 20}},
            "nonsense",
            {"ts": NOW_MS - 1000, "metrics": {"temp_c": 999, "power_w": 5}},
            {"ts": NOW_MS, "port": 9, "metrics": {"temp_c": 22}},
            {"ts": NOW_MS, "metrics": {}},
        ]
    )
    assert [(reading.at_ms, reading.metrics) for reading in readings(decoded)] == [
        (NOW_MS - 2000, {"temp_c": 20.0}),
        (NOW_MS - 1000, {"power_w": 5.0}),
    ]
    assert sorted(parts(decoded.rejects)) == [
        ("[1]", "schema"),
        ("[2].temp_c", "range"),
        ("[3]", "schema"),
        ("[4]", "schema"),
    ]


def test_back_fill_without_times_stays_apart_and_in_order() -> None:
    """Moments that get the received time do not overwrite each other in the store; the last one is now."""
    decoded = decode([{"metrics": {"temp_c": value}} for value in (1, 2, 3)])
    assert [(reading.at_ms, reading.metrics["temp_c"]) for reading in readings(decoded)] == [
        (NOW_MS - 2, 1.0),
        (NOW_MS - 1, 2.0),
        (NOW_MS, 3.0),
    ]
    assert {reading.received_ms for reading in readings(decoded)} == {NOW_MS}


@pytest.mark.parametrize(
    ("ts", "at_ms", "source"),
    [
        (None, NOW_MS, TimeSource.RECEIVED),
        (NOW_MS + 300_000, NOW_MS + 300_000, TimeSource.DEVICE),  # five minutes fast
        (NOW_MS + 300_001, NOW_MS, TimeSource.RECEIVED),
        (NOW_MS + 8 * 3_600_000, NOW_MS, TimeSource.RECEIVED),  # local time sent as UTC
        (0, NOW_MS, TimeSource.RECEIVED),  # 1970
        (NOW_MS // 1000, NOW_MS, TimeSource.RECEIVED),  # seconds
        (4_070_908_800_000, NOW_MS, TimeSource.RECEIVED),  # 2099
        ("2099-01-01T00:00:00Z", NOW_MS, TimeSource.RECEIVED),
        (NOW_MS - 30 * DAY_MS, NOW_MS - 30 * DAY_MS, TimeSource.DEVICE),
        (NOW_MS - 30 * DAY_MS - 1, NOW_MS, TimeSource.RECEIVED),
    ],
)
def test_a_clock_that_cannot_be_believed(ts: object, at_ms: int, source: TimeSource) -> None:
    """Beyond what the profile allows, the received time stands in and the reading says so. That is no reject."""
    decoded = decode({"ts": ts, "metrics": {"temp_c": 20}})
    [reading] = readings(decoded)
    assert (reading.at_ms, reading.time_source, decoded.rejects) == (at_ms, source, ())


def test_an_unreadable_time_keeps_the_reading_and_is_named() -> None:
    """A broken time format must be seen, but smoke is smoke."""
    decoded = decode({"ts": "2026-02-21 12:00", "metrics": {"smoke": True}})
    [reading] = readings(decoded)
    assert (reading.at_ms, reading.time_source) == (NOW_MS, TimeSource.RECEIVED)
    assert parts(decoded.rejects) == [("ts", "timestamp")]


@pytest.mark.parametrize("port", [0, 5, -1, 2.0, "3", True, [1]])
def test_a_port_the_device_does_not_have(port: object) -> None:
    """Only whole numbers from 1 to the register's count."""
    assert parts(decode({"port": port, "metrics": {"temp_c": 20}}).rejects) == [("", "schema")]


def test_a_port_of_a_device_without_ports() -> None:
    """A tree has none; a reading that names one may be of another device."""
    decoded = decode({"port": 1, "metrics": {"tilt_deg": 1}}, device="tree/tree-1")
    assert decoded.observations == ()
    assert "the device has none" in decoded.rejects[0].detail


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", RejectReason.DECODE),
        (b"hello", RejectReason.DECODE),
        (b"\xff\xfe", RejectReason.DECODE),
        (b'{"metrics": {"temp_c": 1}', RejectReason.DECODE),
        (b"[" * 100_000, RejectReason.DECODE),
        (b"[]", RejectReason.SCHEMA),
        (b"3", RejectReason.SCHEMA),
        (b"null", RejectReason.SCHEMA),
        (b"{}", RejectReason.SCHEMA),
        (b'{"metrics": [1]}', RejectReason.SCHEMA),
        (b'{"metrics": {}}', RejectReason.SCHEMA),
    ],
)
def test_a_message_without_a_usable_moment(payload: bytes, reason: RejectReason) -> None:
    """What is no JSON is DECODE; JSON of another shape is SCHEMA."""
    decoded = decode(payload)
    assert decoded.observations == ()
    assert [reject.reason for reject in decoded.rejects] == [reason]


def test_a_hostile_name_is_shown_safely() -> None:
    """Lone surrogates and control characters in a metric's name cannot break whatever stores the reject."""
    decoded = decode(b'{"metrics": {"\\ud800\\u0000' + b"x" * 500 + b'": 1, "temp_c": 1}}')
    [reject] = decoded.rejects
    assert reject.part.isprintable()
    assert len(reject.part) < 200
    assert reject.part.encode("utf-8")
    assert len(readings(decoded)) == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_metric_names = st.sampled_from(["temp_c", "smoke", "swipe_count", "voltage_v", "nope", "tilt_deg"]) | st.text()
_moments = st.fixed_dictionaries(
    {"metrics": st.dictionaries(_metric_names, _json, max_size=6) | _json},
    optional={"ts": _json | st.integers(NOW_MS - DAY_MS, NOW_MS + DAY_MS), "port": st.integers(-1, 6) | _json},
)


@given(_moments | st.lists(_moments | _json, max_size=5))
def test_almost_right_payloads_lose_nothing_in_silence(content: Any) -> None:
    """Every metric of a usable moment is either in a reading, typed, or named in a reject."""
    decoded = decode(json.dumps(content).encode())
    given_parts = {reject.part for reject in decoded.rejects}
    listed = isinstance(content, list)
    for reading in readings(decoded):
        assert reading.metrics
        assert reading.received_ms == NOW_MS
        for name, value in reading.metrics.items():
            expected = {"smoke": bool, "swipe_count": int}.get(name, float)
            assert type(value) is expected
    if not decoded.observations:
        assert decoded.rejects
    if not listed and readings(decoded):
        [reading] = readings(decoded)
        known = {name for name in content["metrics"] if name in KNOWN_METRICS}
        assert known == set(reading.metrics) | (given_parts & known)


KNOWN_METRICS = frozenset(SITE.metrics)


@given(_moments)
def test_alone_and_in_a_list_a_moment_says_the_same(content: Any) -> None:
    """The quick way that plain messages take differs in nothing but its speed."""
    alone, listed = decode(json.dumps(content).encode()), decode(json.dumps([content]).encode())
    assert alone.observations == listed.observations
    unplaced = [(part.removeprefix("[0]").removeprefix("."), reason) for part, reason in parts(listed.rejects)]
    assert parts(alone.rejects) == unplaced


@given(st.binary())
def test_any_bytes_are_rejects_or_readings(payload: bytes) -> None:
    """No payload makes it raise, and none passes unsaid."""
    decoded = decode(payload)
    assert decoded.observations or decoded.rejects
