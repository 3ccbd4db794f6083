"""Pictures, looks and zones for those who are held to sub-districts: of their cameras only."""

from collections.abc import Callable, Sequence
from pathlib import Path

from config.zones_file import DrawnZone
from console.desk.cameras import Sights, ZonesDraft, ZonesNow
from domain.errors import OrderRefused
from domain.picture import ViewFacts
from domain.sighting import LookMark, SeenToday, Sighting


class ScopedSights:
    """Fits `console.desk.cameras.Sights`. A camera elsewhere is not there."""

    def __init__(self, sights: Sights, mine: Callable[[str], bool]) -> None:
        self._sights = sights
        self._mine = mine

    def last(self, camera_id: str) -> ViewFacts | None:
        """Of one of theirs."""
        return self._sights.last(camera_id) if self._mine(camera_id) else None

    def picture(self, camera_id: str, *, thumb: bool = False) -> Path | None:
        """Of one of theirs."""
        return self._sights.picture(camera_id, thumb=thumb) if self._mine(camera_id) else None

    def looks(self, camera_id: str, *, limit: int, before_ms: int | None = None) -> Sequence[Sighting]:
        """Of one of theirs."""
        return self._sights.looks(camera_id, limit=limit, before_ms=before_ms) if self._mine(camera_id) else []

    def marks(self, camera_id: str, since_ms: int) -> Sequence[LookMark]:
        """Of one of theirs."""
        return self._sights.marks(camera_id, since_ms) if self._mine(camera_id) else []

    def today(self, camera_id: str) -> Sequence[SeenToday]:
        """Of one of theirs."""
        return self._sights.today(camera_id) if self._mine(camera_id) else []

    def look_now(self, camera_id: str) -> None:
        """Through one of theirs."""
        self._only_mine(camera_id)
        self._sights.look_now(camera_id)

    def zones(self, camera_id: str) -> ZonesNow:
        """Of one of theirs."""
        self._only_mine(camera_id)
        return self._sights.zones(camera_id)

    def check(self, camera_id: str, zones: Sequence[DrawnZone]) -> ZonesDraft:
        """Of one of theirs."""
        self._only_mine(camera_id)
        return self._sights.check(camera_id, zones)

    def save(self, camera_id: str, zones: Sequence[DrawnZone], *, tag: str, who: str) -> ZonesDraft:
        """Of one of theirs."""
        self._only_mine(camera_id)
        return self._sights.save(camera_id, zones, tag=tag, who=who)

    def _only_mine(self, camera_id: str) -> None:
        if not self._mine(camera_id):
            raise OrderRefused(f"there is no camera {camera_id!r}", "missing")
