"""What a camera has seen of late as things, not as looks: what stands is one thing, however often it was looked at."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from console.desk.cameras import ZoneCount
from domain.register import Zone, ZoneRole
from domain.sighting import Box, SeenToday, Sighting, ViewHealth
from vision.classes import FAMILIES
from vision.zones import LYING, likeness, masked, open_at, zones_of

SAME: Final = 0.5
"""Intersection over union from which on two boxes of a family are one thing, as it is for whoever looks."""
GONE_MS: Final = 1_800_000
"""So long unseen, it is another one that stands there."""
MOST: Final = 1000
DAY_MS: Final = 86_400_000
MOST_LOOKS: Final = 400
"""Of a day, as many as are kept."""


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
                new = _new(label, box, look.taken_ms)
                going.append(new)
    return tuple(sorted([*over, *going], key=lambda thing: thing.last_ms)[-MOST:])


def counted(things: Sequence[SeenToday], zones: Sequence[Zone], timezone: ZoneInfo) -> tuple[ZoneCount, ...]:
    """What these zones would have held, by the rules of the product itself; masks hold nothing."""
    held = {zone.zone: Counter[str]() for zone in zones if zone.role is not ZoneRole.MASK}
    for thing in things:
        open_then = open_at(tuple(zones), thing.last_ms, timezone)
        if masked(thing.box, open_then):
            continue
        for zone, _overlap in zones_of(thing.box, thing.family, open_then):
            held[zone.zone][thing.label] += 1
    return tuple(ZoneCount(zone=name, classes=dict(classes.most_common())) for name, classes in held.items())


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
    return likeness(thing.box, box) if thing.family == family(label) else 0.0


def _new(label: str, box: Box, at_ms: int) -> SeenToday:
    kind = family(label)
    return SeenToday(label=label, family=kind, lying=kind in LYING, box=box, first_ms=at_ms, last_ms=at_ms, looks=1)
