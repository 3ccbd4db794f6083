"""One look: what stands there that was not there before, and what the next look has to know."""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from domain.register import Zone, ZoneRole
from domain.sighting import Box
from vision.classes import LEFT_OBJECT
from vision.glance import Glance
from vision.leftover import ground, things
from vision.leftover.difference import difference, share_of
from vision.leftover.ground import HEIGHT, WIDTH, Mask, Plane, View
from vision.leftover.nouns import Backgrounds, Known, Leftover, Surroundings, Thing
from vision.leftover.regions import Evidence, Kind, Region, judged, of_mask, regions
from vision.zones import likeness as box_likeness
from vision.zones import zones_of

UPSET = 0.40
"""Share of the view that has changed from which on it is another light, not another thing."""
UPSET_LOOKS = 2
"""Looks in a row of the new light before the view is learnt anew: a lorry before the lens goes."""
UNSTEADY = 0.25
"""Share of the view, or of where things count, from which on nothing new is judged."""
REMEMBERED_MS = 600_000
"""How long the detector's word for a place outlives its last look: it misses one look in three."""
MOST_THINGS = 24
MOST_LOOKS = 20
"""Up to which ages are counted."""
COLOURED = 2.0
"""Mean distance of the chroma from grey. The scenes: 6 and 11; in infrared 0."""
BY_PEOPLE = 0.15
"""Share of a region behind people from which on it is not judged."""
BY_KNOWN = 0.5
ROUND_PX = 3
"""Nothing is learnt within so many pixels of a thing."""


def observe(
    backgrounds: Backgrounds, glance: Glance, surroundings: Surroundings
) -> tuple[Backgrounds, tuple[Leftover, ...]]:
    """What is left standing in this healthy look, and what the next look has to know."""
    if not any(zone.role is not ZoneRole.MASK for zone in surroundings.zones):
        return backgrounds, ()
    raw = View.of(glance)
    if not backgrounds.slow_luma:
        return ground.first(raw, surroundings.taken_ms), ()
    slow = ground.slow_of(backgrounds)
    sway = ground.sway(raw.luma, slow.luma)
    now = raw.moved(-sway[0], -sway[1])
    look = _Look(backgrounds, slow, now, sway, surroundings)
    return look.remembered(), things.told(look.things, sway)


