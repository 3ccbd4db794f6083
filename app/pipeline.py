"""What happens to a message once the journal has it: two readers, each at its own pace."""

import logging
from collections.abc import Callable, Mapping, Sequence

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
_HEARD_UNTIL = "heard-until-ms"
_BATCH = 500
_TICK_MS = 1000
_DEAF_MS = 5000
"""A longer time without being able to hear is told to the rules; a shorter one is a tick that came late."""
_WAIT_S = 0.25


class RulesReader:
    """decode → presence → rules → book. States, book, outbox and cursor commit as one.

    After any failure `restore` forgets what is in memory and begins again from what was committed, so a batch counts
    once or not at all. A record that fails by itself, twice, is set aside as a dead letter: one message must never
    keep all others from being judged.
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
        hearing: Callable[[], bool] = lambda: True,
    ) -> None:
        """`hearing` says whether messages can reach us: while they can't, nobody's silence counts."""
        self._site = site
        self._rules = rules
        self._journal = journal
        self._decoder = decoder
        self._store = store
        self._deadletters = deadletters
        self._clock = clock
        self._hearing = hearing
        self._book = Book(site)
        self._listening_since_ms = clock.now_ms()
        self._cursor_name = f"{RULES}@{journal.identity}"
        self._alone_until = 0
        self._failed_seq = 0
        self.failing = False
        """Whether the last step failed."""
        self.restore()

    def restore(self) -> None:
        """Take up what was committed last."""
        self.cursor = self._store.cursor(self._cursor_name)
        self._journal.advance(RULES, self.cursor)
        self.presence = Presence(self._site, self._store.presence())
        self._engine = Engine(
            self._rules, self._site, saved=self._store.rule_states(), listening_since_ms=self._listening_since_ms
        )
        self._heard_until_ms = self._store.cursor(_HEARD_UNTIL) or self._listening_since_ms
        self._ticked_ms = 0

    @property
    def rule_faults(self) -> Mapping[str, int]:
        """By rule: how often it failed instead of answering."""
        return self._engine.faults

    def step(self) -> float:
        """One batch, and what is due by the clock. Returns how long to rest, in seconds."""
        try:
            taken = self._next()
        except Exception:
            self.failing = True
            raise
        self.failing = False
        if not taken:
            self._journal.wait(self.cursor, _WAIT_S)
        return 0.0

    def _next(self) -> int:
        """How many records were taken."""
        records = self._journal.read(self.cursor, 1 if self.cursor < self._alone_until else _BATCH)
        if records:
            self._take(records)
        self._tick(caught_up=self.cursor >= self._journal.head())
        return len(records)

    def _take(self, records: Sequence[Record]) -> None:
        try:
            self._commit(self._evaluate(records), records[-1].seq)
        except StoreUnavailable:
            raise
        except Exception as problem:
            self._alone_until = records[-1].seq  # one by one, so that only the one that fails is set aside
            if len(records) > 1 or self._failed_seq != records[0].seq:
                self._failed_seq = records[0].seq if len(records) == 1 else 0
                raise
            self._set_aside(records[0], problem)

    def _set_aside(self, record: Record, problem: Exception) -> None:
        log.error("record %d fails in the rules or the book; it is set aside", record.seq, exc_info=problem)
        self.restore()
        reject = Reject(reason=RejectReason.EVALUATION, detail=f"{type(problem).__name__}: {problem}")
        self._deadletters.add(record, (reject,), decoder=self._decoder.version)
        with self._store.transaction() as tx:
            tx.advance(self._cursor_name, record.seq)
        self.cursor = record.seq
        self._journal.advance(RULES, record.seq)

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
        with self._store.transaction() as tx:
            tx.save_rule_states(self._engine.take_dirty())
            tx.save_presence(self.presence.take_dirty())
            self._book.record(tx, findings, self._clock.now_ms())
            tx.advance(self._cursor_name, cursor)
            tx.advance(_HEARD_UNTIL, self._heard_until_ms)
        self.cursor = cursor
        self._journal.advance(RULES, cursor)

    def _tick(self, *, caught_up: bool) -> None:
        """Due re-checks, and silence: the latter only when caught up, for a backlog is not silence."""
        now_ms = self._clock.now_ms()
        if now_ms - self._ticked_ms < _TICK_MS:
            return
        self._ticked_ms = now_ms
        if caught_up and self._hearing():
            if now_ms - self._heard_until_ms > _DEAF_MS:
                self._engine.deaf(self._heard_until_ms, now_ms)
            self._heard_until_ms = now_ms
            self._commit(self._engine.tick(now_ms), self.cursor)
        with self._store.transaction() as tx:
            self._book.tick(tx, now_ms)


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
        records = self._journal.read(self.cursor, _BATCH)
        if not records:
            self._journal.wait(self.cursor, _WAIT_S)
            return 0.0
        origins: list[Record] = []
        points: list[Point] = []
        for record in records:
            for observation in self._decoder.decode(record.message).observations:
                made = points_of(observation, self._site)
                points += made
                origins += [record] * len(made)
        try:
            for start in range(0, len(points), self._settings.batch):
                self._write(points, origins, start)
        except (StoreUnavailable, StoreRefused) as problem:
            return self._hold(problem)
        self._release()
        self.cursor = records[-1].seq
        self._journal.advance(SERIES, self.cursor)
        return 0.0 if len(records) == _BATCH else self._settings.batch_wait / 2

    def _write(self, points: Sequence[Point], origins: Sequence[Record], start: int) -> None:
        """One batch from `start` on. `origins` names the record of each point."""
        batch = points[start : start + self._settings.batch]
        rejected: Sequence[tuple[int, str]] = ()
        try:
            self._store.write(batch)
        except PointsRejected as some:
            rejected = some.rejected
            self._set_aside(origins, [(start + index, reason) for index, reason in rejected])
        never = {index for index, _ in rejected}
        self.stored += sum(len(point.fields) for index, point in enumerate(batch) if index not in never)

    def _set_aside(self, origins: Sequence[Record], refused: Sequence[tuple[int, str]]) -> None:
        rejected: list[tuple[Record, Sequence[Reject]]] = []
        for index, reason in refused:
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
