"""Which looks deserve that their picture is kept: those that a notice, a case or a closing may have to show."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from msgspec import Struct, structs

from vision.album import Album, LeftMark, Spare
from vision.classes import LEFT_OBJECT
from vision.leftover import Leftover
from vision.memory import CameraMemory, Place
from vision.places import standing

HOUR_S = 3600
"""Beyond the stays that matter, one occasion an hour."""
PICTURES_EACH = 2
"""At each occasion, and when a place is found empty: a rule that wants two looks finds a picture on the second."""
SPARE_EVERY_S = 600
SPARES = 2
"""Pictures of the empty view set aside for each camera, so long apart at least: 300 KB each at 1080p, 400 MB for 671
cameras. Two, because a thing of no known class is known only after a while, and the newest may show it already."""
SURE_LOOKS = 2
"""Seen so often, a thing is worth the picture of before."""

Thing = TypeVar("Thing", Place, LeftMark)


class Stay(Struct, frozen=True, kw_only=True):
    """From a stay of `stay_s` on, the next `looks` looks that show the thing keep their picture."""

    stay_s: float
    looks: int = PICTURES_EACH


class Occasions(Struct, frozen=True, kw_only=True):
    """When pictures are kept. Without rules to say so: where the minimum stays of matters usually lie."""

    stays: tuple[Stay, ...] = tuple(
        Stay(stay_s=stay_s) for stay_s in (0, 60, 180, 300, 600, 900, 1200, 1800, 2700, 3600)
    )
    of_class: dict[str, tuple[Stay, ...]] = {}
    """Where a class has stays of its own, instead of these."""
    clear_looks: int = PICTURES_EACH
    """Of a view that something has left."""

    def stays_of(self, label: str) -> tuple[Stay, ...]:
        """The stays that matter of a class, shortest first."""
        return self.of_class.get(label, self.stays)


class Scene(Struct, frozen=True, kw_only=True):
    """A healthy look, as far as its picture is concerned."""

    name: str
    """What the picture will be called."""
    taken_ms: int
    places: tuple[Place, ...]
    left: tuple[Leftover, ...] = ()
    asked: bool = False
    """Somebody asked for this look: its picture is kept in any case."""
    watched: bool = True
    """Whether there is a zone that something may come into."""


class Kept(Struct, frozen=True, kw_only=True):
    """Whether to keep this look's picture, and what the next look has to know."""

    name: str
    """What this look's picture is called."""
    keep: bool
    spare: bool
    """Whether to set the picture aside as one of the empty view."""
    promote: tuple[str, ...]
    """Pictures set aside that are evidence now."""
    places: tuple[Place, ...]
    album: Album
    clear_owed: int
    unkept: "Kept | None" = None
    """What the next look has to know if the picture cannot be kept."""


def decide(before: CameraMemory, scene: Scene, occasions: Occasions, *, compress: float = 1.0) -> Kept:
    """After a healthy look. `before` is what was remembered before it.

    `compress` is how much faster than life stays count: 1 but in a simulated city.
    """
    places = [_marked(place, occasions.stays_of(place.label), compress) for place in scene.places]
    stays = occasions.stays_of(LEFT_OBJECT)
    left = [_marked(mark, stays, compress) for mark in _recognised(before.album.left, scene.left)]
    spares = before.album.spares
    places = [_with_context(place, spares, scene.taken_ms) if standing(place) else place for place in places]
    left = [mark if mark.hidden else _with_context(mark, spares, scene.taken_ms) for mark in left]
    wanted = {place.context for place in places} | {mark.context for mark in left}
    promote = tuple(spare.name for spare in spares if spare.name in wanted and not spare.kept)
    spares = tuple(structs.replace(spare, kept=spare.kept or spare.name in wanted) for spare in spares)
    gone = _gone(before, scene)
    clear_owed = occasions.clear_looks if gone else before.clear_owed
    empty = scene.watched and not (scene.places or scene.left or gone)
    spare = empty and _due(spares, scene.taken_ms, compress)
    if spare:
        spares = (*spares, Spare(name=scene.name, taken_ms=scene.taken_ms))[-SPARES:]
    unkept = Kept(
        name=scene.name,
        keep=False,
        spare=spare,
        promote=promote,
        places=tuple(places),
        album=Album(spares=spares, left=tuple(left)),
        clear_owed=clear_owed,
    )
    if not (scene.asked or clear_owed or any(place.owed for place in places if standing(place)) or _owed(left)):
        return unkept
    return structs.replace(
        unkept,
        keep=True,
        places=tuple(_paid(place, scene.name) if standing(place) else place for place in places),
        album=Album(spares=spares, left=tuple(mark if mark.hidden else _paid(mark, scene.name) for mark in left)),
        clear_owed=max(clear_owed - 1, 0),
        unkept=unkept,
    )


