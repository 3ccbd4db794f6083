"""Following things from look to look, by place, class and looks. At one look a minute nothing else can tell them.

Of a place that a look did not find its thing at, it says one of three things: the thing is still there (the place
looks as before), it cannot be told (something stands before it, or the place looks neither so nor otherwise), or it
is gone. Only the last may ever clear a zone, and none of the three makes a thing out of nothing.
"""

from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from domain.sighting import Box
from vision.appearance import CERTAIN, Likeness, appearance, compare, visible
from vision.classes import CAN_HIDE, FAMILIES
from vision.glance import Glance
from vision.memory import Detection, Place
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
NUDGED = 0.12
"""Share of its size by which a thing lies elsewhere before its home follows it: what is less is the view swaying."""
ODD_LOOKS = 2
GONE_LOOKS = 3
"""Looks in a row that see the place empty before it is forgotten."""
HELD_LOOKS = 5
"""Looks in a row that may count a thing as seen which the detector did not find, since its place looks as before."""
DOUBTED_LOOKS = 5
"""Looks in a row that may leave open whether it is there. Where the place looks wholly as before, as many as the
detector had found it in: at dusk it goes blind for bicycles long before the picture is too dark. Behind something, all.
"""
HIDDEN_SHARE = 0.25
"""Of a place behind something else from which on a look cannot tell that its thing is gone."""


class Watch(Struct, frozen=True, kw_only=True):
    """The terms of following: from which score a thing is reported, how long a gap may be, and where one counts."""

    min_score: float
    unseen_ms: int
    counts_at: Callable[[Detection], bool]


class _Now(Struct, frozen=True):
    """The look that is followed into: what it shows, what was found in it, and when it was in the camera's time."""

    glance: Glance
    found: Sequence[Detection]
    at_ms: int

    def likeness(self, place: Place) -> Likeness | None:
        """Of a place to itself when its thing was last seen, as far as nothing stands before it."""
        return compare(place.patch, appearance(self.glance, place.home), visible(place.home, self.before(place)))

    def hides(self, place: Place) -> bool:
        """Whether so much of a place is behind something that nobody can tell whether its thing is gone."""
        return sum(shared(place.home, box) for box in self.before(place)) >= HIDDEN_SHARE * area(place.home)

    def before(self, place: Place) -> list[Box]:
        """What may stand before a place."""
        family = FAMILIES[place.label]
        return [
            thing.box
            for thing in self.found
            if thing.label in CAN_HIDE and FAMILIES.get(thing.label) != family and shared(place.home, thing.box) > 0
        ]


def follow(
    places: Sequence[Place], found: Sequence[Detection], glance: Glance, at_ms: int, watch: Watch
) -> tuple[Place, ...]:
    """The places after a healthy look at `at_ms` of the camera's own time. Standing ones were seen in it."""
    now = _Now(glance, found, at_ms)
    recent = [place for place in (_recalled(place, now, watch) for place in places) if place is not None]
    things = _distinct([thing for thing in found if thing.label in FAMILIES], watch.min_score)
    pairs = _pairs(recent, [thing for thing in things if thing.score >= RENEWS * watch.min_score])
    kept = [
        _seen(place, pairs[index], now) if index in pairs else _not_seen(place, things, now)
        for index, place in enumerate(recent)
    ]
    taken = {id(thing) for thing in pairs.values()}
    fresh = [
        _new(thing, now)
        for thing in things
        if id(thing) not in taken
        and thing.score >= watch.min_score
        and watch.counts_at(thing)
        and not any(place is not None and standing(place) and _cuts(thing, place) for place in kept)
    ]
    return (*(place for place in kept if place is not None), *fresh)


def _recalled(place: Place, now: _Now, watch: Watch) -> Place | None:
    """The place, unless it has not been seen for so long that its thing is forgotten. One of which nobody could tell
    all the while is not, since it is not known to be clear; but its stay begins anew.
    """
    if now.at_ms - place.seen_ms <= watch.unseen_ms:
        return place
    if place.hidden:
        return structs.replace(place, stay_ms=0, seen_ms=now.at_ms, looks=0, marks=0, owed=0, onset=None)
    return None


