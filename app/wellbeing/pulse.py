"""How the product went over the last hour, and what it takes up: noted now and then, kept in memory only."""

import logging
import shutil
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.backup.note import newest_backup
from app.watch_note import watch_models
from console.desk.health import Health
from console.desk.vitals import Beat, Evidence, RulesInForce, Vitals
from domain.clock import Clock
from domain.errors import StoreUnavailable
from storage.case_store import CaseStore
from storage.evidence_store import EvidenceStore

log = logging.getLogger(__name__)

_EVERY_S: Final = 10.0
_KEPT: Final = 360
"""Beats: an hour of them."""
_SOONEST_MS: Final = 60_000
_LATEST_MS: Final = 3_600_000
_RESTS: Final = 1_000
"""Pictures are counted again after a minute, or after so many times what counting took, but within the hour."""


class Pulse:
    """One thread steps; any thread may ask for `vitals`."""

    def __init__(
        self,
        *,
        health: Callable[[], Health],
        store: CaseStore,
        evidence: EvidenceStore,
        max_size: int,
        folder: Path,
        reads_by: str,
        version: str,
        clock: Clock,
        rules: Callable[[], tuple[int, int]] | None = None,
    ) -> None:
        """`folder` is the data folder, `max_size` the bound of pictures; `rules` tells how many there are in force,
        and since when."""
        self._health = health
        self._store = store
        self._evidence = evidence
        self._max_size = max_size
        self._folder = folder
        self._reads_by, self._version = reads_by, version
        self._clock = clock
        self._rules = rules
        self._started_ms = clock.now_ms()
        self._beats: deque[Beat] = deque(maxlen=_KEPT)
        self._counted: Evidence | None = None
        self._rest_ms = _SOONEST_MS

    def step(self) -> float:
        """Note how things stand. Returns how long to rest, in seconds."""
        now_ms, health = self._clock.now_ms(), self._health()
        self._beats.append(
            Beat(
                at_ms=now_ms,
                received=health.messages_received,
                stored=health.readings_stored,
                lag_rules=health.journal.lag_rules,
                lag_series=health.journal.lag_series,
            )
        )
        if self._counted is None or now_ms - self._counted.counted_ms >= self._rest_ms:
            self._count(now_ms)
        return _EVERY_S

    def vitals(self) -> Vitals:
        """How it is now."""
        try:
            disk = shutil.disk_usage(self._folder)
        except OSError:
            disk = None
        return Vitals(
            version=self._version,
            reads_by=self._reads_by,
            started_ms=self._started_ms,
            beats=tuple(self._beats),
            disk_size=disk and disk.total,
            disk_free=disk and disk.free,
            evidence=self._counted,
            rules=self._rules_in_force(),
            oldest_notice_ms=self._oldest_notice_ms(),
            backup=newest_backup(self._folder),
            models=watch_models(self._folder),
        )

    def _rules_in_force(self) -> RulesInForce | None:
        if self._rules is None:
            return None
        n, since_ms = self._rules()
        return RulesInForce(rules=n, since_ms=since_ms)

    def _count(self, now_ms: int) -> None:
        try:
            sizes = [one.size for one in self._evidence.pictures()]
        except OSError as wrong:
            log.warning("the pictures cannot be counted: %s", wrong)
            return
        self._counted = Evidence(pictures=len(sizes), size=sum(sizes), max_size=self._max_size, counted_ms=now_ms)
        self._rest_ms = min(_LATEST_MS, max(_SOONEST_MS, _RESTS * (self._clock.now_ms() - now_ms)))

    def _oldest_notice_ms(self) -> int | None:
        try:
            return self._store.oldest_due_ms(self._clock.now_ms())
        except StoreUnavailable:
            return None
