"""Looks of cameras."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clock import utc
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from ingest.decode import Decoded, Decoder
from tests.ingest.site import NOW_MS, make_site, message, parts

SITE = make_site()
OBJECT: dict[str, Any] = {
    "class": "bicycle",
    "score": 0.91,
    "box": [0.1, 0.2, 0.3, 1],
    "overlap": 1,
    "stay_s": 12.5,
    "looks": 3,
}
LOOK: dict[str, Any] = {
    "look_id": "01JA",
    "taken_at": NOW_MS - 700,
    "view": "healthy",
    "zones": [{"zone": "front", "shop_id": "shop-1", "objects": [OBJECT]}, {"zone": "fire", "shop_id": None}],
    "picture": "cam-1/20260221/01JA",
    "picture_sha256": "ab" * 32,
    "model": "nanodet-g-416",
    "model_sha256": "cd" * 32,
}


def decode(content: object, *, camera: str = "cam-1") -> Decoded:
    """What a look's payload says."""
    payload = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Decoder(SITE).decode(message(f"camera/{camera}/sighting", payload))


def test_a_look_with_everything() -> None:
    """The wire's `class` is our `label`; a zone without objects is kept: it is the proof of a clear one."""
    assert decode(LOOK) == Decoded(
        (
            Sighting(
                camera_id="cam-1",
                look_id="01JA",
                taken_ms=NOW_MS - 700,
                received_ms=NOW_MS,
                view=ViewHealth.HEALTHY,
                zones=(
                    ZoneSighting(
                        zone="front",
                        shop_id="shop-1",
                        objects=(
                            SeenObject(
                                label="bicycle",
                                score=0.91,
                                box=(0.1, 0.2, 0.3, 1.0),
                                overlap=1.0,
                                stay_s=12.5,
                                looks=3,
                            ),
                        ),
                    ),
                    ZoneSighting(zone="fire"),
                ),
                picture="cam-1/20260221/01JA",
                picture_sha256="ab" * 32,
                model="nanodet-g-416",
                model_sha256="cd" * 32,
            ),
        )
    )


def test_the_least_a_look_can_be() -> None:
    """A view that is not healthy may say no more than why; the time may be RFC 3339."""
    taken = utc(NOW_MS - 5000).isoformat()
    decoded = decode({"look_id": "x", "taken_at": taken, "view": "offline", "fault": "timeout"})
    assert decoded.observations == (
        Sighting(
            camera_id="cam-1",
            look_id="x",
            taken_ms=NOW_MS - 5000,
            received_ms=NOW_MS,
            view=ViewHealth.OFFLINE,
            fault="timeout",
        ),
    )


@pytest.mark.parametrize("view", list(ViewHealth))
def test_every_word_for_a_view_is_known(view: ViewHealth) -> None:
    """The wire's words are the enum's."""
    [look] = decode({**LOOK, "view": view.value}).observations
    assert isinstance(look, Sighting)
    assert look.view is view


@pytest.mark.parametrize(
    "wrong",
    [
        {"view": "fine"},
        {"view": None},
        {"look_id": ""},
        {"look_id": 7},
        {"look_id": "a\u0000b"},
        {"look_id": "x" * 201},
        {"zones": {}},
        {"zones": [{"objects": []}]},
        {"zones": [{"zone": "front"}] * 101},
        {"zones": [{"zone": "front", "objects": [OBJECT] * 501}]},
        {"taken_at": None},
        {"taken_at": [1]},
        *(
            {"zones": [{"zone": "front", "objects": [{**OBJECT, **broken}]}]}
            for broken in (
                {"box": [0, 0, 1]},
                {"box": [0, 0, 1, 1.01]},
                {"box": [-0.1, 0, 1, 1]},
                {"box": [0, 0, 1, True]},
                {"score": 1.5},
                {"overlap": "half"},
                {"stay_s": -1},
                {"stay_s": 366 * 86400 + 1},
                {"stay_s": 1e12},
                {"looks": 0},
                {"looks": 10_000_001},
                {"looks": 1 << 63},
                {"class": ""},
            )
        ),
    ],
)
def test_a_look_is_taken_whole_or_not_at_all(wrong: dict[str, Any]) -> None:
    """A look that lost an object would pass for a proof of a clear view."""
    decoded = decode({**LOOK, **wrong})
    assert decoded.observations == ()
    assert parts(decoded.rejects) == [("", "schema")]


def test_what_a_look_may_claim_at_most() -> None:
    """A thing that has stood there for a year, in the fullest of many zones."""
    most = {**OBJECT, "stay_s": 366 * 86400, "looks": 10_000_000}
    zones = [{"zone": "front", "objects": [most] * 500}, *({"zone": f"zone-{number}"} for number in range(99))]
    [look] = decode({**LOOK, "zones": zones}).observations
    assert isinstance(look, Sighting)
    assert (len(look.zones), len(look.zones[0].objects)) == (100, 500)


@pytest.mark.parametrize("missing", ["look_id", "taken_at", "view"])
def test_a_look_must_say_what_when_and_how(missing: str) -> None:
    """Without identity, time or view it is none."""
    decoded = decode({key: value for key, value in LOOK.items() if key != missing})
    assert parts(decoded.rejects) == [("", "schema")]


@pytest.mark.parametrize(
    "taken_at",
    [NOW_MS + 300_001, NOW_MS + 8 * 3_600_000, 0, NOW_MS // 1000, "2099-01-01T00:00:00Z", "2026-02-21T12:00:00", 1e300],
)
def test_a_look_from_a_wrong_time_proves_nothing(taken_at: object) -> None:
    """It cannot get another time: it is evidence. And one from the future would make all later looks late ones."""
    decoded = decode({**LOOK, "taken_at": taken_at})
    assert decoded.observations == ()
    assert parts(decoded.rejects) == [("taken_at", "timestamp")]


def test_a_camera_must_be_registered() -> None:
    """Nobody else's pictures count for or against anyone."""
    assert parts(decode(LOOK, camera="cam-2").rejects) == [("", "unknown_device")]


@pytest.mark.parametrize("payload", [b"", b"\xff", b'{"look_id": "', b"[" * 100_000])
def test_what_is_no_json(payload: bytes) -> None:
    """DECODE or SCHEMA, never an exception."""
    decoded = decode(payload)
    assert decoded.observations == ()
    assert len(decoded.rejects) == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(LOOK)), _json)
def test_any_value_in_any_place(key: str, value: object) -> None:
    """One sighting or one reject, whatever stands in a key."""
    decoded = decode({**LOOK, key: value})
    assert len(decoded.observations) + len(decoded.rejects) == 1


@given(st.sampled_from(sorted(OBJECT)), _json)
def test_any_value_in_any_place_of_an_object(key: str, value: object) -> None:
    """Shares stay shares: what comes through lies within 0–1."""
    decoded = decode({**LOOK, "zones": [{"zone": "front", "objects": [{**OBJECT, key: value}]}]})
    for look in decoded.observations:
        assert isinstance(look, Sighting)
        [seen] = look.zones[0].objects
        assert all(0 <= share <= 1 for share in (*seen.box, seen.score, seen.overlap))
    assert len(decoded.observations) + len(decoded.rejects) == 1


@given(st.binary())
def test_any_bytes_are_a_sighting_or_a_reject(payload: bytes) -> None:
    """No payload makes it raise."""
    decoded = decode(payload)
    assert len(decoded.observations) + len(decoded.rejects) == 1
