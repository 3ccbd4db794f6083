"""Files the pictures of a look: keeps those that speak for something, and takes back the names of those not kept."""

import hashlib
import logging
from typing import Protocol

import msgspec
from msgspec import structs

from domain.picture import PictureFacts, SeenThing
from domain.register import Camera, ZoneRole
from domain.sighting import SeenObject, Sighting, ZoneSighting
from vision import keeping
from vision.evidence import Hider, Words, shareable_copy
from vision.look import Look, Visit
from vision.picture import Picture, size_of
from vision.zones import shifted

log = logging.getLogger(__name__)


class EvidenceKeeper(Protocol):
    """Where pictures that speak for a finding are kept. Every method may raise ValueError or OSError."""

    def keep(self, facts: PictureFacts, original: bytes, shareable: bytes) -> None:
        """Store both durably under `facts.name`."""
        ...

    def set_aside(self, facts: PictureFacts, original: bytes) -> None:
        """Put a picture where it may be fetched from if something comes; the last few of each camera stay."""
        ...

    def fetch_aside(self, name: str) -> tuple[PictureFacts, bytes] | None:
        """One that was set aside; None if it is not there any more."""
        ...


class Archive:
    """Any thread may file a look; two never file the same camera's at once."""

    def __init__(self, evidence: EvidenceKeeper, hider: Hider, words: Words) -> None:
        self._evidence = evidence
        self._hider = hider
        self._words = words

    def file(self, visit: Visit, taken: Look) -> Look:
        """The look as it may be told of: every picture that it names is durably there."""
        kept = taken.kept
        if kept is None or not isinstance(visit.brought, Picture):
            return taken
        for name in kept.promote:
            if not self._promote(visit.camera, name):
                taken = _without(taken, name)
        facts = facts_of(visit, visit.brought, taken)
        if taken.keep:
            taken = self._keep(visit.camera, visit.brought, facts, taken)
        if kept.spare:
            taken = self._set_aside(visit.brought, facts, taken)
        return taken

    def _keep(self, camera: Camera, picture: Picture, facts: PictureFacts, taken: Look) -> Look:
        try:
            lying = as_it_lay(camera, taken.shift)
            copy = shareable_copy(picture.data, taken.sighting, lying, self._hider, self._words)
            self._evidence.keep(facts, picture.data, copy)
        except (OSError, ValueError):  # a full disk costs the picture, not the look
            log.exception("%s: the picture of look %s is not kept", facts.camera_id, facts.look_id)
            kept = taken.kept
            owing = keeping.remembered(taken.memory, kept.unkept) if kept and kept.unkept else taken.memory
            return _without(structs.replace(taken, memory=owing, keep=False), facts.name)
        return structs.replace(taken, sighting=structs.replace(taken.sighting, picture=facts.name))

    def _set_aside(self, picture: Picture, facts: PictureFacts, taken: Look) -> Look:
        try:
            self._evidence.set_aside(facts, picture.data)
        except (OSError, ValueError) as problem:
            log.warning("%s: the picture of the empty view is not set aside: %s", facts.camera_id, problem)
            return _without(taken, facts.name)
        return taken

    def _promote(self, camera: Camera, name: str) -> bool:
        """Make evidence of a picture that was set aside."""
        try:
            found = self._evidence.fetch_aside(name)
            if found is None:
                return False
            facts, original = found
            lying = as_it_lay(camera, facts.shift)
            copy = shareable_copy(original, _empty(facts, camera), lying, self._hider, self._words)
            self._evidence.keep(facts, original, copy)
        except (OSError, ValueError):
            log.exception("%s: the picture %s of before is not kept", camera.camera_id, name)
            return False
        return True


def facts_of(visit: Visit, picture: Picture, taken: Look) -> PictureFacts:
    """What is written down with the picture of a look."""
    sighting, camera = taken.sighting, visit.camera
    scene_name = taken.kept.name if taken.kept else ""
    return PictureFacts(
        name=scene_name,
        camera_id=sighting.camera_id,
        look_id=sighting.look_id,
        taken_ms=sighting.taken_ms,
        camera_ms=picture.own_ms,
        place=f"{camera.location.road} {camera.name}",
        zones_key=zones_key(camera),
        shift=taken.shift,
        view=sighting.view,
        model=sighting.model,
        model_sha256=sighting.model_sha256,
        seen=tuple(_thing(zone.zone, seen) for zone in sighting.zones for seen in zone.objects),
        size_px=size_of(picture.data) if picture.data else (0, 0),
    )


def as_it_lay(camera: Camera, shift: tuple[float, float]) -> Camera:
    """The camera with its zones where they lay in a picture: a pole sways, and masks sway with it."""
    return structs.replace(camera, zones=shifted(camera.zones, shift))


def zones_key(camera: Camera) -> str:
    """Names one drawing of a camera's zones."""
    return hashlib.sha256(msgspec.json.encode(camera.zones)).hexdigest()[:16]


def _thing(zone: str, seen: SeenObject) -> SeenThing:
    return SeenThing(zone=zone, label=seen.label, score=seen.score, box=seen.box, stay_s=seen.stay_s)


def _empty(facts: PictureFacts, camera: Camera) -> Sighting:
    """What the look at the empty view said."""
    return Sighting(
        camera_id=facts.camera_id,
        look_id=facts.look_id,
        taken_ms=facts.taken_ms,
        received_ms=facts.taken_ms,
        view=facts.view,
        zones=tuple(
            ZoneSighting(zone=zone.zone, shop_id=zone.shop_id)
            for zone in camera.zones
            if zone.role is not ZoneRole.MASK
        ),
    )


def _without(taken: Look, name: str) -> Look:
    """The look that names this picture nowhere."""
    zones = tuple(
        structs.replace(zone, objects=tuple(_unnamed(seen, name) for seen in zone.objects))
        for zone in taken.sighting.zones
    )
    return structs.replace(
        taken, sighting=structs.replace(taken.sighting, zones=zones), memory=keeping.without(taken.memory, name)
    )


def _unnamed(seen: SeenObject, name: str) -> SeenObject:
    return structs.replace(
        seen,
        onset=None if seen.onset == name else seen.onset,
        context=None if seen.context == name else seen.context,
    )
