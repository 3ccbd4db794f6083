"""Rules whose limits are for a figure that is computed from a metric's newest values: how fast it changes, say."""

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from config.load import Site
from domain.case import Alarm
from domain.finding import AlarmState, Change, Finding
from domain.reading import Value
from domain.register import Device
from rules.alarm_life import Life, standing, unheld
from rules.in_force import InForce
from rules.limited import LimitedKind
from rules.limits import Figure
from rules.rule import Rule
from rules.shared_limits import SharedLimits
from rules.watch import ValueWatch

_DIGITS: Final = 6
_LAST_DIGIT: Final = 10.0**-_DIGITS


class FiguredKind(LimitedKind):
    """A rule about a figure that is computed from the values of a metric. A kind adds its window and its watch.

    A gap longer than `max_gap` starts the window anew: of what lies across it nothing is known.
    """

    takes_switches: ClassVar[bool] = False

    def check(self, rule: Rule, site: Site) -> None:
        """As for every kind with limits; and that the metric is a number."""
        super().check(rule, site)
        if not self.takes_switches and site.metrics[self.metric].type == "bool":
            problem = f"metric is {self.metric!r}, a switch; a {self.kind} needs a number"
            raise rule.wrong(problem, "metric")

    def interval_s(self, site: Site) -> float:
        """The longest time between two values of the metric, of all models that send it. 0 where none does."""
        profiles = site.profiles.values()
        kind = self.for_each.kind
        senders = [each for each in profiles if each.kind == kind and self.metric in each.metrics]
        return max((profile.interval for profile in senders), default=0.0)

    def spread(self, site: Site) -> float:
        """How far apart two values of the metric can be at all."""
        metric = Figure.of(site.metrics[self.metric])
        return metric.high - metric.low

    def watches(self, rule: Rule, site: Site) -> Sequence["FigureWatch[Any]"]:
        """One for each device and each port that it can speak about."""
        limits = SharedLimits(self, rule, site)
        return [
            watch
            for device, port in self.parts(site)
            if (watch := self.watch(rule, site, self._part(limits, site, device, port)))
        ]

    def _part(self, limits: SharedLimits, site: Site, device: Device, port: int | None) -> "Part":
        return Part(
            device=device,
            port=port,
            in_force=limits.of(device, port),
            gap_ms=self.gap_ms(site, device),
            interval_ms=round(site.profiles[device.profile].interval * 1000),
        )

    def watch(self, rule: Rule, site: Site, part: "Part") -> "FigureWatch[Any] | None":
        """The watch over one device or port; None if nothing can be said of it."""
        raise NotImplementedError


class Part(NamedTuple):
    """A device or a port that a rule speaks about, and what holds for it."""

    device: Device
    port: int | None
    in_force: InForce
    gap_ms: int
    interval_ms: int


def rounded(figure: float) -> float:
    """To six digits: else a sum of floats would miss the limit that it reaches on paper."""
    return round(figure, _DIGITS)


def rounds_between(figure: float, low: float, high: float) -> bool:
    """Whether, rounded, it lies between. What is not beside either is not rounded: that takes longer than all else."""
    return low + _LAST_DIGIT < figure < high - _LAST_DIGIT or low < rounded(figure) < high


