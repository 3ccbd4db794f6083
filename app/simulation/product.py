"""The real code, on a clock that is moved: rules, book, case store and outbox of one site."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final, ParamSpec, TypeVar

from app.channels import manners_of, routing_of, terms_of
from app.readers.judge import Judge, open_alarms
from app.simulation.chance import chance_of
from app.simulation.pending import Pending
from cases.notices.channels import Channel
from cases.notices.deadlines import Deadlines
from cases.notices.escalation import Escalation
from cases.notices.letters import Letters
from cases.notices.outbox import Outbox
from config.load import Site
from domain.clock import ManualClock
from domain.finding import Finding, Severity
from domain.reading import Reading
from domain.sighting import Sighting
from rules.files import load_rules
from rules.rule import Rule
from storage.case_store import CaseStore

_ESCALATES_MS: Final = 12 * 3_600_000
_LOOK_MS: Final = 60_000
_TICK_MS: Final = 3_600_000
"""The book is asked once an hour for what is due by the clock, and at the moment at which a re-check is."""
_BATCH: Final = 20
_P = ParamSpec("_P")
_T = TypeVar("_T")


def rules_of(site: Site) -> tuple[Rule, ...]:
    """The site's rules but those over silence, and what concludes from them: nobody is silent here."""
    rules = load_rules(site.rule_files, site)
    silent = {rule.id for rule in rules if rule.spec.kind == "silent"}
    return tuple(rule for rule in rules if rule.id not in silent and not silent & set(getattr(rule.spec, "all", ())))


class Product:
    """What `serve` runs, but for the broker: observations go in, notices come out through `channels`."""

    def __init__(self, site: Site, start_ms: int, seed: int) -> None:
        """`begin` once its `channels` are there."""
        self.site = site
        self.channels: dict[str, Channel] = {}
        self.obeyed = 0
        """How many orders of people about alarms have been carried out."""
        self.rules = rules_of(site)
        self.clock = ManualClock(start_ms)
        self._chance = chance_of(seed, "outbox")
        self._started_ms = start_ms
        self._critical_until_ms = self._escalated_ms = self._newest = self._again_ms = 0
        self._unanswered = False
        self._ticked_ms = start_ms
        self._escalation = Escalation(site)
        self._path = site.settings.data_dir / "cases.db"

    def begin(self) -> None:
        """Open the store, and take up what is in it."""
        self.store = CaseStore(f"sqlite:///{self._path}")
        self._pending = Pending(self._path, self.site)
        saved, standing = self.store.rule_states(), open_alarms(self.store)
        self.judge = Judge(self.rules, self.site, saved=saved, listening_since_ms=self._started_ms, standing=standing)
        notices = self.site.settings.notices
        self._outbox = Outbox(
            self.store,
            self.channels,
            self.clock,
            self._chance,
            max_attempts=notices.max_attempts,
            not_before=Letters(self.site).not_before,
            as_told=Deadlines(self.site).as_told,
            manners=manners_of(self.site),
            terms=terms_of(self.site),
            routing=routing_of(self.site, self.store),
        )

    def close(self) -> None:
        """Keep what was judged, and let go of the store."""
        with self.store.transaction() as tx:
            tx.save_rule_states(self.judge.engine.take_dirty())
        self._pending.close()
        self.store.close()

    def restart(self) -> None:
        """Begin again with nothing but what is in the store."""
        self.close()
        self.begin()

    def wakes_ms(self) -> int | None:
        """When there is something to do though nothing is heard: a notice, a re-check, a word to the next in the order.

        None: never.
        """
        found = [self._pending.notice_ms(), self._pending.recheck_ms()]
        if self._unanswered:
            found.append(self.clock.now_ms() + _LOOK_MS)
        return min((at_ms for at_ms in found if at_ms is not None), default=None)

    async def step(self, now_ms: int, heard: Sequence[Reading | Sighting]) -> list[Finding]:
        """Judge what was heard, and do all that is due. Everything of it has this time in the book."""
        self.clock.advance(seconds=(now_ms - self.clock.now_ms()) / 1000)
        findings: list[Finding] = []
        for observation in heard:
            findings += self.judge.engine.observe(observation)
        findings += self.judge.engine.tick(now_ms)
        self._commit(findings, now_ms)
        if any(finding.severity is Severity.CRITICAL for finding in findings):
            self._critical_until_ms = now_ms + _ESCALATES_MS
        if now_ms < self._critical_until_ms and now_ms >= self._escalated_ms + _LOOK_MS:
            self._escalated_ms = now_ms
            self._escalation.tick(self.store, now_ms)
            self._unanswered = bool(self.store.unanswered(now_ms))
        await self._send(now_ms)
        return findings

    async def _send(self, now_ms: int) -> None:
        """What is due. If nothing of it may go yet, its address has just been written to: it is tried in a minute."""
        newest = self._pending.newest_notice()
        if not _is_due(self._pending.notice_ms(), now_ms) or (newest == self._newest and now_ms < self._again_ms):
            return
        self._newest = newest
        while (tried := await self._outbox.send_due()) >= _BATCH:
            pass
        self._again_ms = now_ms if tried else now_ms + _LOOK_MS

    def _commit(self, findings: Sequence[Finding], now_ms: int) -> None:
        """Keep what came of it. What led to nothing is kept with what does, as the reader does within its second."""
        ticks = now_ms - self._ticked_ms >= _TICK_MS or _is_due(self._pending.recheck_ms(), now_ms)
        if not (findings or ticks or self.store.has_orders()):
            return
        with self.store.transaction() as tx:
            tx.save_rule_states(self.judge.engine.take_dirty())
            self.judge.book.record(tx, findings, now_ms)
            for order in tx.waiting_orders():
                self.judge.carry_out(tx, order, now_ms)
                self.obeyed += 1
            if ticks:
                self.judge.book.tick(tx, now_ms)
                self._ticked_ms = now_ms


def _is_due(at_ms: int | None, now_ms: int) -> bool:
    return at_ms is not None and at_ms <= now_ms


class AtOnce(ThreadPoolExecutor):
    """Runs what it is given there and then. So the lanes of the outbox always take turns in the same order."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Run it; the future is done."""
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as problem:  # noqa: BLE001 - it is the caller's
            future.set_exception(problem)
        return future


@contextmanager
def in_one_thread() -> Iterator[None]:
    """The running loop uses no other threads, and meanwhile the outbox says nothing of failures that are meant."""
    asyncio.get_running_loop().set_default_executor(AtOnce(max_workers=1))
    log = logging.getLogger("cases.notices")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)
