"""A watch that concludes from other rules and from its own values, in three-valued logic."""

from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from domain.case import Alarm
from domain.finding import AlarmState, Change, Finding
from rules.alarm_life import RENEW_MS
from rules.conditions import Condition
from rules.kleene import Truth, every, inverse, some
from rules.rule import Rule
from rules.watch import DerivedWatch, Key, Newest

_DOWN = frozenset({AlarmState.PENDING, AlarmState.RESOLVED})


class Conclusion(Struct, frozen=True):
    """What was concluded, and how far it has come."""

    state: AlarmState
    since_ms: int
    until_ms: int | None
    """Until when it is known to hold without another word: then the oldest of its values is too old. None: always."""
    renewed_ms: int = 0


class Parent(NamedTuple):
    """One other rule, as one subject sees it: the watches whose word counts."""

    rule_id: str
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What a rule concludes from, the same for all its subjects."""

    patterns: Mapping[str, Sequence[str]]
    """`all`, `any`, `none` → ids of rules, or patterns of them."""
    meant: Callable[[str, Collection[str]], Sequence[str]]
    """The ids that a pattern means, of those that there are."""
    condition: Callable[[Collection[str]], Condition | None]
    """The condition, among the rules that there are."""
    metrics: tuple[str, ...]
    anywhere: bool
    """Whether a rule counts that stands on any part of the device; else on the subject, or the whole device."""
    stale_stands: bool
    hold_ms: int
    latch: bool


class CompoundWatch(DerivedWatch[Conclusion]):
    """A compound rule over one device, port or camera."""

    __slots__ = ("_condition", "_groups", "_max_age_ms", "_origin", "_parts", "_premises", "_read")
    remembers = Conclusion

    def __init__(
        self,
        rule: Rule,
        premises: Premises,
        device_id: str,
        *,
        port: int | None,
        parts: Sequence[str],
        max_age_ms: int,
        origin: str,
    ) -> None:
        """`parts`: every subject of the device, itself first. `origin`: where the rule says what must hold."""
        super().__init__(rule, device_id, port=port)
        self.metrics = premises.metrics
        self.parents = ()
        self._premises = premises
        self._parts = parts
        self._max_age_ms = max_age_ms
        self._origin = origin
        self._groups: tuple[tuple[str, tuple[Parent, ...]], ...] = ()
        self._condition: Condition | None = None
        self._read: tuple[tuple[str, Parent], ...] = ()

    def bind(self, known: Mapping[str, AbstractSet[str]]) -> None:
        """Learn which other watches there are: by rule id, their subjects."""
        premises, ids = self._premises, known.keys()
        self._groups = tuple(
            (
                group,
                tuple(
                    self._parent(rule_id, known)
                    for pattern in patterns
                    for rule_id in premises.meant(pattern, ids) or (pattern,)  # a rule that is not there is never known
                ),
            )
            for group, patterns in premises.patterns.items()
        )
        self._condition = premises.condition(ids)
        read = self._condition.rules if self._condition else ()
        self._read = tuple((name, self._parent(rule_id, known)) for name, rule_id in read)
        parents = [parent for _group, group in self._groups for parent in group] + [parent for _, parent in self._read]
        self.parents = tuple(dict.fromkeys(key for parent in parents for key in parent.keys))

    def _parent(self, rule_id: str, known: Mapping[str, AbstractSet[str]]) -> Parent:
        wanted = self._parts if self._premises.anywhere else dict.fromkeys((self.subject, self.device_id))
        there = known.get(rule_id, frozenset())
        return Parent(rule_id, tuple((rule_id, subject) for subject in wanted if subject in there))

    @property
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""
        return self.state is not None and self.state.state is not AlarmState.PENDING

    @property
    def due_ms(self) -> int | None:
        """When a hold over other rules is full, though nothing comes that would tell; of values it must be seen."""
        pending = self.state
        if pending is None or pending.state is not AlarmState.PENDING or self.metrics:
            return None
        return pending.since_ms + self._premises.hold_ms

    def evaluate(
        self, at_ms: int, standing: Mapping[Key, AlarmState | None], values: Mapping[str, Newest]
    ) -> Finding | None:
        """Raised when it has held for long enough, ended when it does not hold; stale when that is not known."""
        truth, until_ms = self._truth(at_ms, standing, values)
        if truth is None:
            return self._unknown(at_ms)
        return self._holds(at_ms, until_ms) if truth else self._ends(at_ms)

    def is_quiet(self, values: Mapping[str, Newest]) -> bool:
        """Whether the condition cannot hold by these values, whatever other rules say."""
        return self._condition is not None and self._condition.is_idle(values)

    def unheard(self, at_ms: int) -> Finding | None:
        """The device fell silent: its values are no longer known. What only hangs on other rules hears it by them."""
        return self._unknown(at_ms) if self.metrics else None

    def adopt(self, alarm: Alarm) -> None:
        """Take up an open alarm."""
        state = AlarmState.STALE if alarm.state is AlarmState.STALE else AlarmState.FIRING
        self.state = Conclusion(state=state, since_ms=alarm.since_ms, until_ms=None, renewed_ms=alarm.seen_ms)

    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word."""
        before = self.state
        if before is None or not self.standing:
            return None
        self.state = None
        return self._step(Change.RESOLVED, before, at_ms)

    def _truth(
        self, at_ms: int, standing: Mapping[Key, AlarmState | None], values: Mapping[str, Newest]
    ) -> tuple[Truth, int | None]:
        """Whether it holds, and until when that is known."""
        named = every(self._named(group, parents, standing) for group, parents in self._groups)
        if named is False or self._condition is None:
            return named, None
        read = {name: self._stands(parent, standing) for name, parent in self._read}
        truth, oldest_ms = self._condition.truth(at_ms, values, read, self._max_age_ms)
        return every((named, truth)), oldest_ms + self._max_age_ms if self.metrics else None

    def _named(self, group: str, parents: Sequence[Parent], standing: Mapping[Key, AlarmState | None]) -> Truth:
        truths = (self._stands(parent, standing) for parent in parents)
        if group == "all":
            return every(truths)
        return some(truths) if group == "any" else inverse(some(truths))

    def _stands(self, parent: Parent, standing: Mapping[Key, AlarmState | None]) -> Truth:
        """Of several watches those count that have heard anything; unless it may be any part, the first of them."""
        truths = [self._is_up(state) for key in parent.keys if (state := standing.get(key)) is not None]
        if not truths:
            return None
        return some(truths) if self._premises.anywhere else truths[0]

    def _is_up(self, state: AlarmState) -> Truth:
        if state is AlarmState.STALE:
            return True if self._premises.stale_stands else None
        return state not in _DOWN

    def _holds(self, at_ms: int, until_ms: int | None) -> Finding | None:
        before = self.state
        if before is None or before.state is AlarmState.PENDING:
            broken = before is None or (before.until_ms is not None and at_ms > before.until_ms)
            since_ms = at_ms if before is None or broken else before.since_ms
            firing = at_ms - since_ms >= self._premises.hold_ms
            state = AlarmState.FIRING if firing else AlarmState.PENDING
            self.state = Conclusion(state=state, since_ms=since_ms, until_ms=until_ms, renewed_ms=at_ms)
            return self._step(Change.RAISED, self.state, at_ms) if firing else None
        due = before.state is AlarmState.STALE or at_ms - before.renewed_ms >= RENEW_MS
        renewed_ms = at_ms if due else before.renewed_ms
        self.state = replace(before, state=AlarmState.FIRING, until_ms=until_ms, renewed_ms=renewed_ms)
        return self._step(Change.RENEWED, self.state, at_ms) if due else None

    def _ends(self, at_ms: int) -> Finding | None:
        before = self.state
        if before is None or before.state is AlarmState.PENDING:
            self.state = None
            return None
        if self._premises.latch:
            return None
        self.state = None
        return self._step(Change.RESOLVED, before, at_ms)

    def _unknown(self, at_ms: int) -> Finding | None:
        """It raises nothing and ends nothing: a hold begins anew, an alarm goes stale, a latched one stands anyway."""
        before = self.state
        if before is None or before.state is AlarmState.PENDING:
            self.state = None
            return None
        if self._premises.latch or before.state is AlarmState.STALE:
            return None
        self.state = replace(before, state=AlarmState.STALE)
        return self._step(Change.STALE, self.state, at_ms)

    def _step(self, change: Change, told: Conclusion, at_ms: int) -> Finding:
        return self.finding(
            change,
            at_ms=at_ms,
            since_ms=told.since_ms,
            limit_source=self._origin,
            latch=self._premises.latch,
        )
