"""Which watches conclude from which, when they are to be asked, and what they know."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from domain.finding import AlarmState
from rules.subjects import NEVER_MS, Source, Subject, Subjects
from rules.watch import DerivedWatch, Key, Newest, SilenceWatch, ValueWatch, Watch

LOOK = "look"
"""Stands for a metric where the newest look is meant."""


class Derivations:
    """Every watch that concludes from others. Asked in such an order that each knows what its parents conclude."""

    def __init__(self, watches: Mapping[Key, Watch[Any]], subjects: Subjects) -> None:
        """Raises ConfigError for rules that conclude from each other."""
        derived = {key: watch for key, watch in watches.items() if isinstance(watch, DerivedWatch)}
        if derived:
            known: dict[str, set[str]] = {}
            for rule_id, subject in watches:
                known.setdefault(rule_id, set()).add(subject)
            for watch in derived.values():
                watch.bind(known)
        self._watches = watches
        self._subjects = subjects
        self._rank = {watch: rank for rank, watch in enumerate(_in_order(derived))}
        self._children: dict[Watch[Any], tuple[DerivedWatch[Any], ...]] = {}
        self.parents: AbstractSet[Watch[Any]] = self._children.keys()
        """Those that others conclude from."""
        for child in self._rank:
            for key in child.parents:
                if parent := watches.get(key):
                    self._children[parent] = (*self._children.get(parent, ()), child)
        self._due: dict[DerivedWatch[Any], int] = {}
        self._timed: dict[DerivedWatch[Any], int] = {}
        """Those whose answer time alone may change, and when."""
        self._said: dict[DerivedWatch[Any], AlarmState | None] = {}
        """Of those that others of their kind conclude from: where these were last told that its alarm is."""

    def take_up(self) -> None:
        """Know again whose answer time alone may change, and what was said to others."""
        for watch in self._rank:
            self._note_time(watch)
            if watch in self._children:
                self._said[watch] = self._stands(watch.key)

    def answered(self, watch: DerivedWatch[Any], at_ms: int) -> None:
        """A watch was asked: time may change its answer; and what it says is news, be it only that it is known now."""
        self._note_time(watch)
        if watch in self._said and (now := self._stands(watch.key)) is not self._said[watch]:
            self._said[watch] = now
            self.learned(watch, at_ms)

    def _note_time(self, watch: DerivedWatch[Any]) -> None:
        if (due_ms := watch.due_ms) is None:
            self._timed.pop(watch, None)
        else:
            self._timed[watch] = due_ms

    def tick(self, now_ms: int) -> None:
        """Time has passed."""
        if self._timed:
            for watch, due_ms in self._timed.items():
                if due_ms <= now_ms:
                    self.came(watch, now_ms)

    def learned(self, watch: Watch[Any], at_ms: int) -> None:
        """A watch has learned something: those that conclude from it are to be asked."""
        for child in self._children.get(watch, ()):
            self._due[child] = max(at_ms, self._due.get(child, at_ms))

    def first(self, watches: Iterable[Watch[Any]], at_ms: int) -> None:
        """Their metric is heard for the first time: what they say is known from now on."""
        if self._children:
            for watch in watches:
                self.learned(watch, at_ms)

    def changed(self, source: Source, at_ms: int) -> None:
        """A source fell silent, or is heard again: what is known of it has changed."""
        if self._children:
            for watch in (*source.values, *source.looks, *source.silences, *source.derived):
                self.learned(watch, at_ms)

    def came(self, watch: DerivedWatch[Any], at_ms: int) -> None:
        """A metric came that it looks at, or its time."""
        self._due[watch] = max(at_ms, self._due.get(watch, at_ms))

    def due(self) -> Iterator[tuple[DerivedWatch[Any], int]]:
        """Those that are to be asked, and the moment; also those that become so while it goes on."""
        while self._due:
            watch = min(self._due, key=lambda each: self._rank[each])
            yield watch, self._due.pop(watch)

    def known_to(self, watch: DerivedWatch[Any]) -> tuple[Mapping[Key, AlarmState | None], Mapping[str, Newest]]:
        """Where the alarms of its parents are in their lives, and the newest values of its metrics."""
        return {key: self._stands(key) for key in watch.parents}, self._values(watch)

    def _values(self, watch: DerivedWatch[Any]) -> Mapping[str, Newest]:
        """The newest of each of its metrics: the port's own, and of the whole device what the port never said."""
        subject = self._subjects.of(watch)
        own, whole = subject.heard.values or {}, subject.source.whole.heard.values or {}
        return {metric: said for metric in watch.metrics if (said := own.get(metric) or whole.get(metric))}

    def _stands(self, key: Key) -> AlarmState | None:
        watch = self._watches.get(key)
        if watch is None:
            return None
        if watch.standing or self._is_known(watch):
            return watch.alarm or AlarmState.RESOLVED
        return None

    def _is_known(self, watch: Watch[Any]) -> bool:
        """Whether that it does not stand says anything: it has heard something, and its device is not silent."""
        subject = self._subjects.of(watch)
        if isinstance(watch, SilenceWatch):
            return subject.source.quiet_since_ms != NEVER_MS
        if isinstance(watch, DerivedWatch):
            said = (self._stands(parent) for parent in watch.parents)
            known = all(state not in {None, AlarmState.STALE} for state in said)
            return known and (not watch.metrics or self._has_values(watch, subject))
        if any(silence.standing for silence in subject.source.silences):
            return False
        return (watch.metric if isinstance(watch, ValueWatch) else LOOK) in subject.heard.newest_ms

    def _has_values(self, watch: DerivedWatch[Any], subject: Subject) -> bool:
        silent = any(silence.standing for silence in subject.source.silences)
        return not silent and len(self._values(watch)) == len(watch.metrics)


def _in_order(derived: Mapping[Key, DerivedWatch[Any]]) -> Iterator[DerivedWatch[Any]]:
    """Parents before their children. Raises ConfigError where there is no such order."""
    placed: set[Key] = set()
    path: list[Key] = []

    def place(key: Key) -> Iterator[DerivedWatch[Any]]:
        if key in placed or key not in derived:
            return
        watch = derived[key]
        if key in path:
            circle = " → ".join(rule_id for rule_id, _ in (*path[path.index(key) :], key))
            raise watch.rule.wrong(f"it concludes from itself: {circle}")
        path.append(key)
        for parent in watch.parents:
            yield from place(parent)
        path.pop()
        placed.add(key)
        yield watch

    for key in derived:
        yield from place(key)
