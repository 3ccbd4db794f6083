"""A birth or a last will: `{"state": "online"}` or `{"state": "offline"}`."""

import msgspec

from domain.message import RawMessage, RejectReason
from domain.reading import DeviceState, Status
from ingest.decoded import Decoded, refused, shown


class _Wire(msgspec.Struct, frozen=True, gc=False):
    state: DeviceState


_JSON = msgspec.json.Decoder(_Wire)


def decode(message: RawMessage, kind: str, device_id: str) -> Decoded:
    """The one status a message holds."""
    try:
        wire = _JSON.decode(message.payload)
    except msgspec.ValidationError as wrong:
        return refused(RejectReason.SCHEMA, shown(str(wrong)))
    except (ValueError, RecursionError) as wrong:
        return refused(RejectReason.DECODE, f"not JSON in UTF-8: {shown(str(wrong))}")
    status = Status(
        kind=kind,
        device_id=device_id,
        state=wire.state,
        received_ms=message.received_ms,
        retain=message.retain,
    )
    return Decoded((status,))
