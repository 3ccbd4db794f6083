"""Conclusions hold for whatever is heard, in which order, and whenever the process began anew."""

import tempfile
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.finding import Change, Finding
from domain.reading import DeviceState, Reading, Status, Value
from rules.engine import Engine
from tests.rules.city import rules_from, small_city

SITE = small_city()
HOT = "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 55}\nclear: {below: 50}"
SILENT = "id: silent\nkind: silent\nfor_each: {kind: charger}\nat_least: 2m"
LIVE = "id: live\nkind: compound\nfor_each: {kind: charger}\nwhen: power_w > 10 && !relay_on\nfor: 40s"
BURNT = (
    "id: burnt\nkind: compound\nfor_each: {kind: charger, part: device}\nall: [silent]\nany: [hot]\n"
    "of: device\nstale: stands\nseverity: critical"
)
COOL = "id: cool\nkind: compound\nfor_each: {kind: charger}\nnone: [hot, silent]\nfor: 1m"
DEEP = "id: deep\nkind: compound\nfor_each: {kind: charger, part: device}\nany: [live, burnt]\nnone: [cool]\nof: device"
with tempfile.TemporaryDirectory() as _folder:
    RULES = rules_from(Path(_folder), SITE, DEEP, LIVE, BURNT, COOL, HOT, SILENT)

STEP_MS = 20_000
_moments = st.integers(0, 30).map(lambda step: step * STEP_MS)
_said: dict[str, st.SearchStrategy[Value]] = {
    "temp_c": st.sampled_from([20.0, 52.0, 60.0]),
    "power_w": st.sampled_from([0.0, 20.0]),
    "relay_on": st.booleans(),
}
Heard = Reading | Status | int
"""A tick is the moment of it."""


@st.composite
def _readings(draw: st.DrawFn) -> Reading:
    at_ms, port = draw(_moments), draw(st.sampled_from([None, 1]))
    behind_ms = draw(st.sampled_from([0, 0, 0, STEP_MS]))
    names = draw(st.lists(st.sampled_from(sorted(_said)), min_size=1, unique=True))
    return Reading(
        kind="charger",
        device_id="cs-1",
        port=port,
        at_ms=max(at_ms - behind_ms, 0),
        received_ms=at_ms,
        metrics={name: draw(_said[name]) for name in names},
    )


@st.composite
def _statuses(draw: st.DrawFn) -> Status:
    state = draw(st.sampled_from(DeviceState))
    return Status(kind="charger", device_id="cs-1", state=state, received_ms=draw(_moments))


_streams = st.lists(_readings() | _readings() | _statuses() | _moments, max_size=60).map(
    lambda stream: sorted(stream, key=lambda heard: (_at(heard), isinstance(heard, int)))
)
FEW = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])


def _at(heard: Heard) -> int:
    return heard if isinstance(heard, int) else heard.received_ms


def _engine(saved: dict[tuple[str, str], bytes] | None = None) -> Engine:
    return Engine(RULES, SITE, saved=saved or {}, listening_since_ms=0)


def _play(engine: Engine, stream: Iterable[Heard]) -> list[Finding]:
    found = [
        one for heard in stream for one in (engine.tick(heard) if isinstance(heard, int) else engine.observe(heard))
    ]
    assert not engine.faults
    return found


@FEW
@given(_streams, st.sets(st.integers(0, 60)))
def test_a_restart_changes_nothing(stream: Sequence[Heard], restarts: set[int]) -> None:
    """Wherever it falls, with nothing but what was saved."""
    straight = _play(_engine(), stream)
    saved: dict[tuple[str, str], bytes] = {}
    engine, found = _engine(), []
    for place, heard in enumerate(stream):
        found += _play(engine, [heard])
        if place in restarts:
            for key, state in engine.take_dirty().items():
                saved.pop(key, None)
                saved |= {} if state is None else {key: state}
            engine = _engine(saved)
    assert found == straight


@FEW
@given(_streams)
def test_what_is_heard_twice_is_heard_once(stream: Sequence[Heard]) -> None:
    """Each observation again, at once, adds nothing."""
    doubled = [heard for heard in stream for _ in range(2)]
    assert _play(_engine(), doubled) == _play(_engine(), stream)


@FEW
@given(_streams, st.randoms())
def test_the_order_of_equal_times_does_not_matter(stream: Sequence[Heard], random: Random) -> None:
    """After each moment the same alarms stand, whichever of its readings came first."""
    readings = [heard for heard in stream if isinstance(heard, Reading) and heard.at_ms == heard.received_ms]
    moments = [list(group) for _, group in groupby(readings, key=_at)]
    straight, shuffled = _engine(), _engine()
    for moment in moments:
        _play(straight, moment)
        random.shuffle(moment)
        _play(shuffled, moment)
        assert sorted(straight.states()) == sorted(shuffled.states())


@FEW
@given(_streams)
def test_each_alarm_is_raised_before_it_ends_and_ends_before_it_is_raised_again(stream: Sequence[Heard]) -> None:
    """One life after the other."""
    opened: set[tuple[str, str]] = set()
    for finding in _play(_engine(), stream):
        if finding.change is Change.RAISED:
            assert finding.key not in opened
            opened.add(finding.key)
        else:
            assert finding.key in opened
            opened -= {finding.key} if finding.change is Change.RESOLVED else set()
