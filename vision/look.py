"""One look: a picture and what is remembered of the camera go in, a sighting and a new memory come out."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
import numpy as np
from msgspec import Struct, structs

from domain.errors import SourceError
from domain.register import Camera, Zone, ZoneRole
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from vision import changes, keeping, places, view_health, zones
from vision.classes import FAMILIES
from vision.glance import Glance
from vision.memory import CameraMemory, Detection, Place
from vision.picture import Picture, Pixels, decode_for_look

CONFIRMED_LOOKS = 6
"""A thing seen so often is no passer-by; until then the camera is looked at sooner."""
REUSED_LOOKS = 9
"""So often in a row the last detections may count again; every tenth look goes to the detector in any case."""
RECENT_PICTURES = 8
REFERENCE_S = 600.0
"""Time in which the reference view follows the light."""


class Detector(Protocol):
    """What finds things in a picture. Used from several threads at once."""

    @property
    def model(self) -> str:
        """Name of the model, as sightings quote it."""
        ...

    @property
    def model_sha256(self) -> str:
        """Hash of the model's file."""
        ...

    def detect(self, pixels: Pixels) -> tuple[Detection, ...]:
        """Everything found with at least `LEAST_SCORE`, each thing once, best first."""
        ...


class Terms(Struct, frozen=True, kw_only=True):
    """What holds for every look of a worker."""

    min_score: float
    compress: float = 1.0
    skip_unchanged: bool = True


class Visit(Struct, frozen=True, kw_only=True):
    """What a visit to a camera brought: a picture, or the reason why there is none."""

    camera: Camera
    brought: Picture | SourceError
    taken_ms: int
    early: bool = False
    """Somebody asked for this look: no short cuts, and its picture is kept."""


class Look(Struct, frozen=True, kw_only=True):
    """What one look came to."""

    sighting: Sighting
    memory: CameraMemory
    inferred: bool = False
    """Whether the detector saw this picture."""
    reused: bool = False
    """Whether an unchanged earlier picture's detections counted again instead."""
    keep: bool = False
    """Whether the picture is worth keeping as evidence."""
    sooner: bool = False
    """Whether the next look should not wait for the whole interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A picture, opened."""

    pixels: Pixels
    glance: Glance
    sha256: str


def look(visit: Visit, memory: CameraMemory, detector: Detector, terms: Terms) -> Look:
    """Look once. Depends on nothing but its arguments, and never raises for what a camera gave."""
    memory = _of_these_zones(memory, visit.camera)
    if isinstance(visit.brought, SourceError):
        return _offline(visit, visit.brought, memory)
    try:
        seen = _open(visit.brought)
    except SourceError as fault:
        return _offline(visit, fault, memory)
    arrival = view_health.Arrival(
        taken_ms=visit.taken_ms,
        sha256=seen.sha256,
        age_ms=visit.brought.age_ms(visit.taken_ms),
        interval_s=visit.camera.interval_s,
    )
    verdict = view_health.judge(seen.pixels, seen.glance, arrival, memory)
    memory = _arrived(memory, arrival, verdict.view)
    if verdict.view is not ViewHealth.HEALTHY:
        sighting = _sighting(visit, verdict.view, fault=verdict.reason, sha256=seen.sha256)
        return Look(sighting=sighting, memory=memory)
    return _healthy(visit, _referenced(memory, seen.glance, visit.taken_ms), seen, detector, terms)


def _healthy(visit: Visit, memory: CameraMemory, seen: _Seen, detector: Detector, terms: Terms) -> Look:
    """Detect, follow, sort into zones, and decide about the picture."""
    own = visit.camera.zones
    infer = visit.early or not terms.skip_unchanged or _must_infer(memory, seen.glance, own)
    memory = _inferred(memory, seen, detector) if infer else structs.replace(memory, reused=memory.reused + 1)
    watch = places.Watch(
        min_score=terms.min_score,
        unseen_ms=max(places.UNSEEN_MS, round(3000 * visit.camera.interval_s)),
        counts_at=lambda thing: bool(zones.zones_of(thing.box, FAMILIES[thing.label], own)),
    )
    unmasked = [thing for thing in memory.detections if not zones.masked(thing.box, own)]
    followed = places.follow(memory.places, unmasked, seen.glance, visit.taken_ms, watch)
    kept = keeping.decide(followed, memory.clear_owed, compress=terms.compress)
    return Look(
        sighting=_sighting(
            visit,
            ViewHealth.HEALTHY,
            zones=_by_zone(kept.places, own),
            sha256=seen.sha256,
            model=detector.model,
            model_sha256=detector.model_sha256,
        ),
        memory=structs.replace(memory, places=kept.places, clear_owed=kept.clear_owed),
        inferred=infer,
        reused=not infer,
        keep=kept.keep or visit.early,
        sooner=any(_unsettled(place) for place in kept.places),
    )


