"""Ticks that leave out whom nothing can come of find what ticks find that look at everyone."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.finding import Finding
from domain.reading import DeviceState, Reading, Status, Value
from rules.engine import Engine
from rules.rule import Rule
from tests.rules.city import behind, rules_from, small_city

_QUIET = "id: quiet\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 3\ncooldown: 2m"
_FREE = (
    "id: free\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 4\ninhibit_by_gateway: false\noffline: wait"
)
_GATE = "id: gate\nkind: silent\nfor_each: {kind: gateway}\nafter_intervals: 3\nat_most: {raised: 1, within: 1m}"
_LINE = "id: line\nkind: silent\nfor_each: {kind: feed}\nafter_intervals: 2\nat_least: 60s"
_HOT = "id: hot\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 60}\nflapping: never"
_LATE = "id: late\nkind: threshold\nfor_each: {kind: charger}\nmetric: temp_c\nraise: {above: 60}\nlateness: 2m"
_BOTH = "id: both\nkind: compound\nfor_each: {kind: charger}\nany: [hot, quiet]\nnone: [free]\nfor: 1m"
_NOW = "id: now\nkind: compound\nfor_each: {kind: charger}\nwhen: temp_c > 60.0\nmax_age: 2m"
_CITY = behind(small_city(), {"cs-1": "gw-1", "tree-1": "gw-1"})
SITE = replace(_CITY, devices={name: _CITY.devices[name] for name in ("cs-1", "gw-1", "tree-1")})
_EIGHT_MS = 1_795_363_200_000 + 8 * 3_600_000 - 300_000

_waits_s = st.sampled_from((0, 5, 25, 31, 61, 95, 400))
_events = st.tuples(
    _waits_s,
    st.sampled_from(
        (
            *("cs-1", "gw-1", "elsewhere", "cs-1 hot", "cs-1 cool", "cs-1 late"),
            *("cs-1 gone", "gw-1 gone", "deaf", "release", "back"),
        )
    ),
)


def _step(engine: Engine, what: str, at_ms: int, wait_s: int) -> list[Finding]:
    if what == "deaf":
        engine.deaf(at_ms - wait_s * 1000, at_ms)
        return []
    if what == "release":
        return [one for rule in ("quiet", "gate", "hot") for one in engine.release(rule, _subject(rule), at_ms)]
    heard = engine.overheard("longcheng", at_ms)
    name, _, told = what.partition(" ")
    if name not in SITE.devices:
        return heard
    kind = SITE.devices[name].kind
    if told in ("hot", "cool", "late"):
        metrics: dict[str, Value] = {"temp_c": 20.0 if told == "cool" else 70.0}
        event_ms = at_ms - 90_000 if told == "late" else at_ms
        said = Reading(kind=kind, device_id=name, at_ms=event_ms, received_ms=at_ms, metrics=metrics)
        return heard + engine.observe(said)
    state = DeviceState.OFFLINE if told else DeviceState.ONLINE
    return heard + engine.observe(Status(kind=kind, device_id=name, state=state, received_ms=at_ms))


def _subject(rule: str) -> str:
    return "gw-1" if rule == "gate" else "cs-1"


def _rules(*texts: str) -> Sequence[Rule]:
    with tempfile.TemporaryDirectory() as folder:
        return rules_from(Path(folder), SITE, *texts)


SETS = (
    _rules(_QUIET, _GATE, _LINE, _HOT),
    _rules(_QUIET, _GATE, _HOT),
    _rules(_QUIET, _LINE, _LATE),
    _rules(_QUIET, _FREE, _GATE, _LINE, _HOT, _LATE, _BOTH, _NOW),
)


@settings(max_examples=300, deadline=None)
@example(SETS[1], [(0, "cs-1"), (0, "gw-1"), (95, "gw-1"), (31, "elsewhere")])
@given(st.sampled_from(SETS), st.lists(_events, max_size=50))
def test_who_is_left_out_of_a_tick_had_nothing_to_say(rules: Sequence[Rule], play: Sequence[tuple[int, str]]) -> None:
    """Of any comings and goings, our clock set back included; and the same is remembered."""
    one, other = (Engine(rules, SITE, saved={}, listening_since_ms=_EIGHT_MS) for _ in range(2))
    now_ms = _EIGHT_MS
    for wait_s, what in play:
        until_ms = now_ms + wait_s * 1000
        while now_ms < until_ms:
            now_ms = min(now_ms + 10_000, until_ms)
            other._listening.look_again()
            assert one.tick(now_ms) == other.tick(now_ms)
        if what == "back":
            now_ms -= 45_000
        else:
            assert _step(one, what, now_ms, wait_s) == _step(other, what, now_ms, wait_s)
        assert one.take_dirty() == other.take_dirty()
    assert not one.faults
