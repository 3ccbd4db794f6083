"""What watches are asked of one observation, and what people are told of their answers."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVarTuple

from msgspec.structs import replace

from domain.finding import Change, Finding
from domain.reading import Value
from rules.answers import Step, is_nothing, rebased, told_of, waits_since
from rules.bridge import bridged
from rules.derived import Derivations
from rules.gate import Gate, view_of
from rules.overflow import Flood
from rules.remembered import Memory, Moment, Told, View
from rules.rule import Rule
from rules.watch import DerivedWatch, ValueWatch, Watch

log = logging.getLogger(__name__)

Asked = TypeVarTuple("Asked")


class Round:
    """Asks first all watches, then those that conclude from them, and only then tells: so their order is no matter.

    One rule that fails never stops the others.
    """

    def __init__(
        self, gates: Mapping[str, Gate], derivations: Derivations, tell: Callable[[Finding, Rule], Finding]
    ) -> None:
        """`gates` by rule id, those that inhibit others first."""
        self.faults: dict[str, int] = {}
        """How often each rule failed."""
        self.changed: dict[Watch[Any] | Flood, None] = {}
        """What is to be saved anew."""
        self.held: dict[Watch[Any], None] = {}
        """Those whose alarm waits to be told."""
        self._flapping: dict[Watch[Any], None] = {}
        self._gates = gates
        self._rank = {rule_id: rank for rank, rule_id in enumerate(gates)}
        self._inhibiting = any(gate.inhibitors for gate in gates.values())
        self._derivations = derivations
        self._tell = tell
        self._parents = derivations.parents
        self._steps: list[Step] = []

    def take_up(self, watches: Iterable[Watch[Any]]) -> None:
        """Know again whose alarm waits to be told."""
        for watch in watches:
            told = told_of(watch)
            if told is not None and told.flapping is not None:
                self._flapping[watch] = None
            if told is None or not told.held:
                continue
            self.held[watch] = None
            flood = self._gates[watch.rule.id].flood
            if flood is not None and told.why == "overflow":
                flood.held += 1

    def ask(
        self,
        watch: Watch[Any],
        at_ms: int,
        question: Callable[[*Asked], Finding | None],
        *args: *Asked,
    ) -> Finding | None:
        """A watch's answer to anything but a value; None if it has none, or its rule failed."""
        before, memory = watch.state, watch.memory
        _, finding = self._answer(watch, at_ms, question, *args)
        changed = memory is not None and (watch.state is not before or memory.told is not None)
        if finding is not None or changed:
            self._steps.append(Step(watch, finding, at_ms))
        return finding

    def flaps(self, watch: Watch[Any]) -> bool:
        """Whether it comes and goes, as far as people know."""
        return watch in self._flapping

    def unheard(self, watch: ValueWatch[Any] | DerivedWatch[Any], at_ms: int) -> bool:
        """Its device fell silent; whether that is news. What flaps is stale too, be it up or down just then."""
        if watch not in self._flapping:
            return self.ask(watch, at_ms, watch.unheard, at_ms) is not None
        told = told_of(watch)
        flapping = None if told is None else told.flapping
        _, finding = self._answer(watch, at_ms, watch.unheard, at_ms)
        if flapping is None or flapping.change is Change.STALE:
            return False
        self._steps.append(Step(watch, finding or replace(flapping, change=Change.STALE, at_ms=at_ms), at_ms))
        return True

    def hear(self, watch: ValueWatch[Any], value: Value, at_ms: int, *, again: bool) -> None:
        """Let a watch hear a value that is not quiet, or while anything is remembered.

        `again`: its metric was heard of that moment before. Raises TypeError for what is no number.
        """
        if value != value:  # noqa: PLR0124 - not a number: says nothing
            return
        memory = watch.memory
        moment = None if memory is None else memory.moment
        if moment is not None and moment.at_ms == at_ms:
            if moment.value is None or watch.worse(value, moment.value):
                worst = Moment(at_ms, value, moment.state, moment.told)
                self._again(watch, worst, watch.value, value, at_ms)
            return
        quiet = watch.low < value < watch.high
        if again and quiet:  # as was what was heard of that moment before, or it would be remembered
            return
        told = None if memory is None else memory.told
        before = watch.state
        if before is None and quiet and told is None:
            self._remember(watch, None, None)
            return
        answered, finding = self._answer(watch, at_ms, watch.value, value, at_ms)
        if not answered:
            return
        if finding is not None or told is not None:
            self._steps.append(Step(watch, finding, at_ms, Moment(at_ms, value, before, told)))
            return
        self.changed[watch] = None
        if moment is None:
            watch.memory = Memory(Moment(at_ms, value, before, None), None)
        else:  # the usual case, and nobody else has it: so nothing new is made
            moment.at_ms, moment.value, moment.state, moment.told = at_ms, value, before, None

    def settle(self) -> list[Finding]:
        """Ask those that conclude from the others; then what people are told of all answers since the last call."""
        for derived, at_ms in self._derivations.due():
            self._conclude(derived, at_ms)
            self._derivations.answered(derived, at_ms)
        if not self._steps:
            return []
        steps, self._steps = self._steps, []
        if self._inhibiting and len(steps) > 1:
            steps.sort(key=lambda step: self._rank[step.watch.rule.id])
        return [finding for step in steps for finding in self._told(step)]

    def let_out(self, now_ms: int) -> list[Finding]:
        """Tell what was held back and is hindered by nothing any more, what flaps no more, and how many still wait."""
        waiting = sorted(self.held, key=lambda watch: (waits_since(watch), watch.key))
        waiting += sorted((watch for watch in self._flapping if self._is_over(watch, now_ms)), key=lambda one: one.key)
        findings = [finding for watch in waiting for finding in self._told(Step(watch, None, now_ms))]
        for gate in self._gates.values():
            flood = gate.flood
            if flood is None or flood.state is None:
                continue
            findings += self._count(flood, now_ms)
            if flood.forget(now_ms):
                self.changed[flood] = None
        return findings

    def _is_over(self, watch: Watch[Any], now_ms: int) -> bool:
        told = told_of(watch)
        return told is not None and self._gates[watch.rule.id].is_over(told, now_ms)

    def release(self, watch: Watch[Any], at_ms: int) -> list[Finding]:
        """End an alarm by a person's word, whatever kept it from being told or from ending."""
        told = told_of(watch)
        _, ended = self._answer(watch, at_ms, watch.release, at_ms)
        if ended is None and told is not None and told.flapping is not None:
            ended = replace(told.flapping, change=Change.RESOLVED, at_ms=at_ms)
        if watch.memory is not None:
            self._count_held(watch, told, None)
            self._remember(watch, rebased(watch, None), None)
        findings = self.settle()
        return findings if ended is None else [self._tell(ended, watch.rule), *findings]

    def release_flood(self, flood: Flood, at_ms: int) -> list[Finding]:
        """End the alarm over too many by a person's word; as long as some wait it is raised again."""
        released = flood.release(at_ms)
        if released is None:
            return []
        self.changed[flood] = None
        return [self._tell(released, flood.rule)]

    def _conclude(self, watch: DerivedWatch[Any], at_ms: int) -> None:
        moment = None if watch.memory is None else watch.memory.moment
        standing, values = self._derivations.known_to(watch)
        if moment is not None and at_ms <= moment.at_ms:
            self._again(watch, moment, watch.evaluate, moment.at_ms, standing, values)
            return
        fresh = Moment(at_ms, None, watch.state, told_of(watch))
        _, finding = self._answer(watch, at_ms, watch.evaluate, at_ms, standing, values)
        if finding is None and watch.memory is None and watch.state is None and fresh.state is None:
            return
        self._steps.append(Step(watch, finding, at_ms, fresh))

    def _again(
        self,
        watch: Watch[Any],
        moment: Moment[Any],
        question: Callable[[*Asked], Finding | None],
        *args: *Asked,
    ) -> None:
        """Ask once more about a moment, as if nothing had been known of it yet."""
        after, alarm, was = watch.state, watch.alarm, view_of(watch)
        ended = watch.retold(Change.RESOLVED, moment.at_ms)
        watch.state = moment.state
        answered, finding = self._answer(watch, moment.at_ms, question, *args)
        if not answered:
            watch.state = after
            return
        if isinstance(watch, DerivedWatch) and watch.state == after:
            watch.state = after  # nothing that it knows has changed: people know it already
            return
        self.changed[watch] = None
        if watch.alarm is not alarm:  # also where it is again as it was before the moment
            self._derivations.learned(watch, moment.at_ms)
        self._steps.append(Step(watch, finding, moment.at_ms, moment, was, ended))

    def _told(self, step: Step) -> Iterable[Finding]:
        """What people are told of one answer."""
        watch, moment, was = step.watch, step.moment, step.was
        told = told_of(watch) if moment is None else moment.told
        flood = self._gates[watch.rule.id].flood
        flooded = None if flood is None else flood.state
        after, findings = self._gates[watch.rule.id].step(
            watch, told, step.finding, step.at_ms, known=was is not None and was is not View.CLOSED
        )
        self._count_held(watch, told_of(watch), after)
        if moment is None:
            moment = rebased(watch, after)
        elif step.finding is None and after is told and is_nothing(watch, moment):
            moment = None
        self._remember(watch, moment, after)
        said = findings if was is None else bridged(watch, was, findings, step.ended, step.at_ms)
        yield from (self._tell(finding, watch.rule) for finding in said)
        if flood is not None and flood.state is not flooded:
            self.changed[flood] = None
            yield from self._count(flood, step.at_ms)

    def _count_held(self, watch: Watch[Any], before: Told | None, after: Told | None) -> None:
        """Keep in mind whose alarm waits, and how many do only because there are too many."""
        if after is not None and after.held:
            self.held[watch] = None
        else:
            self.held.pop(watch, None)
        if after is not None and after.flapping is not None:
            self._flapping[watch] = None
        else:
            self._flapping.pop(watch, None)
        flood = self._gates[watch.rule.id].flood
        if flood is not None and before is not None and before.why == "overflow":
            flood.held -= after is None or after.why != "overflow"

    def _count(self, flood: Flood, at_ms: int) -> Iterable[Finding]:
        told = flood.tell(at_ms)
        if told is None:
            return ()
        self.changed[flood] = None
        return (self._tell(told, flood.rule),)

    def _remember(self, watch: Watch[Any], moment: Moment[Any] | None, told: Told | None) -> None:
        memory = watch.memory
        if moment is None and told is None:
            if memory is None:
                return
            watch.memory = None
        elif memory is not None and memory.moment is moment and memory.told is told:
            return
        else:
            watch.memory = Memory(moment, told)
        self.changed[watch] = None

    def _answer(
        self,
        watch: Watch[Any],
        at_ms: int,
        question: Callable[[*Asked], Finding | None],
        *args: *Asked,
    ) -> tuple[bool, Finding | None]:
        """Whether the watch could answer, and its answer. If its rule failed it remembers what it did before."""
        before = watch.state
        asked_for = watch in self._parents
        alarm = watch.alarm if asked_for else None
        try:
            finding = question(*args)
        except Exception as problem:  # noqa: BLE001 - whatever a rule does wrong, the other rules must speak
            watch.state = before
            self.fault(watch, problem)
            return False, None
        if watch.state is not before:
            self.changed[watch] = None
            if asked_for and (alarm is not None or watch.alarm is not None):
                self._derivations.learned(watch, at_ms)
        return True, finding

    def fault(self, watch: Watch[Any], problem: Exception) -> None:
        """Count a failure of a rule; the first is told at length."""
        rule_id = watch.rule.id
        self.faults[rule_id] = self.faults.get(rule_id, 0) + 1
        if self.faults[rule_id] == 1:
            log.error("rule %s failed on %s, and counts on in silence", rule_id, watch.subject, exc_info=problem)
