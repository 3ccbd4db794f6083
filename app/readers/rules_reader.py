"""The reader that judges: decode → presence → rules → book."""

import logging
from collections.abc import Callable, Sequence
from typing import Final

from app.readers.judge import Judge, open_alarms
from app.readers.one_by_one import OneByOne
from app.readers.orders import Orders
from app.readers.reader_tally import ReaderTally
from app.readers.replies import answer
from app.readers.rules_status import RulesStatus
from app.readers.sequence import Read, Stretch
from app.readers.setting_aside import SettingAside
from app.readers.settling import Settling
from config.load import Site
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.fault import reach
from domain.finding import Finding
from domain.message import Record
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
_MOST_FINDINGS: Final = 100
"""Beyond, what was judged is committed before the rest is: a thousand findings take seconds to be written, in which
nobody else gets to write, nor is anybody told of the first."""
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
        observation, perhaps twice; `kept` of whose presence has changed, once that is in the store, and of all that is
        there when it is taken up. We listen from now on, if not `listening_since_ms`."""
        self._by = self._wanted = (rules, site)
        self._journal = journal
        self._make_decoder = decoder
        self._store = store
        self._clock = clock
        self._hearing = hearing
        self._reply, self._overheard, self._kept = reply, overheard, kept
        self._feed_of = FeedOf(site.settings.mqtt.root, site.settings.ingest.feeds)
        self._listening_since_ms = listening_since_ms or clock.now_ms()
        self._cursor_name = cursor_name(journal)
        self._settling = Settling(journal, clock, collectors=site.settings.ingest.collectors)
        self._one_by_one = OneByOne()
        self._orders = Orders(store, clock, carry_out=lambda order: self._commit([], order), recover=self.restore)
        self._failing, self._failure = False, ""
        self.tally = ReaderTally()
        self._aside = SettingAside(deadletters, self.tally)
        self.restore()

    def restore(self) -> None:
        """Take up what was committed last."""
        self.cursor = self._store.cursor(self._cursor_name)
        self._journal.continue_after(self.cursor)
        self._let_go_of_read()
        self._decoder = self._make_decoder()
        for record in self._journal.read(max(0, self.cursor - _WARM_UP), _WARM_UP):
            if record.seq <= self.cursor:
                self._decoder.decode(record.message, record.seq)
        self.presence = Presence(self._by[1], saved := self._store.presence())
        self._kept(saved)  # the last of it may have been committed by one who died before it was told
        self._settling.begin(self.cursor, self._judge_by(*self._by))
        self._heard_until_ms = self._store.cursor(_HEARD_UNTIL) or self._listening_since_ms
        self._committed_ms = self._ticked_ms = 0

    def take_over(self, rules: Sequence[Rule], site: Site) -> None:
        """Judge by these rules, and the limits of this site, from the next step on. Any thread may say so.

        What was judged is committed before, and what the rules remember is taken over: no message counts twice.
        """
        self._wanted = (rules, site)

    def _judge_by(self, rules: Sequence[Rule], site: Site) -> bytes | None:
        """Judge by these, from what is in the store. Returns what says which records were judged beyond the cursor."""
        saved = self._store.rule_states()
        ahead = saved.pop(_AHEAD, None)
        since_ms, standing = self._listening_since_ms, open_alarms(self._store)
        judge = Judge(rules, site, saved=saved, listening_since_ms=since_ms, standing=standing)
        judge.look_for_orphans(self._store, self._clock.now_ms())
        self._judge = judge
        return ahead

    def _succeed(self, successors: tuple[Sequence[Rule], Site]) -> None:
        self._commit([])
        self._judge_by(*successors)
        self._by = successors
        log.info("judging by %d rules, as the files are now", len(successors[0]))

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
            settling = self._settling
            self._journal.wait(settling.read_to, settling.looks_again_s if settling.waits else _WAIT_S)
        return 0.0

    def _next(self) -> bool:
        """Whether there was anything to do."""
        if (wanted := self._wanted) is not self._by:
            self._succeed(wanted)
        self._orders.step()
        after = self._settling.read_to
        records = self._journal.read(after, 1 if self._one_by_one.goes_on(after) else _BATCH)
        self._note_damage(after, records)
        if records or self._settling.waits:
            self._take(records)
        elif self._settling.judged_to > self.cursor:
            self._commit([])
            return True
        elif self._let_go < self.cursor:
            self._let_go_of_read()
        self._tick(caught_up=self._settling.read_to >= self._journal.head())
        return bool(records)

    def _note_damage(self, after: int, records: Sequence[Record]) -> None:
        """Records the journal could not read back are dead letters: what was found in their place, and their seqs."""
        last = records[-1].seq if records else self._journal.skip(after)
        if last - after == len(records):
            return
        for damage in self._journal.damaged(after, last):
            self._aside.damaged(damage, self._decoder.version)
        if not records and not self._settling.waits:
            self._settling.judged_to = last

    def _take(self, records: Sequence[Record]) -> None:
        settling = self._settling
        seqs = [record.seq for record in records] or [settling.judged_to, settling.read_to]
        try:
            reads = [Read(record, self._decoder.decode(record.message, record.seq)) for record in records]
            self._aside.of_reads(reads, self._decoder.version)
            answer(reads, self._reply, self._clock.now_ms())
            self._judge_all(settling.take(reads, alone=self._one_by_one.goes_on(settling.judged_to)))
        except StoreUnavailable:
            raise
        except Exception as problem:
            if not self._one_by_one.failed(seqs):
                raise
            log.exception("record %d fails in the rules or the book; it is set aside", seqs[0])
            self.restore()
            self._aside.failed(records[0], problem, self._decoder.version)
            settling.judged_to = seqs[0]
            self._commit([])

    def _judge_all(self, stretch: Stretch) -> None:
        findings: list[Finding] = []
        begun, last = 0, len(stretch.reads)
        for number, read in enumerate(stretch.reads, 1):
            findings += self._findings(read)
            if len(findings) >= _MOST_FINDINGS and number < last:
                self._settling.judged_some(stretch.reads[begun:number])
                self._commit(findings)
                begun, findings = number, []
        self._settling.judged(stretch)
        if findings or self._commit_is_due():
            self._commit(findings)

    def _findings(self, read: Read) -> list[Finding]:
        findings: list[Finding] = []
        message = read.record.message
        if not message.retain:
            findings += self._judge.engine.overheard(self._feed_of(message.topic), message.received_ms)
        for observation in read.decoded.observations:
            self.presence.observe(observation)
            self._overheard(observation)
            findings += self._judge.engine.observe(observation)
        return findings

    def _commit_is_due(self) -> bool:
        late = _due(self._clock.now_ms(), self._committed_ms, _COMMIT_MS)
        many = self._settling.judged_to - self.cursor >= _MOST_UNCOMMITTED
        return late or many or self._one_by_one.goes_on(self._settling.judged_to - 1)

    def _commit(self, findings: Sequence[Finding], order: AlarmOrder | None = None) -> None:
        """Keep what was judged, and what comes of it and of a person's order."""
        now_ms, judged_to = self._clock.now_ms(), self._settling.judged_to
        if moves := judged_to > self.cursor:
            reach("judged")
        with self._store.transaction() as tx:
            if order is not None:
                self._judge.carry_out(tx, order, now_ms)
                reach("obeying")
            states = self._judge.engine.take_dirty()
            if (ahead := self._settling.ahead) is not None:
                states[_AHEAD] = ahead
            tx.save_rule_states(states)
            present = self.presence.take_dirty()
            tx.save_presence(present)
            self._judge.book.record(tx, findings, now_ms)
            tx.advance(self._cursor_name, judged_to)
            tx.advance(_HEARD_UNTIL, self._heard_until_ms)
        self.cursor, self._committed_ms = judged_to, now_ms
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