class _Look:
    """The parts of one look, each made from those before it."""

    def __init__(
        self, backgrounds: Backgrounds, slow: View, now: View, sway: tuple[float, float], surroundings: Surroundings
    ) -> None:
        self._before, self._slow, self._now, self._sway, self._named = backgrounds, slow, now, sway, surroundings
        self._elapsed_ms = surroundings.taken_ms - backgrounds.taken_ms
        self._apart = difference(now, slow)
        self._quick = ground.quick_of(backgrounds)
        self._still = ~difference(now, self._quick).changed
        self._people = _boxes(surroundings.people, 1)
        self._ages = self._aged(np.frombuffer(backgrounds.ages, np.uint8).reshape(HEIGHT, WIDTH))
        self._known = _known(backgrounds.known, surroundings)
        self._upset = self._share() >= UPSET
        self.things = self._followed()
        self._relearn = self._upset and backgrounds.upset + 1 >= UPSET_LOOKS and share_of(self._still) >= 0.6
        self._noted: dict[Kind, Mask] = {}
        if self._relearn:
            self.things = tuple(structs.replace(thing, relit=True) for thing in self.things if things.settled(thing))
        elif not self._upset:
            self.things = (*self.things, *self._fresh())[:MOST_THINGS]

    def _aged(self, ages: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Ages of what differs; what is behind people, or moves, keeps its age."""
        older = np.minimum(ages, np.uint8(MOST_LOOKS - 1)) + np.uint8(1)
        older *= self._apart.changed
        np.copyto(older, ages, where=~self._still | self._people)
        return older

    def _share(self) -> float:
        """Share of the view that has changed, without what the detector has a name for."""
        told = self._people | _boxes([known.box for known in self._known], 1)
        return share_of(self._apart.changed & ~told)

    def _followed(self) -> tuple[Thing, ...]:
        if not self._before.things:
            return ()
        rate = ground.share_of(self._elapsed_ms, things.FOLLOWS_S)
        scene = things.Scene(
            now=self._now,
            slow=self._slow,
            apart=self._apart,
            still=self._still,
            upset=self._upset,
            coloured=float(np.abs(self._now.chroma).mean()) >= COLOURED,
            taken=_union([things.as_grown(things.mask_of(thing), 2) for thing in self._before.things]) | self._people,
        )
        kept = []
        for thing in self._before.things:
            told = things.presence(thing, scene, self._named)
            if (later := things.after(thing, told, self._now, self._named.taken_ms, rate)) is not None:
                kept.append(later)
        return tuple(kept)

    def _fresh(self) -> list[Thing]:
        """Things that begin here, or began in the last look; holes and what may become a thing are noted on the way."""
        taken = _union([things.as_grown(things.mask_of(thing), 2) for thing in self.things])
        found = regions(self._apart.changed & self._still & ~taken)
        if not found:
            return []
        known = _boxes([known.box for known in self._known], 1)
        unsteady = self._unsteady()
        evidence = Evidence(now=self._now, then=self._slow, apart=self._apart, ages=self._ages)
        begun = []
        for whole in found:
            if float(self._people[whole.mask].mean()) > BY_PEOPLE or float(known[whole.mask].mean()) >= BY_KNOWN:
                continue
            rest = of_mask(whole.mask & ~known)
            for region, kind in judged(rest, evidence) if rest else ():
                self._noted[kind] = self._noted[kind] | region.mask if kind in self._noted else region.mask
                if kind is not Kind.THING or not self._counts(region):
                    continue
                if not unsteady and self._before.upset == 0:
                    begun.append(things.new(region, self._now, self._named.taken_ms, self._elapsed_ms))
        return begun

    def _unsteady(self) -> bool:
        """Whether so much has changed where things count that it is weather."""
        told = self._people | _boxes([known.box for known in self._known], 1)
        told |= _union([things.as_grown(things.mask_of(thing), 2) for thing in self.things if things.settled(thing)])
        ground_seen = _watched(self._named.zones) & ~told
        return self._apart.share >= UNSTEADY or (
            bool(ground_seen.any()) and float(self._apart.changed[ground_seen].mean()) >= UNSTEADY
        )

    def _counts(self, region: Region) -> bool:
        return bool(zones_of(things.box_of(region.span, self._sway), LEFT_OBJECT, self._named.zones))

    def remembered(self) -> Backgrounds:
        """The backgrounds after this look."""
        quick = ground.near(self._quick, self._now, ground.share_of(self._elapsed_ms, ground.QUICK_S))
        slow = self._relit() if self._relearn else self._slow
        if not self._upset:
            lit = ground.lit(self._slow, self._apart.light, self._apart.tint)
            slow = ground.mixed(lit, self._now, self._rates())
        kept = ground.keep(self._before, slow, quick)
        return structs.replace(
            kept,
            taken_ms=self._named.taken_ms,
            ages=self._ages.tobytes(),
            things=self.things,
            known=self._known,
            upset=0 if self._relearn or not self._upset else self._before.upset + 1,
            relearnt=self._before.relearnt + self._relearn,
        )

    def _relit(self) -> View:
        """The view as it is now, and behind what stands there as it must be in this light."""
        now = View(self._now.luma.copy(), self._now.chroma)
        for thing in self.things:
            things.relit(thing, self._slow, now)
        return now

    def _rates(self) -> Plane:
        """How much of what differs is learnt, pixel by pixel: nothing where something stands, or may."""
        slow, light = (ground.share_of(self._elapsed_ms, time_s) for time_s in (ground.SLOW_S, ground.LIGHT_S))
        rates = ~(self._apart.changed & _watched(self._named.zones)) * np.float32(slow)
        self._note(rates, Kind.SCRAP, slow)
        self._note(rates, Kind.LIGHT, light)
        mine = [things.as_grown(things.mask_of(thing), ROUND_PX) for thing in self.things]
        if Kind.THING in self._noted:
            mine.append(things.as_grown(self._noted[Kind.THING], ROUND_PX))
        rates *= ~(_union(mine) | self._people | _boxes(self._named.known, 1))
        self._note(rates, Kind.HOLE, 1.0)
        return rates

    def _note(self, rates: Plane, kind: Kind, rate: float) -> None:
        if kind in self._noted:
            np.copyto(rates, np.float32(rate), where=self._noted[kind])


def _known(before: Sequence[Known], named: Surroundings) -> tuple[Known, ...]:
    """Where the detector has, or lately had, a name for something."""
    now = [Known(box=box, seen_ms=named.taken_ms) for box in named.known]
    recent = [
        known
        for known in before
        if 0 <= named.taken_ms - known.seen_ms <= REMEMBERED_MS
        and not any(box_likeness(known.box, new.box) > 0.6 for new in now)
    ]
    return (*now, *recent)[:40]


def _boxes(boxes: Sequence[Box], by: int) -> Mask:
    """The pixels in any of the boxes, and so many around them."""
    whole = np.zeros((HEIGHT, WIDTH), np.bool_)
    for x1, y1, x2, y2 in boxes:
        rows = slice(max(int(y1 * HEIGHT) - by, 0), max(int(np.ceil(y2 * HEIGHT)) + by, 0))
        whole[rows, max(int(x1 * WIDTH) - by, 0) : max(int(np.ceil(x2 * WIDTH)) + by, 0)] = True
    return whole


def _union(masks: Sequence[Mask]) -> Mask:
    return np.asarray(np.logical_or.reduce(masks)) if masks else np.zeros((HEIGHT, WIDTH), np.bool_)


@lru_cache(maxsize=1024)
def _watched(zones: tuple[Zone, ...]) -> Mask:
    """Where things count: in a zone, or reaching into one."""
    part = np.zeros((HEIGHT, WIDTH), np.uint8)
    for zone in zones:
        if zone.role is not ZoneRole.MASK:
            corners = np.array([(x * WIDTH, y * HEIGHT) for x, y in zone.polygon], np.int32)
            cv2.fillPoly(part, [corners], 1)
    return np.asarray(cv2.dilate(part, np.ones((17, 17), np.uint8)) > 0)
