"""What people are told of what a watch says, and what is kept from them for how long.

In this order: outside a rule's hours nothing is raised; nor, unless it is critical or latched, while an alarm that
inhibits it stands; nor so soon after its end; what comes and goes all the time is called flapping instead; and of too
many at once some wait. What is held back stands all the same: it is told as soon as nothing hinders it any more, if it
has not ended until then.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from config.load import Site
from domain.finding import AlarmState, Change, Finding, Severity
from rules.flapping import Flapping
from rules.overflow import AtMost, Flood
from rules.remembered import Hindrance, Told, View, view
from rules.rule import Rule
from rules.watch import ValueWatch, Watch

_NOTHING = Told()
Answer = tuple[Told | None, tuple[Finding, ...]]
"""What is to be remembered of what was told, and what is told now."""


def view_of(watch: Watch[Any]) -> View:
    """What people know of a watch's alarm."""
    memory = watch.memory
    return view(standing=watch.standing, told=None if memory is None else memory.told)


class Gate:
    """What all watches of one rule pass. Only how many are raised at once is remembered here, under `flood`."""

    def __init__(self, rule: Rule, site: Site) -> None:
        spec = rule.spec
        hours = spec.hours(site)
        self._in_hours: Callable[[int], bool] | None = None if hours is None else hours.holds
        self._cooldown_ms = round(spec.cooldown * 1000)
        self._flapping: Flapping | None = None
        if spec.can_flap and spec.flapping != "never":
            self._flapping = spec.flapping or Flapping()
        self.flood = None if spec.is_grave else Flood(rule, spec.at_most or AtMost())
        self.inhibitors: Mapping[str, Sequence[Watch[Any]]] = {}
        """By device: the watches whose alarm keeps this rule's from being raised."""

    def step(
        self, watch: Watch[Any], told: Told | None, finding: Finding | None, at_ms: int, *, known: bool = False
    ) -> Answer:
        """What becomes of a finding, or of none; `told` is as it was before. `known`: people know of the alarm already.

        `at_ms` is the time of what was heard, or of the tick.
        """
        before = told or _NOTHING
        if before.held:
            return self._waits(watch, before, finding, at_ms, known=known)
        if before.flapping is not None:
            return self._flaps(watch, before, before.flapping, finding, at_ms)
        if finding is not None and finding.change is Change.RAISED:
            why = None if known else self._hindrance(watch, before, finding, at_ms)
            if why is not None:
                return self._hold_back(self._kept(before, at_ms) or _NOTHING, (finding,), why, before.why), ()
            return self._raised(before, at_ms), (finding,)
        if finding is not None and finding.change is Change.RESOLVED:
            return self._ended(before, finding, at_ms)
        return self._kept(before, at_ms), () if finding is None else (finding,)

    def _raised(self, told: Told, at_ms: int) -> Told | None:
        turns = self._turns(told, at_ms, turned=True)
        return Told(turns=turns) if turns else None

    def _ended(self, told: Told, finding: Finding, at_ms: int) -> Answer:
        turns = self._turns(told, at_ms, turned=True)
        if self._flapping is not None and self._flapping.begins(turns) and not finding.latch:
            flapping = replace(finding, change=Change.FLAPPING)
            return Told(turns=turns, flapping=finding, severity=_worst(finding, told.severity)), (flapping,)
        return self._closed(turns, at_ms), (finding,)

    def _closed(self, turns: tuple[int, ...], at_ms: int) -> Told | None:
        ended_ms = at_ms if self._cooldown_ms else None
        return Told(turns=turns, ended_ms=ended_ms) if turns or ended_ms is not None else None

    def _kept(self, told: Told, at_ms: int) -> Told | None:
        """What still matters of it."""
        turns = self._turns(told, at_ms, turned=False)
        ended_ms = told.ended_ms
        if ended_ms is not None and at_ms >= ended_ms + self._cooldown_ms:
            ended_ms = None
        if not turns and ended_ms is None:
            return None
        if turns is told.turns and ended_ms == told.ended_ms:
            return told
        return Told(turns=turns, ended_ms=ended_ms, severity=told.severity)

    def _turns(self, told: Told, at_ms: int, *, turned: bool) -> tuple[int, ...]:
        if self._flapping is None:
            return ()
        turns = self._flapping.recent(told.turns, at_ms)
        return tuple(sorted((*turns, at_ms))) if turned else turns

    def _hindrance(self, watch: Watch[Any], told: Told, finding: Finding, at_ms: int) -> Hindrance | None:
        """What keeps it from being raised now. Room is taken by asking for it."""
        if self._in_hours is not None and not self._in_hours(at_ms):
            return "schedule"
        if finding.severity is Severity.CRITICAL or finding.latch or getattr(watch.rule.spec, "latch", False):
            return None
        if any(_inhibits(other, at_ms) for other in self.inhibitors.get(watch.device_id, ())):
            return "inhibited"
        if told.ended_ms is not None and at_ms < told.ended_ms + self._cooldown_ms:
            return "cooldown"
        return "overflow" if self.flood is not None and not self.flood.lets_through(at_ms) else None

    def _hold_back(self, told: Told, held: tuple[Finding, ...], why: Hindrance, was: Hindrance | None) -> Told:
        if why == "overflow" and was != why and self.flood is not None:
            self.flood.hold_back()
        return replace(told, held=held, why=why)

    def _waits(self, watch: Watch[Any], told: Told, finding: Finding | None, at_ms: int, *, known: bool) -> Answer:
        """What is held back: let out if it may be, with the newest that is known of it, or forgotten when it ends."""
        held = told.held
        if finding is not None and finding.change is Change.STALE:
            held = (held[0], finding)
        elif finding is not None:
            held = (replace(finding, change=Change.RAISED),)
        was, told = told.why, replace(told, held=(), why=None)
        if not watch.standing:
            return self._kept(told, at_ms), ()
        why = None if known else self._hindrance(watch, told, held[0], at_ms)
        if why is not None:
            return self._hold_back(told, held, why, was), ()
        return self._raised(told, at_ms), tuple(replace(each, at_ms=max(each.at_ms, at_ms)) for each in held)

    def _flaps(self, watch: Watch[Any], told: Told, newest: Finding, finding: Finding | None, at_ms: int) -> Answer:
        """Each turn is counted and told nobody, until it is steady, or as bad as nobody was told yet."""
        if finding is not None and finding.change is Change.STALE:
            return replace(told, flapping=finding), (finding,)
        turned = finding is not None and finding.change in {Change.RAISED, Change.RESOLVED}
        turns = self._turns(told, at_ms, turned=turned)
        was_stale, newest = newest.change is Change.STALE, finding or newest
        if not self._goes_on(watch, told, turns, newest, at_ms):
            change = Change.RENEWED if watch.standing else Change.RESOLVED
            steady = replace(newest, change=change, at_ms=at_ms)
            after = Told(turns=turns, severity=_worst(newest, told.severity)) if watch.standing and turns else None
            return after if watch.standing else self._closed(turns, at_ms), (steady,)
        if was_stale:  # heard again
            newest = replace(newest, change=Change.FLAPPING, at_ms=at_ms)
        after = Told(turns=turns, flapping=newest, severity=told.severity or newest.severity)
        return (told if after == told else after), ((newest,) if was_stale else ())

    def _goes_on(self, watch: Watch[Any], told: Told, turns: tuple[int, ...], newest: Finding, at_ms: int) -> bool:
        """Whether what flaps still does: not if it stands worse than was told, or for long enough without a turn."""
        if self._flapping is None or not self._flapping.goes_on(turns):
            return False
        if not watch.standing:
            return True
        if newest.latch or (told.severity is not None and newest.severity.rank > told.severity.rank):
            return False
        return watch.alarm is not AlarmState.FIRING or not self._flapping.is_steady(turns, at_ms)

    def is_over(self, told: Told, now_ms: int) -> bool:
        """Whether what flaps has, by the time alone, too few turns left. What is stale ends by data only."""
        if told.flapping is None or told.flapping.change is Change.STALE:
            return False
        return self._flapping is None or not self._flapping.goes_on(self._flapping.recent(told.turns, now_ms))


