"""Sightings as they go over the wire, and the orders that come back."""

import msgspec
from msgspec import Struct

from domain.sighting import SeenElsewhere, SeenObject, Sighting, ViewHealth


class _Zone(Struct, frozen=True, omit_defaults=True):
    zone: str
    shop_id: str | None
    objects: tuple[SeenObject, ...]
    unsure: bool = False


class _Payload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    look_id: str
    taken_at: int
    view: ViewHealth
    zones: tuple[_Zone, ...]
    fault: str | None = None
    picture: str | None = None
    picture_sha256: str | None = None
    model: str | None = None
    model_sha256: str | None = None
    elsewhere: tuple[SeenElsewhere, ...] = ()


class _Command(Struct, frozen=True):
    command: str


_encoder = msgspec.json.Encoder()
_command = msgspec.json.Decoder(_Command)


def payload_of(sighting: Sighting) -> bytes:
    """The look as JSON; who it is from stands in the topic, when it came is the receiver's to say."""
    return _encoder.encode(
        _Payload(
            look_id=sighting.look_id,
            taken_at=sighting.taken_ms,
            view=sighting.view,
            zones=tuple(_Zone(zone.zone, zone.shop_id, zone.objects, zone.unsure) for zone in sighting.zones),
            fault=sighting.fault,
            picture=sighting.picture,
            picture_sha256=sighting.picture_sha256,
            model=sighting.model,
            model_sha256=sighting.model_sha256,
            elsewhere=sighting.elsewhere,
        )
    )


def asks_to_look(payload: bytes) -> bool:
    """Whether a command's payload is `{"command": "look_now", …}`."""
    try:
        return _command.decode(payload).command == "look_now"
    except msgspec.DecodeError:
        return False
