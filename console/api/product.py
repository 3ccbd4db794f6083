"""The product itself, as data: the same facts as the page Health."""

from datetime import datetime
from typing import Any

from msgspec import Struct

from console.api import asks
from console.api.reads import Read, Room
from console.api.rows import Rows
from console.api.shapes import Out, TroubleOut
from console.desk.vitals import ModelInUse
from console.vital_signs import Level, Part, Signs, read


class StageOut(Out, frozen=True, kw_only=True):
    """A part of the product, and how it is."""

    part: str
    level: Level


class BrokerOut(Out, frozen=True, kw_only=True):
    """The broker, and who collects from it."""

    connected: bool
    paused: bool
    received: int
    collectors: int
    collectors_connected: int
    restarts: int
    reconnects: int


class JournalOut(Out, frozen=True, kw_only=True):
    """The journal. Sizes in bytes, `lag` and `lag_series` in records."""

    size: int
    max_size: int
    writable: bool
    full_in_s: float | None
    oldest_unread_age_s: float
    damaged_records: int
    lag_rules: int
    lag_series: int


class RulesOut(Out, frozen=True, kw_only=True):
    """The rules that are judged by, and what is wrong with them."""

    failing: bool
    restarts: int
    faults: dict[str, int]
    problem: str
    rules: int | None
    since: datetime | None


class SeriesHealthOut(Out, frozen=True, kw_only=True):
    """The store of readings."""

    reachable: bool
    stored: int
    dropped: int
    restarts: int
    problem: str


class OutboxOut(Out, frozen=True, kw_only=True):
    """Messages to people."""

    pending: int
    sent: int
    dead: int
    oldest_due_at: datetime | None


class SightOut(Out, frozen=True, kw_only=True):
    """How the city is seen and heard. `looks` were taken in the last minute, `looks_planned` would be in each."""

    cameras: int
    cameras_healthy: int
    cameras_unknown: int
    looks: int
    looks_planned: float
    devices: int
    devices_online: int


class RoomOut(Out, frozen=True, kw_only=True):
    """The disk of the data folder, and the pictures on it. Sizes in bytes."""

    disk_size: int | None
    disk_free: int | None
    pictures: int | None
    pictures_size: int | None
    pictures_max_size: int | None


class BackupOut(Struct, frozen=True, kw_only=True):
    """The newest backup. `to` is empty where it went to standard output; `size` in bytes, null where it is not known;
    `without`: what was left out by order; `verified_at`: when it was read back."""

    taken_at: datetime
    to: str
    size: int | None
    without: list[str]
    verified_at: datetime | None


class ModelOut(Struct, frozen=True, kw_only=True):
    """The detector of a `watch` that runs on this data folder. `named`: whether the settings name it now."""

    watch: str
    name: str
    sha256: str
    labels: list[str]
    since: datetime
    named: bool


class HealthOut(Out, frozen=True, kw_only=True):
    """The product itself. `level` is that of its worst part; `dead_letters` and `backup_late` are null for who sees a
    part of the city, and so is `backup`, which is null, too, where none was ever taken. `backup_late` is true
    where none was ever taken, and else false where `backup.expected_every` is not set."""

    as_of: datetime
    level: Level
    stages: list[StageOut]
    troubles: list[TroubleOut]
    broker: BrokerOut
    journal: JournalOut
    rules: RulesOut
    series: SeriesHealthOut
    outbox: OutboxOut
    sight: SightOut
    room: RoomOut
    dead_letters: int | None
    backup: BackupOut | None
    backup_late: bool | None
    models: list[ModelOut]
    version: str
    started_at: datetime


def product_health(room: Room, _ask: asks.Ask) -> HealthOut:
    """Whether the product itself is well, part by part."""
    signs = read(room.desk, room.site, room.now_ms, whole=room.caller.scope is None)
    return health_out(room, signs)