def _inhibits(other: Watch[Any], at_ms: int) -> bool:
    """Whether an alarm stands, and is of now: of what is no longer heard nobody knows whether it still holds."""
    told = None if other.memory is None else other.memory.told
    if told is not None and told.flapping is not None and told.flapping.change is Change.STALE:
        return False
    return view_of(other) is not View.CLOSED and other.alarm is not AlarmState.STALE and _is_heard(other, at_ms)


def _is_heard(watch: Watch[Any], at_ms: int) -> bool:
    """Whether what it says is known of this moment: its device may speak, and its metric be missing."""
    if isinstance(watch, ValueWatch):
        moment = None if watch.memory is None else watch.memory.moment
        heard_ms = watch.since_ms if moment is None else moment.at_ms
        return heard_ms is None or at_ms - heard_ms <= watch.gap_ms + watch.lateness_ms
    until_ms = getattr(watch.state, "until_ms", None)
    return not isinstance(until_ms, int) or at_ms <= until_ms


def _worst(finding: Finding, told: Severity | None) -> Severity:
    return finding.severity if told is None or finding.severity.rank > told.rank else told


def gates_of(rules: Sequence[Rule], site: Site, watches: Collection[Watch[Any]]) -> dict[str, Gate]:
    """The gate of each rule by its id, those that inhibit others first."""
    known = {rule.id: rule for rule in rules}
    gates: dict[str, Gate] = {}

    def place(rule: Rule, waiting: frozenset[str]) -> None:
        for other in rule.spec.inhibited_by:
            if other in known and other not in waiting:
                place(known[other], waiting | {rule.id})
        if rule.id not in gates:
            gates[rule.id] = Gate(rule, site)

    for rule in rules:
        place(rule, frozenset())
    for rule in rules:
        if rule.spec.inhibited_by:
            gates[rule.id].inhibitors = _by_device(rule, watches)
    return gates


def _by_device(rule: Rule, watches: Collection[Watch[Any]]) -> Mapping[str, Sequence[Watch[Any]]]:
    found: dict[str, list[Watch[Any]]] = {}
    for watch in watches:
        if watch.rule.id in rule.spec.inhibited_by:
            found.setdefault(watch.device_id, []).append(watch)
    return found
