"""What must hold for every kind that computes a figure, whatever comes, in whichever order."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.finding import Change, Finding
from domain.reading import Reading
from rules.engine import Engine
from rules.files import Rule
from tests.rules.city import rules_from, small_city

SITE = small_city()

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
MINUTE_MS = 60_000
_HEAD = "for_each: {kind: tree}\nmetric: tilt_deg\nflapping: never\n"
TEXTS = (
    _HEAD + "id: rate\nkind: rate\nover: 30m\nper: 1h\nboth_ways: true\nraise: {above: 1}\nclear: {below: 0.5}",
    _HEAD + "id: baseline\nkind: baseline\nagainst: installation\nsmooth: 20m\nsamples: 2\nraise: {above: 0.5}",
    _HEAD
    + "id: hourly\nkind: baseline\nagainst: same_hour\ndays: 1\nmin_days: 1\nraise: {above: 1}\nclear: {below: 1}",
    _HEAD + "id: before\nkind: baseline\nagainst: window\nover: 1h\nraise: {above: 1}\nfor: 10m",
    _HEAD + "id: trend\nkind: trend\nover: 4h\nmin_span: 90m\nmax_gap: 40m\nboth_ways: true\nraise: {above: 3}",
    _HEAD + "id: stuck\nkind: stuck\nband: 0.1\nlevels: {notice: {raise: {above: 20m}}, warn: {raise: {above: 40m}}}",
    _HEAD + "id: count\nkind: count\nevent: {above: 3}\nover: 30m\nlevels: {notice: {raise: {above: 1}}, "
    "warn: {raise: {above: 2}}, critical: {raise: {above: 3}, clear: {below: 2}}}",
    _HEAD + "id: edges\nkind: count\nevent: {below: 2}\nedge: true\nover: 1h\nraise: {above: 2}\nlatch: true",
)


def _rules(suffix: str = "", **said: dict[str, str]) -> tuple[Rule, ...]:
    """All of them, with this at their end; or with other words for some keys, by rule."""
    texts = [text + suffix for text in TEXTS]
    for key, by_rule in said.items():
        for rule_id, word in by_rule.items():
            texts = [_with(text, key, word) if f"id: {rule_id}\n" in text else text for text in texts]
    with tempfile.TemporaryDirectory() as folder:
        return tuple(rules_from(Path(folder), SITE, *texts))


def _with(text: str, key: str, word: str) -> str:
    return "\n".join([line for line in text.splitlines() if not line.startswith(f"{key}:")] + [f"{key}: {word}"])


RULES = _rules()
REWRITTEN = _rules(
    over={"rate": "2h", "before": "5h", "trend": "5d", "count": "5h", "edges": "10m"},
    min_span={"trend": "2d"},
    max_gap={"trend": "30h", "hourly": "2h"},
    days={"hourly": "14"},
    min_days={"hourly": "2"},
    smooth={"baseline": "40m"},
    band={"stuck": "1"},
)
PATIENT = _rules("\nlateness: 6h")

_leans = st.sampled_from([1.8, 1.9, 2.4, 3.5, 3.6, -40.0])
_steps = st.sampled_from([5, 10, 10, 10, 10, 20, 35, 60, 400])
_traces = st.lists(st.tuples(_steps, _leans), max_size=60)
"""Minutes since the value before, and the value."""


def _readings(trace: Iterable[tuple[int, float]]) -> list[Reading]:
    readings: list[Reading] = []
    at_ms = 0
    for minutes, lean in trace:
        at_ms += minutes * MINUTE_MS
        metrics: dict[str, float | int | bool] = {"tilt_deg": lean}
        readings.append(Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics=metrics))
    return readings


def _engine(saved: dict[tuple[str, str], bytes] | None = None, rules: tuple[Rule, ...] = RULES) -> Engine:
    return Engine(rules, SITE, saved=saved or {}, listening_since_ms=0)


@FEW
@given(_traces, st.sets(st.integers(0, 60)))
def test_a_restart_at_any_point_changes_nothing(trace: list[tuple[int, float]], restarts: set[int]) -> None:
    """Saved and taken up anew between any two values, every kind goes on as if nothing had been."""
    through, torn, saved = _engine(), _engine(), dict[tuple[str, str], bytes]()
    for number, reading in enumerate(_readings(trace)):
        if number in restarts:
            for key, state in torn.take_dirty().items():
                if state is None:
                    saved.pop(key, None)
                else:
                    saved[key] = state
            torn = _engine(saved)
        assert torn.observe(reading) == through.observe(reading)
    assert not through.faults


@FEW
@given(_traces, st.integers(0, 60), st.booleans())
def test_a_rewritten_rule_goes_on_from_what_it_knew(trace: list[tuple[int, float]], when: int, back: bool) -> None:
    """Longer windows, other pieces, more days: no fault, no alarm twice, and what is remembered stays small."""
    before, after = (REWRITTEN, RULES) if back else (RULES, REWRITTEN)
    engine, saved = _engine(rules=before), dict[tuple[str, str], bytes]()
    standing: set[tuple[str, str]] = set()
    for number, reading in enumerate(_readings(trace)):
        if number == when:
            saved = {key: state for key, state in engine.take_dirty().items() if state is not None}
            engine = _engine(saved, rules=after)
        for step in engine.observe(reading):
            assert (step.change is Change.RAISED) == (step.key not in standing)
            (set.discard if step.change is Change.RESOLVED else set.add)(standing, step.key)
    assert not engine.faults
    assert all(len(state) < 8000 for state in engine.take_dirty().values() if state is not None)


def test_days_of_another_number_are_learned_anew() -> None:
    """A table for one day is none for fourteen, nor the other way round."""
    engine = _engine(rules=RULES)
    engine.observe(*_readings([(0, 1.8)]))
    saved = {key: state for key, state in engine.take_dirty().items() if state is not None}
    engine = _engine(saved, rules=REWRITTEN)
    raised = [
        (number, finding.change)
        for number, reading in enumerate(_readings([(60, 1.8 if hour < 49 else 4.0) for hour in range(60)]))
        for finding in engine.observe(reading)
        if finding.rule_id == "hourly" and finding.change is Change.RAISED
    ]
    assert raised == [(49, Change.RAISED)]


@FEW
@given(_traces)
def test_a_value_told_again_is_nothing_new(trace: list[tuple[int, float]]) -> None:
    """Neither at once nor when all is over."""
    readings = _readings(trace)
    once, twice = _engine(), _engine()
    told = [finding for reading in readings for finding in once.observe(reading)]
    again = [finding for reading in readings for _ in range(2) for finding in twice.observe(reading)]
    assert again == told
    assert [finding for reading in readings for finding in twice.observe(reading)] == []


@FEW
@given(_traces, st.randoms(use_true_random=False))
def test_with_lateness_the_order_of_arrival_does_not_matter(trace: list[tuple[int, float]], random: Random) -> None:
    """Values that come up to some hours out of order lead to what they lead to in order."""
    readings = [reading for reading in _readings(trace) if reading.at_ms <= 350 * MINUTE_MS]
    last = _readings([(2000, 1.8), (10, 1.8)])
    shuffled = random.sample(readings, len(readings))
    assert _all(shuffled + last) == _all(readings + last)


def _all(readings: list[Reading]) -> list[Finding]:
    engine = _engine(rules=PATIENT)
    findings = [finding for reading in readings for finding in engine.observe(reading)]
    return sorted(findings, key=lambda finding: (finding.at_ms, finding.key))


@FEW
@given(st.lists(st.tuples(_steps, _leans, _leans), max_size=40), st.randoms(use_true_random=False))
def test_of_one_moment_the_order_does_not_matter(trace: list[tuple[int, float, float]], random: Random) -> None:
    """A device that says two things in one moment is heard the same, whichever comes first."""
    ones, others = (_readings([(step[0], step[which]) for step in trace]) for which in (1, 2))
    pairs = list(zip(ones, others, strict=True))
    turned = [pair if random.random() < 0.5 else pair[::-1] for pair in pairs]
    assert _ends(turned) == _ends(pairs)


def _ends(pairs: Iterable[tuple[Reading, ...]]) -> list[dict[tuple[str, str], bytes | None]]:
    """What the watches remember after each moment: what people were told on the way is another matter."""
    engine, saved = _engine(), dict[tuple[str, str], bytes | None]()
    ends = []
    for pair in pairs:
        for reading in pair:
            engine.observe(reading)
        saved |= {key: state for key, state in engine.take_dirty().items() if key[1] == "tree-1"}
        ends.append(dict(saved))
    return ends


@FEW
@given(_traces, st.lists(st.integers(0, 60), max_size=3))
def test_an_alarm_begins_lives_and_ends_in_this_order(trace: list[tuple[int, float]], releases: list[int]) -> None:
    """Raised, renewed or stale, resolved; a latched one by a person only, and never by what was heard."""
    engine = _engine()
    standing: set[tuple[str, str]] = set()
    for number, reading in enumerate(_readings(trace)):
        for rule in RULES if number in releases else ():
            standing -= {step.key for step in engine.release(rule.id, "tree-1", reading.at_ms)}
        for step in engine.observe(reading):
            assert (step.change is Change.RAISED) == (step.key not in standing)
            if step.change is Change.RESOLVED:
                assert not step.latch
                standing.discard(step.key)
            else:
                standing.add(step.key)
    assert not engine.faults


@FEW
@given(st.lists(st.one_of(st.floats(), st.integers(), st.booleans()), max_size=30))
def test_no_value_breaks_a_rule(values: list[float]) -> None:
    """Any number at all, infinite or none, however great, is judged without a fault."""
    engine = _engine()
    for number, value in enumerate(values):
        at_ms = number * 10 * MINUTE_MS
        engine.observe(
            Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics={"tilt_deg": value})
        )
    assert engine.faults == {}
