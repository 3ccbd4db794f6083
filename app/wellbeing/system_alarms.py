"""What is wrong with the product itself, as alarms in the case store and words to the duty desk."""

import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from app.wellbeing.selfwatch import Selfwatch, Step
from app.wellbeing.service_letters import ServiceLetters
from cases.book import Book
from cases.store import BookTransaction
from config.load import Site
from config.texts import LANGUAGES
from console.desk.health import Health
from domain.case import SERVICE, silenced
from domain.clock import Clock
from domain.errors import StoreUnavailable
from domain.finding import CasePolicy, Change, Finding, Severity
from domain.service import TroubleKind
from storage.case_store import CaseStore

log = logging.getLogger(__name__)

_VERSION: Final = "built-in"
_EVERY_S: Final = 2.0
_MOST_WAITING: Final = 200
"""Steps that are kept while the case store takes nothing; then the oldest go."""


class SystemAlarms:
    """One thread steps. What the case store cannot take now is recorded as soon as it can be, in order."""

    def __init__(
        self, *, site: Site, store: CaseStore, selfwatch: Selfwatch, health: Callable[[], Health], clock: Clock
    ) -> None:
        self._site = site
        self._store = store
        self._selfwatch = selfwatch
        self._health = health
        self._clock = clock
        self._book = Book(site)
        self._letters = ServiceLetters(site)
        self._waiting: deque[tuple[Step, Health]] = deque(maxlen=_MOST_WAITING)
        self._resumed = False
        self._complained = False

    def step(self) -> float:
        """Look once, and record what has changed. Returns how long to rest, in seconds."""
        health, now_ms = self._health(), self._clock.now_ms()
        with suppress(StoreUnavailable):  # told of below, if there is something to record
            self._resume(now_ms)
        self._watch(health, now_ms)
        try:
            self._record(now_ms)
        except StoreUnavailable as problem:
            self._complain(problem)
        return _EVERY_S

    def _watch(self, health: Health, now_ms: int) -> None:
        for step in self._selfwatch.observe(health, now_ms):
            self._waiting.append((step, health))  # what is told are the figures of then
            title = self._site.texts.say("en", f"console.service.{step.kind}.title")
            if step.change is Change.RAISED:
                level = logging.ERROR if step.severity is Severity.CRITICAL else logging.WARNING
                log.log(level, "system alarm %s (%s): %s", step.kind.rule_id, step.severity, title)
            elif step.change is Change.RESOLVED:
                log.info("system alarm %s is over", step.kind.rule_id)

    def _resume(self, now_ms: int) -> None:
        """Take up what an earlier process has left open. Once."""
        if self._resumed:
            return
        with self._store.transaction() as tx:
            for kind in TroubleKind:
                if alarm := tx.open_alarm(kind.rule_id, kind.subject):
                    self._selfwatch.resume(
                        kind, alarm.severity, since_ms=alarm.since_ms, at_ms=alarm.seen_ms, now_ms=now_ms
                    )
        self._resumed = True

    def _record(self, now_ms: int) -> None:
        if not self._waiting:
            return
        with self._store.transaction() as tx:
            for step, health in self._waiting:
                self._enter(tx, step, health, now_ms)
        self._waiting.clear()
        if self._complained:
            log.info("system alarms are recorded again")
        self._complained = False

    def _enter(self, tx: BookTransaction, step: Step, health: Health, now_ms: int) -> None:
        rule, part = step.kind.rule_id, step.kind.subject
        before = tx.open_alarm(rule, part)
        self._book.record(tx, [self._finding(step)], now_ms)
        alarm = before or tx.open_alarm(rule, part)
        if alarm is None or step.worst is not Severity.CRITICAL or silenced(alarm, now_ms):
            return  # once the silence is over, the next renewal tells
        if step.change is Change.RESOLVED:
            tx.add_notice(self._letters.ends(step.kind, alarm, now_ms))
        else:  # its key lets it be only one
            tx.add_notice(self._letters.begins(step.kind, alarm, health, now_ms))

    def _finding(self, step: Step) -> Finding:
        chinese, english = (
            self._site.texts.say(language, f"console.service.{step.kind}.title") for language in LANGUAGES
        )
        part = step.kind.subject
        return Finding(
            rule_id=step.kind.rule_id,
            rule_version=_VERSION,
            title_zh=chinese,
            title_en=english,
            subject=part,
            kind=SERVICE,
            device_id=part,
            change=step.change,
            severity=step.severity,
            at_ms=step.at_ms,
            since_ms=step.since_ms,
            policy=CasePolicy.NONE,
        )

    def _complain(self, problem: StoreUnavailable) -> None:
        if not self._complained:
            waiting = ", ".join(sorted({step.kind.rule_id for step, _ in self._waiting}))
            log.error("system alarms cannot be recorded (%s); they wait: %s", problem, waiting)
        self._complained = True
