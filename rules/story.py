"""How an alarm came about: every change of its state, told once more from what its device said."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from config.load import Site
from domain.finding import AlarmState, Finding, Severity
from domain.reading import Reading, Status, Value
from domain.sighting import Sighting
from rules.engine import Engine
from rules.explain import only
from rules.limited import LimitedKind
from rules.memory import Key
from rules.rule import FEED, Rule
from rules.telling import told


class Step(Struct, frozen=True, kw_only=True):
    """A moment at which an alarm's state changed."""

    at_ms: int
    before: AlarmState | None
    after: AlarmState | None
    """None: there is nothing left to remember."""
    value: Value | None = None
    """What the subject said at that moment; None: nothing of the metric, it was time that passed, or another rule."""
    findings: tuple[Finding, ...] = ()
    """What people are told of it."""
    values: int = 0
    """How many values were heard since the step before, this one among them, and between what they lay."""
    least: float | None = None
    most: float | None = None


def story(
    key: Key,
    rules: Sequence[Rule],
    site: Site,
    observations: Iterable[Reading | Sighting | Status],
    *,
    until_ms: int,
    tick_ms: int = 10_000,
) -> tuple[Step, ...]:
    """Every change of one alarm's state while its device says all this, in the order of receipt.

    The rules are those that are given, whichever were in force then; what other devices did is not known.
    """
    device_id = key[1].partition("/")[0]
    engine: Engine | None = None

    def tell(finding: Finding, rule: Rule) -> Finding:
        return told(finding, rule, site)

    teller = _Teller(key, next((_metric(rule) for rule in rules if rule.id == key[0]), None))
    due_ms = 0
    for observation in observations:
        received_ms = observation.received_ms
        if engine is None:
            # with one device alone there is no telling whether everyone was silent
            heard = tuple(rule for rule in rules if rule.spec.for_each.kind != FEED)
            engine = Engine(heard, only(device_id, site), saved={}, listening_since_ms=received_ms, tell=tell)
            due_ms = received_ms
        for now_ms in range(due_ms, received_ms, tick_ms):
            teller.note(now_ms, engine, engine.tick(now_ms))
            due_ms = now_ms + tick_ms
        teller.hear(observation, engine, engine.observe(observation))
    if engine is not None:
        for now_ms in range(due_ms, until_ms, tick_ms):
            teller.note(now_ms, engine, engine.tick(now_ms))
    return tuple(teller.steps)


class _Teller:
    """Notes each change of one alarm's state, and the values between."""

    def __init__(self, key: Key, metric: str | None) -> None:
        self.steps: list[Step] = []
        self._key = key
        self._metric = metric
        self._port = int(port) if (port := key[1].partition("/")[2]).isdecimal() else None
        self._state: AlarmState | None = None
        self._values: list[float] = []

    def hear(self, observation: Reading | Sighting | Status, engine: Engine, findings: Sequence[Finding]) -> None:
        value: Value | None = None
        if isinstance(observation, Reading) and observation.port == self._port and self._metric is not None:
            value = observation.metrics.get(self._metric)
        if value is not None:
            self._values.append(float(value))
        at_ms = observation.at_ms if isinstance(observation, Reading) else observation.received_ms
        self.note(at_ms, engine, findings, value)

    def note(self, at_ms: int, engine: Engine, findings: Sequence[Finding], value: Value | None = None) -> None:
        states = engine.states()
        state = next((state for rule_id, subject, state, _ in states if (rule_id, subject) == self._key), None)
        ours = tuple(finding for finding in findings if finding.key == self._key)
        regraded = any(finding.severity is not self._severity for finding in ours)
        if state is self._state and not regraded:
            return
        values, self._values = self._values, []
        step = Step(
            at_ms=at_ms,
            before=self._state,
            after=state,
            value=value,
            findings=ours,
            values=len(values),
            least=min(values, default=None),
            most=max(values, default=None),
        )
        self._state = state
        self.steps.append(step)

    @property
    def _severity(self) -> Severity | None:
        """As it was last told."""
        findings = [finding for step in self.steps for finding in step.findings]
        return findings[-1].severity if findings else None


def _metric(rule: Rule) -> str | None:
    return rule.spec.metric if isinstance(rule.spec, LimitedKind) else None
