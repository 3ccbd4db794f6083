"""The rules and the book by one state of the site's files, until there is another."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from cases.book import Book
from cases.store import BookTransaction
from config.load import Site
from domain.case import Alarm
from domain.finding import Finding
from domain.order import AlarmOrder, OrderKind
from domain.service import TroubleKind
from rules.engine import Engine
from rules.rule import Rule
from rules.telling import told
from rules.watch import Key
from storage.case_store import CaseStore

log = logging.getLogger(__name__)

_EVERY_ALARM: Final = 1_000_000


def open_alarms(store: CaseStore) -> Sequence[Alarm]:
    """All that stand, as people know them."""
    return store.alarms(open_only=True, limit=_EVERY_ALARM)


class Judge:
    """Makes findings of observations, and alarms of findings. Remembers nothing that is not in the store."""

    def __init__(
        self,
        rules: Sequence[Rule],
        site: Site,
        *,
        saved: Mapping[Key, bytes],
        listening_since_ms: int,
        standing: Sequence[Alarm] = (),
    ) -> None:
        """`saved` are the rule states of the store, `standing` its open alarms."""
        self.book = Book(site)
        self.engine = engine_of(rules, site, saved=saved, listening_since_ms=listening_since_ms, standing=standing)
        self._standing = standing

    def look_for_orphans(self, store: CaseStore, now_ms: int) -> None:
        """Alarms that stand and that no rule speaks of any more are left to a person, and they say so."""
        changed = [
            alarm
            for alarm in self._standing
            if TroubleKind.of_rule(alarm.rule_id) is None
            and self.engine.knows(alarm.rule_id, alarm.subject) == alarm.orphaned
        ]
        if not changed:
            return
        with store.transaction() as tx:
            for alarm in changed:
                self.book.orphan(tx, alarm, now_ms, orphaned=not alarm.orphaned)
        for alarm in changed:
            if not alarm.orphaned:
                text = "alarm %d stands, and no rule %s speaks of %s any more: a person has to end it"
                log.warning(text, alarm.id, alarm.rule_id, alarm.subject)

    def carry_out(self, tx: BookTransaction, order: AlarmOrder, now_ms: int) -> None:
        """Do what a person has ordered. A release ends what the rules remember too: what comes next is a new alarm."""
        alarm, ended = tx.alarm(order.alarm_id), list[Finding]()
        if alarm is not None and alarm.resolved_ms is None and order.kind is OrderKind.RELEASE:
            ended = self.engine.release(alarm.rule_id, alarm.subject, now_ms)
        self.book.carry_out(tx, order, ended, now_ms)


def engine_of(
    rules: Sequence[Rule],
    site: Site,
    *,
    saved: Mapping[Key, bytes],
    listening_since_ms: int,
    standing: Sequence[Alarm] = (),
) -> Engine:
    """An engine whose findings have their words. Raises ConfigError for rules that cannot be together."""
    tell = partial(told, site=site)
    known = {(alarm.rule_id, alarm.subject): alarm for alarm in standing}
    return Engine(rules, site, saved=saved, listening_since_ms=listening_since_ms, tell=tell, standing=known)
