"""Following things from look to look, by place, class and looks. At one look a minute nothing else can tell them.

Of a place that a look did not find its thing at, it says one of three things: the thing is still there (the place
looks as before), it cannot be told (something stands before it, or the place looks neither so nor otherwise), or it
is gone. Only the last may ever clear a zone, and none of the three makes a thing out of nothing.
"""

from collections.abc import Sequence

from msgspec import structs

from domain.sighting import Box
from vision.appearance import CERTAIN, Likeness, ground_box
from vision.classes import CAN_HIDE, FAMILIES
from vision.memory import Detection, Place
from vision.shown import Now, Shown, Stands, Watch, came, kin
from vision.zones import area, shared
from vision.zones import likeness as box_likeness

SAME_BOX = 0.5
"""Intersection over union from which on a box is at a known place: a bicycle may be moved by 60 cm, not to the next
tree."""
ONE_THING = 0.6
"""… and from which on two boxes of one look are one thing under two names."""
APART = 0.3
"""… and up to which two boxes of one look are two things, though they touch."""
PART = 0.7
"""Share of the smaller of two boxes in the other from which on a new one is not another thing."""
RENEWS = 0.6
"""Share of the score to be reported at which a known thing counts as seen again: scores flicker around any limit."""
STILL_THERE = 0.6
"""Share of its parts that look as before from which on the thing still stands there, though the detector missed it. The
figures behind this and the next are in `vision.appearance`."""
DOUBTED_PARTS = 0.3
"""Share of its parts from which on a place is not empty."""
ANOTHER = 0.75
ANOTHER_PARTS = 0.5
"""Likeness below both of which a thing of the same class is another one, if it stays so for ODD_LOOKS …"""
SAME_AROUND = 0.5
"""… and what is around it is for the most part as it was: another light, or a camera that sways, changes both."""
SAME_GROUND = 0.8
"""Share of the ground, its own and its neighbours', that is as it was: then nothing stands before a place."""
NUDGED = 0.12
"""Share of its size by which a thing lies elsewhere before its home follows it: what is less is the view swaying."""
ODD_LOOKS = 2
GONE_LOOKS = 3
"""Looks in a row that see the place empty before it is forgotten."""
HELD_LOOKS = 5
"""Looks in a row that may count a thing as seen which the detector did not find, since its place looks as before."""
KNOWN_FOUND = 3
"""Looks in which the detector has found a thing from which on only an empty place says that it is gone, however long
that takes: at dusk a detector goes blind for bicycles long before the picture is too dark, and a lorry may park …"""
DOUBTED_LOOKS = 5
"""… and before it so many looks in a row that cannot tell are enough: a car that drove by, a shadow."""


def follow(places: Sequence[Place], shown: Shown, watch: Watch) -> tuple[Place, ...]:
    """The places after a healthy look, by the camera's own time. Standing ones were seen in it."""
    recalled = (_recalled(place, shown.at_ms, watch) for place in places if not watch.masked(place.home))
    recent = [place for place in recalled if place is not None]
    now = Now(shown, watch)
    unmasked = [thing for thing in shown.found if thing.label in FAMILIES and not watch.masked(thing.box)]
    things = _distinct(unmasked, watch.min_score)
    pairs = _pairs(recent, [thing for thing in things if thing.score >= RENEWS * watch.min_score])
    taken = {id(thing) for thing in pairs.values()}
    loose = [thing for thing in things if id(thing) not in taken]
    after = [
        _seen(place, pairs[index], now) if index in pairs else _held(place, things, now)
        for index, place in enumerate(recent)
    ]
    others = [
        *(Stands(thing, now.at_ms) for thing in loose if thing.score >= RENEWS * watch.min_score),
        *(Stands(thing, now.at_ms - recent[index].stay_ms) for index, thing in pairs.items()),
    ]
    lost = iter(_lost([place for place, later in zip(recent, after, strict=True) if later is None], others, now))
    kept = [later for later in (later or next(lost) for later in after) if later is not None]
    fresh = [
        _new(thing, now)
        for thing in loose
        if thing.score >= watch.min_score
        and watch.counts_at(thing)
        and not any(standing(place) and _cuts(thing, place) for place in kept)
    ]
    return (*kept, *fresh)


def _recalled(place: Place, at_ms: int, watch: Watch) -> Place | None:
    """The place, unless it has not been seen for so long that its thing is forgotten. One that was well known is not,
    nor one of which nobody could tell all the while, since it is not known to be clear; but its stay begins anew.
    """
    if at_ms - place.seen_ms <= watch.unseen_ms:
        return place
    if place.hidden or place.found >= KNOWN_FOUND:
        return structs.replace(place, stay_ms=0, looks=0, odd=0, marks=0, owed=0, onset=None)
    return None


def _distinct(things: Sequence[Detection], min_score: float) -> list[Detection]:
    """Best first, each thing once: not under a second name of its family, and not as a group of others."""
    out: list[Detection] = []
    for thing in sorted(things, key=lambda thing: -thing.score):
        if not any(kin(other, thing) and box_likeness(other.box, thing.box) > ONE_THING for other in out):
            out.append(thing)
    return [thing for thing in out if not _is_group(thing, [other for other in out if other.score >= min_score])]


def _is_group(thing: Detection, others: Sequence[Detection]) -> bool:
    """Whether the box goes around two or more others that stand apart: two bicycles are not three."""
    inside = [
        other.box
        for other in others
        if other is not thing and kin(other, thing) and shared(other.box, thing.box) >= PART * area(other.box)
    ]
    return any(box_likeness(one, another) <= APART for one in inside for another in inside if one is not another)


