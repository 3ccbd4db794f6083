"""A look as places are followed into it: what it shows, what was found in it, and what stands before what."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from domain.sighting import Box
from vision.appearance import Likeness, appearance, compare, ground_box, ground_kept, hidden_share, visible
from vision.classes import CAN_HIDE, FAMILIES
from vision.glance import Glance
from vision.memory import Detection, Place
from vision.zones import moved, shared

HIDDEN_SHARE = 0.25
"""Of a place behind something else from which on a look cannot tell that its thing is gone."""


class Watch(Struct, frozen=True, kw_only=True):
    """The terms of following: from which score a thing is reported, how long a gap may be, and where one counts."""

    min_score: float
    unseen_ms: int
    counts_at: Callable[[Detection], bool]
    masked: Callable[[Box], bool] = lambda _: False
    """What lies there is nobody's thing, though what passes there may stand before one."""
    knows: Callable[[str], bool] = lambda _: True
    """Whether the detector has a word for it: one that has none says of no place that it is empty."""


class Shown(Struct, frozen=True, kw_only=True):
    """A look: what it shows, what was found in it, and when it was in the camera's time.

    Boxes are where they would lie if the view did not sway.
    """

    glance: Glance
    found: Sequence[Detection]
    at_ms: int
    hidden: Sequence[Box] = ()
    """Parts of the view that cannot be seen now."""
    shift: tuple[float, float] = (0.0, 0.0)
    """How far the view has swayed, right and down, as shares of the picture."""


class Now:
    """A look that places are followed into."""

    def __init__(self, shown: Shown, watch: Watch) -> None:
        self.at_ms = shown.at_ms
        self.knows = watch.knows
        self._shown = shown
        self._passing = [thing for thing in shown.found if thing.label in CAN_HIDE]
        self._hiding = [thing for thing in shown.found if _hides(thing, watch)]

    def looks_of(self, home: Box) -> tuple[bytes, bytes]:
        """How a thing's home looks now, and the ground around it."""
        return self._appearance(home), self._appearance(ground_box(home))

    def likeness(self, place: Place) -> Likeness | None:
        """Of a place to itself when its thing was last seen, as far as nothing stands before it."""
        return compare(place.patch, self._appearance(place.home), visible(place.home, self._before(place)))

    def hides(self, place: Place, others: Sequence["Stands"]) -> bool:
        """Whether so much of a place is behind something that nobody can tell whether its thing is gone.

        Of the `others` that were found, what came since it was last seen may stand before it: a bus before a car.
        """
        like = came([other for other in others if kin(other.thing, place)], place)
        return hidden_share(place.home, [*self._before(place), *like]) >= HIDDEN_SHARE

    def passed(self, place: Place) -> bool:
        """Whether something that passes stands before any of it."""
        passing = any(self._stands_before(thing, place) for thing in self._passing)
        return passing or any(shared(place.home, box) > 0 for box in self._shown.hidden)

    def ground_kept(self, place: Place, changed: Sequence[Box]) -> float | None:
        """Share of a place's ground that is as it was; None if hardly any is left beside what has changed."""
        if not place.ground:
            return None
        ground = ground_box(place.home)
        return ground_kept(place.ground, self._appearance(ground), ground, changed)

    def _appearance(self, box: Box) -> bytes:
        return appearance(self._shown.glance, moved(box, self._shown.shift))

    def _before(self, place: Place) -> list[Box]:
        """What may stand before a place."""
        things = [thing.box for thing in self._hiding if self._stands_before(thing, place)]
        return [*things, *(box for box in self._shown.hidden if shared(place.home, box) > 0)]

    def _stands_before(self, thing: Detection, place: Place) -> bool:
        return FAMILIES.get(thing.label) != FAMILIES[place.label] and shared(place.home, thing.box) > 0


class Stands(Struct, frozen=True):
    """Something that was found, and since when it has stood there."""

    thing: Detection
    since_ms: int


def hiders(found: Sequence[Detection], watch: Watch) -> list[Box]:
    """What something else may be behind: whatever passes, in a mask too, and all that surely stands there."""
    return [thing.box for thing in found if _hides(thing, watch)]


def _hides(thing: Detection, watch: Watch) -> bool:
    return thing.label in CAN_HIDE or (thing.score >= watch.min_score and not watch.masked(thing.box))


def kin(first: Detection | Place, second: Detection | Place) -> bool:
    """Whether two are of one family."""
    return FAMILIES[first.label] == FAMILIES[second.label]


def came(others: Sequence[Stands], place: Place) -> list[Box]:
    """Where something stands that came since a place's thing was last seen."""
    return [other.thing.box for other in others if other.since_ms > place.seen_ms]
