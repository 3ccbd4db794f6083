"""One file a payload. DECODERS names those a profile may choose for its telemetry."""

from collections.abc import Mapping
from typing import Final, Protocol

from config.schema import Metric, Profile
from domain.message import RawMessage
from domain.register import Device
from ingest.decoded import Decoded
from ingest.decoders.native import Native


class TelemetryDecoder(Protocol):
    """Reads the telemetry of one profile. `decode` never raises, whatever the bytes."""

    def __init__(self, profile: Profile, metrics: Mapping[str, Metric]) -> None: ...

    def decode(self, message: RawMessage, device: Device) -> Decoded:
        """What the message of this device says."""
        ...


DECODERS: Final[Mapping[str, type[TelemetryDecoder]]] = {
    "native": Native,
}
