"""Rules over a stretch of history: observations in, alarms with a beginning and an end out."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from config.load import Site
from domain.finding import Change, Finding, Severity
from domain.reading import Reading, Status
from domain.sighting import Sighting
from rules.engine import Engine
from rules.memory import Key
from rules.rule import Rule

_NO_MORE = (1 << 62, "")


class AlarmSpan(Struct, frozen=True, kw_only=True):
    """One alarm of a replay, from when it was raised until it ended. Times are epoch milliseconds."""

    rule_id: str
    subject: str
    severity: Severity
    """The worst it came to."""
    since_ms: int
    """When the condition began to hold."""
    raised_ms: int
    resolved_ms: int | None = None
    """None: it stood when the replay ended."""
    metric: str | None = None
    value: float | None = None
    """What raised it to its worst severity, and the limit it broke."""
    limit: float | None = None
    limit_source: str | None = None
    flaps: int = 0
    """How often it was called flapping."""
    title_zh: str = ""
    title_en: str = ""

    @property
    def key(self) -> Key:
        """The alarm's identity."""
        return (self.rule_id, self.subject)

    def stands_at(self, at_ms: int) -> bool:
        """Whether it had been raised and had not ended then."""
        return self.raised_ms <= at_ms and (self.resolved_ms is None or at_ms < self.resolved_ms)


class Spans:
    """Findings made into spans."""

    def __init__(self) -> None:
        self._all: list[AlarmSpan] = []
        self._open: dict[Key, int] = {}

    def take(self, findings: Iterable[Finding]) -> None:
        """Findings in the order they came."""
        for finding in findings:
            place = self._open.get(finding.key)
            if place is None:
                if finding.change is Change.RAISED:
                    self._open[finding.key] = len(self._all)
                    self._all.append(_begun(finding))
            else:
                self._all[place] = _continued(self._all[place], finding)
                if finding.change is Change.RESOLVED:
                    del self._open[finding.key]

    def all(self, *, from_ms: int = 0) -> tuple[AlarmSpan, ...]:
        """Every span that stood at some moment from `from_ms` on, in the order in which they were raised."""
        found = [span for span in self._all if span.resolved_ms is None or span.resolved_ms >= from_ms]
        return tuple(sorted(found, key=lambda span: (span.raised_ms, span.key)))


class Replay:
    """One set of rules, played to with a clock that goes as the history does.

    Ticks fall on the multiples of `tick_ms` since 1970, each after everything that was received until then: silence is
    found as late as that, and no later.
    """

    def __init__(self, rules: Sequence[Rule], site: Site, *, from_ms: int, tick_ms: int = 10_000) -> None:
        self.engine = Engine(rules, site, saved={}, listening_since_ms=from_ms)
        self.spans = Spans()
        self._tick_ms = tick_ms
        self._due_ms = -(-from_ms // tick_ms) * tick_ms

    def play(self, observations: Sequence[Reading | Sighting | Status], heard: Sequence[tuple[int, str]] = ()) -> None:
        """The next ones, in the order of receipt; and when messages came by which feed, in order, too."""
        engine, take = self.engine, self.spans.take
        feeds = iter(heard)
        next_ms, feed = next(feeds, _NO_MORE)
        for observation in observations:
            received_ms = observation.received_ms
            while next_ms <= received_ms:
                self._overhear(feed, next_ms)
                next_ms, feed = next(feeds, _NO_MORE)
            if self._due_ms < received_ms:
                self.advance(received_ms - 1)
            if found := engine.observe(observation):
                take(found)
        while feed:
            self._overhear(feed, next_ms)
            next_ms, feed = next(feeds, _NO_MORE)

    def _overhear(self, feed: str, at_ms: int) -> None:
        if self._due_ms < at_ms:
            self.advance(at_ms - 1)
        if found := self.engine.overheard(feed, at_ms):
            self.spans.take(found)

    def advance(self, until_ms: int) -> None:
        """Let time pass: every tick up to `until_ms`."""
        while self._due_ms <= until_ms:
            if found := self.engine.tick(self._due_ms):
                self.spans.take(found)
            self._due_ms += self._tick_ms


def _begun(finding: Finding) -> AlarmSpan:
    return AlarmSpan(
        rule_id=finding.rule_id,
        subject=finding.subject,
        severity=finding.severity,
        since_ms=finding.since_ms,
        raised_ms=finding.at_ms,
        metric=finding.metric,
        value=finding.value,
        limit=finding.limit,
        limit_source=finding.limit_source,
        title_zh=finding.title_zh,
        title_en=finding.title_en,
    )


def _continued(span: AlarmSpan, finding: Finding) -> AlarmSpan:
    """`value` and `limit` become those of a worse severity, once it comes to one."""
    if finding.severity.rank > span.severity.rank and finding.change is not Change.RESOLVED:
        span = replace(
            span,
            severity=finding.severity,
            value=finding.value,
            limit=finding.limit,
            limit_source=finding.limit_source,
        )
    if finding.change is Change.FLAPPING:
        return replace(span, flaps=span.flaps + 1)
    return replace(span, resolved_ms=finding.at_ms) if finding.change is Change.RESOLVED else span
