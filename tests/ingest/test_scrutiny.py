"""Doubts, floods and repeated deliveries, read as timetables of the starter site's devices."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.load import Site, load_site
from config.schema import Check
from domain.message import RawMessage, RejectReason
from domain.reading import Doubt, Reading
from ingest.decode import Decoder
from ingest.rates import Buckets

T0 = 1_795_320_000_000
MINUTE = 60_000
TREE = "longcheng/v1/tree/tree-001/telemetry"
STATION = "longcheng/v1/charger/cs-001/telemetry"


def site(*, checks: Mapping[str, Check] | None = None, rate: str = "", total: str = "") -> Site:
    """The starter site with these checks for trees and these rates."""
    starter = load_site("starter", {})
    profiles = {
        name: profile.model_copy(update={"checks": checks or {}} if profile.kind == "tree" else {})
        for name, profile in starter.profiles.items()
    }
    ingest = starter.settings.ingest.model_copy(update={"device_rate": rate, "total_rate": total})
    return replace(starter, profiles=profiles, settings=starter.settings.model_copy(update={"ingest": ingest}))


def message(
    metrics: Mapping[str, object], at_ms: int, *, topic: str = TREE, ts: bool = True, dup: bool = False
) -> RawMessage:
    """Telemetry received at `at_ms`, with or without a time of its own."""
    content = {"metrics": metrics} | ({"ts": at_ms} if ts else {})
    return RawMessage(
        topic=topic, payload=json.dumps(content).encode(), qos=1, retain=False, dup=dup, received_ms=at_ms
    )


def doubts(decoder: Decoder, values: Mapping[int, float]) -> dict[int, Doubt | None]:
    """By minute: what is doubted of `tilt_deg`."""
    found: dict[int, Doubt | None] = {}
    for minute, value in values.items():
        (reading,) = decoder.decode(message({"tilt_deg": value}, T0 + minute * MINUTE)).observations
        assert isinstance(reading, Reading)
        assert reading.metrics == {"tilt_deg": value}
        found[minute] = dict(reading.doubts).get("tilt_deg")
    return found


def test_a_spike_is_marked_and_kept_and_the_return_is_no_spike() -> None:
    """One wild value between good ones is doubted; the good one after it is not."""
    decoder = Decoder(site(checks={"tilt_deg": Check(max_step=5.0)}))
    assert doubts(decoder, {0: 1.0, 1: 40.0, 2: 1.2, 3: -30.0, 4: 1.1}) == {
        0: None,
        1: Doubt.SPIKE,
        2: None,
        3: Doubt.SPIKE,
        4: None,
    }


def test_a_second_value_like_the_spike_is_a_new_level() -> None:
    """A tree that was struck leans for good: only the first reading of it is doubted."""
    decoder = Decoder(site(checks={"tilt_deg": Check(max_step=5.0)}))
    assert doubts(decoder, {0: 1.0, 1: 20.0, 2: 20.5, 3: 20.4}) == {0: None, 1: Doubt.SPIKE, 2: None, 3: None}


def test_exactly_the_same_value_for_too_long_is_stuck() -> None:
    """From the moment it has lasted so long, until it moves."""
    decoder = Decoder(site(checks={"tilt_deg": Check.model_validate({"stuck_after": "30m"})}))
    found = doubts(decoder, {0: 1.0, 10: 1.0, 29: 1.0, 30: 1.0, 40: 1.0, 41: 1.01, 50: 1.01})
    assert [minute for minute, doubt in found.items() if doubt is Doubt.STUCK] == [30, 40]


def test_late_readings_say_nothing_about_spikes() -> None:
    """A back-filled value is compared with nothing, and the next one not with it."""
    decoder = Decoder(site(checks={"tilt_deg": Check(max_step=5.0)}))
    assert doubts(decoder, {10: 1.0, 2: 50.0, 11: 1.1}) == {10: None, 2: None, 11: None}


def test_a_flood_is_held_back_but_never_its_safety_metrics() -> None:
    """Of the third message in a second only smoke and temperature are left; the rest is a dead letter."""
    decoder = Decoder(site(rate="2:1"))
    said = {"power_w": 300.0, "smoke": True, "temp_c": 40.0}
    flood = [decoder.decode(message(said, T0 + i, topic=STATION)) for i in range(3)]
    assert [len(one.observations[0].metrics) for one in flood] == [3, 3, 2]  # type: ignore[union-attr]
    assert [[reject.reason for reject in one.rejects] for one in flood] == [[], [], [RejectReason.RATE_LIMITED]]
    other = decoder.decode(message({"tilt_deg": 1.0}, T0 + 3))
    assert not other.rejects, "one device's flood is no other's"
    later = decoder.decode(message(said, T0 + 2000, topic=STATION))
    assert not later.rejects, "it ends with the flood"


def test_the_total_rate_holds_back_everybody_but_safety() -> None:
    """Two devices share it."""
    decoder = Decoder(site(total="1:60"))
    assert decoder.decode(message({"tilt_deg": 1.0}, T0)).observations
    flooded = decoder.decode(message({"power_w": 300.0}, T0 + 1, topic=STATION))
    (life,) = flooded.observations
    assert isinstance(life, Reading)
    assert life.metrics == {}, "a sign of life, and no more"
    assert [reject.reason for reject in flooded.rejects] == [RejectReason.RATE_LIMITED]
    smoke = decoder.decode(message({"smoke": True}, T0 + 2, topic=STATION))
    assert smoke.observations


def test_a_reading_without_a_time_that_is_delivered_again_keeps_its_first_time() -> None:
    """Else it would be a second point."""
    decoder = Decoder(site())
    first = decoder.decode(message({"tilt_deg": 1.0}, T0, ts=False))
    again = decoder.decode(message({"tilt_deg": 1.0}, T0 + 9000, ts=False, dup=True))
    news = decoder.decode(message({"tilt_deg": 1.0}, T0 + 60_000, ts=False))
    assert [one.observations[0].at_ms for one in (first, again, news)] == [T0, T0, T0 + 60_000]  # type: ignore[union-attr]


@pytest.mark.parametrize("rates", ["3:1", "3:1,5:10"])
@given(gaps_ms=st.lists(st.integers(-50, 3000), max_size=60))
def test_no_window_ever_passes_more_than_its_rate_and_a_bucket_full(rates: str, gaps_ms: list[int]) -> None:
    """In any stretch at most the bucket and what filled meanwhile; also when the clock steps back."""
    buckets, at_ms, passed = Buckets(rates), T0, []
    for gap_ms in gaps_ms:
        at_ms += gap_ms
        if buckets.take(at_ms):
            passed.append(at_ms)
    for pair in rates.split(","):
        most, seconds = map(int, pair.split(":"))
        for i, start in enumerate(passed):
            for j in range(i, len(passed)):
                span_ms = max(passed[i : j + 1]) - min(start, *passed[: i + 1])
                assert j - i + 1 <= most + span_ms * most / (seconds * 1000) + 1e-6


def test_readings_without_a_time_that_come_at_once_are_stored_apart() -> None:
    """After an outage a broker delivers them in one go: each gets a millisecond of its own, in their order."""
    decoder = Decoder(site())
    burst = [message({"tilt_deg": float(n)}, T0, ts=False) for n in range(5)]
    later = [message({"tilt_deg": 7.0}, T0 + 3, ts=False), message({"tilt_deg": 8.0}, T0 + 60, ts=False)]

    assert [_at_ms(decoder, one) - T0 for one in [*burst, *later]] == [0, 1, 2, 3, 4, 5, 60]
    assert _at_ms(decoder, replace_dup(burst[3], T0 + 90)) == T0 + 3


def test_a_list_without_times_does_not_fall_upon_the_list_before() -> None:
    """Lists that come at once are stored one behind the other; another subject's readings are not moved."""
    decoder = Decoder(site())
    content = json.dumps([{"port": 1, "metrics": {"power_w": float(n)}} for n in range(3)]).encode()
    both = RawMessage(topic=STATION, payload=content, qos=1, retain=False, dup=False, received_ms=T0)
    first, again = (
        [one.at_ms for one in decoder.decode(both).observations if isinstance(one, Reading)] for _ in range(2)
    )
    other = message({"power_w": 1.0}, T0, topic=STATION, ts=False)

    assert first == [T0 - 2, T0 - 1, T0]
    assert again == [T0 + 1, T0 + 2, T0 + 3]
    assert _at_ms(decoder, other) == T0


def test_what_is_told_again_much_later_keeps_its_place() -> None:
    """A replayed message is of the time it was received at, whatever has come since."""
    decoder = Decoder(site())
    now, before = message({"tilt_deg": 1.0}, T0, ts=False), message({"tilt_deg": 2.0}, T0 - MINUTE, ts=False)

    assert [_at_ms(decoder, one) for one in (now, before)] == [T0, T0 - MINUTE]


def replace_dup(sent: RawMessage, received_ms: int) -> RawMessage:
    """The same, delivered again."""
    return RawMessage(topic=sent.topic, payload=sent.payload, qos=1, retain=False, dup=True, received_ms=received_ms)


def _at_ms(decoder: Decoder, one: RawMessage) -> int:
    (reading,) = decoder.decode(one).observations
    assert isinstance(reading, Reading)
    return reading.at_ms
