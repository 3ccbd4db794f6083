"""What a figure does to an alarm: raise, hold, renew, go stale, clear. One life for every kind of rule with limits.

Of several levels each has its own limits and its own hold, but there is one alarm: it has the severity of the worst
level that stands. Times are event times.
"""

from msgspec import Struct
from msgspec.structs import replace

from domain.case import Alarm
from domain.finding import AlarmState, Change, Severity
from domain.reading import Value
from rules.limits import LevelLimits

RENEW_MS = 60_000
"""A firing alarm is renewed at most once in this much event time, unless its severity changes."""


class Hold(Struct, frozen=True):
    """A breach of one level's limit and how far it has come."""

    since_ms: int
    seen_ms: int
    """When the figure was last beyond the limit."""
    count: int
    firing: bool


class Life(Struct, frozen=True):
    """An alarm, or what may become one."""

    state: AlarmState
    since_ms: int
    """Since when the condition has held, of the level that raised it first."""
    holds: dict[Severity, Hold] = {}
    severity: Severity | None = None
    """Of the worst level that stands; None: pending."""
    renewed_ms: int = 0


class Levels(Struct, frozen=True):
    """The levels of one rule for one subject, most severe first."""

    levels: tuple[LevelLimits, ...]

    def judge(self, life: Life | None, figure: Value, at_ms: int) -> tuple[Life | None, Change | None]:
        """What becomes of the alarm by one more figure. The level that a change is of is `level(life)`."""
        holds = self._holds(life, figure, at_ms)
        worst = next((severity for severity, hold in holds.items() if hold.firing), None)
        if not holds:
            return None, Change.RESOLVED if standing(life) else None
        first_ms = min(hold.since_ms for hold in holds.values() if hold.firing or worst is None)
        if worst is None:
            pending = Life(state=AlarmState.PENDING, since_ms=first_ms, holds=holds)
            return pending, Change.RESOLVED if standing(life) else None
        if life is None or life.severity is None:
            raised = Life(AlarmState.FIRING, first_ms, holds, severity=worst, renewed_ms=at_ms)
            return raised, Change.RAISED
        beyond = holds[worst].seen_ms == at_ms
        stale = life.state is AlarmState.STALE
        due = stale or worst is not life.severity or (beyond and at_ms - life.renewed_ms >= RENEW_MS)
        renewed = replace(
            life,
            state=AlarmState.FIRING if beyond else AlarmState.RECOVERING,
            holds=holds,
            severity=worst,
            renewed_ms=at_ms if due else life.renewed_ms,
        )
        return renewed, Change.RENEWED if due else None

    def _holds(self, life: Life | None, figure: Value, at_ms: int) -> dict[Severity, Hold]:
        """What of each level is left or begins. Beyond a worse limit that stands, a milder one needs no hold."""
        known = {} if life is None else life.holds
        holds: dict[Severity, Hold] = {}
        worse_stands = False
        for level in self.levels:
            hold = _held(level, known.get(level.severity), figure, at_ms, at_once=worse_stands)
            if hold is not None:
                holds[level.severity] = hold
                worse_stands = worse_stands or hold.firing
        return holds

    def lift(self, life: Life | None, figure: Value, at_ms: int) -> tuple[Life | None, Change | None]:
        """What a late figure does: it can only make things worse, and only of a level for which one is enough."""
        level = next((each for each in self.levels if each.urgent and each.limits.breached(figure)), None)
        was = None if life is None else life.severity
        if level is None or (was is not None and was.rank >= level.severity.rank):
            return life, None
        reached = Hold(since_ms=at_ms, seen_ms=at_ms, count=1, firing=True)
        holds = {} if life is None else dict(life.holds)
        for each in self.levels:
            known = holds.get(each.severity)
            if each.severity.rank <= level.severity.rank and not (known and known.firing):
                holds[each.severity] = reached
        since_ms = at_ms if life is None or was is None else life.since_ms
        lifted = Life(AlarmState.FIRING, since_ms, holds, severity=level.severity, renewed_ms=at_ms)
        return lifted, Change.RAISED if was is None else Change.RENEWED

    def adopted(self, life: Life) -> Life:
        """What was remembered, though the rule may have had other levels then: nothing that stood ends by an edit.

        A level that is no longer there becomes the next worse one, or the worst there is.
        """
        known = {level.severity for level in self.levels}
        if life.severity is None and life.state is not AlarmState.PENDING:  # as it was written before there were levels
            hold = Hold(since_ms=life.since_ms, seen_ms=life.renewed_ms, count=1, firing=True)
            life = replace(life, severity=self.levels[0].severity, holds={self.levels[0].severity: hold})
        if life.severity is None or known.issuperset((life.severity, *life.holds)):
            return life
        holds = {self._now(severity): hold for severity, hold in life.holds.items() if hold.firing}
        return replace(life, severity=self._now(life.severity), holds=holds)

    def taken_up(self, alarm: Alarm) -> Life:
        """The life of an alarm that was raised without these levels."""
        severity = self._now(alarm.severity)
        hold = Hold(since_ms=alarm.since_ms, seen_ms=alarm.seen_ms, count=1, firing=True)
        holds = {level.severity: hold for level in self.levels if level.severity.rank <= severity.rank}
        state = AlarmState.STALE if alarm.state is AlarmState.STALE else AlarmState.FIRING
        return Life(state, alarm.since_ms, holds, severity=severity, renewed_ms=alarm.seen_ms)

    def _now(self, severity: Severity) -> Severity:
        worse = [level.severity for level in self.levels if level.severity.rank >= severity.rank]
        return worse[-1] if worse else self.levels[0].severity

    def level(self, life: Life) -> LevelLimits:
        """The level whose severity the alarm has; the mildest, if a rule that is no longer so raised it."""
        return next((level for level in self.levels if level.severity is life.severity), self.levels[-1])

    def unheard(self, life: Life | None) -> tuple[Life | None, Change | None]:
        """Nothing more is heard: what fires goes stale, unless it is latched."""
        if life is None or life.severity is None or life.state is AlarmState.STALE or self.level(life).latch:
            return life, None
        return replace(life, state=AlarmState.STALE), Change.STALE


def _held(level: LevelLimits, hold: Hold | None, figure: Value, at_ms: int, *, at_once: bool) -> Hold | None:
    if level.limits.breached(figure):
        since_ms, count, fired = (at_ms, 1, False) if hold is None else (hold.since_ms, hold.count + 1, hold.firing)
        full = at_ms - since_ms >= level.hold_ms and count >= level.samples
        return Hold(since_ms=since_ms, seen_ms=at_ms, count=count, firing=fired or full or at_once)
    if hold is None or not hold.firing or (level.limits.cleared(figure) and not level.latch):
        return None
    return hold


def unheld(life: Life | None) -> Life | None:
    """After a gap: what was pending counts for nothing, what stands goes on standing."""
    if life is None or life.severity is None:
        return None
    return replace(life, holds={severity: hold for severity, hold in life.holds.items() if hold.firing})


def gathering_ms(life: Life) -> int | None:
    """When a level that is not yet reached was last beyond its limit; None if none is on its way."""
    return max((hold.seen_ms for hold in life.holds.values() if not hold.firing), default=None)


def standing(life: Life | None) -> bool:
    """Whether the alarm has been raised and has not ended."""
    return life is not None and life.severity is not None
