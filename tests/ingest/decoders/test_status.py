"""Births and last wills."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from domain.reading import DeviceState, Status
from ingest.decode import Decoder
from tests.ingest.site import NOW_MS, make_site, message, parts

SITE = make_site()


@pytest.mark.parametrize("state", list(DeviceState))
@pytest.mark.parametrize(("kind", "device_id"), [("tree", "tree-1"), ("camera", "cam-1")])
def test_a_state(kind: str, device_id: str, state: DeviceState) -> None:
    """Devices and cameras alike; further keys are ignored."""
    payload = f'{{"state": "{state}", "firmware": "1.2"}}'.encode()
    decoded = Decoder(SITE).decode(message(f"{kind}/{device_id}/status", payload))
    assert decoded.observations == (Status(kind=kind, device_id=device_id, state=state, received_ms=NOW_MS),)
    assert decoded.rejects == ()


def test_a_retained_state_is_told_from_a_fresh_one() -> None:
    """What the broker kept for new subscribers is no word of now."""
    kept = structs.replace(message("tree/tree-1/status", b'{"state": "online"}'), retain=True)
    status = Status(kind="tree", device_id="tree-1", state=DeviceState.ONLINE, received_ms=NOW_MS, retain=True)
    assert Decoder(SITE).decode(kept).observations == (status,)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "decode"),
        (b"online", "decode"),
        (b"\xff", "decode"),
        (b'"online"', "schema"),
        (b'{"state": "asleep"}', "schema"),
        (b'{"state": 1}', "schema"),
        (b"{}", "schema"),
    ],
)
def test_what_is_no_state(payload: bytes, reason: str) -> None:
    """A word we do not know is no state; the reject says so."""
    decoded = Decoder(SITE).decode(message("tree/tree-1/status", payload))
    assert decoded.observations == ()
    assert parts(decoded.rejects) == [("", reason)]


@given(st.binary())
def test_any_bytes_are_a_status_or_a_reject(payload: bytes) -> None:
    """No payload makes it raise."""
    decoded = Decoder(SITE).decode(message("tree/tree-1/status", payload))
    assert len(decoded.observations) + len(decoded.rejects) == 1
