"""What a healthy look tells of each zone."""

from collections.abc import Sequence

from domain.register import Zone, ZoneRole
from domain.sighting import Box, SeenElsewhere, SeenObject, ZoneSighting
from vision import keeping, leftover, places, view_health, zones
from vision.album import LeftMark
from vision.classes import FAMILIES, LEFT_OBJECT
from vision.memory import Detection, Place

MOST_ELSEWHERE = 40
"""Of one look: a car park, and a message of 5 KB."""


def by_zone(
    kept: keeping.Kept,
    left: Sequence[leftover.Leftover],
    before: Sequence[Box],
    own: Sequence[Zone],
    shift: tuple[float, float] = (0.0, 0.0),
) -> tuple[ZoneSighting, ...]:
    """What each zone holds. One in which something is hidden is unsure, and left out if nothing else is seen in it.

    `before` is what stands before the view; `own` are the zones that are open now, where they were drawn. The view has
    swayed by `shift`: what is told lies where the picture shows it.
    """
    objects: dict[str, list[SeenObject]] = {zone.zone: [] for zone in own if zone.role is not ZoneRole.MASK}
    hidden = {zone.zone for zone in own if view_health.hides(before, zone.polygon)}
    for place in kept.places:
        for zone, overlap in zones.zones_of(place.home, FAMILIES[place.label], own):  # boxes dance over borders
            if place.hidden:
                hidden.add(zone.zone)
            elif places.standing(place):
                objects[zone.zone].append(_seen_object(place, overlap, shift))
    for thing, mark in zip(left, kept.album.left, strict=True):
        for zone, overlap in zones.zones_of(zones.moved(thing.box, _back(shift)), LEFT_OBJECT, own):
            if thing.hidden:
                hidden.add(zone.zone)
            else:
                objects[zone.zone].append(_left_object(thing, overlap, mark))
    return tuple(
        ZoneSighting(
            zone=zone.zone,
            shop_id=zone.shop_id,
            objects=tuple(objects[zone.zone]),
            unsure=zone.zone in hidden,
        )
        for zone in own
        if zone.zone in objects and (objects[zone.zone] or zone.zone not in hidden)
    )


def elsewhere(
    found: Sequence[Detection],
    own: Sequence[Zone],
    min_score: float,
    shift: tuple[float, float] = (0.0, 0.0),
) -> tuple[SeenElsewhere, ...]:
    """What was found and speaks against none of the zones that are open now: who draws zones wants to see it.

    Nobody follows these things from look to look. `found` lies where it would if the view did not sway.
    """
    return tuple(
        SeenElsewhere(label=thing.label, score=round(thing.score, 3), box=_in_picture(zones.moved(thing.box, shift)))
        for thing in sorted(found, key=lambda thing: -thing.score)
        if thing.score >= min_score
        and thing.label in FAMILIES
        and not zones.masked(thing.box, own)
        and not zones.zones_of(thing.box, FAMILIES[thing.label], own)
    )[:MOST_ELSEWHERE]


def _back(shift: tuple[float, float]) -> tuple[float, float]:
    return -shift[0], -shift[1]


def _in_picture(box: Box) -> Box:
    x1, y1, x2, y2 = (min(max(edge, 0.0), 1.0) for edge in box)
    return x1, y1, x2, y2


def _seen_object(place: Place, overlap: float, shift: tuple[float, float]) -> SeenObject:
    return SeenObject(
        label=place.label,
        score=round(place.score, 3),
        box=_in_picture(zones.moved(place.box, shift)),
        overlap=round(overlap, 3),
        stay_s=place.stay_ms / 1000,
        looks=place.looks,
        onset=place.onset,
        context=place.context,
    )


def _left_object(thing: leftover.Leftover, overlap: float, mark: LeftMark) -> SeenObject:
    return SeenObject(
        label=LEFT_OBJECT,
        score=round(thing.score, 3),
        box=thing.box,
        overlap=round(overlap, 3),
        stay_s=thing.stay_ms / 1000,
        looks=thing.looks,
        onset=mark.onset,
        context=mark.context,
    )
