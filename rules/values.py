"""Values on their way to the watches that hear them: at once, in the order of their times, or late."""

from collections.abc import Iterable, Sequence
from typing import Any

from domain.finding import Finding
from domain.reading import Reading, Value
from rules.derived import Derivations
from rules.reorder import Order, Reorder, Waiting
from rules.round import Round
from rules.subjects import NEVER_MS, Subject
from rules.watch import DerivedWatch, Newest, ValueWatch


class Values:
    """Lets watches hear readings."""

    def __init__(self, round_: Round, derivations: Derivations, touched: dict[Subject, None]) -> None:
        """`touched` learns of whom something is to be saved."""
        self.late = 0
        """How many values came after newer ones."""
        self._round = round_
        self._touched = touched
        self._derivations = derivations

    def hear(self, subject: Subject, reading: Reading) -> list[Finding]:
        """What was waiting for a reading leads to, and then the reading itself."""
        order = subject.source.order
        findings = [] if order is None else self._hear_in_order(subject, reading, order)
        newest_ms, watches, at_ms = subject.heard.newest_ms, subject.watches, reading.at_ms
        for metric, value in reading.metrics.items():
            if (listeners := watches.get(metric)) is None:
                continue
            before_ms = newest_ms.get(metric, NEVER_MS)
            if at_ms < before_ms:
                self._hear_late(subject, listeners, value, reading, before_ms)
                continue
            newest_ms[metric] = at_ms
            if before_ms == NEVER_MS:
                self._derivations.first(listeners, at_ms)
            for watch in listeners:
                try:
                    if watch.state is None and watch.memory is None and watch.low < value < watch.high:
                        continue
                    self._let_hear(subject, watch, value, at_ms, again=at_ms == before_ms)
                except TypeError as problem:
                    self._round.fault(watch, problem)
        if subject.derived is not None:
            self._look_at(subject, reading)
        return findings + self._round.settle()

    def give_out(self, given: Iterable[tuple[Reorder, Waiting, bool]]) -> list[Finding]:
        """What values lead to that waited for earlier ones."""
        findings: list[Finding] = []
        for reorder, waiting, again in given:
            self._touched[reorder.subject] = None
            if reorder.metric not in reorder.subject.heard.newest_ms:
                reorder.subject.heard.newest_ms[reorder.metric] = waiting.at_ms
                self._derivations.first(reorder.watches, waiting.at_ms)
            for watch in reorder.watches:
                try:
                    self._let_hear(reorder.subject, watch, waiting.value, waiting.at_ms, again=again)
                except TypeError as problem:
                    self._round.fault(watch, problem)
            findings += self._round.settle()
        return findings

    def _let_hear(self, subject: Subject, watch: ValueWatch[Any], value: Value, at_ms: int, *, again: bool) -> None:
        if watch.late_ms is not None and watch.beyond(value):
            subject.heard.breached_ms[watch.rule.id] = at_ms
        self._round.hear(watch, value, at_ms, again=again)

    def _hear_late(
        self, subject: Subject, watches: Sequence[ValueWatch[Any]], value: Value, reading: Reading, newest_ms: int
    ) -> None:
        """An urgent value is not lost for being late: it raises an alarm or makes it worse, once, and never clears."""
        self.late += 1
        at_ms, breached_ms = reading.at_ms, subject.heard.breached_ms
        age_ms = min(newest_ms, reading.received_ms) - at_ms
        for watch in watches:
            if watch.late_ms is None or at_ms <= breached_ms.get(watch.rule.id, NEVER_MS):
                continue
            try:
                if not watch.beyond(value):
                    continue
            except TypeError as problem:
                self._round.fault(watch, problem)
                continue
            breached_ms[watch.rule.id] = at_ms
            if age_ms <= watch.late_ms and watch.lifted_by(value, at_ms):
                self._round.ask(watch, at_ms, watch.late, value, at_ms)

    def _look_at(self, subject: Subject, reading: Reading) -> None:
        """Keep the newest values that rules conclude from; of two of one moment, the larger."""
        at_ms = reading.at_ms
        known = subject.heard.values
        if known is None:
            known = subject.heard.values = {}
        told: dict[DerivedWatch[Any], None] = {}
        first = False
        derived = subject.derived or {}
        for metric, value in reading.metrics.items():
            watches = derived.get(metric)
            if watches is None or value != value:  # noqa: PLR0124 - not a number
                continue
            before = known.get(metric)
            if before is None or (at_ms, value) > (before.at_ms, before.value):
                known[metric] = Newest(value, at_ms)
                first |= before is None  # what is known at all for the first time is news to others in itself
                told |= dict.fromkeys(watches)
        port, whole = reading.port, subject.source.whole.heard.values
        if whole and whole is not known:
            known = {**whole, **known}
        for watch in told:
            idle = watch.state is None and watch.memory is None and watch.port == port and not first
            if not (idle and watch.is_quiet(known)):
                self._derivations.came(watch, at_ms)

    def _hear_in_order(self, subject: Subject, reading: Reading, order: Order) -> list[Finding]:
        """Let the values wait, and give out those for which the device's time has come."""
        order.pass_to(reading.at_ms, reading.received_ms)
        self._touched[subject.source.whole] = None
        for metric, reorders in (subject.delayed or {}).items():
            value = reading.metrics.get(metric)
            if value is None or value != value:  # noqa: PLR0124 - not a number
                continue
            for reorder in reorders:
                if not reorder.put(value, reading.at_ms, reading.received_ms):
                    self._hear_late(subject, reorder.watches, value, reading, reorder.queue.given_ms)
                order.note(reorder)
        return self.give_out(order.due())