class Followed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a watch of a figure remembers, whatever the figure; a kind adds its window."""

    heard_ms: int
    """Event time of the newest value."""
    life: Life | None = None


State = TypeVar("State", bound=Followed)


class FigureWatch(ValueWatch[State]):
    """Computes a figure of one device or port, and knows what that does to its alarm.

    An unknown figure neither raises nor clears; and across it, nothing has held.
    """

    __slots__ = ("_falling", "_in_force", "_quiet_high", "_quiet_low")

    def __init__(self, rule: Rule, spec: LimitedKind, part: Part) -> None:
        super().__init__(rule, part.device.device_id, port=part.port)
        self.metric = spec.metric
        self.low, self.high = math.inf, -math.inf  # every value counts, however quiet
        self.late_ms = None
        self._in_force = part.in_force
        self._quiet_low, self._quiet_high = part.in_force.low, part.in_force.high
        self._falling = self._quiet_high == math.inf
        self.gap_ms = part.gap_ms

    def value(self, value: Value, at_ms: int) -> Finding | None:
        """One value: let it into the window, compute the figure, and judge it."""
        if not math.isfinite(value):
            return None
        state = self.state
        broken = False
        if state is not None:
            if at_ms <= state.heard_ms:
                return None
            broken = at_ms - state.heard_ms > self.gap_ms
            if broken:
                state = replace(state, life=unheld(state.life))
        return self._hear(float(value), at_ms, state, broken=broken)

    def worse(self, value: Value, than: Value) -> bool:
        """Of two values of one moment the greater one counts; where a fall is meant, the lesser."""
        return super().worse(than, value) if self._falling else super().worse(value, than)

    @abstractmethod
    def _hear(self, number: float, at_ms: int, state: State | None, *, broken: bool) -> Finding | None:
        """One number, newer than all before; `broken`: after a gap.

        Ends in `_judge`, or sets `state` itself where there is nothing to judge.
        """

    def _judge(self, state: State, figure: float | None, at_ms: int, *, since_ms: int | None = None) -> Finding | None:
        """What comes of the figure; None: it is unknown. `state` has the window of now, and the life of before.

        `since_ms`: since when it has been so, where that is not since the first figure beyond the limit.
        """
        if state.life is None and (figure is None or self._is_quiet(figure)):
            self.state = state
            return None
        if figure is None:
            self.state = replace(state, life=unheld(state.life))
            return None
        life, change = self._in_force.at(at_ms).judge(state.life, figure, at_ms)
        if life is not None and change is Change.RAISED and since_ms is not None:
            life = replace(life, since_ms=since_ms)
        self.state = replace(state, life=life)
        told = life if change is not Change.RESOLVED else state.life
        return None if change is None or told is None else self._step(change, told, figure, at_ms)

    def _is_quiet(self, figure: float) -> bool:
        """Whether a figure raises no level, at any time."""
        return self._quiet_low < figure < self._quiet_high

    def _rounds_to_quiet(self, figure: float) -> bool:
        return rounds_between(figure, self._quiet_low, self._quiet_high)

    @property
    def standing(self) -> bool:
        """Whether its alarm has been raised and has not ended."""
        return self.state is not None and standing(self.state.life)

    @property
    def alarm(self) -> AlarmState | None:
        """Where its alarm is in its life; None when no limit is passed."""
        return None if self.state is None or self.state.life is None else self.state.life.state

    @property
    def since_ms(self) -> int | None:
        """Since when the limit has been passed, in event time."""
        return None if self.state is None or self.state.life is None else self.state.life.since_ms

    def unheard(self, at_ms: int) -> Finding | None:
        """A firing alarm goes stale, unless it is latched."""
        if self.state is None:
            return None
        life, change = self._in_force.at(at_ms).unheard(self.state.life)
        if life is None or change is None:
            return None
        self.state = replace(self.state, life=life)
        return self._step(change, life, None, at_ms)

    def adopt(self, alarm: Alarm) -> None:
        """Take up an open alarm. Its window begins with the next value, as after a gap."""
        life = self._in_force.at(alarm.seen_ms).taken_up(alarm)
        self.state = self._blank(life)

    def _blank(self, life: Life) -> State:
        """An alarm of which no value is known."""
        return self.remembers(heard_ms=0, life=life)

    def release(self, at_ms: int) -> Finding | None:
        """End the alarm by a person's word. The window is forgotten too: what is so now may be how it shall be."""
        life = None if self.state is None else self.state.life
        if life is None or not standing(life):
            return None
        self.state = None
        return self._step(Change.RESOLVED, life, None, at_ms)

    def _step(self, change: Change, life: Life, figure: float | None, at_ms: int) -> Finding:
        level = self._in_force.at(at_ms).level(life)
        return self.finding(
            change,
            at_ms=at_ms,
            since_ms=life.since_ms,
            metric=self.metric,
            value=figure,
            limit=level.limits.number,
            limit_source=level.limits.origin,
            latch=level.latch,
            severity=life.severity,
        )
