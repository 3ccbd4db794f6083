"""One camera for the console: its last picture and looks from the data folder, its zones from the site's file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from app.today import MOST_LOOKS, counted, day_of, things_of
from app.zone_editing import ZoneEditing
from config.load import Site, load_site
from config.zones_file import DrawnZone
from console.desk.cameras import ZonesDraft, ZonesNow
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.picture import ViewFacts
from domain.sighting import LookMark, SeenToday, Sighting
from rules.files import load_rules
from storage.last_views import FOLDER, LastViews
from storage.looks import Looks

LookNow = Callable[[str], None]
"""Asks a camera's worker for a look."""


class CameraSights:
    """Fits `console.desk.cameras.Sights`."""

    def __init__(
        self, site: Site, clock: Clock, *, looks: Looks | None = None, look_now: LookNow | None = None
    ) -> None:
        """Without `looks` nothing is known of what was seen; without `look_now` nobody can be asked."""
        self._site, self._clock = site, clock
        self._views = LastViews(site.settings.data_dir / FOLDER)
        self._looks = looks
        self._look_now = look_now
        self._editing = ZoneEditing(site, read=lambda path: read_whole(site.folder, path), clock=clock)

    def last(self, camera_id: str) -> ViewFacts | None:
        """From the data folder."""
        return self._views.facts(camera_id)

    def picture(self, camera_id: str, *, thumb: bool = False) -> Path | None:
        """From the data folder."""
        return self._views.path(camera_id, thumb=thumb)

    def looks(self, camera_id: str, *, limit: int, before_ms: int | None = None) -> Sequence[Sighting]:
        """As the rules have read them."""
        return self._looks.newest(camera_id, limit=limit, before_ms=before_ms) if self._looks else []

    def marks(self, camera_id: str, since_ms: int) -> Sequence[LookMark]:
        """As the rules have read them."""
        return self._looks.marks(camera_id, since_ms) if self._looks else []

    def today(self, camera_id: str) -> Sequence[SeenToday]:
        """From the looks."""
        return things_of(day_of(self.looks(camera_id, limit=MOST_LOOKS), self._clock.now_ms()))

    def look_now(self, camera_id: str) -> None:
        """By way of the broker. Raises StoreUnavailable where nobody can be asked."""
        if self._look_now is None:
            raise StoreUnavailable("no camera can be asked for a look here")
        self._look_now(camera_id)

    def zones(self, camera_id: str) -> ZonesNow:
        """From `zones.csv`."""
        return self._editing.now(camera_id)

    def check(self, camera_id: str, zones: Sequence[DrawnZone]) -> ZonesDraft:
        """With the whole site."""
        return self._counted(camera_id, self._editing.check(camera_id, zones))

    def save(self, camera_id: str, zones: Sequence[DrawnZone], *, tag: str, who: str) -> ZonesDraft:
        """Into `zones.csv`."""
        return self._counted(camera_id, self._editing.save(camera_id, zones, tag=tag, who=who))

    def _counted(self, camera_id: str, draft: ZonesDraft) -> ZonesDraft:
        things = self.today(camera_id)
        return replace(draft, counts=counted(things, draft.zones, self._site.timezone), seen=len(things))


def read_whole(folder: Path, zones_csv: Path) -> Site:
    """The site and its rules, as check-config reads them. Raises ConfigError."""
    site = load_site(str(folder), zones_csv=zones_csv)
    load_rules(site.rule_files, site)
    return site
