"""What simulated devices put on the wire, and what must come of it."""

import msgspec

from domain.reading import DeviceState, Value

Metrics = dict[str, Value]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """Values that must be in the series store once the message they came in has been through."""

    kind: str
    device_id: str
    port: int | None
    at_ms: int
    metrics: tuple[str, ...]


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message to publish, QoS 1. `rejects` is how many dead letters it must leave."""

    topic: str
    payload: bytes
    retain: bool = False
    expected: tuple[Expected, ...] = ()
    rejects: int = 0


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """One element of a telemetry payload: a device's values at one time, or those of one of its ports."""

    at_ms: int
    metrics: Metrics
    port: int | None = None


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """A device's place in the topic tree, under `root`."""

    root: str
    kind: str
    device_id: str

    def topic(self, leaf: str) -> str:
        """`{root}/{kind}/{device_id}/{leaf}`."""
        return f"{self.root}/{self.kind}/{self.device_id}/{leaf}"

    def status(self, state: DeviceState) -> Outgoing:
        """The retained birth, or the last will."""
        return Outgoing(topic=self.topic("status"), payload=msgspec.json.encode({"state": state}), retain=True)

    def telemetry(self, *moments: Moment) -> Outgoing:
        """One moment as an object, several as a list."""
        elements = [_element(moment) for moment in moments]
        return Outgoing(
            topic=self.topic("telemetry"),
            payload=msgspec.json.encode(elements[0] if len(elements) == 1 else elements),
            expected=tuple(self.expect(moment) for moment in moments),
        )

    def expect(self, moment: Moment) -> Expected:
        """All metrics of a moment must be stored."""
        return Expected(
            kind=self.kind,
            device_id=self.device_id,
            port=moment.port,
            at_ms=moment.at_ms,
            metrics=tuple(moment.metrics),
        )


def _element(moment: Moment) -> dict[str, object]:
    port = {} if moment.port is None else {"port": moment.port}
    return {"ts": moment.at_ms, **port, "metrics": moment.metrics}
