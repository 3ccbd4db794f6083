"""What happens to a message once the journal has it: two readers, each at its own pace."""

import logging
from collections.abc import Mapping, Sequence

from cases.book import Book
from config.load import Site
from domain.clock import Clock
from domain.errors import PointsRejected, StoreRefused, StoreUnavailable
from domain.finding import Finding
from domain.message import Record, Reject, RejectReason
from domain.point import Point
from ingest.decode import Decoder
from ingest.presence import Presence
from rules.engine import Engine
from rules.rule import Rule
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.journal import Journal
from storage.series.points import points_of
from storage.series.store import SeriesStore

log = logging.getLogger(__name__)

RULES = "rules"
SERIES = "series"
_BATCH = 500
_TICK_MS = 1000


class RulesReader:
    """decode → presence → rules → book. States, book, outbox and cursor commit as one.

    After any failure it forgets what is in memory and begins again from what was committed,
    so a batch counts once or not at all.
    """

    def __init__(
        self,
        *,
        site: Site,
        rules: Sequence[Rule],
        journal: Journal,
        decoder: Decoder,
        store: CaseStore,
        deadletters: DeadLetters,
        clock: Clock,
    ) -> None:
        self._site = site
        self._rules = rules
        self._journal = journal
        self._decoder = decoder
        self._store = store
        self._deadletters = deadletters
        self._clock = clock
        self._book = Book(site)
        self._listening_since_ms = clock.now_ms()
        self._cursor_name = f"{RULES}@{journal.identity}"
        self.restore()

    def restore(self) -> None:
        """Take up what was committed last."""
        self.cursor = self._store.cursor(self._cursor_name)
        self._journal.advance(RULES, self.cursor)
        self.presence = Presence(self._site, self._store.presence())
        self._engine = Engine(
            self._rules, self._site, saved=self._store.rule_states(), listening_since_ms=self._listening_since_ms
        )
        self._ticked_ms = 0

    @property
    def rule_faults(self) -> Mapping[str, int]:
        """By rule: how often it failed instead of answering."""
        return self._engine.faults

    def step(self) -> float:
        """One batch, or a tick when there is none. Returns how long to rest, in seconds."""
        records = self._journal.read(self.cursor, _BATCH)
        if records:
            self._commit(self._evaluate(records), records[-1].seq)
        else:
            self._tick()
            self._journal.wait(self.cursor, 0.25)
        return 0.0

    def _evaluate(self, records: Sequence[Record]) -> list[Finding]:
        findings: list[Finding] = []
        rejected: list[tuple[Record, Sequence[Reject]]] = []
        for record in records:
            decoded = self._decoder.decode(record.message)
            if decoded.rejects:
                rejected.append((record, decoded.rejects))
            for observation in decoded.observations:
                self.presence.observe(observation)
                findings += self._engine.observe(observation)
        self._deadletters.add_all(rejected, decoder=self._decoder.version)
        return findings

    def _commit(self, findings: Sequence[Finding], cursor: int) -> None:
        now_ms = self._clock.now_ms()
        with self._store.transaction() as tx:
            tx.save_rule_states(self._engine.take_dirty())
            tx.save_presence(self.presence.take_dirty())
            self._book.record(tx, findings, now_ms)
            self._book.tick(tx, now_ms)
            tx.advance(self._cursor_name, cursor)
        self.cursor = cursor
        self._journal.advance(RULES, cursor)

    def _tick(self) -> None:
        """Silence and due re-checks. Only when caught up: a backlog is not silence."""
        now_ms = self._clock.now_ms()
        if now_ms - self._ticked_ms >= _TICK_MS:
            self._ticked_ms = now_ms
            self._commit(self._engine.tick(now_ms), self.cursor)


class SeriesWriter:
    """decode → points → series store. The cursor moves only after the store said yes."""

    def __init__(
        self,
        *,
        site: Site,
        journal: Journal,
        decoder: Decoder,
        store: SeriesStore,
        deadletters: DeadLetters,
    ) -> None:
        self._site = site
        self._journal = journal
        self._decoder = decoder
        self._store = store
        self._deadletters = deadletters
        self._settings = site.settings.series
        self._wait_s = 0.0
        self.cursor = journal.cursor(SERIES)
        self.reachable = True
        self.stored = 0
        """Field values stored since the start of the process."""

    def step(self) -> float:
        """One batch. Returns how long to rest, in seconds: longer each time the store can't take it."""
        records = self._journal.read(self.cursor, self._settings.batch // 10)
        if not records:
            self._journal.wait(self.cursor, 0.25)
            return 0.0
        origins: list[Record] = []
        points: list[Point] = []
        for record in records:
            for observation in self._decoder.decode(record.message).observations:
                made = points_of(observation, self._site)
                points += made
                origins += [record] * len(made)
        try:
            self._store.write(points)
        except PointsRejected as some:
            self._set_aside(origins, some)
        except (StoreUnavailable, StoreRefused) as problem:
            return self._hold(problem)
        self._release()
        self.stored += sum(len(point.fields) for point in points)
        self.cursor = records[-1].seq
        self._journal.advance(SERIES, self.cursor)
        return 0.0 if len(records) == self._settings.batch // 10 else self._settings.batch_wait / 2

    def _set_aside(self, origins: Sequence[Record], some: PointsRejected) -> None:
        rejected: list[tuple[Record, Sequence[Reject]]] = []
        for index, reason in some.rejected:
            record = origins[index]
            # The place in the message, not in the batch: a repeated batch may be cut elsewhere.
            place = index - origins.index(record)
            rejected.append(
                (record, (Reject(reason=RejectReason.SINK_REJECTED, detail=reason, part=f"point {place}"),))
            )
        self._deadletters.add_all(rejected, decoder=self._decoder.version)

    def _hold(self, problem: StoreUnavailable | StoreRefused) -> float:
        if self.reachable:
            log.warning("series store: %s; readings wait in the journal", problem)
        self.reachable = False
        asked_s = problem.retry_after_s if isinstance(problem, StoreUnavailable) else None
        self._wait_s = min(max(self._wait_s * 2, 0.5), 30.0)
        return max(asked_s or 0.0, self._wait_s)

    def _release(self) -> None:
        if not self.reachable:
            log.info("series store: takes writes again")
        self.reachable = True
        self._wait_s = 0.0
