"""One look: a picture and what is remembered of the camera go in, a sighting and a new memory come out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from domain.errors import SourceError
from domain.picture import picture_name
from domain.register import Camera, Zone, ZoneRole
from domain.sighting import Box, Sighting, ViewHealth, ZoneSighting
from vision import detecting, keeping, leftover, look_time, places, redrawn, shown, telling, view_health, zones
from vision.classes import CAN_HIDE, FAMILIES
from vision.detecting import Detector
from vision.glance import Glance
from vision.memory import CameraMemory
from vision.picture import Picture, Pixels, decode_for_look, shrink_for_look
from vision.stages import Stage, Stopwatch


class Terms(Struct, frozen=True, kw_only=True):
    """What holds for every look of a worker."""

    min_score: float
    compress: float = 1.0
    skip_unchanged: bool = True
    timezone: ZoneInfo = ZoneInfo("UTC")
    """Of the zones' hours."""
    occasions: keeping.Occasions = keeping.Occasions()
    """When pictures are kept."""


class Visit(Struct, frozen=True, kw_only=True):
    """What a visit to a camera brought: a picture, or the reason why there is none."""

    camera: Camera
    brought: Picture | SourceError
    taken_ms: int
    elapsed_ms: int | None = None
    """Since this camera's last look, by the monotonic clock of this worker; None: it is this worker's first."""
    early: bool = False
    """Somebody asked for this look: no short cuts, and its picture is kept."""
    sha256: str = ""
    """Hash of the picture's bytes, where it is known already."""
    elsewhere: bool = False
    """Another camera has given these very bytes."""


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
    kept: keeping.Kept | None = None
    """What is to be done about the picture, and about earlier ones; None after a look that was not healthy."""
    shift: tuple[float, float] = (0.0, 0.0)
    """By how much the view lay beside where zones were drawn, right and down, as shares of the picture."""
    sooner: bool = False
    """Whether the next look should not wait for the whole interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A picture, opened."""

    pixels: Pixels
    glance: Glance
    sha256: str
    shift: tuple[float, float] = (0.0, 0.0)
    hidden: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What a look is taken with."""

    detector: Detector
    terms: Terms
    stopwatch: Stopwatch


def look(
    visit: Visit, memory: CameraMemory, detector: Detector, terms: Terms, stopwatch: Stopwatch | None = None
) -> Look:
    """Look once. Depends on nothing but its arguments, and never raises for what a camera gave.

    `stopwatch` is told how long each stage took.
    """
    means = _Means(detector=detector, terms=terms, stopwatch=stopwatch or Stopwatch())
    memory = _at_its_time(redrawn.for_zones(memory, visit.camera.zones), visit)
    if isinstance(visit.brought, SourceError):
        return _offline(visit, visit.brought, memory)
    if visit.brought.unchanged:
        return _unchanged(visit, memory)
    try:
        seen = _open(visit.brought, visit.sha256, means.stopwatch)
    except SourceError as fault:
        return _offline(visit, fault, memory)
    arrival = view_health.Arrival(
        taken_ms=visit.taken_ms,
        sha256=seen.sha256,
        age_ms=visit.brought.age_ms(visit.taken_ms),
        interval_s=visit.camera.interval_s,
        elsewhere=visit.elsewhere,
    )
    judge = partial(view_health.judge, seen.pixels, seen.glance, arrival)
    memory, verdict = redrawn.taken_over(memory, judge(memory.seen), judge)
    memory = structs.replace(
        memory,
        looks=memory.looks + 1,
        healthy=min(memory.healthy + (verdict.view is ViewHealth.HEALTHY), redrawn.LEARNING_LOOKS + 1),
        view=verdict.view,
        seen=view_health.remembered(memory.seen, seen.pixels, seen.glance, arrival, verdict),
    )
    means.stopwatch.lap(Stage.HEALTH)
    if verdict.view is not ViewHealth.HEALTHY:
        sighting = _sighting(visit, verdict.view, fault=verdict.reason, sha256=seen.sha256)
        return Look(sighting=sighting, memory=memory)
    taken = _healthy(visit, memory, replace(seen, shift=verdict.shift, hidden=verdict.hidden), means)
    return _proven(taken)


def _healthy(visit: Visit, memory: CameraMemory, seen: _Seen, means: _Means) -> Look:
    """Detect, follow, sort into zones, and decide about the picture."""
    own = zones.shifted(visit.camera.zones, seen.shift)
    anew = visit.early or not means.terms.skip_unchanged
    infer = anew or detecting.must_infer(visit.camera, memory, seen.glance, own)
    if infer:
        memory = detecting.inferred(memory, means.detector.detect(seen.pixels), seen.glance, seen.shift)
    else:
        memory = structs.replace(memory, reused=memory.reused + 1)
    means.stopwatch.lap(Stage.DETECT)
    watch = _watch(visit.camera, means)
    followed = places.follow(memory.places, _showing(seen, memory), watch)
    backgrounds, left = leftover.observe(memory.backgrounds, seen.glance, _surroundings(memory, own, seen.shift))
    scene = keeping.Scene(
        name=picture_name(visit.camera.camera_id, _look_id(visit), visit.taken_ms),
        taken_ms=visit.taken_ms,
        places=followed,
        left=left,
        asked=visit.early,
        watched=any(zone.role is not ZoneRole.MASK for zone in own),
    )
    kept = keeping.decide(memory, scene, means.terms.occasions, compress=means.terms.compress)
    told = _told(visit, memory, seen, means, kept=kept, left=left, before=shown.hiders(memory.detections, watch))
    means.stopwatch.lap(Stage.PLACES)
    return Look(
        sighting=told,
        memory=keeping.remembered(structs.replace(memory, backgrounds=backgrounds), kept),
        inferred=infer,
        reused=not infer,
        keep=kept.keep,
        kept=kept,
        shift=seen.shift,
        sooner=any(detecting.unsettled(place) for place in kept.places),
    )


def _told(
    visit: Visit,
    memory: CameraMemory,
    seen: _Seen,
    means: _Means,
    *,
    kept: keeping.Kept,
    left: Sequence[leftover.Leftover],
    before: Sequence[Box],
) -> Sighting:
    """What the zones that are open now hold, and what stands beside them."""
    open_now = zones.open_at(visit.camera.zones, visit.taken_ms, means.terms.timezone)
    told = _sighting(
        visit,
        ViewHealth.HEALTHY,
        zones=telling.by_zone(kept, left, [*seen.hidden, *before], open_now, seen.shift),
        sha256=seen.sha256,
        model=means.detector.model,
        model_sha256=means.detector.model_sha256,
    )
    beside = telling.elsewhere(memory.detections, open_now, means.terms.min_score, seen.shift)
    return structs.replace(told, elsewhere=beside)


def _watch(camera: Camera, means: _Means) -> shown.Watch:
    drawn = camera.zones  # places are kept as if the view did not sway, so that no border wanders over them
    return shown.Watch(
        min_score=means.terms.min_score,
        unseen_ms=look_time.unseen_ms(camera.interval_s),
        counts_at=lambda thing: bool(zones.zones_of(thing.box, FAMILIES[thing.label], drawn)),
        masked=lambda box: zones.masked(box, drawn),
        knows=lambda label: label in means.detector.labels,
    )


def _showing(seen: _Seen, memory: CameraMemory) -> shown.Shown:
    return shown.Shown(
        glance=seen.glance,
        found=memory.detections,
        at_ms=memory.time.own_ms,
        hidden=seen.hidden,
        shift=seen.shift,
    )


def _proven(taken: Look) -> Look:
    """The look, telling no zone clear that it has not proved to be."""
    told = redrawn.proven(taken.sighting.zones, taken.memory)
    return structs.replace(
        taken,
        sighting=structs.replace(taken.sighting, zones=told),
        memory=structs.replace(taken.memory, left_in=redrawn.left_in(taken.memory.left_in, told)),
    )


def sha256_of(picture: Picture) -> str:
    """Hash of its bytes, as evidence and sightings quote it."""
    return hashlib.sha256(picture.data).hexdigest()


def _open(picture: Picture, sha256: str, stopwatch: Stopwatch) -> _Seen:
    pixels = decode_for_look(picture.data) if picture.pixels is None else shrink_for_look(picture.pixels)
    stopwatch.lap(Stage.DECODE)
    return _Seen(pixels=pixels, glance=Glance.of(pixels), sha256=sha256 or sha256_of(picture))


def _at_its_time(memory: CameraMemory, visit: Visit) -> CameraMemory:
    time = look_time.after(
        memory.time, taken_ms=visit.taken_ms, elapsed_ms=visit.elapsed_ms, interval_s=visit.camera.interval_s
    )
    return structs.replace(memory, time=time)


def _surroundings(memory: CameraMemory, own: tuple[Zone, ...], shift: tuple[float, float]) -> leftover.Surroundings:
    boxes = [(thing.label, zones.moved(thing.box, shift)) for thing in memory.detections]
    return leftover.Surroundings(
        taken_ms=memory.time.own_ms,
        zones=own,
        people=tuple(box for label, box in boxes if label in CAN_HIDE),
        known=tuple(box for label, box in boxes if label in FAMILIES),
    )


def _look_id(visit: Visit) -> str:
    return f"{visit.camera.camera_id}-{visit.taken_ms}"


def _unchanged(visit: Visit, memory: CameraMemory) -> Look:
    """A living camera never gives the same picture twice: one whose source says so is frozen."""
    sha256 = memory.seen.last or None
    reason = "the source says that nothing has changed since its last picture"
    return Look(
        sighting=_sighting(visit, ViewHealth.FROZEN, fault=reason, sha256=sha256),
        memory=structs.replace(memory, looks=memory.looks + 1, view=ViewHealth.FROZEN),
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
        look_id=_look_id(visit),
        taken_ms=visit.taken_ms,
        received_ms=visit.taken_ms,
        view=view,
        zones=zones,
        fault=fault,
        picture_sha256=sha256,
        model=model,
        model_sha256=model_sha256,
    )
