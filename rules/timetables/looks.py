"""Rows of looks: what a camera sees, one look after the other.

clear               a healthy look: its zones are empty
front=bicycle,car   a healthy look: these things stand in the zone `front`, and its other zones are empty
front=car;kerb=?    `?`: something hides the zone; it cannot be called empty
front=car/12m       a car that has stood there for 12 minutes; without it, since the row first showed it
dark                a look with another view: nothing can be told from it
"""

from collections.abc import Sequence
from dataclasses import dataclass

from config.schema import duration_s
from config.things import THINGS
from domain.register import Camera
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.timetables.row import Step

_CLEAR = "clear"
_HIDDEN = "?"
_BOX = (0.1, 0.1, 0.2, 0.2)


@dataclass(frozen=True, slots=True)
class Look:
    """What a word stands for: by zone its things and how long each has stood there (None: as the row shows it)."""

    view: ViewHealth
    zones: dict[str, dict[str, float | None]]
    hidden: frozenset[str] = frozenset()


def looks_of(word: str, times: int, camera: Camera) -> Sequence[Look]:
    """The looks that a word stands for. Raises ValueError for zones or things that there are not."""
    if word in list(ViewHealth):
        view = ViewHealth(word)
        zones: dict[str, dict[str, float | None]] = _empty(camera) if view is ViewHealth.HEALTHY else {}
        return [Look(view, zones)] * times
    if word == _CLEAR:
        return [Look(ViewHealth.HEALTHY, _empty(camera))] * times
    seen = _empty(camera)
    hidden: set[str] = set()
    for part in word.split(";"):
        zone, equals, things = part.partition("=")
        if not equals:
            raise ValueError(f"{word!r} is no look; write clear, front=bicycle, front=car/12m, or {_views()}")
        if zone not in seen:
            raise ValueError(f"{word!r} names the zone {zone!r}; {camera.camera_id} has {', '.join(seen) or 'none'}")
        for thing in things.split(","):
            if thing == _HIDDEN:
                hidden.add(zone)
            else:
                seen[zone].update([_thing(word, thing)])
    return [Look(ViewHealth.HEALTHY, seen, frozenset(hidden))] * times


def sightings(camera: Camera, steps: Sequence[Step[Look]]) -> list[Sighting]:
    """The looks as the engine hears them; what stays in a zone from look to look stands there longer and longer."""
    since_ms: dict[tuple[str, str], int] = {}
    found: list[Sighting] = []
    for number, step in enumerate(steps, 1):
        zones = tuple(_zone(zone, things, step, since_ms) for zone, things in step.said.zones.items())
        found.append(
            Sighting(
                camera_id=camera.camera_id,
                look_id=f"look-{number}",
                taken_ms=step.at_ms,
                received_ms=step.received_ms,
                view=step.said.view,
                zones=zones,
                picture=f"{camera.camera_id}/look-{number}",
            )
        )
    return found


def _zone(
    zone: str, things: dict[str, float | None], step: Step[Look], since_ms: dict[tuple[str, str], int]
) -> ZoneSighting:
    hidden = zone in step.said.hidden
    for known in [key for key in since_ms if key[0] == zone and key[1] not in things and not hidden]:
        del since_ms[known]
    for label, stay_s in things.items():
        if stay_s is not None:
            since_ms[zone, label] = step.at_ms - round(stay_s * 1000)
        since_ms.setdefault((zone, label), step.at_ms)
    return ZoneSighting(
        zone=zone,
        objects=tuple(
            SeenObject(
                label=label,
                score=0.8,
                box=_BOX,
                overlap=1.0,
                stay_s=(step.at_ms - since_ms[zone, label]) / 1000,
                looks=3,
            )
            for label in things
        ),
        unsure=hidden,
    )


def _empty(camera: Camera) -> dict[str, dict[str, float | None]]:
    return {zone.zone: {} for zone in camera.zones}


def _thing(word: str, text: str) -> tuple[str, float | None]:
    """`car/12m` → a car that has stood for 720 seconds. A class of two words is written `dining_table`."""
    label, slash, stay = text.partition("/")
    if label not in THINGS:
        label = label.replace("_", " ")
    if label not in THINGS:
        known = ", ".join(name.replace(" ", "_") for name in THINGS)
        raise ValueError(f"{word!r} shows {text!r}; there is {known}, and ? for what is hidden")
    return label, duration_s(stay) if slash else None


def _views() -> str:
    return ", ".join(view for view in ViewHealth if view is not ViewHealth.HEALTHY)
