"""What sensors say."""

from enum import StrEnum

from msgspec import Struct

Value = float | int | bool


class TimeSource(StrEnum):
    """Whose clock a reading's time comes from."""

    DEVICE = "device"
    NETWORK = "network"  # stamped by a gateway or a LoRaWAN server
    SHIFTED = "shifted"  # the device sent local time as UTC; the offset is taken off
    RECEIVED = "received"  # the device sent none, or one that cannot be believed


class Doubt(StrEnum):
    """What makes a value that is kept suspect."""

    SPIKE = "spike"  # a larger step than the profile allows
    STUCK = "stuck"  # exactly the same for longer than the profile allows


class Reading(Struct, frozen=True, kw_only=True, gc=False):
    """One moment of one device, or of one port of it. Metrics are typed by the registry, units in their names."""

    kind: str
    device_id: str
    port: int | None = None
    at_ms: int
    received_ms: int
    metrics: dict[str, Value]
    time_source: TimeSource = TimeSource.DEVICE
    device_ms: int | None = None
    """What the device's clock said, where `at_ms` is something else."""
    past: bool = False
    """Told as history (Sparkplug's is_historical, a broker's retained copy): stored, and never judged as news."""
    doubts: tuple[tuple[str, Doubt], ...] = ()
    """Metrics whose values are suspect, and why."""

    @property
    def subject(self) -> str:
        """What rules speak about: `{device_id}` or `{device_id}/{port}`."""
        return self.device_id if self.port is None else f"{self.device_id}/{self.port}"


class DeviceState(StrEnum):
    """What a device's status topic, or its last will, says."""

    ONLINE = "online"
    OFFLINE = "offline"


class Status(Struct, frozen=True, kw_only=True, gc=False):
    """A device's birth or last will."""

    kind: str
    device_id: str
    state: DeviceState
    received_ms: int
    retain: bool = False
    """Told again by the broker to a new subscription: what was once said, no word of now."""
