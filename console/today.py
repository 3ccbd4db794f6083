"""What a camera has seen of late as things, not as looks: what stands is one thing, however often it was looked at."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from domain.register import Zone, ZoneRole
from domain.sighting import Box, Sighting, ViewHealth
from vision.classes import FAMILIES
from vision.zones import likeness, masked, open_at, zones_of

SAME: Final = 0.5
"""Intersection over union from which on two boxes of a family are one thing, as it is for whoever looks."""
GONE_MS: Final = 1_800_000
"""So long unseen, it is another one that stands there."""
MOST: Final = 1000
DAY_MS: Final = 86_400_000
MOST_LOOKS: Final = 400
"""Of a day, as many as are kept."""


class SeenToday(Struct, frozen=True, kw_only=True):
    """A thing that was seen, in a zone or not."""

    label: str
    box: Box
    """In the newest look that showed it."""
    first_ms: int
    last_ms: int
    looks: int


class ZoneCount(Struct, frozen=True, kw_only=True):
    """What a zone would have held, by class."""

    zone: str
    classes: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.classes.values())


def things_of(looks: Iterable[Sighting]) -> tuple[SeenToday, ...]:
    """The things of looks, which come oldest first; of very many the newest."""
    going: list[SeenToday] = []
    over: list[SeenToday] = []
    for look in looks:
        if look.view is not ViewHealth.HEALTHY:
            continue
        over += [thing for thing in going if look.taken_ms - thing.last_ms > GONE_MS]
        going = [thing for thing in going if look.taken_ms - thing.last_ms <= GONE_MS]
        for label, box in _boxes(look):
            best = max(going, key=lambda thing: _alike(thing, label, box), default=None)
            if best is not None and _alike(best, label, box) >= SAME:
                going[going.index(best)] = replace(best, box=box, last_ms=look.taken_ms, looks=best.looks + 1)
            else:
                new = SeenToday(label=label, box=box, first_ms=look.taken_ms, last_ms=look.taken_ms, looks=1)
                going.append(new)
    return tuple(sorted([*over, *going], key=lambda thing: thing.last_ms)[-MOST:])


def counted(things: Sequence[SeenToday], zones: Sequence[Zone], timezone: ZoneInfo) -> tuple[ZoneCount, ...]:
    """What these zones would have held, by the rules of the product itself; masks hold nothing."""
    held = {zone.zone: Counter[str]() for zone in zones if zone.role is not ZoneRole.MASK}
    for thing in things:
        open_then = open_at(tuple(zones), thing.last_ms, timezone)
        if masked(thing.box, open_then):
            continue
        for zone, _overlap in zones_of(thing.box, family(thing.label), open_then):
            held[zone.zone][thing.label] += 1
    return tuple(ZoneCount(zone=name, classes=dict(classes.most_common())) for name, classes in held.items())


def kind_of(source: str) -> str:
    """What kind of address a camera has; never more of it, for it may hold a password."""
    return source.partition("://")[0]


def day_of(looks: Sequence[Sighting], now_ms: int) -> list[Sighting]:
    """Of looks that come newest first those of the last 24 hours, oldest first."""
    return [one for one in reversed(looks) if one.taken_ms >= now_ms - DAY_MS]


def family(label: str) -> str:
    """What a class counts as where zones are concerned."""
    return FAMILIES.get(label, label)


def _boxes(look: Sighting) -> Iterator[tuple[str, Box]]:
    """Every thing of a look once, though it may stand in zones of several roles."""
    seen: set[tuple[str, Box]] = set()
    for zone in look.zones:
        seen.update((thing.label, thing.box) for thing in zone.objects)
    seen.update((thing.label, thing.box) for thing in look.elsewhere)
    yield from sorted(seen)


def _alike(thing: SeenToday, label: str, box: Box) -> float:
    return likeness(thing.box, box) if family(thing.label) == family(label) else 0.0
