"""What the console asks of one camera: its last picture, its last looks, and its zones as the site's file has them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from config.zones_file import DrawnZone
from domain.picture import ViewFacts
from domain.register import Zone
from domain.sighting import LookMark, SeenToday, Sighting


class ZonesNow(Struct, frozen=True, kw_only=True):
    """A camera's zones as `zones.csv` has them now, in force or not yet."""

    tag: str
    """Names the file's content; every change of it, by whomever, makes another."""
    zones: tuple[Zone, ...]
    path: str
    writable: bool
    """Whether this service may write the file."""
    in_force: bool
    """Whether the rules judge by these; for a moment after a change they do not yet."""


class ZoneChange(Struct, frozen=True, kw_only=True):
    """One thing that changes: `added`, `removed`, `renamed`, `redrawn`, or a column's name."""

    what: str
    zone: str
    before: str = ""
    after: str = ""
    corners: int | None = None
    """Of borders: how many corners lie elsewhere than before."""


class ZoneProblem(Struct, frozen=True, kw_only=True):
    """What keeps the zones from being saved."""

    problem: str
    zone: str = ""
    """Empty where it is not one of the camera's."""
    line: int | None = None


class ZoneCount(Struct, frozen=True, kw_only=True):
    """What a zone would have held, by class."""

    zone: str
    classes: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.classes.values())


class ZonesDraft(Struct, frozen=True, kw_only=True):
    """What would come of it, or has come of it: the file as text is the product's own, read and checked whole."""

    tag: str
    """Of the file as it is now; of the saved one, once it is saved."""
    diff: str = ""
    """Unified; empty where nothing changes."""
    changes: tuple[ZoneChange, ...] = ()
    problems: tuple[ZoneProblem, ...] = ()
    doubts: tuple[str, ...] = ()
    """What may be and is hardly meant, and was not so before."""
    zones: tuple[Zone, ...] = ()
    """As they would be read."""
    counts: tuple[ZoneCount, ...] = ()
    """What they would have held of the things of the last 24 hours."""
    seen: int = 0
    """How many things those were."""
    saved: bool = False


class Sights(Protocol):
    """Any thread may ask. Every method may raise StoreUnavailable."""

    def last(self, camera_id: str) -> ViewFacts | None:
        """What is known of the camera's last picture; None if there is none."""
        ...

    def picture(self, camera_id: str, *, thumb: bool = False) -> Path | None:
        """The blurred picture, or the small one; None if there is none."""
        ...

    def looks(self, camera_id: str, *, limit: int, before_ms: int | None = None) -> Sequence[Sighting]:
        """The last looks, the newest first."""
        ...

    def marks(self, camera_id: str, since_ms: int) -> Sequence[LookMark]:
        """What the looks from then on came to, the oldest first."""
        ...

    def today(self, camera_id: str) -> Sequence[SeenToday]:
        """The things that it saw in the last 24 hours."""
        ...

    def look_now(self, camera_id: str) -> None:
        """Ask for a look before all others; its picture is kept. It comes when it comes."""
        ...

    def zones(self, camera_id: str) -> ZonesNow:
        """As the file has them. Raises OrderRefused where the file cannot be read."""
        ...

    def check(self, camera_id: str, zones: Sequence[DrawnZone]) -> ZonesDraft:
        """What would come of it; nothing is changed."""
        ...

    def save(self, camera_id: str, zones: Sequence[DrawnZone], *, tag: str, who: str) -> ZonesDraft:
        """Write them. Raises OrderRefused: `conflict` where the file is another than the one of this tag, `over` where
        it cannot be written, `wrong` where the zones cannot be."""
        ...
