"""What must hold for rules of every kind, whatever happens. A failure prints the line that replays it."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import json, msgpack
from msgspec.structs import replace

from domain.finding import Change, Finding
from domain.reading import Reading, Status
from rules.engine import Engine
from rules.overflow import OVERFLOW
from rules.rule import Rule
from rules.watch import Key
from tests.rules.every_kind import SITE, START_MS, Observation, every_kind, said_ms, traces

RULES = every_kind()
HASTY = every_kind(patient=False)
MANY = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
FIRST_COME = frozenset(rule.id for rule in RULES if rule.spec.at_most or rule.spec.inhibited_by)
END_MS = START_MS + 100 * 86_400_000
_numbers = st.sets(st.integers(0, 80))


class _Run:
    """An engine that may be started anew at any point, and all that it said."""

    def __init__(self, rules: Sequence[Rule] = RULES) -> None:
        self._rules = rules
        self.said: list[Finding] = []
        self.saved: dict[Key, bytes] = {}
        self.engine = self._begin()

    def _begin(self) -> Engine:
        return Engine(self._rules, SITE, saved=self.saved, listening_since_ms=START_MS)

    def save(self) -> None:
        """Keep what has changed, as the case store would."""
        for key, state in self.engine.take_dirty().items():
            if state is None:
                self.saved.pop(key, None)
            else:
                self.saved[key] = state

    def restart(self) -> None:
        """Only what was saved is known."""
        self.save()
        self.engine = self._begin()

    def observe(self, stream: Iterable[Observation]) -> "_Run":
        """Hear everything."""
        for observation in stream:
            self.said += self.engine.observe(observation)
        return self

    def remembered(self) -> dict[Key, object]:
        """All that is saved; without what people were told, where that hangs on who came first."""
        self.save()
        kept: dict[Key, object] = {}
        for key, saved in self.saved.items():
            state = json.decode(saved) if saved[:1] == b"{" else msgpack.decode(saved)
            state = state.get("state") if key[0] in FIRST_COME else state
            if key[1] != OVERFLOW and state is not None:
                kept[key] = state
        return kept

    def standing(self) -> set[tuple[object, ...]]:
        """All alarms, and what is pending, since when."""
        return set(self.engine.states())

    def open(self) -> set[Key]:
        """What people know to be wrong."""
        known: set[Key] = set()
        for finding in self.said:
            (set.discard if finding.change is Change.RESOLVED else set.add)(known, finding.key)
        return known


@MANY
@given(traces(), _numbers, _numbers, st.sets(st.integers(0, 80), max_size=4))
def test_a_restart_at_any_point_changes_nothing(
    stream: list[Observation], restarts: set[int], ticks: set[int], releases: set[int]
) -> None:
    """Whatever the rule, whatever waits or is held back: the findings are those of an engine that never stopped."""
    stopped, through = _Run(), _Run()
    now_ms = START_MS
    for number, observation in enumerate(stream):
        if number in restarts:
            stopped.restart()
        found = through.engine.observe(observation)
        assert stopped.engine.observe(observation) == found
        through.said += found
        now_ms = max(now_ms, observation.received_ms)
        if number in ticks:
            found = through.engine.tick(now_ms)
            assert stopped.engine.tick(now_ms) == found
            through.said += found
        if number in releases:
            for rule_id, subject in sorted(through.open()):
                released = through.engine.release(rule_id, subject, now_ms)
                assert stopped.engine.release(rule_id, subject, now_ms) == released
                through.said += released
        assert stopped.standing() == through.standing()
    assert through.engine.faults == {}


@MANY
@given(traces(late=False), st.randoms(use_true_random=False))
def test_the_order_of_equal_times_does_not_matter(stream: list[Observation], random: Random) -> None:
    """Not even where a device says contradicting things of one moment: all that is remembered is the same."""
    in_time = [each for each in stream if not isinstance(each, Status)]
    shuffled: list[Observation] = []
    for _, moment in groupby(in_time, key=said_ms):
        shuffled += random.sample(together := list(moment), len(together))
    one, other = _Run().observe(in_time), _Run().observe(shuffled)
    assert one.remembered() == other.remembered()


@MANY
@given(traces(late=False), st.randoms(use_true_random=False))
def test_within_the_lateness_the_order_of_arrival_does_not_matter(stream: list[Observation], random: Random) -> None:
    """Rules that wait a minute find in any order what rules that do not wait find of values that come in order."""
    heard = [replace(each, received_ms=END_MS) for each in stream if isinstance(each, Reading)]
    spoken = {(each.subject, each.at_ms): each for each in heard}.values()  # of one moment, one step is told
    overtaken = sorted(spoken, key=lambda reading: reading.at_ms + random.randrange(60_000))
    hasty = _Run(HASTY).observe(spoken)
    patient = _Run().observe(overtaken)
    patient.said += patient.engine.tick(END_MS + 60_000)
    assert _by_alarm(hasty.said) == _by_alarm(patient.said)


def _by_alarm(findings: Sequence[Finding]) -> dict[Key, list[tuple[object, ...]]]:
    """What was said of each alarm of the rules that wait, but for silence."""
    said: dict[Key, list[tuple[object, ...]]] = {}
    for each in findings:
        if each.rule_id in {"hot-in-order", "often-hot"} and each.change is not Change.STALE:
            said.setdefault(each.key, []).append((each.change, each.at_ms, each.since_ms, each.value))
    return said


@MANY
@given(traces(), _numbers)
def test_what_people_know_is_what_stands(stream: list[Observation], ticks: set[int]) -> None:
    """An alarm is raised before all else and ended once; what stands is known, unless it is held back."""
    run, now_ms = _Run(), START_MS
    for number, observation in enumerate(stream):
        found = run.engine.observe(observation)
        now_ms = max(now_ms, observation.received_ms)
        found += run.engine.tick(now_ms) if number in ticks else []
        for finding in found:
            assert (finding.change is Change.RAISED) == (finding.key not in run.open()), finding
            run.said.append(finding)
        firing = {(rule_id, subject) for rule_id, subject, state, _ in run.standing() if state != "pending"}
        assert firing == run.open()
    assert run.engine.faults == {}