def remembered(memory: CameraMemory, kept: Kept) -> CameraMemory:
    """The memory with what was decided in it."""
    return structs.replace(memory, places=kept.places, album=kept.album, clear_owed=kept.clear_owed)


def without(memory: CameraMemory, name: str) -> CameraMemory:
    """The memory that refers to this picture nowhere any more: it is not there after all."""
    album = Album(
        spares=tuple(spare for spare in memory.album.spares if spare.name != name),
        left=_forget(memory.album.left, name),
    )
    return structs.replace(memory, places=_forget(memory.places, name), album=album)


def _marked(thing: Thing, stays: Sequence[Stay], compress: float) -> Thing:
    stay_s = thing.stay_ms / 1000 * compress
    due = [stay for stay in stays if stay_s >= stay.stay_s]
    hours = int(stay_s // HOUR_S)
    if len(due) + hours <= thing.marks:
        return thing
    # In the order in which they are reached, so that those before are always the first ones.
    due = sorted(
        due + [Stay(stay_s=HOUR_S * hour) for hour in range(1, hours + 1)], key=lambda stay: (stay.stay_s, stay.looks)
    )
    looks = max(stay.looks for stay in due[thing.marks :])
    return structs.replace(thing, marks=len(due), owed=max(looks, thing.owed))


def _paid(thing: Thing, name: str) -> Thing:
    return structs.replace(thing, owed=max(thing.owed - 1, 0), onset=thing.onset or name)


def _owed(left: Sequence[LeftMark]) -> bool:
    return any(mark.owed for mark in left if not mark.hidden)


def _with_context(thing: Thing, spares: Sequence[Spare], taken_ms: int) -> Thing:
    """With the newest picture of the empty view from before it came, if it is no passer-by and there is one."""
    if thing.context is not None or thing.looks < SURE_LOOKS:
        return thing
    earlier = [spare for spare in spares if spare.taken_ms < taken_ms - thing.stay_ms]
    return structs.replace(thing, context=earlier[-1].name) if earlier else thing


def _recognised(known: Sequence[LeftMark], left: Sequence[Leftover]) -> list[LeftMark]:
    """One mark for each thing that is left standing, in their order."""
    by_key = {mark.key: mark for mark in known}
    fresh = (by_key.get(thing.key) or LeftMark(key=thing.key, stay_ms=0, looks=0) for thing in left)
    return [
        structs.replace(mark, stay_ms=thing.stay_ms, looks=thing.looks, hidden=thing.hidden)
        for mark, thing in zip(fresh, left, strict=True)
    ]


def _gone(before: CameraMemory, scene: Scene) -> bool:
    """Whether something is not there any more: missed for the first time, or forgotten after a gap."""
    homes = {place.home for place in scene.places}
    forgotten = any(place.missed == 0 and place.home not in homes for place in before.places)
    left = {thing.key for thing in scene.left}
    taken_away = any(mark.key not in left for mark in before.album.left)
    return forgotten or taken_away or any(place.missed == 1 for place in scene.places)


def _due(spares: Sequence[Spare], taken_ms: int, compress: float) -> bool:
    return not spares or (taken_ms - spares[-1].taken_ms) * compress >= SPARE_EVERY_S * 1000


def _forget(things: Iterable[Thing], name: str) -> tuple[Thing, ...]:
    return tuple(
        structs.replace(
            thing,
            onset=None if thing.onset == name else thing.onset,
            context=None if thing.context == name else thing.context,
        )
        for thing in things
    )