def _pairs(places: Sequence[Place], things: Sequence[Detection]) -> dict[int, Detection]:
    """Which thing stands at which place: the best fits first, each thing and each place once."""
    fits = sorted(
        (
            (fit, index, thing)
            for index, place in enumerate(places)
            for thing in things
            if kin(place, thing)
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


def _cuts(thing: Detection, place: Place) -> bool:
    """Whether a box is only another cut through things that are known: where bicycles lean on each other, boxes
    around one, two or all of them come and go.
    """
    return kin(place, thing) and shared(thing.box, place.box) >= PART * min(area(thing.box), area(place.box))


def _new(thing: Detection, now: Now) -> Place:
    patch, ground = now.looks_of(thing.box)
    return Place(
        label=thing.label,
        home=thing.box,
        box=thing.box,
        score=thing.score,
        patch=patch,
        ground=ground,
        stay_ms=0,
        seen_ms=now.at_ms,
        looks=1,
        found=1,
    )


def _counted(place: Place, now: Now) -> Place:
    """The place with this look counted in: its thing stands there."""
    return structs.replace(
        place,
        stay_ms=place.stay_ms + now.at_ms - place.seen_ms if place.looks else 0,
        seen_ms=now.at_ms,
        looks=place.looks + 1,
        missed=0,
        hidden=0,
    )


def _seen(place: Place, thing: Detection, now: Now) -> Place:
    """The place after a look that found a thing of its family there."""
    alike = now.likeness(place)
    counted = structs.replace(_counted(place, now), box=thing.box, score=thing.score, held=0, found=place.found + 1)
    if alike is None or alike.whole >= ANOTHER or alike.parts >= ANOTHER_PARTS:
        return structs.replace(_looking_so(counted, alike, now), odd=0, odd_ms=0)
    odd_ms = place.odd_ms + now.at_ms - place.seen_ms if place.odd else 0
    if place.odd + 1 < ODD_LOOKS:
        return structs.replace(counted, odd=place.odd + 1, odd_ms=odd_ms)
    if alike.around >= SAME_AROUND:
        return structs.replace(_new(thing, now), stay_ms=odd_ms, looks=place.odd + 1)
    # in another light, or moved about: it is taken as it is now
    return structs.replace(_at_home(counted, thing.box, now), odd=0, odd_ms=0)


def _looking_so(place: Place, alike: Likeness | None, now: Now) -> Place:
    """The place with its looks renewed, unless something stands before it, and its home moved along with a thing that
    was nudged.
    """
    if alike is None or now.passed(place):
        return place
    home = place.home
    if alike.whole >= CERTAIN and max(map(abs, alike.shift)) >= NUDGED:
        right, down = alike.shift[0] * (home[2] - home[0]), alike.shift[1] * (home[3] - home[1])
        home = (home[0] + right, home[1] + down, home[2] + right, home[3] + down)
    return _at_home(place, home, now)


def _at_home(place: Place, home: Box, now: Now) -> Place:
    patch, ground = now.looks_of(home)
    return structs.replace(place, home=home, patch=patch, ground=ground)


def _held(place: Place, things: Sequence[Detection], now: Now) -> Place | None:
    """The place after a look in which the detector did not find its thing, if it looks as before; else None."""
    alike = now.likeness(place)
    if alike is None or alike.parts < STILL_THERE:
        return None
    if any(_cuts(thing, place) for thing in things):
        return structs.replace(_counted(place, now), held=0, found=place.found + 1)
    if place.held < HELD_LOOKS:
        return structs.replace(_counted(place, now), held=place.held + 1)
    return None


def _lost(places: Sequence[Place], others: Sequence[Stands], now: Now) -> list[Place | None]:
    """The places whose things were not seen in a look, one by one; None for those that are surely gone.

    Who leaves leaves the ground around as it was, but what stands before a thing stands before that too. What stands
    before one of a row stands before its neighbours, most likely, and amid a heap there may be no ground to see.
    """
    gone = [place.home for place in places]
    grounds = [(ground_box(place.home), now.ground_kept(place, [*gone, *_beside(place, others)])) for place in places]
    told = [(box, kept) for box, kept in grounds if kept is not None]
    edge = min((kept for _, kept in told), default=0.0)
    worst = [min((kept for other, kept in told if shared(box, other) > 0), default=edge) for box, _ in grounds]
    return [_unseen(place, kept >= SAME_GROUND, others, now) for place, kept in zip(places, worst, strict=True)]


def _beside(place: Place, others: Sequence[Stands]) -> list[Box]:
    """Where its like came and stands beside it. Of all else that came nobody knows that it is no more than is found:
    the side of a lorry may be a suitcase to a detector.
    """
    return [] if place.label in CAN_HIDE else came([other for other in others if kin(other.thing, place)], place)


def _unseen(place: Place, in_view: bool, others: Sequence[Stands], now: Now) -> Place | None:
    """The place, its thing missed once more, or hidden; None once it is surely gone."""
    alike = now.likeness(place)
    empty = in_view and alike is not None and alike.parts < DOUBTED_PARTS
    enough = place.found < KNOWN_FOUND and (place.missed > 0 or place.hidden >= DOUBTED_LOOKS)
    if not (empty or enough) or now.hides(place, others) or not now.knows(place.label):
        return structs.replace(place, hidden=place.hidden + 1)
    if place.missed + 1 >= GONE_LOOKS:
        return None
    return structs.replace(place, missed=place.missed + 1, hidden=0)


def standing(place: Place) -> bool:
    """Whether the thing was at its place in the last look."""
    return place.missed == 0 and place.hidden == 0
