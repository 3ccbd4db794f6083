"""How many alarms of one rule people are told of at once, and the alarm that stands for the others."""

from typing import TYPE_CHECKING

from msgspec import Struct, json
from msgspec.structs import replace
from pydantic import Field

from config.schema import Duration, Strict
from domain.case import Alarm
from domain.finding import Change, Finding

if TYPE_CHECKING:
    from rules.rule import Rule

OVERFLOW = "@overflow"
"""Stands for a subject, and for its device; none can be called so."""
KIND = "overflow"
_RENEW_MS = 10_000
"""The count is told again at most once in this much time."""


class AtMost(Strict):
    """So many alarms may be raised within so much event time; the others wait until there is room."""

    raised: int = Field(default=50, ge=1, le=10_000, description="so many alarms")
    within: Duration = Field(default=60.0, gt=0, description="of event time")


class Flooded(Struct, frozen=True, omit_defaults=True):
    """What is to be known of a rule that raises much."""

    raised: tuple[int, ...] = ()
    """Event times of the newest alarms that were let through."""
    since_ms: int | None = None
    """Since when some are held back; None: none are."""
    told_ms: int = 0
    told: int = 0
    """How many were held back when that was last told."""
    total: int = 0
    """How many were held back since then, in all."""


class Flood:
    """One rule's alarms, counted."""

    def __init__(self, rule: "Rule", at_most: AtMost) -> None:
        self.rule = rule
        self.key = (rule.id, OVERFLOW)
        self.state: Flooded | None = None
        self.held = 0
        """How many wait until there is room."""
        self._most = at_most.raised
        self._within_ms = round(at_most.within * 1000)

    def restore(self, saved: bytes) -> None:
        """Take up what `dump` gave. Raises msgspec.MsgspecError if it is not that."""
        self.state = json.decode(saved, type=Flooded)

    def dump(self) -> bytes | None:
        """The state as bytes; None when there is nothing to remember."""
        return None if self.state is None else json.encode(self.state)

    @property
    def since_ms(self) -> int | None:
        """Since when its own alarm stands; None: it does not."""
        return None if self.state is None else self.state.since_ms

    def has_room(self, at_ms: int) -> bool:
        """Whether one more may be raised."""
        return len(self._recent(at_ms)) < self._most

    def lets_through(self, at_ms: int) -> bool:
        """Whether one more is raised; it is counted either way."""
        state, recent = self.state or Flooded(), self._recent(at_ms)
        if len(recent) < self._most:
            self.state = replace(state, raised=tuple(sorted((*recent, at_ms))))
            return True
        return False

    def hold_back(self) -> None:
        """Count one that waits."""
        self.held += 1
        state = self.state or Flooded()
        self.state = replace(state, total=state.total + 1)

    def tell(self, at_ms: int) -> Finding | None:
        """What is to be said of those that wait: raised at once, renewed with their number, at last ended."""
        state, held = self.state, self.held
        if state is None:
            return None
        if state.since_ms is None:
            return self._say(Change.RAISED, replace(state, since_ms=at_ms), at_ms) if held else None
        if not held and self.has_room(at_ms):
            ended = self._finding(Change.RESOLVED, state, at_ms, state.total)
            self.state = Flooded(raised=self._recent(at_ms))
            return ended
        if held and held != state.told and at_ms - state.told_ms >= _RENEW_MS:
            return self._say(Change.RENEWED, state, at_ms)
        return None

    def forget(self, at_ms: int) -> bool:
        """Let go of what no longer counts; whether anything was."""
        state = self.state
        if state is None or state.since_ms is not None or (raised := self._recent(at_ms)) == state.raised:
            return False
        self.state = replace(state, raised=raised) if raised else None
        return True

    def adopt(self, alarm: Alarm) -> None:
        """Take up its open alarm; it ends as soon as there is room."""
        self.state = Flooded(since_ms=alarm.since_ms, total=round(alarm.value or 0))

    def release(self, at_ms: int) -> Finding | None:
        """End its alarm by a person's word; as long as some are held back it is raised again."""
        state = self.state
        if state is None or state.since_ms is None:
            return None
        self.state = Flooded(raised=state.raised)
        return self._finding(Change.RESOLVED, state, at_ms, state.total)

    def _recent(self, at_ms: int) -> tuple[int, ...]:
        raised = self.state.raised if self.state else ()
        oldest_ms = max((at_ms, *raised[-1:])) - self._within_ms
        return tuple(moment for moment in raised if moment > oldest_ms)

    def _say(self, change: Change, state: Flooded, at_ms: int) -> Finding:
        self.state = replace(state, told_ms=at_ms, told=self.held)
        return self._finding(change, self.state, at_ms, self.held)

    def _finding(self, change: Change, state: Flooded, at_ms: int, count: int) -> Finding:
        """`value` is how many are held back, at the end how many were; `limit` how many may be raised."""
        spec = self.rule.spec
        return Finding(
            rule_id=spec.id,
            rule_version=self.rule.version,
            title_zh=spec.title.zh,
            title_en=spec.title.en,
            subject=OVERFLOW,
            kind=KIND,
            device_id=OVERFLOW,
            change=change,
            severity=spec.severity,
            at_ms=at_ms,
            since_ms=at_ms if state.since_ms is None else state.since_ms,
            value=float(count),
            limit=float(self._most),
            limit_source=self.rule.origin("at_most"),
        )
