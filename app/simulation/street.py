"""What stands in front of one camera, and what its looks show of it."""

from collections.abc import Iterator, Mapping
from typing import Final

from app.simulation.account import Look, Stood
from app.simulation.chance import chance_of
from domain.picture import picture_name
from domain.register import Camera
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting

MISSED: Final = 0.04
"""The share of looks that don't see a thing that stands there."""
_LATE_MS: Final = 1_200
"""From taken to received."""
_BOX: Final = (0.1, 0.4, 0.2, 0.8)


class Fault:
    """A time in which a camera sees nothing that counts."""

    def __init__(self, from_ms: int, to_ms: int, view: ViewHealth) -> None:
        self.from_ms, self.to_ms, self.view = from_ms, to_ms, view


class Standing:
    """A thing, and what the camera remembers of it."""

    def __init__(self, stood: Stood) -> None:
        self.stood = stood
        self.seen_ms: int | None = None
        """When a look first showed it."""
        self.onset = self.context = ""
        self.confirming = 0
        """How many looks have shown it that long enough, and nothing came of them yet."""


class Street:
    """One camera's zones. What stands in them comes and goes; looks say what a detector would."""

    def __init__(self, camera: Camera, faults: list[Fault], seed: int) -> None:
        self.camera = camera
        self.faults = faults
        self.things: list[Standing] = []
        self.healthy_ms = 0
        """When it last saw well."""
        self._chance = chance_of(seed, "looks", camera.camera_id)
        self._shops = {zone.zone: zone.shop_id for zone in camera.zones}

    def fault_at(self, at_ms: int) -> Fault | None:
        """What keeps it from seeing."""
        return next((fault for fault in self.faults if fault.from_ms <= at_ms < fault.to_ms), None)

    def at(self, zone: str) -> Iterator[Standing]:
        """What stands in a zone."""
        return (thing for thing in self.things if thing.stood.zone == zone)

    def look(self, at_ms: int, stays_s: Mapping[str, float], *, asked: bool) -> tuple[Sighting, Look]:
        """One look. `stays_s`: how long things may stand, of which the rules speak after that."""
        camera_id = self.camera.camera_id
        name = f"{camera_id}-{at_ms}"
        fault = self.fault_at(at_ms)
        if fault is not None:
            sighting = Sighting(
                camera_id=camera_id, look_id=name, taken_ms=at_ms, received_ms=at_ms + _LATE_MS, view=fault.view
            )
            unseen = Look(camera_id=camera_id, taken_ms=at_ms, healthy=False, asked=asked, kept=False, zones={})
            return sighting, unseen
        found, kept = self._seen(at_ms, name, stays_s)
        kept = kept or asked
        picture = picture_name(camera_id, name, at_ms) if kept else None
        sighting = Sighting(
            camera_id=camera_id,
            look_id=name,
            taken_ms=at_ms,
            received_ms=at_ms + _LATE_MS,
            view=ViewHealth.HEALTHY,
            zones=tuple(
                ZoneSighting(zone=zone, shop_id=shop_id, objects=tuple(found.get(zone, ())))
                for zone, shop_id in self._shops.items()
            ),
            picture=picture,
        )
        self.healthy_ms = at_ms
        zones = {zone: tuple((seen.label, seen.stay_s) for seen in things) for zone, things in found.items()}
        look = Look(camera_id=camera_id, taken_ms=at_ms, healthy=True, asked=asked, kept=kept, zones=zones)
        return sighting, look

    def _seen(self, at_ms: int, name: str, stays_s: Mapping[str, float]) -> tuple[dict[str, list[SeenObject]], bool]:
        """By zone; and whether the picture is kept: a first one, and those by which the rules become sure."""
        found: dict[str, list[SeenObject]] = {}
        kept = not self.things  # the street is clear again: that is shown
        for thing in self.things:
            if self._chance.random() < MISSED:
                continue
            if thing.seen_ms is None:
                thing.seen_ms = at_ms
                thing.onset = picture_name(self.camera.camera_id, name, at_ms)
                before_ms = max(self.healthy_ms, at_ms - 3_600_000)  # what was looked at between shows nothing else
                before = f"{self.camera.camera_id}-{before_ms}"
                thing.context = picture_name(self.camera.camera_id, before, before_ms)
                kept = True
            stay_s = (at_ms - thing.seen_ms) / 1000
            if stay_s >= stays_s[thing.stood.label]:
                thing.confirming += 1
                kept |= thing.confirming <= 4
            seen = SeenObject(
                label=thing.stood.label,
                score=0.8,
                box=_BOX,
                overlap=1.0,
                stay_s=stay_s,
                looks=thing.confirming + 1,
                onset=thing.onset,
                context=thing.context,
            )
            found.setdefault(thing.stood.zone, []).append(seen)
        return found, kept
