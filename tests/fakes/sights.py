"""Cameras' pictures, looks and zones in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.today import things_of
from config.zones_file import DrawnZone
from console.desk.cameras import ZoneChange, ZonesDraft, ZonesNow
from domain.errors import OrderRefused
from domain.picture import ViewFacts
from domain.register import Zone
from domain.sighting import LookMark, SeenToday, Sighting


@dataclass(kw_only=True)
class FakeSights:
    """Fits console.desk.cameras.Sights. What is saved is what is there next."""

    facts: dict[str, ViewFacts] = field(default_factory=dict)
    pictures: dict[str, Path] = field(default_factory=dict)
    all_looks: list[Sighting] = field(default_factory=list)
    drawn: dict[str, tuple[Zone, ...]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    saved: list[tuple[str, str]] = field(default_factory=list)
    changes: tuple[ZoneChange, ...] = ()
    """What saving changes."""
    tag: str = "a" * 32
    cameras: Mapping[str, object] | None = None
    """The register; None: every camera is known."""

    def last(self, camera_id: str) -> ViewFacts | None:
        """As set."""
        return self.facts.get(camera_id)

    def picture(self, camera_id: str, *, thumb: bool = False) -> Path | None:  # noqa: ARG002 - one for both
        """As set."""
        return self.pictures.get(camera_id)

    def looks(self, camera_id: str, *, limit: int, before_ms: int | None = None) -> Sequence[Sighting]:
        """The newest."""
        mine = [one for one in self.all_looks if one.camera_id == camera_id]
        mine = [one for one in mine if before_ms is None or one.taken_ms < before_ms]
        return sorted(mine, key=lambda one: -one.taken_ms)[:limit]

    def marks(self, camera_id: str, since_ms: int) -> Sequence[LookMark]:
        """Of all of them."""
        found = sorted(self.looks(camera_id, limit=1000), key=lambda one: one.taken_ms)
        return [
            LookMark(taken_ms=one.taken_ms, view=one.view, things=sum(len(zone.objects) for zone in one.zones))
            for one in found
            if one.taken_ms >= since_ms
        ]

    def today(self, camera_id: str) -> Sequence[SeenToday]:
        """Of all of them."""
        return things_of(sorted(self.looks(camera_id, limit=1000), key=lambda one: one.taken_ms))

    def look_now(self, camera_id: str) -> None:
        """Kept in the list."""
        self.asked.append(camera_id)

    def zones(self, camera_id: str) -> ZonesNow:
        """As set, or last saved."""
        if self.cameras is not None and camera_id not in self.cameras:
            raise OrderRefused(f"there is no camera {camera_id!r}", "missing")
        zones = self.drawn.get(camera_id, ())
        return ZonesNow(tag=self.tag, zones=zones, path="/site/zones.csv", writable=True, in_force=True)

    def check(self, camera_id: str, zones: Sequence[DrawnZone]) -> ZonesDraft:
        """Whatever it is, it can be."""
        self.zones(camera_id)
        return ZonesDraft(tag=self.tag, diff="-old\n+new", zones=tuple(one.zone for one in zones))

    def save(self, camera_id: str, zones: Sequence[DrawnZone], *, tag: str, who: str) -> ZonesDraft:
        """From now on these."""
        if tag != self.zones(camera_id).tag:
            raise OrderRefused("zones.csv has been changed since you opened it", "conflict")
        self.drawn[camera_id] = tuple(one.zone for one in zones)
        self.tag = "b" * 32
        self.saved.append((camera_id, who))
        return ZonesDraft(
            tag=self.tag, diff="-old\n+new", zones=self.drawn[camera_id], changes=self.changes, saved=True
        )
