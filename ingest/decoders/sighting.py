"""One look of a camera. A look is taken whole or not at all: one that lost an object would prove a clear view."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from domain.message import RawMessage, RejectReason
from domain.sighting import SeenElsewhere, SeenObject, Sighting, ViewHealth, ZoneSighting
from ingest.decoded import Decoded, Unfit, refused, shown
from ingest.times import Tolerance, read_time

_Share = Annotated[float, Meta(ge=0, le=1)]
_Name = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]

# What a look may claim. Without an end, one `stay_s` of 1e12 would name a year that no calendar has.
_LONGEST_STAY_S: Final = 366 * 86400
_MOST_LOOKS: Final = 10_000_000
_MOST_ZONES: Final = 100
_MOST_OBJECTS: Final = 500

# Zero here means: a look from the future would make every later look of its camera a late one.
_TOLERANCE: Final = Tolerance(max_ahead_s=300, max_behind_s=30 * 86400)


class _Object(msgspec.Struct, frozen=True, gc=False):
    label: _Name = msgspec.field(name="class")
    score: _Share
    box: tuple[_Share, _Share, _Share, _Share]
    overlap: _Share
    stay_s: Annotated[float, Meta(ge=0, le=_LONGEST_STAY_S)]
    looks: Annotated[int, Meta(ge=1, le=_MOST_LOOKS)]
    onset: _Name | None = None
    context: _Name | None = None


class _Zone(msgspec.Struct, frozen=True, gc=False):
    zone: _Name
    shop_id: _Name | None = None
    objects: Annotated[tuple[_Object, ...], Meta(max_length=_MOST_OBJECTS)] = ()
    unsure: bool = False


class _Elsewhere(msgspec.Struct, frozen=True, gc=False):
    label: _Name = msgspec.field(name="class")
    score: _Share
    box: tuple[_Share, _Share, _Share, _Share]


class _Look(msgspec.Struct, frozen=True, gc=False):
    look_id: _Name
    taken_at: int | float | str
    view: ViewHealth
    zones: Annotated[tuple[_Zone, ...], Meta(max_length=_MOST_ZONES)] = ()
    fault: _Name | None = None
    picture: _Name | None = None
    picture_sha256: _Name | None = None
    model: _Name | None = None
    model_sha256: _Name | None = None
    elsewhere: Annotated[tuple[_Elsewhere, ...], Meta(max_length=_MOST_OBJECTS)] = ()


_JSON = msgspec.json.Decoder(_Look)


def decode(message: RawMessage, camera_id: str) -> Decoded:
    """The one sighting a message holds."""
    try:
        look = _JSON.decode(message.payload)
    except msgspec.ValidationError as wrong:
        return refused(RejectReason.SCHEMA, shown(str(wrong)))
    except (ValueError, RecursionError) as wrong:
        return refused(RejectReason.DECODE, f"not JSON in UTF-8: {shown(str(wrong))}")
    try:
        taken_ms = _taken(look.taken_at, message.received_ms)
    except Unfit as unfit:
        return Decoded(rejects=(unfit.reject("taken_at"),))
    return Decoded((_sighting(look, camera_id, taken_ms, message.received_ms),))


def _taken(raw: float | str, received_ms: int) -> int:
    taken_ms = read_time(raw)
    if not _TOLERANCE.believes(taken_ms, received_ms):
        detail = f"{shown(raw)} is more than 5 minutes ahead of, or 30 days behind, the time it was received"
        raise Unfit(RejectReason.TIMESTAMP, detail)
    return taken_ms


def _sighting(look: _Look, camera_id: str, taken_ms: int, received_ms: int) -> Sighting:
    return Sighting(
        camera_id=camera_id,
        look_id=look.look_id,
        taken_ms=taken_ms,
        received_ms=received_ms,
        view=look.view,
        zones=tuple(_zone(zone) for zone in look.zones),
        fault=look.fault,
        picture=look.picture,
        picture_sha256=look.picture_sha256,
        model=look.model,
        model_sha256=look.model_sha256,
        elsewhere=tuple(SeenElsewhere(label=seen.label, score=seen.score, box=seen.box) for seen in look.elsewhere),
    )


def _zone(zone: _Zone) -> ZoneSighting:
    return ZoneSighting(
        zone=zone.zone,
        shop_id=zone.shop_id,
        unsure=zone.unsure,
        objects=tuple(
            SeenObject(
                label=seen.label,
                score=seen.score,
                box=seen.box,
                overlap=seen.overlap,
                stay_s=seen.stay_s,
                looks=seen.looks,
                onset=seen.onset,
                context=seen.context,
            )
            for seen in zone.objects
        ),
    )
