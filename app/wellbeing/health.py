"""How the product itself is doing, put together from its running parts."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from app.readers.rules_status import RulesStatus
from app.readers.series_writer import WriterStatus
from app.watch_note import watch_problems
from app.wellbeing.dropped_rows import DroppedRows
from app.wellbeing.selfwatch import Selfwatch
from console.desk.health import CollectorHealth, Health, JournalHealth, ReadHealth, StoreHealth
from domain.platform import PlatformStatus
from ingest.presence import Presence
from ingest.tally import CollectorStatus
from storage.journal import Journal


class Collecting(Protocol):
    """Whoever collects."""

    @property
    def status(self) -> CollectorStatus:
        """How that goes, all in all."""
        ...

    @property
    def by_name(self) -> Mapping[str, CollectorStatus]:
        """And one by one."""
        ...


class Judging(Protocol):
    """Whoever judges."""

    presence: Presence
    """Who was last heard of."""

    @property
    def status(self) -> RulesStatus:
        """How that goes."""
        ...


class Writing(Protocol):
    """Whoever stores."""

    @property
    def status(self) -> WriterStatus:
        """How that goes."""
        ...


class Vitals:
    """Asks every part how it is. Any thread may ask; it never raises, and asks nobody over the network."""

    def __init__(
        self,
        *,
        folder: Path,
        journal: Journal,
        reader: Judging,
        writer: Writing,
        collector: Collecting,
        selfwatch: Selfwatch | None = None,
        dropped: DroppedRows | None = None,
        rules_problem: Callable[[], str | None] = lambda: None,
        platform: Callable[[], PlatformStatus] | None = None,
    ) -> None:
        """`folder` is the one the journal is in. Without `selfwatch` nothing is ever a trouble.

        `rules_problem` says what is wrong with the files of the rules as they are now.
        """
        self._folder = folder
        self._journal = journal
        self._reader = reader
        self._writer = writer
        self._collector = collector
        self._selfwatch = selfwatch
        self._dropped = dropped
        self._rules_problem = rules_problem
        self._platform = platform
        self._known = JournalHealth(head=0, size=0, max_size=0, writable=False, lag_rules=0, lag_series=0)

    def health(self) -> Health:
        """How everything is now."""
        collector, writer, rules = self._collector.status, self._writer.status, self._reader.status
        return Health(
            broker_connected=collector.connected,
            ingest_paused=collector.paused,
            messages_received=collector.received,
            readings_stored=writer.stored,
            journal=self._of_journal(paused=collector.paused),
            store_reachable=writer.reachable,
            rules_failing=rules.failing,
            rule_faults=rules.faults,
            collectors=tuple(_of_collector(name, status) for name, status in self._collector.by_name.items()),
            read=_of_reader(rules),
            store=self._of_store(),
            rules_problem=self._rules_problem() or "",
            watch_problems=watch_problems(self._folder),
            platform=self._platform() if self._platform else None,
            troubles=self._selfwatch.troubles if self._selfwatch else (),
        )

    def _of_journal(self, *, paused: bool) -> JournalHealth:
        try:
            status, free_bytes = self._journal.status(), shutil.disk_usage(self._folder).free
            damaged = self._damaged(status.damaged_records)
        except Exception as wrong:  # noqa: BLE001  whatever keeps it from answering is what is to be told
            return replace(self._known, writable=False, problem=f"{type(wrong).__name__}: {wrong}")
        self._known = JournalHealth(
            head=status.head,
            size=status.bytes,
            max_size=status.max_bytes,
            writable=not paused and status.bytes < status.max_bytes,
            lag_rules=max(0, status.head - self._reader.status.cursor),
            lag_series=max(0, status.head - self._writer.status.cursor),
            records=status.records,
            oldest_unread_age_s=status.oldest_unread_age_s,
            full_in_s=0.0 if paused else status.full_in_s,
            damaged_records=status.damaged_records,
            damaged_ranges=damaged[0],
            damaged_ms=damaged[1],
            free_bytes=free_bytes,
        )
        return self._known

    def _damaged(self, records: int) -> tuple[int, int | None]:
        """How many stretches, and when the last was found; read anew only when there are more."""
        if records == self._known.damaged_records:
            return self._known.damaged_ranges, self._known.damaged_ms
        found = self._journal.damaged()
        return len(found), max((damage.found_ms for damage in found), default=None)

    def _of_store(self) -> StoreHealth:
        writer = self._writer.status
        return StoreHealth(
            requests=writer.requests,
            dropped=writer.dropped,
            lost_rows=dict(self._dropped.rows) if self._dropped else {},
            lost_ms=self._dropped.grown_ms if self._dropped else None,
            problem=writer.trouble,
            restarts=writer.restarts,
        )


def _of_reader(status: RulesStatus) -> ReadHealth:
    read = status.read
    return ReadHealth(
        parsed=read.parsed,
        rejected=read.rejected,
        letters=read.letters,
        late=read.late,
        ahead=read.ahead,
        behind=read.behind,
        skews_s=read.skews_s,
        batches=read.batches,
        commits=read.commits,
        failure=status.failure,
        restarts=status.restarts,
    )


def _of_collector(name: str, status: CollectorStatus) -> CollectorHealth:
    return CollectorHealth(
        name=name,
        connected=status.connected,
        paused=status.paused,
        trouble=status.trouble,
        session_present=status.session_present,
        received=status.received,
        redelivered=status.redelivered,
        journalled=status.journalled,
        acked=status.acked,
        reconnects=status.reconnects,
        restarts=status.restarts,
    )
