"""What becomes of a camera's memory when its zones are drawn anew.

What stands there still stands there: as long as it is the same view, nothing of it is forgotten. Only where the view
has become another one do new zones say that this is how it is to look from now on, and everything begins anew.
"""

import hashlib
from collections.abc import Callable, Sequence

import msgspec
from msgspec import structs

from domain.register import Zone
from domain.sighting import ViewHealth, ZoneSighting
from vision import zones
from vision.classes import LEFT_OBJECT
from vision.memory import CameraMemory, Place
from vision.view_health import Verdict
from vision.view_memory import ViewMemory

LEARNING_LOOKS = 3
"""Healthy looks after which a view that nothing is remembered of may prove a zone clear: what the detector missed in
one of them is not seen to be gone."""
DOUBTED_MS = 24 * 3_600_000
"""How long a zone is not told clear in which a thing of no class stood before the view became another one: in the new
view it is a part of the street, and only a person can say whether it is still there."""


def for_zones(memory: CameraMemory, drawn: Sequence[Zone]) -> CameraMemory:
    """The memory, that knows whether zones were redrawn since. Whose they are, and when they count, changes nothing."""
    parts = sorted((zone.zone, zone.role.value, zone.polygon) for zone in drawn)
    key = hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]
    if memory.zones_key == key:
        return memory
    return structs.replace(memory, zones_key=key, redrawn=bool(memory.zones_key), inferred=b"")


def taken_over(
    memory: CameraMemory, verdict: Verdict, judge: Callable[[ViewMemory], Verdict]
) -> tuple[CameraMemory, Verdict]:
    """The memory and the verdict once redrawn zones lie on the view as it is now.

    `judge` judges the picture again, by another memory of the view. A view that went wrong counts as accepted when two
    looks in a row have said so: it may be a lorry.
    """
    if not memory.redrawn or verdict.hidden:
        return memory, verdict
    unknown = structs.replace(memory.seen, by_day=None, by_night=None)
    as_it_is = judge(unknown)
    if as_it_is.view is not ViewHealth.HEALTHY:
        return memory, verdict
    if verdict.view is not ViewHealth.HEALTHY:
        if memory.view is not verdict.view:
            return memory, verdict
        return _anew(memory, unknown), as_it_is
    if verdict.shift == (0.0, 0.0):
        return structs.replace(memory, redrawn=False), verdict
    places = tuple(_moved(place, verdict.shift) for place in memory.places)
    return structs.replace(memory, redrawn=False, seen=unknown, places=places), as_it_is


def _anew(memory: CameraMemory, seen: ViewMemory) -> CameraMemory:
    """The memory of another view: of the old one nothing is left but what nobody has seen go."""
    return CameraMemory(
        zones_key=memory.zones_key,
        looks=memory.looks,
        seen=seen,
        time=memory.time,
        left_in=memory.left_in,
        doubtful=memory.left_in,
        doubtful_ms=memory.time.own_ms,
    )


def proven(told: Sequence[ZoneSighting], memory: CameraMemory) -> tuple[ZoneSighting, ...]:
    """The zones, unsure where too little is known of the view to say that one is clear."""
    doubtful = memory.doubtful if memory.time.own_ms - memory.doubtful_ms < DOUBTED_MS else ()
    learning = memory.healthy <= LEARNING_LOOKS
    return tuple(structs.replace(zone, unsure=zone.unsure or learning or zone.zone in doubtful) for zone in told)


def left_in(before: Sequence[str], told: Sequence[ZoneSighting]) -> tuple[str, ...]:
    """Names of the zones in which a thing of no class stands, or stood until nobody could tell any more."""
    holding = {zone.zone for zone in told if any(seen.label == LEFT_OBJECT for seen in zone.objects)}
    seen_clear = {zone.zone for zone in told if not zone.unsure}
    return tuple(sorted(holding | (set(before) - seen_clear)))


def _moved(place: Place, shift: tuple[float, float]) -> Place:
    """The place where it lies now: from here on that counts as not swayed."""
    return structs.replace(place, home=zones.moved(place.home, shift), box=zones.moved(place.box, shift))
