"""Answers what the console asks about rules: from those in force, the case store and the replays that were kept."""

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Final

from app.kept_figures import KeptFigure
from app.kept_replays import KeptReplays
from app.replay_running import ReplayRunning
from app.rule_cards import card_of
from app.rule_tests import RuleTesting
from app.rules_in_force import RulesInForce as InForce
from app.written_rules import written
from console.desk.rule_tests import RuleTests, RunningTests
from console.desk.rules import ReplayKept, ReplayNote, ReplayRun, RuleCard, RulesInForce
from domain.case import Alarm
from domain.clock import Clock, utc
from domain.firing import DAY_MS, Fired, Firing, Judged, Standing
from storage.case_store import CaseStore

_SPANS: Final = 4


class Rulebook:
    """Fits `console.desk.rules.RuleDesk`."""

    def __init__(
        self,
        *,
        store: CaseStore,
        in_force: InForce,
        clock: Clock,
        problem: Callable[[], str | None] = lambda: None,
        faults: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """`problem` says what is wrong with the files as they are now, `faults` which rules failed, and how often."""
        self._store, self._in_force, self._clock = store, in_force, clock
        standing = {each: partial(store.standing, by_place=each) for each in (False, True)}
        self._standing = {by_place: KeptFigure(count, store.revision) for by_place, count in standing.items()}
        self._judged = lru_cache(maxsize=_SPANS)(self._judged_for)
        self._problem, self._faults = problem, faults
        site = in_force.now()[1]
        self._kept = KeptReplays(site.settings.data_dir)
        self._replaying = ReplayRunning(site, clock)
        self._tests = RuleTesting(site, clock)
        self._cards: tuple[int, tuple[RuleCard, ...]] = (-1, ())
        self._making = threading.Lock()

    def in_force(self) -> RulesInForce:
        """Made anew, once for all who ask, only when other rules are taken over."""
        since_ms = self._in_force.since_ms
        with self._making:
            if self._cards[0] != since_ms:
                rules, site = self._in_force.now()
                self._cards = (since_ms, tuple(card_of(rule, site) for rule in rules))
            cards = self._cards[1]
        return RulesInForce(rules=cards, since_ms=since_ms, problem=self._problem() or "", faults=dict(self._faults()))

    def written(self, rule_id: str) -> str | None:
        """As its file is now."""
        rules, _site = self._in_force.now()
        rule = next((rule for rule in rules if rule.id == rule_id), None)
        return None if rule is None else written(rule)

    def firings(self, *, days: int, rule_id: str | None = None, by_place: bool = False) -> Sequence[Firing]:
        """From the case store."""
        now_ms = self._clock.now_ms()
        return self._store.firings(
            now_ms, days=days, offset_ms=self._offset_ms(now_ms), rule_id=rule_id, by_place=by_place
        )

    def standing(self, *, by_place: bool = False) -> Sequence[Standing]:
        """From the case store."""
        return self._standing[by_place].now()

    def fired(self, rule_id: str, *, days: int, limit: int) -> Sequence[Fired]:
        """From the case store."""
        return self._store.fired(rule_id, self._clock.now_ms() - days * DAY_MS, limit=limit)

    def judged(self, *, days: int) -> Sequence[Judged]:
        """From the case store, once for all who ask while nothing happens there, and each day anew."""
        return self._judged(days).now()

    def alarms(self, rule_id: str, *, before_id: int | None = None, limit: int) -> Sequence[Alarm]:
        """From the case store."""
        return self._store.alarms_of(rule_id=rule_id, before_id=before_id, limit=limit)

    def replays(self) -> Sequence[ReplayNote]:
        """From the data folder."""
        return self._kept.notes()

    def replay(self, replay_id: str) -> ReplayKept | None:
        """From the data folder."""
        return self._kept.one(replay_id)

    def running(self) -> ReplayRun | None:
        """The one started last."""
        return self._replaying.last

    def start_replay(self, rule_id: str, *, days: int, written: str, who: str) -> ReplayRun:
        """As a process of its own. Raises OrderRefused."""
        rules, site = self._in_force.now()
        return self._replaying.start(rules, site, rule_id, days=days, written=written, who=who)

    def stop_replay(self) -> None:
        """It is given up."""
        self._replaying.stop()

    def tests(self) -> RuleTests:
        """From the files, and the data folder."""
        return self._tests.now(self._in_force.now()[1])

    def start_tests(self, who: str) -> RunningTests:
        """As a process of its own. Raises OrderRefused."""
        return self._tests.start(self._in_force.now()[1], who)

    def stop_tests(self) -> None:
        """They are given up."""
        self._tests.stop()

    def _judged_for(self, days: int) -> KeptFigure[Sequence[Judged]]:
        clock, store = self._clock, self._store
        return KeptFigure(
            lambda: store.judged(clock.now_ms() - days * DAY_MS), lambda: (store.revision(), clock.now_ms() // DAY_MS)
        )

    def _offset_ms(self, now_ms: int) -> int:
        offset = utc(now_ms).astimezone(self._in_force.now()[1].timezone).utcoffset()
        return 0 if offset is None else round(offset.total_seconds() * 1000)
