"""When something about the product itself is wrong for long enough to be told, and when it is over.

No clock, no I/O: fed with the product's health, it answers with steps.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from console.desk.health import CollectorHealth, Health
from domain.finding import Change, Severity
from domain.service import Trouble, TroubleKind

_HOUR_S: Final = 3600.0
_DAY_MS: Final = 86_400_000
_FULL_WARN_S: Final = 6 * _HOUR_S
_FULL_CRITICAL_S: Final = _HOUR_S
_DRY_LAND: Final = 0.05
"""So far must the journal fall below its high-water mark to count as below."""
_RESTLESS_MS: Final = 600_000
_MOST_RESTARTS: Final = 3
_MOST_RECONNECTS: Final = 5
_DROPPED_MS: Final = 3_600_000
_RENEW_MS: Final = 600_000
_MILDEST_FIRST: Final = tuple(Severity)


class Step(Struct, frozen=True, kw_only=True):
    """Something began, got worse or milder, goes on, or is over."""

    kind: TroubleKind
    change: Change
    severity: Severity
    worst: Severity
    """The worst since it began."""
    since_ms: int
    at_ms: int


class Patience(Struct, frozen=True):
    """How long something must be wrong to be told, and how long it must be right to be over. Seconds."""

    before: float
    after: float


PATIENCE: Final[Mapping[TroubleKind, Patience]] = {
    TroubleKind.JOURNAL_STOPPED: Patience(3, 60),
    TroubleKind.BROKER_AWAY: Patience(60, 60),
    TroubleKind.RULES_FAILING: Patience(10, 60),
    TroubleKind.JOURNAL_FILLING: Patience(30, 120),
    TroubleKind.STORE_AWAY: Patience(120, 60),
    TroubleKind.RULES_SETTINGS: Patience(4, 4),
    TroubleKind.WATCH_SETTINGS: Patience(10, 10),
    TroubleKind.PLATFORM_LATE: Patience(10, 60),
    # These look back by themselves.
    TroubleKind.JOURNAL_DAMAGED: Patience(0, 0),
    TroubleKind.STORE_DROPS: Patience(0, 0),
    TroubleKind.COLLECTOR_RESTLESS: Patience(0, 0),
    TroubleKind.PLATFORM_REFUSES: Patience(0, 0),
}


class _Spell:
    """One trouble, from the first moment it was seen."""

    def __init__(self, since_ms: int) -> None:
        self.since_ms = since_ms
        self.seen_ms = since_ms
        """When it was last there."""
        self.told: Severity | None = None
        self.worst = Severity.NOTICE
        self.as_bad_ms = since_ms
        """When it was last at least as bad as was told."""
        self.told_ms = since_ms
        self.at_ms = 0
        """The time of its last step."""

    def set_back(self, by_ms: int) -> None:
        """The clock was: what has lasted has lasted all the same. When it began is not told anew."""
        self.seen_ms -= by_ms
        self.as_bad_ms -= by_ms
        self.told_ms -= by_ms
        if self.told is None:
            self.since_ms -= by_ms


class Selfwatch:
    """One thread observes; any thread may read `troubles`."""

    def __init__(self, *, high_water: float) -> None:
        """`high_water` is the share of the journal that may fill while the store is away."""
        self._high_water = high_water
        self._spells: dict[TroubleKind, _Spell] = {}
        self._now_ms = 0
        self._begun: dict[str, deque[tuple[int, int, int]]] = {}
        self.troubles: tuple[Trouble, ...] = ()
        """What is wrong now; the worst first, then the longest."""

    def resume(self, kind: TroubleKind, severity: Severity, *, since_ms: int, at_ms: int, now_ms: int) -> None:
        """What an earlier process told of, last at `at_ms`, and did not see the end of.

        Nothing if this one has told of it too.
        """
        known = self._spells.get(kind)
        if known is not None and known.told is not None:
            return
        spell = self._spells[kind] = _Spell(since_ms)
        spell.told = spell.worst = severity
        spell.seen_ms = spell.as_bad_ms = spell.told_ms = now_ms
        spell.at_ms = at_ms
        self._note()

    def observe(self, health: Health, now_ms: int) -> list[Step]:
        """What changes with this. To be called every few seconds."""
        if now_ms < self._now_ms:
            for spell in self._spells.values():
                spell.set_back(self._now_ms - now_ms)
            self._begun.clear()
        self._now_ms = now_ms
        return self._observed(health, now_ms)

    def _observed(self, health: Health, now_ms: int) -> list[Step]:
        steps = []
        for kind in TroubleKind:
            spell = self._spells.get(kind)
            severity = self._how_bad(kind, health, spell.told if spell else None, now_ms)
            step = self._good(kind, now_ms) if severity is None else self._bad(kind, severity, now_ms)
            if step:
                steps.append(step)
        self._note()
        return steps

    def _good(self, kind: TroubleKind, now_ms: int) -> Step | None:
        spell = self._spells.get(kind)
        if spell is None:
            return None
        if spell.told is None:
            del self._spells[kind]
            return None
        if now_ms - spell.seen_ms < PATIENCE[kind].after * 1000:
            return None
        del self._spells[kind]
        return _step(kind, Change.RESOLVED, spell, spell.told, now_ms)

    def _bad(self, kind: TroubleKind, severity: Severity, now_ms: int) -> Step | None:
        spell = self._spells.setdefault(kind, _Spell(now_ms))
        spell.seen_ms = now_ms
        if spell.told is None:
            if now_ms - spell.since_ms < PATIENCE[kind].before * 1000:
                return None
            return _tell(kind, Change.RAISED, spell, severity, now_ms)
        worse = _rank(severity) - _rank(spell.told)
        if worse >= 0:
            spell.as_bad_ms = now_ms
        milder = worse < 0 and now_ms - spell.as_bad_ms >= PATIENCE[kind].after * 1000
        if worse > 0 or milder:
            return _tell(kind, Change.RENEWED, spell, severity, now_ms)
        if now_ms - spell.told_ms >= _RENEW_MS:
            return _tell(kind, Change.RENEWED, spell, spell.told, now_ms)
        return None

    def _note(self) -> None:
        told = [
            Trouble(kind=kind, severity=spell.told, since_ms=spell.since_ms)
            for kind, spell in self._spells.items()
            if spell.told is not None
        ]
        order = list(TroubleKind)
        self.troubles = tuple(sorted(told, key=lambda one: (-_rank(one.severity), order.index(one.kind))))

    def _how_bad(self, kind: TroubleKind, health: Health, told: Severity | None, now_ms: int) -> Severity | None:
        match kind:
            case TroubleKind.JOURNAL_FILLING:
                return _filling(health, self._high_water, told)
            case TroubleKind.STORE_AWAY:
                return _store_away(health, self._high_water)
            case TroubleKind.COLLECTOR_RESTLESS:
                return Severity.WARN if self._restless(health.collectors, now_ms) else None
            case _ if kind in _LATELY:
                when, within_ms = _LATELY[kind]
                return _lately(when(health), within_ms, now_ms)
            case _ if kind in _MISTAKEN:
                return Severity.WARN if _MISTAKEN[kind](health) else None
            case _:
                return Severity.CRITICAL if _STANDS_STILL[kind](health) else None

    def _restless(self, collectors: Sequence[CollectorHealth], now_ms: int) -> bool:
        """Whether one of them began again too often within ten minutes."""
        restless = False
        for one in collectors:
            seen = self._begun.setdefault(one.name, deque([(now_ms, one.restarts, one.reconnects)]))
            if seen[-1][1:] != (one.restarts, one.reconnects):
                seen.append((now_ms, one.restarts, one.reconnects))
            while len(seen) > 1 and seen[1][0] <= now_ms - _RESTLESS_MS:
                seen.popleft()
            _, restarts, reconnects = seen[0]
            restless |= one.restarts - restarts >= _MOST_RESTARTS or one.reconnects - reconnects >= _MOST_RECONNECTS
        return restless


_STANDS_STILL: Final[Mapping[TroubleKind, Callable[[Health], bool]]] = {
    TroubleKind.JOURNAL_STOPPED: lambda health: health.ingest_paused or not health.journal.writable,
    TroubleKind.BROKER_AWAY: lambda health: not health.broker_connected,
    TroubleKind.RULES_FAILING: lambda health: health.rules_failing,
}
_MISTAKEN: Final[Mapping[TroubleKind, Callable[[Health], bool]]] = {
    TroubleKind.RULES_SETTINGS: lambda health: bool(health.rules_problem),
    TroubleKind.WATCH_SETTINGS: lambda health: bool(health.watch_problems),
    TroubleKind.PLATFORM_LATE: lambda health: health.platform is not None and health.platform.late,
}

_LATELY: Final[Mapping[TroubleKind, tuple[Callable[[Health], int | None], int]]] = {
    TroubleKind.JOURNAL_DAMAGED: (lambda health: health.journal.damaged_ms, _DAY_MS),
    TroubleKind.STORE_DROPS: (lambda health: health.store.lost_ms, _DROPPED_MS),
    TroubleKind.PLATFORM_REFUSES: (lambda health: health.platform.died_ms if health.platform else None, _DAY_MS),
}
"""When it was last, and for how long that is told."""


def used(health: Health) -> float:
    """How full the journal is, as a share of its bound."""
    return health.journal.size / health.journal.max_size if health.journal.max_size else 0.0


def _filling(health: Health, high_water: float, told: Severity | None) -> Severity | None:
    """Once told, a little better is not good yet."""
    left_s = health.journal.full_in_s
    if left_s is not None and left_s < _FULL_CRITICAL_S * (1.25 if told is Severity.CRITICAL else 1.0):
        return Severity.CRITICAL
    high = used(health) >= high_water - (_DRY_LAND if told else 0.0)
    soon = left_s is not None and left_s < _FULL_WARN_S * (1.25 if told else 1.0)
    return Severity.WARN if high or soon else None


def _store_away(health: Health, high_water: float) -> Severity | None:
    if health.store_reachable:
        return None
    return Severity.CRITICAL if used(health) >= high_water else Severity.WARN


def _lately(at_ms: int | None, within_ms: int, now_ms: int) -> Severity | None:
    return Severity.WARN if at_ms is not None and now_ms - at_ms < within_ms else None


def _tell(kind: TroubleKind, change: Change, spell: _Spell, severity: Severity, now_ms: int) -> Step:
    spell.told, spell.told_ms, spell.as_bad_ms = severity, now_ms, now_ms
    spell.worst = max(spell.worst, severity, key=_rank)
    return _step(kind, change, spell, severity, now_ms)


def _step(kind: TroubleKind, change: Change, spell: _Spell, severity: Severity, now_ms: int) -> Step:
    spell.at_ms = max(now_ms, spell.at_ms + 1)  # the book takes only what is newer, whatever the clock was set to
    return Step(
        kind=kind, change=change, severity=severity, worst=spell.worst, since_ms=spell.since_ms, at_ms=spell.at_ms
    )


def _rank(severity: Severity) -> int:
    return _MILDEST_FIRST.index(severity)
