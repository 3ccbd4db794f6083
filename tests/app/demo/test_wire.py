"""Payloads by the wire contract."""

import msgspec

from app.demo.wire import Moment, Sender

SENDER = Sender(root="longcheng/v1", kind="charger", device_id="cs-001")


def test_one_moment_is_an_object_and_several_are_a_list() -> None:
    """A port stands beside the metrics; without one there is no such key."""
    whole = Moment(at_ms=5, metrics={"smoke": False})
    port = Moment(at_ms=5, port=3, metrics={"temp_c": 20.5})
    assert msgspec.json.decode(SENDER.telemetry(whole).payload) == {"ts": 5, "metrics": {"smoke": False}}
    assert msgspec.json.decode(SENDER.telemetry(whole, port).payload) == [
        {"ts": 5, "metrics": {"smoke": False}},
        {"ts": 5, "port": 3, "metrics": {"temp_c": 20.5}},
    ]
    assert SENDER.telemetry(port).topic == "longcheng/v1/charger/cs-001/telemetry"
