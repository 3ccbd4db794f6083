"""What has to be done now and then, so that nothing grows without end."""

import logging
from collections.abc import Callable, Collection
from typing import Final

from app.retention import Known, carry_out, plan
from app.shop_photos import ShopPhotos
from config.schema import Evidence
from domain.clock import Clock
from domain.errors import StoreRefused, StoreUnavailable
from storage.births import Births
from storage.case_store import CaseStore
from storage.evidence_store import EvidenceStore
from storage.journal import Journal
from storage.series.store import SeriesStore
from storage.series.victoria import VictoriaSeries

log = logging.getLogger(__name__)

_PRUNED_EVERY_S: Final = 60.0
_LOOKED_EVERY_S: Final = 1.0
_KEPT_UP_EVERY_S: Final = 3600.0
_ASKED_AGAIN_S: Final = 60.0


class JournalUpkeep:
    """Lets go of what every reader has passed: once a minute, and at once while the journal is half full.

    A full journal takes nothing in, so it must not wait for its minute once the readers have passed what it holds.
    """

    def __init__(self, journal: Journal, births: Births) -> None:
        self._journal = journal
        self._births = births
        self._rested_s = _PRUNED_EVERY_S

    def step(self) -> float:
        """What is due. Returns how long to rest, in seconds."""
        status = self._journal.status()
        if self._rested_s >= _PRUNED_EVERY_S or status.bytes >= status.max_bytes // 2:
            self._rested_s = 0.0
            removed = self._journal.prune()
            if status.cursors:
                self._births.prune(min(status.cursors.values()))
            if removed:
                log.debug("journal: removed %d records that every reader has passed", removed)
        self._rested_s += _LOOKED_EVERY_S
        return _LOOKED_EVERY_S


class CaughtUp:
    """Whether all that was there at the first asking has been read by now. More comes all the time; that may wait."""

    def __init__(self, *, head: Callable[[], int], read_to: Callable[[], int]) -> None:
        self._head = head
        self._read_to = read_to
        self._mark: int | None = None

    def __call__(self) -> bool:
        """Ask; a yes begins anew."""
        if self._mark is None:
            self._mark = self._head()
        if self._read_to() < self._mark:
            return False
        self._mark = None
        return True


class EvidenceUpkeep:
    """An end to pictures whose time has passed, once an hour.

    Not before every message has been read: what nothing refers to yet may be what the next finding shows.
    """

    def __init__(
        self,
        evidence: EvidenceStore,
        cases: CaseStore,
        terms: Evidence,
        clock: Clock,
        *,
        caught_up: Callable[[], bool],
        named: Callable[[], Collection[str]],
        photos: ShopPhotos,
        views: Callable[[int], int] = lambda _before_ms: 0,
    ) -> None:
        """`named` tells which pictures the cameras' next looks may quote; what it raises ends the step.

        `views` lets last pictures of cameras go that are older than a time in epoch ms, and says how many went.
        """
        self._evidence = evidence
        self._cases = cases
        self._terms = terms
        self._clock = clock
        self._caught_up = caught_up
        self._named = named
        self._photos = photos
        self._views = views

    def step(self) -> float:
        """What is due. Returns how long to rest, in seconds: an hour, or a minute while there is more to read."""
        if not self._caught_up():
            return _ASKED_AGAIN_S
        held = frozenset(hold.target for hold in self._evidence.holds.all())
        known = Known(uses=self._cases.picture_uses(), held=held, named=self._named())
        now_ms = self._clock.now_ms()
        sweep = plan(self._evidence, known, self._terms, now_ms)
        deleted = carry_out(self._evidence, sweep, now_ms) + self._photos.prune(known, self._terms, now_ms)
        deleted += self._views(now_ms - round(1000 * self._terms.keep.no_finding))
        if deleted:
            log.info("evidence: %d pictures deleted, %d left", deleted, sweep.pictures)
        if sweep.short_of:
            log.error(
                "evidence: %d MiB over evidence.max_size; what is left belongs to findings or is held, and stays",
                (sweep.short_of >> 20) + 1,
            )
        return _KEPT_UP_EVERY_S


class SeriesUpkeep:
    """Hourly figures, and an end to readings older than they are to be kept."""

    def __init__(self, series: SeriesStore, clock: Clock) -> None:
        self._series = series
        self._clock = clock
        self._told: tuple[str, ...] = ()

    def step(self) -> float:
        """What is due. Returns how long to rest, in seconds: an hour, or a minute if the store can't be asked now."""
        try:
            log.info("series store: %s", self._series.maintain(self._clock.now_ms()))
            self._warn()
        except (StoreUnavailable, StoreRefused) as problem:
            log.debug("series store: no upkeep now: %s", problem)
            return _ASKED_AGAIN_S
        return _KEPT_UP_EVERY_S

    def _warn(self) -> None:
        """Once, of how a server was started: only a VictoriaMetrics cannot be set otherwise from here."""
        short = self._series.shortfalls() if isinstance(self._series, VictoriaSeries) else ()
        if short and short != self._told:
            log.warning("series store: %s", "; ".join(short))
        self._told = short
