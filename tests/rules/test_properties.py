"""What must hold for any readings whatever, over the shipped rules."""

import tempfile
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import ConfigError
from domain.finding import Change, Finding
from domain.reading import DeviceState, Reading, Status
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.engine import Engine
from rules.files import load_rules
from tests.rules.city import rules_from, shipped, small_city

Observation = Reading | Sighting | Status
SITE = small_city()
RULES = load_rules(shipped(), SITE)
_BOX = (0.1, 0.1, 0.2, 0.2)
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])

# Few values around the limits and few moments, so that equal times, returns and repeats are common.
_moments = st.integers(0, 40).map(lambda step: step * 20_000)
_temperatures = st.sampled_from([20.0, 49.9, 52.0, 55.0, 60.0, 66.0])
_lean = st.sampled_from([1.8, 2.1, 2.4, 3.3, 3.4, -40.0])
_looks = st.tuples(st.sampled_from(ViewHealth), st.sampled_from(["", "bicycle 5", "bicycle 700", "car 700"]))


@st.composite
def _readings(draw: st.DrawFn) -> Reading:
    at_ms, port = draw(_moments), draw(st.sampled_from([None, 1, 2]))
    # One device says one thing at one moment: its values are a function of who and when.
    salt = draw(st.shared(st.lists(_temperatures, min_size=41, max_size=41), key="temperatures"))
    temp_c = salt[(at_ms // 20_000 + (port or 0) * 7) % 41]
    metrics: dict[str, float | int | bool] = {"temp_c": temp_c, "smoke": temp_c > 65, "residual_ma": temp_c / 2}
    return Reading(kind="charger", device_id="cs-1", port=port, at_ms=at_ms, received_ms=at_ms, metrics=metrics)


@st.composite
def _trees(draw: st.DrawFn) -> Reading:
    at_ms = draw(_moments)
    salt = draw(st.shared(st.lists(_lean, min_size=41, max_size=41), key="lean"))
    lean = salt[at_ms // 20_000]
    metrics: dict[str, float | int | bool] = {"tilt_deg": lean, "battery_pct": abs(lean) * 4}
    return Reading(kind="tree", device_id="tree-1", at_ms=at_ms, received_ms=at_ms, metrics=metrics)


@st.composite
def _sightings(draw: st.DrawFn) -> Sighting:
    at_ms = draw(_moments)
    salt = draw(st.shared(st.lists(_looks, min_size=41, max_size=41), key="looks"))
    view, seen = salt[at_ms // 20_000]
    things = tuple(
        SeenObject(label=label, score=0.7, box=_BOX, overlap=1.0, stay_s=float(stay), looks=2)
        for label, stay in ([seen.split()] if seen else [])
    )
    zones = tuple(ZoneSighting(zone=zone, objects=things) for zone in ("front", "kerb"))
    return Sighting(
        camera_id="cam-1", look_id=f"look-{at_ms}", taken_ms=at_ms, received_ms=at_ms, view=view, zones=zones
    )


@st.composite
def _statuses(draw: st.DrawFn) -> Status:
    return Status(
        kind="charger",
        device_id="cs-1",
        state=draw(st.sampled_from(DeviceState)),
        received_ms=draw(_moments),
        retain=draw(st.booleans()),
    )


_heard = st.one_of(_readings(), _trees(), _sightings())
_streams = st.lists(_heard | _statuses(), max_size=60)


def _engine(saved: dict[tuple[str, str], bytes] | None = None) -> Engine:
    return Engine(RULES, SITE, saved=saved or {}, listening_since_ms=0)


def _all(engine: Engine, stream: Iterable[Observation]) -> list[Finding]:
    return [finding for observation in stream for finding in engine.observe(observation)]


def _received_ms(observation: Observation) -> int:
    return observation.received_ms


@FEW
@given(_streams)
def test_anything_heard_twice_is_heard_once(stream: list[Observation]) -> None:
    """Repeating every observation at once, or all of them at the end, adds no finding."""
    once = _all(_engine(), stream)
    doubled = _all(_engine(), [observation for observation in stream for _ in range(2)])
    assert doubled == once
    engine = _engine()
    _all(engine, in_time := sorted(stream, key=_received_ms))
    assert _all(engine, in_time) == []


@FEW
@given(st.lists(_heard, max_size=60), st.randoms())
def test_the_order_of_equal_times_does_not_matter(stream: list[Observation], random: Random) -> None:
    """Readings and looks of one moment may come in any order."""
    in_time = sorted(stream, key=_received_ms)
    moments = [list(group) for _, group in groupby(in_time, key=_received_ms)]
    for moment in moments:
        random.shuffle(moment)
    shuffled = [observation for moment in moments for observation in moment]
    assert _in_order(_all(_engine(), shuffled)) == _in_order(_all(_engine(), in_time))


def _in_order(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    return sorted((finding.at_ms, finding.key, finding.change, finding.since_ms, finding.value) for finding in findings)


@FEW
@given(_streams, st.sets(st.integers(0, 60)), st.booleans())
def test_a_restart_at_any_point_changes_nothing(stream: list[Observation], restarts: set[int], ticking: bool) -> None:
    """Save, begin anew with what was saved, go on: the findings are those of an engine that never stopped."""
    stopped, saved, through = _engine(), dict[tuple[str, str], bytes](), _engine()
    now_ms = 0
    for number, observation in enumerate(stream):
        if number in restarts:
            for key, state in stopped.take_dirty().items():
                if state is None:
                    saved.pop(key, None)
                else:
                    saved[key] = state
            stopped = _engine(saved)
            stopped.deaf(now_ms, now_ms)
        assert stopped.observe(observation) == through.observe(observation)
        if ticking:
            now_ms = max(now_ms, observation.received_ms)
            assert stopped.tick(now_ms) == through.tick(now_ms)


@FEW
@given(_streams, st.randoms())
def test_what_was_heard_in_any_order_is_no_news_in_any_other(stream: list[Observation], random: Random) -> None:
    """Late values raise only once, however often and in which order they are told again; after a restart too."""
    values = [observation for observation in stream if isinstance(observation, Reading)]
    engine = _engine()
    _all(engine, values)
    engine = _engine({key: state for key, state in engine.take_dirty().items() if state is not None})
    again = random.sample(values, len(values))
    assert _all(engine, again) == []


@FEW
@given(_streams, st.lists(st.tuples(_moments, _moments), max_size=8))
def test_to_be_deaf_never_makes_anyone_silent_sooner(
    stream: list[Observation], stretches: list[tuple[int, int]]
) -> None:
    """However stretches lie: whom a deaf engine calls silent, one that heard all the time does too."""
    hearing, deaf, silent = _engine(), _engine(), dict[str, set[tuple[str, str]]](a=set(), b=set())
    now_ms = 0
    for number, observation in enumerate(stream):
        if number < len(stretches):
            deaf.deaf(*stretches[number])
        now_ms = max(now_ms, observation.received_ms)
        for name, engine in (("a", hearing), ("b", deaf)):
            for step in (*engine.observe(observation), *engine.tick(now_ms)):
                if "silent" not in step.rule_id:
                    continue
                (set.discard if step.change is Change.RESOLVED else set.add)(silent[name], step.key)
        assert silent["b"] <= silent["a"]


@FEW
@given(_streams, st.lists(_moments, max_size=10))
def test_an_alarm_begins_lives_and_ends_in_this_order(stream: list[Observation], ticks: list[int]) -> None:
    """Raised once, then renewed or stale, then resolved; nothing else in any order of anything, and no rule fails."""
    engine = _engine()
    findings: list[Finding] = []
    for number, observation in enumerate(stream):
        findings += engine.observe(observation)
        findings += engine.tick(ticks[number]) if number < len(ticks) else []
    firing: set[tuple[str, str]] = set()
    for finding in findings:
        assert (finding.change is Change.RAISED) == (finding.key not in firing)
        if finding.change is Change.RESOLVED:
            assert not finding.latch
            firing.discard(finding.key)
        else:
            firing.add(finding.key)
    assert engine.faults == {}


@FEW
@given(st.lists(st.one_of(st.floats(), st.integers(), st.booleans()), max_size=20))
def test_no_value_breaks_a_rule(values: list[float | int | bool]) -> None:
    """Any number at all, infinite or none, is judged without a fault."""
    engine = _engine()
    for number, value in enumerate(values):
        metrics = {"temp_c": value, "smoke": value, "tilt_deg": value, "soil_vwc_pct": value}
        for kind, device_id in (("charger", "cs-1"), ("tree", "tree-1")):
            engine.observe(Reading(kind=kind, device_id=device_id, at_ms=number, received_ms=number, metrics=metrics))
    assert engine.faults == {}


@FEW
@given(st.text(max_size=200))
def test_no_text_breaks_the_reading_of_a_rule(text: str) -> None:
    """Whatever stands in a file, it is a rule or a ConfigError."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            rules_from(Path(folder), SITE, f"id: x\nkind: silent\nfor_each: {{kind: tree}}\n{text}")
        except ConfigError:
            return
