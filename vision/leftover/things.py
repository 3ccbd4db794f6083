"""How a thing lives on from look to look: there, gone, or not to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from msgspec import structs

from domain.sighting import Box
from vision.leftover.difference import Difference
from vision.leftover.ground import HEIGHT, WIDTH, Mask, Plane, View
from vision.leftover.nouns import Leftover, Span, Surroundings, Thing
from vision.leftover.regions import AROUND, COLOURED, ODD, ROUGH, Region, roughness, surroundings
from vision.zones import area, shared
from vision.zones import likeness as box_likeness

MARGIN = 2
"""Pixels around a thing's span that belong to its looks: its contour tells more than its inside."""
UNSEEN_MS = 900_000
"""A gap longer than this adds nothing to a stay: nobody can say what happened in it, or what the clock did."""
THERE, EMPTY = 0.58, 0.42
"""Evidence, 0–1, from which on a thing is seen at its place, and up to which its place is seen empty."""
STILL = 0.6
"""Share of a young thing's pixels that must look as they did in the last look."""
MOVED_ABOUT = 0.4
"""Share of a place from which on something else than light has changed it: then it is not empty."""
GONE_LOOKS = 2
CLAIMED = 0.3
"""Overlap of boxes from which on the detector's word is about this very thing."""
COVERED = 0.3
"""Share of a thing's box behind people or known things from which on this look can't tell."""
MOST_CLAIMS = 0.25
"""Share of looks in which the detector may have a name for a thing that is still ours to report."""
YOUNG_LOOKS = 8
"""Until so many looks a thing has to look the same each time, on ground that is untouched."""
REPORT_LOOKS, REPORT_MS = 4, 60_000
FOLLOWS_S = 600.0
"""Time in which the remembered looks of a thing follow the light."""


class Presence(StrEnum):
    """What one look says of a thing."""

    THERE = "there"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    CLAIMED = "claimed"


def mask_of(thing: Thing) -> Mask:
    """Its pixels in the whole thumb."""
    x1, y1, x2, y2 = thing.span
    whole = np.zeros((HEIGHT, WIDTH), np.bool_)
    bits = np.unpackbits(np.frombuffer(thing.mask, np.uint8), count=(x2 - x1) * (y2 - y1))
    whole[y1:y2, x1:x2] = bits.reshape(y2 - y1, x2 - x1)
    return whole


def grown(span: Span, by: int) -> tuple[slice, slice]:
    """The span and so many pixels around it, as rows and columns of the thumb."""
    x1, y1, x2, y2 = span
    return slice(max(y1 - by, 0), min(y2 + by, HEIGHT)), slice(max(x1 - by, 0), min(x2 + by, WIDTH))


def box_of(span: Span, sway: tuple[float, float] = (0.0, 0.0)) -> Box:
    """The span as a box of the picture, where the picture now shows it."""
    x1, y1, x2, y2 = span
    right, down = sway
    return (
        min(max((x1 + right) / WIDTH, 0.0), 1.0),
        min(max((y1 + down) / HEIGHT, 0.0), 1.0),
        min(max((x2 + right) / WIDTH, 0.0), 1.0),
        min(max((y2 + down) / HEIGHT, 0.0), 1.0),
    )


def new(region: Region, now: View, taken_ms: int, elapsed_ms: int) -> Thing:
    """A region seen in this look and the one before."""
    x1, y1, x2, y2 = region.span
    since = elapsed_ms if 0 <= elapsed_ms <= UNSEEN_MS else 0
    return Thing(
        span=region.span,
        mask=np.packbits(region.mask[y1:y2, x1:x2]).tobytes(),
        looks_like=_whole(now.luma[grown(region.span, MARGIN)]),
        born_ms=taken_ms - since,
        seen_ms=taken_ms,
        stay_ms=since,
        looks=2,
    )


