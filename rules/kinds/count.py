"""`kind: count`: something that happens too often."""

from bisect import bisect_left
from typing import ClassVar, Literal

from pydantic import Field

from config.limits import Side
from config.load import Site
from config.schema import Duration
from domain.finding import Finding
from rules.alarm_life import Life, standing
from rules.figured import FiguredKind, FigureWatch, Followed, Part
from rules.limits import Figure, limits_of
from rules.rule import Rule

_AT_MOST = 64


class Count(FiguredKind):
    """Raised when `event` was true of so many values in the last `over`: `raise: {above: 3}` is three or more.

    With `edge`, values in a row that are all beyond the limit are one event. It clears when, as values go on coming,
    fewer remain; never by silence: after a gap, only when a whole `over` has been heard again. An event before a gap
    still counts: a gap hides events, it makes none. Devices may send at once what is an event, so nothing is said here
    of how often they send.
    """

    takes_switches: ClassVar[bool] = True

    kind: Literal["count"]
    event: Side
    over: Duration = Field(gt=0, description="the time in which they are counted")
    edge: bool = Field(default=False, description="only the first of values in a row that are events counts")

    def check(self, rule: Rule, site: Site) -> None:
        """As for every figure; and what an event is."""
        super().check(rule, site)
        metric = Figure.of(site.metrics[self.metric])
        event = self.event
        if metric.switch != (event.key == "equals"):
            hint = "a switch: use equals: true or false" if metric.switch else "a number: use above or below"
            raise rule.wrong(f"event is {event.text}, but the metric is {hint}", "event")
        if event.timed or not (metric.switch or metric.low <= event.number <= metric.high):
            problem = f"event is {event.text}, but the metric's values lie from {metric.low:g} to {metric.high:g}"
            raise rule.wrong(problem, "event")

    def figure(self, site: Site) -> Figure:
        """How many events."""
        del site
        return Figure(name="the number of events", low=1, high=_AT_MOST, signed=False)

    def watch(self, rule: Rule, site: Site, part: Part) -> "CountWatch":
        """One for each device and port."""
        del site
        return CountWatch(rule, self, part)


class Events(Followed, frozen=True, kw_only=True):
    """When something happened lately."""

    unbroken_ms: int
    """Since when values have come without a gap."""
    times: tuple[int, ...] = ()
    """Of the newest events in the window, oldest first."""
    beyond: bool = False
    """Whether the newest value was an event, or of the same one."""


class CountWatch(FigureWatch[Events]):
    """How often something happens to one device or port."""

    __slots__ = ("_edge", "_event", "_over_ms")
    remembers = Events

    def __init__(self, rule: Rule, spec: Count, part: Part) -> None:
        super().__init__(rule, spec, part)
        self._event = limits_of(spec.event, None, None, rule.origin("event"))
        self.low, self.high = self._event.low, self._event.high  # where nothing has happened, only an event counts
        self._over_ms = round(spec.over * 1000)
        self._edge = spec.edge

    def _blank(self, life: Life) -> Events:
        return Events(heard_ms=0, life=life, unbroken_ms=0)

    def _hear(self, number: float, at_ms: int, state: Events | None, *, broken: bool) -> Finding | None:
        event = self._event.breached(number)
        if state is None:
            if not event:
                return None
            return self._judge(Events(heard_ms=at_ms, unbroken_ms=at_ms, times=(at_ms,), beyond=True), 1, at_ms)
        times = state.times[bisect_left(state.times, at_ms - self._over_ms) :]
        if event and not (self._edge and state.beyond and not broken):
            times = (*times, at_ms)[-_AT_MOST:]
        unbroken_ms = at_ms if broken else state.unbroken_ms
        state = Events(heard_ms=at_ms, life=state.life, unbroken_ms=unbroken_ms, times=times, beyond=event)
        finding = self._judge(state, len(times) if self._speaks(state) else None, at_ms)
        if not times and not event and self.state is not None and self.state.life is None:
            self.state = None
        return finding

    def _speaks(self, state: Events) -> bool:
        """Whether the number may be judged: where part of the window is unknown, it may be too low to end anything."""
        life = state.life
        if life is None or not standing(life) or state.heard_ms - state.unbroken_ms >= self._over_ms:
            return True
        return self._in_force.at(state.heard_ms).level(life).limits.breached(len(state.times))
