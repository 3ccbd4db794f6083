"""What a healthy look tells of each zone."""

from collections.abc import Sequence

from domain.register import Zone, ZoneRole
from domain.sighting import Box, SeenObject, ZoneSighting
from vision import keeping, leftover, places, view_health, zones
from vision.album import LeftMark
from vision.classes import FAMILIES, LEFT_OBJECT
from vision.memory import Place


def by_zone(
    kept: keeping.Kept, left: Sequence[leftover.Leftover], before: Sequence[tuple[Box, ...]], own: Sequence[Zone]
) -> tuple[ZoneSighting, ...]:
    """What each zone holds. One in which something is hidden is unsure, and left out if nothing else is seen in it.

    `before` is what stands before the view, each group of boxes by itself; `own` are the zones that are open now.
    """
    objects: dict[str, list[SeenObject]] = {zone.zone: [] for zone in own if zone.role is not ZoneRole.MASK}
    hidden = {zone.zone for zone in own if any(view_health.hides(parts, zone.polygon) for parts in before)}
    for place in kept.places:
        for zone, overlap in zones.zones_of(place.home, FAMILIES[place.label], own):  # boxes dance over borders
            if place.hidden:
                hidden.add(zone.zone)
            elif places.standing(place):
                objects[zone.zone].append(_seen_object(place, overlap))
    for thing, mark in zip(left, kept.album.left, strict=True):
        for zone, overlap in zones.zones_of(thing.box, LEFT_OBJECT, own):
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


def _seen_object(place: Place, overlap: float) -> SeenObject:
    return SeenObject(
        label=place.label,
        score=round(place.score, 3),
        box=place.box,
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