def _whole(plane: Plane) -> bytes:
    return np.clip(np.rint(plane), 0, 255).astype(np.uint8).tobytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a look has to say of the whole view."""

    now: View
    slow: View
    apart: Difference
    still: Mask
    """Where it looks as in the last look."""
    coloured: bool
    """Whether there is any colour: infrared has none."""
    upset: bool
    """Whether most of the view is another one: only shapes can speak then, not brightness."""
    taken: Mask
    """Where other things stand."""


def presence(thing: Thing, scene: Scene, named: Surroundings) -> Presence:
    """What this look says of the thing."""
    home = box_of(thing.span)
    if any(box_likeness(home, box) >= CLAIMED for box in named.known):
        return Presence.CLAIMED
    # who stands before goods is not what they are taken for: people only hide
    if sum(shared(home, box) for box in (*named.people, *named.known)) >= COVERED * area(home):
        return Presence.UNKNOWN
    evidence = _evidence(thing, scene)
    if scene.upset or (thing.relit and not scene.coloured):
        # what has not been seen in this light can't be seen to be gone in it: red looks like the road in infrared
        return Presence.THERE if evidence >= THERE else Presence.UNKNOWN
    young = thing.looks < YOUNG_LOOKS
    if young and not _firm(thing, scene):
        return Presence.EMPTY
    if evidence >= THERE:
        return Presence.THERE
    return Presence.EMPTY if young or evidence <= EMPTY else Presence.UNKNOWN


def _firm(thing: Thing, scene: Scene) -> bool:
    """Whether it looks as it did in the last look, on ground that is untouched: snow grows, and leaves move."""
    rows, columns = grown(thing.span, AROUND)
    mask = mask_of(thing)[rows, columns]
    still = float(scene.still[rows, columns][mask].mean())
    but = scene.taken[rows, columns] | ~scene.still[rows, columns]
    return still >= STILL and roughness(mask, (rows, columns), scene.apart, but) <= ROUGH


def _evidence(thing: Thing, scene: Scene) -> float:
    """Whether its place looks more like the thing than like the empty view: 0–1, 0.5 where neither."""
    rows, columns = grown(thing.span, MARGIN)
    apart = scene.apart
    here, empty = scene.now.luma[rows, columns], scene.slow.luma[rows, columns]
    filled = np.frombuffer(thing.looks_like, np.uint8).reshape(here.shape).astype(np.float32)
    like_filled, like_empty = _alike(here, filled), _alike(here, empty)
    shape = (1 - like_empty) / max(2 - like_filled - like_empty, 1e-3)
    if scene.upset:
        return shape if max(like_filled, like_empty) > 0.4 else 0.5
    mask = mask_of(thing)[rows, columns]
    from_empty = _apart(here, empty, mask) + float(apart.chroma[rows, columns][mask].mean())
    from_filled = _apart(here, filled, mask) + 2.0
    light = from_empty / max(from_empty + from_filled, 1e-3)
    if _other(apart, (rows, columns), mask) >= MOVED_ABOUT and max(light, shape) > EMPTY:
        return max(light, shape, THERE)  # goods moved about are goods
    return (light + shape) / 2


def _apart(here: Plane, then: Plane, mask: Mask) -> float:
    """How far the place is from how it was, in the light that its surroundings have now."""
    light = np.median(here[~mask] / np.maximum(then[~mask], np.float32(1))) if not mask.all() else 1.0
    return float(np.abs(here - then * np.float32(light))[mask].mean())


def _other(apart: Difference, cut: tuple[slice, slice], mask: Mask) -> float:
    """Share of the place that is neither the empty view nor that in another light."""
    ratio = apart.ratio[cut]
    uneven = np.abs(ratio - np.median(ratio[mask])) > ODD
    return float((apart.changed[cut] & (uneven | (apart.chroma[cut] > COLOURED)))[mask].mean())


def _alike(first: Plane, second: Plane) -> float:
    """Correlation, 0–1; 0 if one of them shows nothing."""
    a, b = first - first.mean(), second - second.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return max(float((a * b).sum()) / norm, 0.0) if norm > 4 * a.size else 0.0


def after(thing: Thing, told: Presence, now: View, taken_ms: int, rate: float) -> Thing | None:
    """The thing after a look that said so; None once it is surely gone, or surely somebody else's."""
    if told is Presence.CLAIMED:
        thing = structs.replace(thing, claims=thing.claims + 1, hidden=True)
        return None if thing.claims >= 2 and _claimed(thing) and thing.stay_ms < UNSEEN_MS else thing
    if told is Presence.UNKNOWN:
        return structs.replace(thing, hidden=True)
    if told is Presence.EMPTY:
        missed = thing.missed + 1
        return None if missed >= GONE_LOOKS else structs.replace(thing, missed=missed, hidden=False)
    gap_ms = taken_ms - thing.seen_ms
    here = now.luma[grown(thing.span, MARGIN)]
    then = np.frombuffer(thing.looks_like, np.uint8).reshape(here.shape).astype(np.float32)
    return structs.replace(
        thing,
        looks_like=_whole(then + np.float32(max(rate, 0.1)) * (here - then)),
        seen_ms=taken_ms,
        stay_ms=thing.stay_ms + (gap_ms if 0 <= gap_ms <= UNSEEN_MS else 0),
        looks=thing.looks + 1,
        missed=0,
        hidden=False,
        relit=False,
    )


def relit(thing: Thing, slow: View, now: View) -> None:
    """Bring the empty view behind the thing into a new light, as its surroundings are in it. Changes `slow`."""
    rows, columns = grown(thing.span, AROUND)
    mask = mask_of(thing)[rows, columns]
    ring, behind = surroundings(mask), as_grown(mask, MARGIN)
    light = np.median(now.luma[rows, columns][ring] / np.maximum(slow.luma[rows, columns][ring], np.float32(1)))
    now.luma[rows, columns][behind] = slow.luma[rows, columns][behind] * np.float32(light)


def _claimed(thing: Thing) -> bool:
    return thing.claims > MOST_CLAIMS * (thing.looks + thing.claims)


def settled(thing: Thing) -> bool:
    """Whether it has stood long enough to be spoken of."""
    return thing.looks >= REPORT_LOOKS and thing.stay_ms >= REPORT_MS


def told(things: Sequence[Thing], sway: tuple[float, float]) -> tuple[Leftover, ...]:
    """What is reported of them.

    Until one is gone it is there or hidden: a look that misses it, or that calls it something else, proves nothing.
    """
    return tuple(
        Leftover(
            key=f"{thing.born_ms}-{thing.span[0]}-{thing.span[1]}",
            box=box_of(thing.span, sway),
            score=round((1 - 2 / (thing.looks + 2)) * (1 - thing.claims / (thing.looks + thing.claims)), 3),
            stay_ms=thing.stay_ms,
            looks=thing.looks,
            hidden=thing.hidden or thing.missed > 0 or _claimed(thing),
        )
        for thing in things
        if settled(thing)
    )


def as_grown(mask: Mask, by: int) -> Mask:
    """The mask and so many pixels around it."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((2 * by + 1, 2 * by + 1), np.uint8)) > 0)