def _distinct(things: Sequence[Detection], min_score: float) -> list[Detection]:
    """Best first, each thing once: not under a second name of its family, and not as a group of others."""
    out: list[Detection] = []
    for thing in sorted(things, key=lambda thing: -thing.score):
        if not any(_kin(other, thing) and box_likeness(other.box, thing.box) > ONE_THING for other in out):
            out.append(thing)
    return [thing for thing in out if not _is_group(thing, [other for other in out if other.score >= min_score])]


def _is_group(thing: Detection, others: Sequence[Detection]) -> bool:
    """Whether the box goes around two or more others that stand apart: two bicycles are not three."""
    inside = [
        other.box
        for other in others
        if other is not thing and _kin(other, thing) and shared(other.box, thing.box) >= PART * area(other.box)
    ]
    return any(box_likeness(one, another) <= APART for one in inside for another in inside if one is not another)


def _kin(first: Detection | Place, second: Detection | Place) -> bool:
    return FAMILIES[first.label] == FAMILIES[second.label]


def _pairs(places: Sequence[Place], things: Sequence[Detection]) -> dict[int, Detection]:
    """Which thing stands at which place: the best fits first, each thing and each place once."""
    fits = sorted(
        (
            (fit, index, thing)
            for index, place in enumerate(places)
            for thing in things
            if _kin(place, thing)
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
    return _kin(place, thing) and shared(thing.box, place.box) >= PART * min(area(thing.box), area(place.box))


def _new(thing: Detection, now: _Now) -> Place:
    return Place(
        label=thing.label,
        home=thing.box,
        box=thing.box,
        score=thing.score,
        patch=appearance(now.glance, thing.box),
        stay_ms=0,
        seen_ms=now.at_ms,
        looks=1,
        found=1,
    )


def _counted(place: Place, now: _Now) -> Place:
    """The place with this look counted in: its thing stands there."""
    return structs.replace(
        place,
        stay_ms=place.stay_ms + now.at_ms - place.seen_ms,
        seen_ms=now.at_ms,
        looks=place.looks + 1,
        missed=0,
        hidden=0,
    )


def _seen(place: Place, thing: Detection, now: _Now) -> Place:
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
    home = thing.box  # in another light, or moved about: it is taken as it is now
    return structs.replace(counted, home=home, patch=appearance(now.glance, home), odd=0, odd_ms=0)


def _looking_so(place: Place, alike: Likeness | None, now: _Now) -> Place:
    """The place with its looks renewed, unless something stands before it, and its home moved along with a thing that
    was nudged.
    """
    if alike is None or now.before(place):
        return place
    home = place.home
    if alike.whole >= CERTAIN and max(map(abs, alike.shift)) >= NUDGED:
        right, down = alike.shift[0] * (home[2] - home[0]), alike.shift[1] * (home[3] - home[1])
        home = (home[0] + right, home[1] + down, home[2] + right, home[3] + down)
    return structs.replace(place, home=home, patch=appearance(now.glance, home))


def _not_seen(place: Place, things: Sequence[Detection], now: _Now) -> Place | None:
    """The place after a look in which the detector did not find its thing; None once it is surely gone."""
    alike = now.likeness(place)
    as_before = alike is not None and alike.parts >= STILL_THERE
    if as_before and any(_cuts(thing, place) for thing in things):
        return structs.replace(_counted(place, now), held=0, found=place.found + 1)
    if as_before and place.held < HELD_LOOKS:
        return structs.replace(_counted(place, now), held=place.held + 1)
    doubtful = alike is not None and alike.parts >= DOUBTED_PARTS and not place.missed
    doubts = max(place.found, DOUBTED_LOOKS) if as_before else DOUBTED_LOOKS
    if (doubtful and place.hidden < doubts) or now.hides(place):
        return structs.replace(place, hidden=place.hidden + 1)
    if place.missed + 1 >= GONE_LOOKS:
        return None
    return structs.replace(place, missed=place.missed + 1, hidden=0)


def standing(place: Place) -> bool:
    """Whether the thing was at its place in the last look."""
    return place.missed == 0 and place.hidden == 0