def health_out(room: Room, signs: Signs) -> HealthOut:
    """All of it."""
    rows, vitals = room.rows, signs.vitals
    return HealthOut(
        as_of=rows.at(signs.now_ms),
        level=signs.worst,
        stages=[StageOut(part=part, level=level) for part, level in signs.levels.items()],
        troubles=[rows.trouble(one) for one in signs.health.troubles],
        broker=_broker(signs),
        journal=_journal(signs),
        rules=_rules(signs, rows),
        series=_series(signs),
        outbox=_outbox(signs, rows),
        sight=_sight(signs),
        room=_room(signs),
        dead_letters=signs.letters,
        backup=_backup(signs, rows),
        backup_late=signs.levels[Part.BACKUP] is not Level.GOOD if Part.BACKUP in signs.levels else None,
        models=[_model(one, rows) for one in vitals.models],
        version=vitals.version,
        started_at=rows.at(vitals.started_ms),
    )


def _backup(signs: Signs, rows: Rows) -> BackupOut | None:
    newest = signs.vitals.backup
    if newest is None or Part.BACKUP not in signs.levels:
        return None
    return BackupOut(
        taken_at=rows.at(newest.taken_ms),
        to=newest.to,
        size=newest.size or None,
        without=list(newest.without),
        verified_at=rows.maybe_at(newest.verified_ms),
    )


def _model(one: ModelInUse, rows: Rows) -> ModelOut:
    return ModelOut(
        watch=one.watch,
        name=one.name,
        sha256=one.sha256,
        labels=list(one.labels),
        since=rows.at(one.since_ms),
        named=one.named,
    )


def _rules(signs: Signs, rows: Rows) -> RulesOut:
    health, rules = signs.health, signs.vitals.rules
    return RulesOut(
        failing=health.rules_failing,
        restarts=health.read.restarts,
        faults=health.rule_faults,
        problem=health.rules_problem,
        rules=rules.rules if rules else None,
        since=rows.maybe_at(rules.since_ms if rules else None),
    )


def _outbox(signs: Signs, rows: Rows) -> OutboxOut:
    counts = signs.counts
    return OutboxOut(
        pending=counts.notices_pending,
        sent=counts.notices_sent,
        dead=counts.notices_dead,
        oldest_due_at=rows.maybe_at(signs.vitals.oldest_notice_ms),
    )


def _journal(signs: Signs) -> JournalOut:
    journal = signs.health.journal
    return JournalOut(
        size=journal.size,
        max_size=journal.max_size,
        writable=journal.writable,
        full_in_s=journal.full_in_s,
        oldest_unread_age_s=journal.oldest_unread_age_s,
        damaged_records=journal.damaged_records,
        lag_rules=journal.lag_rules,
        lag_series=journal.lag_series,
    )


def _sight(signs: Signs) -> SightOut:
    looks = signs.looks
    return SightOut(
        cameras=looks.cameras,
        cameras_healthy=looks.healthy,
        cameras_unknown=looks.unknown,
        looks=looks.looks,
        looks_planned=looks.planned,
        devices=looks.devices,
        devices_online=looks.online,
    )


def _room(signs: Signs) -> RoomOut:
    vitals, evidence = signs.vitals, signs.vitals.evidence
    return RoomOut(
        disk_size=vitals.disk_size,
        disk_free=vitals.disk_free,
        pictures=evidence.pictures if evidence else None,
        pictures_size=evidence.size if evidence else None,
        pictures_max_size=evidence.max_size if evidence else None,
    )


def _broker(signs: Signs) -> BrokerOut:
    health = signs.health
    return BrokerOut(
        connected=health.broker_connected,
        paused=health.ingest_paused,
        received=health.messages_received,
        collectors=len(health.collectors),
        collectors_connected=sum(one.connected for one in health.collectors),
        restarts=sum(one.restarts for one in health.collectors),
        reconnects=sum(one.reconnects for one in health.collectors),
    )


def _series(signs: Signs) -> SeriesHealthOut:
    health, store = signs.health, signs.health.store
    return SeriesHealthOut(
        reachable=health.store_reachable,
        stored=health.readings_stored,
        dropped=store.dropped,
        restarts=store.restarts,
        problem=store.problem,
    )


READS: tuple[Read[Any], ...] = (Read(path="/api/v1/health", ask=asks.Ask, answer=product_health, shape=HealthOut),)
