"""The product part by part, in the order that a message goes through it: how each is, in figures. No words."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from config.load import Site
from console.city import UNKNOWN, Reach, cameras_now, devices_now
from console.desk.city import Desk
from console.desk.health import Health
from console.desk.vitals import Vitals
from domain.case import Counts
from domain.finding import Severity
from domain.sighting import ViewHealth

_LATE_NOTICE_MS: Final = 300_000
_LAG_S: Final = 60.0
"""So long may a record wait for the rules before a person should look."""
_FULL: Final = 0.9
_RECENT_MS: Final = 60_000
_SCARCE: Final = 0.1
"""Of the disk."""


class Level(StrEnum):
    """How a part is, the worst first."""

    CRITICAL = "critical"
    WARN = "warn"
    GOOD = "good"


class Part(StrEnum):
    """A part of the product, or of what it watches by."""

    BROKER = "broker"
    COLLECTORS = "collectors"
    JOURNAL = "journal"
    RULES = "rules"
    SERIES = "series"
    NOTICES = "notices"
    PLATFORM = "platform"
    CAMERAS = "cameras"
    DEVICES = "devices"
    LETTERS = "letters"
    MODELS = "models"
    DISK = "disk"
    BACKUP = "backup"


class Looks(Struct, frozen=True, kw_only=True):
    """How the city is seen and heard."""

    cameras: int
    healthy: int
    unknown: int
    """Cameras of which nobody knows how they see."""
    looks: int
    """In the last minute: cameras that were looked through."""
    planned: float
    """A minute."""
    devices: int
    online: int


class Signs(Struct, frozen=True, kw_only=True):
    """Everything that the page Health shows."""

    now_ms: int
    health: Health
    vitals: Vitals
    counts: Counts
    looks: Looks
    letters: int | None
    """Dead letters; None for those who may not know of them."""
    levels: dict[Part, Level]
    backup_every_s: float | None = None
    """How often a backup is expected; None: not at all."""

    @property
    def worst(self) -> Level:
        """Of all parts, and of what is told as a trouble."""
        told = [Level.CRITICAL if one.severity is Severity.CRITICAL else Level.WARN for one in self.health.troubles]
        return min([*self.levels.values(), *told], key=list(Level).index, default=Level.GOOD)


def read(desk: Desk, site: Site, now_ms: int, *, whole: bool) -> Signs:
    """Ask for all of it. `whole`: for somebody who sees the whole city. Blocking."""
    health, vitals, counts = desk.health(), desk.vitals(), desk.counts()
    looks = looks_of(desk, site, now_ms)
    letters = sum(desk.deadletter_counts().values()) if whole else None
    levels = {part: level(health, vitals, counts, now_ms) for part, level in _LEVELS.items()}
    levels |= {Part.CAMERAS: _of_cameras(looks), Part.DEVICES: _of_devices(looks)}
    if letters is not None:
        levels[Part.LETTERS] = Level.WARN if letters else Level.GOOD
    if whole:
        levels[Part.BACKUP] = Level.WARN if backup_is_due(vitals, site, now_ms) else Level.GOOD
    if vitals.models:
        levels[Part.MODELS] = Level.GOOD if all(one.named for one in vitals.models) else Level.WARN
    if health.platform is None:
        del levels[Part.PLATFORM]
    return Signs(
        now_ms=now_ms,
        health=health,
        vitals=vitals,
        counts=counts,
        looks=looks,
        letters=letters,
        levels={part: levels[part] for part in Part if part in levels},
        backup_every_s=site.settings.backup.expected_every,
    )


def looks_of(desk: Desk, site: Site, now_ms: int) -> Looks:
    """How the city is seen and heard now."""
    cameras, devices = cameras_now(desk.cameras(), site, now_ms), devices_now(desk.devices(), site, now_ms)
    return Looks(
        cameras=len(cameras),
        healthy=sum(one.view == ViewHealth.HEALTHY for one in cameras),
        unknown=sum(one.view == UNKNOWN for one in cameras),
        looks=sum(one.taken_ms is not None and now_ms - one.taken_ms <= _RECENT_MS for one in cameras),
        planned=sum(min(1.0, 60 / one.camera.interval_s) for one in cameras),
        devices=len(devices),
        online=sum(one.reach is Reach.ONLINE for one in devices),
    )


def backup_is_due(vitals: Vitals, site: Site, now_ms: int) -> bool:
    """Whether there is none at all, or the newest is older than the settings allow, if they say."""
    newest, every_s = vitals.backup, site.settings.backup.expected_every
    return newest is None or (every_s is not None and now_ms - newest.taken_ms > every_s * 1000)


def share_used(health: Health) -> float:
    """How full the journal is, 0 to 1."""
    return health.journal.size / health.journal.max_size if health.journal.max_size else 0.0


def _of_broker(health: Health, _vitals: Vitals, _counts: Counts, _now_ms: int) -> Level:
    return Level.GOOD if health.broker_connected and not health.ingest_paused else Level.CRITICAL


def _of_collectors(health: Health, _vitals: Vitals, _counts: Counts, _now_ms: int) -> Level:
    away = sum(not one.connected for one in health.collectors)
    if away and away == len(health.collectors):
        return Level.CRITICAL
    return Level.WARN if away else Level.GOOD


def _of_journal(health: Health, _vitals: Vitals, _counts: Counts, now_ms: int) -> Level:
    journal = health.journal
    if not journal.writable:
        return Level.CRITICAL
    lately = journal.damaged_ms is not None and now_ms - journal.damaged_ms < 86_400_000
    return Level.WARN if share_used(health) >= _FULL or lately else Level.GOOD


def _of_rules(health: Health, _vitals: Vitals, _counts: Counts, _now_ms: int) -> Level:
    if health.rules_failing:
        return Level.CRITICAL
    late = (
        health.journal.lag_rules > 0 and health.journal.oldest_unread_age_s > _LAG_S and not health.journal.lag_series
    )
    return Level.WARN if late or health.rule_faults or health.rules_problem else Level.GOOD


def _of_series(health: Health, _vitals: Vitals, _counts: Counts, _now_ms: int) -> Level:
    return Level.GOOD if health.store_reachable and not health.store.dropped else Level.WARN


def _of_notices(_health: Health, vitals: Vitals, counts: Counts, now_ms: int) -> Level:
    waits_ms = 0 if vitals.oldest_notice_ms is None else now_ms - vitals.oldest_notice_ms
    return Level.WARN if counts.notices_dead or waits_ms > _LATE_NOTICE_MS else Level.GOOD


def _of_platform(health: Health, _vitals: Vitals, _counts: Counts, _now_ms: int) -> Level:
    platform = health.platform
    return Level.WARN if platform is not None and (platform.late or platform.dead) else Level.GOOD


def _of_disk(_health: Health, vitals: Vitals, _counts: Counts, _now_ms: int) -> Level:
    if not vitals.disk_size or vitals.disk_free is None:
        return Level.GOOD
    return Level.WARN if vitals.disk_free < _SCARCE * vitals.disk_size else Level.GOOD


def _of_cameras(looks: Looks) -> Level:
    return Level.GOOD if looks.healthy == looks.cameras else Level.WARN


def _of_devices(looks: Looks) -> Level:
    return Level.GOOD if looks.online == looks.devices else Level.WARN


_LEVELS: Final[dict[Part, Callable[[Health, Vitals, Counts, int], Level]]] = {
    Part.BROKER: _of_broker,
    Part.COLLECTORS: _of_collectors,
    Part.JOURNAL: _of_journal,
    Part.RULES: _of_rules,
    Part.SERIES: _of_series,
    Part.NOTICES: _of_notices,
    Part.PLATFORM: _of_platform,
    Part.DISK: _of_disk,
}
