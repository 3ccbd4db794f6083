"""Answers the console's questions from the stores and the running parts."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path

from app.pipeline import RulesReader, SeriesWriter
from cases.kpi import SelfCorrection, self_correction
from console.desk import Health, JournalHealth
from domain.case import Alarm, Case, Counts, Ladder, LogEntry
from domain.clock import Clock
from domain.message import DeadLetter, RejectReason
from domain.notice import Notice
from domain.presence import CameraPresence, DevicePresence
from domain.reading import Value
from ingest.collector import Collector
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.evidence_store import EvidenceStore
from storage.journal import Journal
from storage.series.store import SeriesStore

_EVERY_LADDER = 10_000


class CityDesk:
    """Fits `console.desk.Desk`. Reads only; any thread may ask."""

    def __init__(
        self,
        *,
        store: CaseStore,
        reader: RulesReader,
        writer: SeriesWriter,
        journal: Journal,
        deadletters: DeadLetters,
        series: SeriesStore,
        evidence: EvidenceStore,
        collector: Collector,
        clock: Clock,
    ) -> None:
        self._store = store
        self._reader = reader
        self._writer = writer
        self._journal = journal
        self._deadletters = deadletters
        self._series = series
        self._evidence = evidence
        self._collector = collector
        self._clock = clock
        self._corrections: tuple[int, SelfCorrection] | None = None

    def revision(self) -> Hashable:
        """Changes with every step of the book, every message read, and when something of ours stops working."""
        collector = self._collector.status
        return (
            self._store.revision(),
            self._reader.cursor,
            self._writer.reachable,
            collector.connected,
            collector.paused,
        )

    def health(self) -> Health:
        """How broker, journal and store are."""
        collector, journal = self._collector.status, self._journal.status()
        return Health(
            broker_connected=collector.connected,
            ingest_paused=collector.paused,
            messages_received=collector.received,
            readings_stored=self._writer.stored,
            journal=JournalHealth(
                head=journal.head,
                size=journal.bytes,
                max_size=journal.max_bytes,
                writable=not collector.paused,
                lag_rules=journal.head - self._reader.cursor,
                lag_series=journal.head - self._writer.cursor,
            ),
            store_reachable=self._writer.reachable,
            rules_failing=self._reader.failing,
            rule_faults=dict(self._reader.rule_faults),
        )

    def counts(self) -> Counts:
        """Whole-store counts."""
        return self._store.counts()

    def self_correction(self) -> SelfCorrection:
        """Over all episodes so far; counted anew only when the book has changed."""
        revision = self._store.revision()
        if self._corrections is None or self._corrections[0] != revision:
            self._corrections = (revision, self._count_corrections())
        return self._corrections[1]

    def _count_corrections(self) -> SelfCorrection:
        ladders = self._store.ladders(open_only=False, limit=_EVERY_LADDER)
        return self_correction(ladders, self._store.told_ladders(), self._clock.now_ms())

    def devices(self) -> Sequence[DevicePresence]:
        """Every registered device."""
        return self._reader.presence.devices()

    def cameras(self) -> Sequence[CameraPresence]:
        """Every registered camera."""
        return self._reader.presence.cameras()

    def alarms(self, *, open_only: bool, limit: int) -> Sequence[Alarm]:
        """Newest first."""
        return self._store.alarms(open_only=open_only, limit=limit)

    def cases(self, *, limit: int) -> Sequence[Case]:
        """Open ones first, then newest first."""
        return self._store.cases(limit=limit)

    def case(self, case_id: str) -> Case | None:
        """One case."""
        return self._store.case(case_id)

    def ladders(self, *, open_only: bool, limit: int) -> Sequence[Ladder]:
        """Newest first."""
        return self._store.ladders(open_only=open_only, limit=limit)

    def log(self, *, case_id: str) -> Sequence[LogEntry]:
        """A case's whole story."""
        return self._store.log(case_id=case_id)

    def notices(self, *, limit: int, case_id: str | None = None) -> Sequence[Notice]:
        """Newest first."""
        return self._store.notices(limit=limit, case_id=case_id)

    def deadletters(self, *, limit: int, before_id: int | None = None) -> Sequence[DeadLetter]:
        """Newest first."""
        return self._deadletters.list(limit=limit, before_id=before_id)

    def deadletter_counts(self) -> Mapping[RejectReason, int]:
        """By reason."""
        return self._deadletters.counts_by_reason()

    def picture(self, name: str) -> Path | None:
        """The blurred copy only."""
        return self._evidence.shareable(name)

    def latest(self, kind: str, device_id: str, port: int | None) -> Mapping[str, tuple[int, Value]]:
        """From the series store."""
        tags = {"device_id": device_id} if port is None else {"device_id": device_id, "port": str(port)}
        return self._series.latest(kind, tags)
