"""Following things from look to look, by place, class and looks. At one look a minute nothing else can tell them."""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from domain.sighting import Box
from vision.classes import CAN_HIDE, FAMILIES
from vision.glance import Glance, likeness
from vision.memory import Detection, Place
from vision.zones import area, shared
from vision.zones import likeness as box_likeness

SAME_BOX = 0.5
"""Intersection over union from which on a box is at a known place."""
PART = 0.7
"""Share of the smaller of two boxes in the other from which on a new one is not another thing."""
RENEWS = 0.6
"""Share of the score to be reported at which a known thing counts as seen again: scores flicker around any limit."""
STILL_THERE = 0.85
"""Likeness of a place to itself at which the thing still stands there, though the detector missed it. Noise and 70 %
of the light: 0.99; the camera swayed by 5 pixels: 0.63–0.90; the bicycle gone: at most 0.01."""
ANOTHER = 0.4
"""Likeness below which a thing of the same class is another one, if it stays so for ODD_LOOKS."""
ODD_LOOKS = 2
GONE_LOOKS = 3
"""Looks in a row that see the place empty before it is forgotten."""
HELD_LOOKS = 5
HIDDEN_LOOKS = 5
HIDDEN_SHARE = 0.5
UNSEEN_MS = 900_000
"""After so long without a look that saw it, a stay begins anew: nobody can say that it is the same thing."""


class Watch(Struct, frozen=True, kw_only=True):
    """The terms of following: from which score a thing is reported, how long a gap may be, and where one counts."""

    min_score: float
    unseen_ms: int
    counts_at: Callable[[Detection], bool]


def follow(
    places: Sequence[Place], found: Sequence[Detection], glance: Glance, taken_ms: int, watch: Watch
) -> tuple[Place, ...]:
    """The places after a healthy look. Those with `missed`, `hidden` and `held` at 0 were seen in it."""
    recent = [place for place in places if taken_ms - place.seen_ms <= watch.unseen_ms]
    things = _distinct([thing for thing in found if thing.label in FAMILIES])
    pairs = _pairs(recent, [thing for thing in things if thing.score >= RENEWS * watch.min_score])
    kept = [
        _seen(place, pairs[index], glance, taken_ms) if index in pairs else _not_seen(place, found, glance, taken_ms)
        for index, place in enumerate(recent)
    ]
    taken = {id(thing) for thing in pairs.values()}
    fresh = [
        _new(thing, glance, taken_ms)
        for thing in things
        if id(thing) not in taken
        and thing.score >= watch.min_score
        and watch.counts_at(thing)
        and not any(place is not None and standing(place) and _part_of(thing, place) for place in kept)
    ]
    return (*(place for place in kept if place is not None), *fresh)


def _distinct(things: Sequence[Detection]) -> list[Detection]:
    """Best first, without those that are the same thing under another name of its family."""
    out: list[Detection] = []
    for thing in sorted(things, key=lambda thing: -thing.score):
        family = FAMILIES[thing.label]
        if not any(FAMILIES[other.label] == family and box_likeness(other.box, thing.box) > 0.6 for other in out):
            out.append(thing)
    return out


def _pairs(places: Sequence[Place], things: Sequence[Detection]) -> dict[int, Detection]:
    """Which thing stands at which place: the best fits first, each thing and each place once."""
    fits = sorted(
        (
            (fit, index, thing)
            for index, place in enumerate(places)
            for thing in things
            if FAMILIES[place.label] == FAMILIES[thing.label]
            and (fit := max(box_likeness(place.home, thing.box), box_likeness(place.box, thing.box))) >= SAME_BOX
        ),
        key=lambda fit: (-fit[0], fit[1]),
    )
    pairs: dict[int, Detection] = {}
    used: set[int] = set()
    for _, index, thing in fits:
        if index not in pairs and id(thing) not in used:
            pairs[index] = thing
            used.add(id(thing))
    return pairs


def _part_of(thing: Detection, place: Place) -> bool:
    """Whether a new box is only another cut through things that are known: where bicycles lean on each other, boxes
    around one, two or all of them come and go.
    """
    smaller = min(area(thing.box), area(place.box))
    same_family = FAMILIES[place.label] == FAMILIES[thing.label]
    return same_family and shared(thing.box, place.box) >= PART * smaller


def _new(thing: Detection, glance: Glance, taken_ms: int) -> Place:
    return Place(
        label=thing.label,
        home=thing.box,
        box=thing.box,
        score=thing.score,
        patch=glance.patch(thing.box),
        stay_ms=0,
        seen_ms=taken_ms,
        looks=1,
    )


def _since(place: Place, taken_ms: int) -> int:
    """Time since it was seen; none if the clock was put back."""
    return max(taken_ms - place.seen_ms, 0)


def _seen(place: Place, thing: Detection, glance: Glance, taken_ms: int) -> Place:
    patch = glance.patch(place.home)
    odd = place.odd + 1 if likeness(place.patch, patch) < ANOTHER else 0
    odd_ms = place.odd_ms + _since(place, taken_ms) if place.odd else 0
    if odd >= ODD_LOOKS:
        return structs.replace(_new(thing, glance, taken_ms), stay_ms=odd_ms, looks=odd)
    return structs.replace(
        place,
        box=thing.box,
        score=thing.score,
        patch=place.patch if odd else patch,
        stay_ms=place.stay_ms + _since(place, taken_ms),
        seen_ms=taken_ms,
        looks=place.looks + 1,
        missed=0,
        held=0,
        hidden=0,
        odd=odd,
        odd_ms=odd_ms,
    )


def _not_seen(place: Place, found: Sequence[Detection], glance: Glance, taken_ms: int) -> Place | None:
    """The place after a look in which the detector did not find its thing; None once it is surely gone."""
    if place.held < HELD_LOOKS and likeness(place.patch, glance.patch(place.home)) >= STILL_THERE:
        return structs.replace(
            place,
            stay_ms=place.stay_ms + _since(place, taken_ms),
            seen_ms=taken_ms,
            looks=place.looks + 1,
            missed=0,
            hidden=0,
            held=place.held + 1,
        )
    if place.hidden < HIDDEN_LOOKS and _is_hidden(place.home, place.label, found):
        return structs.replace(place, hidden=place.hidden + 1)
    if place.missed + 1 >= GONE_LOOKS:
        return None
    return structs.replace(place, missed=place.missed + 1, hidden=0)


def _is_hidden(home: Box, label: str, found: Sequence[Detection]) -> bool:
    return any(
        thing.label in CAN_HIDE
        and FAMILIES.get(thing.label) != FAMILIES[label]
        and shared(home, thing.box) >= HIDDEN_SHARE * area(home)
        for thing in found
    )


def standing(place: Place) -> bool:
    """Whether the thing was at its place in the last look."""
    return place.missed == 0 and place.hidden == 0
