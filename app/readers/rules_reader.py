"""The reader that judges: decode → presence → rules → book."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from app.readers.damaged import letter_of
from app.readers.judge import Judge, open_alarms
from app.readers.one_by_one import OneByOne
from app.readers.orders import Orders
from app.readers.reader_tally import ReaderTally
from app.readers.replies import answer
from app.readers.rules_status import RulesStatus
from app.readers.sequence import Read, arranged
from config.load import Site
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.fault import reach
from domain.finding import Finding
from domain.message import Record, Reject, RejectReason
from domain.order import AlarmOrder
from ingest.decode import Decoder
from ingest.decoded import Observation, Reply
from ingest.feeds import FeedOf
from ingest.presence import Presence, Present
from rules.rule import Rule
from storage.case_store import CaseStore
from storage.deadletters import DeadLetters
from storage.journal import Journal

log = logging.getLogger(__name__)

RULES: Final = "rules"
_HEARD_UNTIL: Final = "heard-until-ms"
_AHEAD: Final = ("@sequence", "ahead")
"""Stands among the rule states: what was judged beyond the cursor."""
_BATCH: Final = 1000
_MOST_UNCOMMITTED: Final = 20_000
_COMMIT_MS: Final = 1000
"""What leads to nothing is committed this often; what leads to something, at once."""
_TICK_MS: Final = 1000
_DEAF_MS: Final = 5000
"""A longer time without being able to hear is told to the rules; a shorter one is a tick that came late."""
_SETTLE_MS: Final = 300
"""How long several collectors may overtake each other: one may have to wait for the journal behind all others."""
_MOST_WAITING: Final = 20_000
_WAIT_S: Final = 0.25
_WARM_UP: Final = 5000
"""Records read once more at a start, for what the decoder remembers of each device."""


class RulesReader:
    """Judges the journal's records in order. States, book, outbox and cursor commit as one.

    What leads to nothing is judged in memory, and committed once a second or when there is nothing else to do; a
    finding is committed at once, with all before it. After any failure, and any end, `restore` begins again from what
    was committed, so a record counts once or not at all. A record that fails by itself, twice, is set aside as a dead
    letter: one message must never keep all others from being judged.
    """

    def __init__(
        self,
        *,
        site: Site,
        rules: Sequence[Rule],
        journal: Journal,
        decoder: Callable[[], Decoder],
        store: CaseStore,
        deadletters: DeadLetters,
        clock: Clock,
        hearing: Callable[[], bool] = lambda: True,
        reply: Callable[[Reply], None] = lambda _reply: None,
        overheard: Callable[[Observation], None] = lambda _observation: None,
        kept: Callable[[Sequence[Present]], None] = lambda _present: None,
        listening_since_ms: int | None = None,
    ) -> None:
        """While `hearing` says that no message can reach us, nobody's silence counts. `overheard` is told of each
        observation, perhaps twice; `kept` of whose presence has changed, once that is in the store. We listen from now
        on, if not `listening_since_ms`."""
        self._site = site
        self._rules = rules
        self._journal = journal
        self._make_decoder = decoder
        self._store = store
        self._deadletters = deadletters
        self._clock = clock
        self._hearing = hearing
        self._reply, self._overheard, self._kept = reply, overheard, kept
        self._feed_of = FeedOf(site.settings.mqtt.root, site.settings.ingest.feeds)
        self._listening_since_ms = listening_since_ms or clock.now_ms()
        self._cursor_name = cursor_name(journal)
        self._settle_ms = _SETTLE_MS if site.settings.ingest.collectors > 1 else 0
        self._one_by_one = OneByOne()
        self._successors: tuple[Sequence[Rule], Site] | None = None
        self._orders = Orders(store, clock, carry_out=lambda order: self._commit([], order), recover=self.restore)
        self._failing, self._failure = False, ""
        self.tally = ReaderTally()
        self.restore()

    def restore(self) -> None:
        """Take up what was committed last."""
        self.cursor = self._judged_to = self._store.cursor(self._cursor_name)
        self._journal.continue_after(self.cursor)
        self._let_go_of_read()
        self._decoder = self._make_decoder()
        for record in self._journal.read(max(0, self.cursor - _WARM_UP), _WARM_UP):
            if record.seq <= self.cursor:
                self._decoder.decode(record.message, record.seq)
        self.presence = Presence(self._site, self._store.presence())
        self._ahead = self._judge_by(self._rules, self._site)
        self._waiting: list[Read] = []
        self._heard_until_ms = self._store.cursor(_HEARD_UNTIL) or self._listening_since_ms
        self._committed_ms = self._ticked_ms = 0

    def take_over(self, rules: Sequence[Rule], site: Site) -> None:
        """Judge by these rules, and the limits of this site, from the next step on. Any thread may say so.

        What was judged is committed before, and what the rules remember is taken over: no message counts twice.
        """
        self._successors = (rules, site)

    def _judge_by(self, rules: Sequence[Rule], site: Site) -> frozenset[int]:
        """Judge by these, from what is in the store. Returns which records were judged beyond the cursor."""
        saved = self._store.rule_states()
        ahead = msgspec.msgpack.decode(saved.pop(_AHEAD, b"\x90"), type=list[int])
        since_ms, standing = self._listening_since_ms, open_alarms(self._store)
        judge = Judge(rules, site, saved=saved, listening_since_ms=since_ms, standing=standing)
        judge.look_for_orphans(self._store, self._clock.now_ms())
        self._judge = judge
        return frozenset(ahead)

    def _succeed(self, rules: Sequence[Rule], site: Site) -> None:
        self._commit([])
        self._judge_by(rules, site)
        self._rules, self._site, self._successors = rules, site, None
        log.info("judging by %d rules, as the files are now", len(rules))

    @property
    def status(self) -> RulesStatus:
        """How judging goes. Any thread may ask."""
        return RulesStatus(
            cursor=self.cursor,
            failing=self._failing,
            failure=self._failure,
            faults=dict(self._judge.engine.faults),
            read=self.tally.counts,
        )

    def step(self) -> float:
        """One batch, and what is due by the clock. Returns how long to rest, in seconds."""
        try:
            busy = self._next()
        except Exception as problem:
            self._failing, self._failure = True, f"{type(problem).__name__}: {problem}"
            raise
        self._failing, self._failure = False, ""
        if not busy:
            self._journal.wait(self._read_to, _WAIT_S if not self._waiting else _SETTLE_MS / 2000)
        return 0.0

    @property
    def _read_to(self) -> int:
        return self._waiting[-1].record.seq if self._waiting else self._judged_to

    def _next(self) -> bool:
        """Whether there was anything to do."""
        if self._successors:
            self._succeed(*self._successors)
        self._orders.step()
        after = self._read_to
        records = self._journal.read(after, 1 if self._one_by_one.goes_on(after) else _BATCH)
        self._note_damage(after, records)
        if records or self._waiting:
            self._take(records)
        elif self._judged_to > self.cursor:
            self._commit([])
            return True
        elif self._let_go < self.cursor:
            self._let_go_of_read()
        self._tick(caught_up=self._read_to >= self._journal.head())
        return bool(records)

    def _note_damage(self, after: int, records: Sequence[Record]) -> None:
        """Records the journal could not read back are dead letters: what was found in their place, and their seqs."""
        last = records[-1].seq if records else self._journal.skip(after)
        if last - after == len(records):
            return
        for damage in self._journal.damaged(after, last):
            self._set_aside(*letter_of(damage))
        if not records and not self._waiting:
            self._judged_to = last

    def _take(self, records: Sequence[Record]) -> None:
        try:
            reads = [Read(record, self._decoder.decode(record.message, record.seq)) for record in records]
            self._note(reads)
            answer(reads, self._reply, self._clock.now_ms())
            findings = self._findings(self._settled(reads))
            if findings or self._commit_is_due():
                self._commit(findings)
        except StoreUnavailable:
            raise
        except Exception as problem:
            if not self._one_by_one.failed([record.seq for record in records] or [self._judged_to, self._read_to]):
                raise
            log.exception("record %d fails in the rules or the book; it is set aside", records[0].seq)
            self.restore()
            self._set_aside(
                records[0], Reject(reason=RejectReason.EVALUATION, detail=f"{type(problem).__name__}: {problem}")
            )
            self._judged_to = records[0].seq
            self._commit([])

    def _note(self, reads: Sequence[Read]) -> None:
        """Count them, and keep what could not be used."""
        self.tally.batches += 1
        self.tally.read((read.record, read.decoded) for read in reads)
        rejected = [(read.record, read.decoded.rejects) for read in reads if read.decoded.rejects]
        if rejected:
            self._deadletters.add_all(rejected, decoder=self._decoder.version)

    def _settled(self, reads: Sequence[Read]) -> Sequence[Read]:
        """What is to be judged now. With several collectors the newest waits a moment, for it may be overtaken."""
        if not self._settle_ms:
            self._judged_to = reads[-1].record.seq
            return reads
        waiting = [*self._waiting, *reads]
        # One by one, the record that fails must be the one that was read.
        alone = self._one_by_one.goes_on(self._judged_to) or len(waiting) >= _MOST_WAITING
        more = waiting[-1].record.seq < self._journal.head()
        now_ms = waiting[-1].record.message.received_ms if more else self._clock.now_ms()
        settle_ms = 0 if alone else self._settle_ms
        stretch = arranged(waiting, cursor=self._judged_to, ahead=self._ahead, now_ms=now_ms, settle_ms=settle_ms)
        self._waiting = [read for read in waiting if read.record.seq > stretch.cursor]
        self._judged_to, self._ahead = stretch.cursor, stretch.ahead
        return stretch.reads

    def _findings(self, reads: Sequence[Read]) -> list[Finding]:
        findings: list[Finding] = []
        for read in reads:
            message = read.record.message
            if not message.retain:
                findings += self._judge.engine.overheard(self._feed_of(message.topic), message.received_ms)
            for observation in read.decoded.observations:
                self.presence.observe(observation)
                self._overheard(observation)
                findings += self._judge.engine.observe(observation)
        return findings

    def _set_aside(self, record: Record, reject: Reject) -> None:
        self.tally.set_aside((reject,))
        self._deadletters.add(record, (reject,), decoder=self._decoder.version)

    def _commit_is_due(self) -> bool:
        late = _due(self._clock.now_ms(), self._committed_ms, _COMMIT_MS)
        many = self._judged_to - self.cursor >= _MOST_UNCOMMITTED
        return late or many or self._one_by_one.goes_on(self._judged_to - 1)

    def _commit(self, findings: Sequence[Finding], order: AlarmOrder | None = None) -> None:
        """Keep what was judged, and what comes of it and of a person's order."""
        now_ms = self._clock.now_ms()
        if moves := self._judged_to > self.cursor:
            reach("judged")
        with self._store.transaction() as tx:
            if order is not None:
                self._judge.carry_out(tx, order, now_ms)
                reach("obeying")
            states = self._judge.engine.take_dirty()
            if self._settle_ms:
                states[_AHEAD] = msgspec.msgpack.encode(sorted(self._ahead))
            tx.save_rule_states(states)
            present = self.presence.take_dirty()
            tx.save_presence(present)
            self._judge.book.record(tx, findings, now_ms)
            tx.advance(self._cursor_name, self._judged_to)
            tx.advance(_HEARD_UNTIL, self._heard_until_ms)
        self.cursor, self._committed_ms = self._judged_to, now_ms
        self.tally.commits += 1
        self._kept(present)
        if moves:
            reach("committed")
        if order is not None:
            reach("obeyed")

    def _let_go_of_read(self) -> None:
        """The store's cursor is what counts. The journal's own, which only pruning needs, may come later."""
        self._journal.advance(RULES, self.cursor)
        self._let_go = self.cursor

    def _tick(self, *, caught_up: bool) -> None:
        """Due re-checks, and silence: the latter only when caught up, for a backlog is not silence."""
        now_ms = self._clock.now_ms()
        if not _due(now_ms, self._ticked_ms, _TICK_MS):
            return
        self._ticked_ms = now_ms
        self._let_go_of_read()
        if caught_up and self._hearing():
            if now_ms - self._heard_until_ms > _DEAF_MS:
                self._judge.engine.deaf(self._heard_until_ms, now_ms)
            self._heard_until_ms = now_ms
            self._commit(self._judge.engine.tick(now_ms))
        with self._store.transaction() as tx:
            self._judge.book.tick(tx, now_ms)
        reach("ticked")


def cursor_name(journal: Journal) -> str:
    """Under which name the case store keeps how far a journal is judged."""
    return f"{RULES}@{journal.identity}"


def _due(now_ms: int, last_ms: int, every_ms: int) -> bool:
    """Whether it is time again; also when the clock was set back, or it would never be."""
    return not 0 <= now_ms - last_ms < every_ms