def _open(picture: Picture) -> _Seen:
    pixels = decode_for_look(picture.data)
    return _Seen(pixels=pixels, glance=Glance.of(pixels), sha256=hashlib.sha256(picture.data).hexdigest())


def _of_these_zones(memory: CameraMemory, camera: Camera) -> CameraMemory:
    """The memory, or an empty one if it was made with other zones: who redraws zones has looked at the view."""
    key = hashlib.sha256(msgspec.json.encode(camera.zones)).hexdigest()[:16]
    return memory if memory.zones_key == key else CameraMemory(zones_key=key)


def _arrived(memory: CameraMemory, arrival: view_health.Arrival, view: ViewHealth) -> CameraMemory:
    if memory.recent and memory.recent[-1] == arrival.sha256:
        return structs.replace(memory, looks=memory.looks + 1, view=view)
    earlier = [sha256 for sha256 in memory.recent if sha256 != arrival.sha256]
    recent = (*earlier[1 - RECENT_PICTURES :], arrival.sha256)
    return structs.replace(memory, looks=memory.looks + 1, view=view, recent=recent, picture_ms=arrival.taken_ms)


def _referenced(memory: CameraMemory, glance: Glance, taken_ms: int) -> CameraMemory:
    """The memory with this healthy view worked into its reference."""
    sharpness = view_health.sharpness(glance.small)
    if not memory.reference:
        return structs.replace(memory, reference=glance.thumb.tobytes(), reference_ms=taken_ms, sharpness=sharpness)
    weight = 1 - math.exp(-max(taken_ms - memory.reference_ms, 0) / 1000 / REFERENCE_S)
    known = np.frombuffer(memory.reference, np.uint8).reshape(glance.thumb.shape).astype(np.float32)
    mixed = np.rint(known + weight * (glance.thumb - known)).astype(np.uint8)
    return structs.replace(
        memory,
        reference=mixed.tobytes(),
        reference_ms=taken_ms,
        sharpness=memory.sharpness + weight * (sharpness - memory.sharpness),
    )


def _must_infer(memory: CameraMemory, glance: Glance, own: tuple[Zone, ...]) -> bool:
    return (
        memory.reused >= REUSED_LOOKS
        or any(_unsettled(place) for place in memory.places)
        or not changes.unchanged(glance.thumb, memory.inferred, own)
    )


def _inferred(memory: CameraMemory, seen: _Seen, detector: Detector) -> CameraMemory:
    found = detector.detect(seen.pixels)
    return structs.replace(memory, detections=found, inferred=seen.glance.thumb.tobytes(), reused=0)


def _unsettled(place: Place) -> bool:
    """Neither surely there nor surely gone."""
    return not places.standing(place) or place.looks < CONFIRMED_LOOKS


def _by_zone(followed: Sequence[Place], own: Sequence[Zone]) -> tuple[ZoneSighting, ...]:
    """What each zone holds. A zone in which a place is hidden is left out: this look can't tell that it is clear."""
    objects: dict[str, list[SeenObject]] = {zone.zone: [] for zone in own if zone.role is not ZoneRole.MASK}
    hidden: set[str] = set()
    for place in followed:
        for zone, overlap in zones.zones_of(place.box, FAMILIES[place.label], own):
            if place.hidden:
                hidden.add(zone.zone)
            elif places.standing(place):
                objects[zone.zone].append(_seen_object(place, overlap))
    return tuple(
        ZoneSighting(zone=zone.zone, shop_id=zone.shop_id, objects=tuple(objects[zone.zone]))
        for zone in own
        if zone.zone in objects and (objects[zone.zone] or zone.zone not in hidden)
    )


def _seen_object(place: Place, overlap: float) -> SeenObject:
    return SeenObject(
        label=place.label,
        score=round(place.score, 3),
        box=place.box,
        overlap=round(overlap, 3),
        stay_s=place.stay_ms / 1000,
        looks=place.looks,
    )


def _offline(visit: Visit, fault: SourceError, memory: CameraMemory) -> Look:
    return Look(
        sighting=_sighting(visit, ViewHealth.OFFLINE, fault=fault.fault.value),
        memory=structs.replace(memory, looks=memory.looks + 1, view=ViewHealth.OFFLINE),
    )


def _sighting(
    visit: Visit,
    view: ViewHealth,
    *,
    zones: tuple[ZoneSighting, ...] = (),
    fault: str | None = None,
    sha256: str | None = None,
    model: str | None = None,
    model_sha256: str | None = None,
) -> Sighting:
    return Sighting(
        camera_id=visit.camera.camera_id,
        look_id=f"{visit.camera.camera_id}-{visit.taken_ms}",
        taken_ms=visit.taken_ms,
        received_ms=visit.taken_ms,
        view=view,
        zones=zones,
        fault=fault,
        picture_sha256=sha256,
        model=model,
        model_sha256=model_sha256,
    )
