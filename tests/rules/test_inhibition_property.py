"""What must hold for any comings and goings of a station, its gateway and the feed they come by."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.finding import Change, Finding
from domain.reading import DeviceState, Status
from rules.engine import Engine
from rules.rule import Rule
from tests.rules.city import behind, rules_from, small_city

QUIET = "id: quiet\nkind: silent\nfor_each: {kind: charger}\nafter_intervals: 3"
GATE = "id: gate\nkind: silent\nfor_each: {kind: gateway}\nafter_intervals: 3"
LINE = "id: line\nkind: silent\nfor_each: {kind: feed}\nafter_intervals: 2\nat_least: 60s"
_STATION_MS = 90_000
_ALLOWED_MS = {"gw-1": 180_000, "feed": 60_000}

_CITY = behind(small_city(), {"cs-1": "gw-1"})
SITE = replace(_CITY, devices={name: _CITY.devices[name] for name in ("cs-1", "gw-1")})
BACKWARDS = replace(SITE, devices=dict(reversed(list(SITE.devices.items()))))


def _rules(*texts: str) -> Sequence[Rule]:
    with tempfile.TemporaryDirectory() as folder:
        return rules_from(Path(folder), SITE, *texts)


RULES, SWAPPED = _rules(QUIET, GATE, LINE), _rules(LINE, GATE, QUIET)

# Seconds until the next event, and what it is. All that is not silence is heard from the feed too.
_events = st.tuples(
    st.sampled_from((0, 5, 25, 31, 61, 95)),
    st.sampled_from(("cs-1", "gw-1", "gw-1", "elsewhere", "tick", "tick", "cs-1 gone", "gw-1 gone", "deaf")),
)
_plays = st.lists(_events, max_size=60)


def _step(engine: Engine, what: str, at_ms: int, step_ms: int) -> list[Finding]:
    if what == "tick":
        return engine.tick(at_ms)
    if what == "deaf":
        engine.deaf(at_ms - step_ms, at_ms)
        return []
    heard = engine.overheard("longcheng", at_ms)
    if what == "elsewhere":
        return heard
    name, _, gone = what.partition(" ")
    state = DeviceState.OFFLINE if gone else DeviceState.ONLINE
    kind = SITE.devices[name].kind
    return heard + engine.observe(Status(kind=kind, device_id=name, state=state, received_ms=at_ms))


def _said(finding: Finding) -> tuple[object, ...]:
    """All but where in its file the rule stands."""
    return (*finding.key, finding.change, finding.at_ms, finding.since_ms, finding.value)


@settings(max_examples=200)
@given(_plays, st.sets(st.integers(0, 59)))
def test_restarts_and_the_order_of_rules_change_nothing(play: Sequence[tuple[int, str]], restarts: set[int]) -> None:
    """The same findings, whatever is asked first at a tick, and whenever the process began."""
    engine = Engine(RULES, SITE, saved={}, listening_since_ms=0)
    other = Engine(SWAPPED, BACKWARDS, saved={}, listening_since_ms=0)
    saved: dict[tuple[str, str], bytes] = {}
    at_ms = 0
    for index, (wait_s, what) in enumerate(play):
        at_ms += wait_s * 1000
        if index in restarts:
            changed = {**saved, **other.take_dirty()}
            saved = {key: state for key, state in changed.items() if state is not None}
            other = Engine(SWAPPED, BACKWARDS, saved=saved, listening_since_ms=0)
        one, two = (_step(each, what, at_ms, wait_s * 1000) for each in (engine, other))
        assert sorted(map(_said, one)) == sorted(map(_said, two)), (index, what)


@settings(max_examples=300)
@given(_plays)
def test_no_silence_goes_unsaid(play: Sequence[tuple[int, str]]) -> None:
    """At any tick, who was not heard for its own time and its gateway's has an alarm, or what carries it has one.

    Unless what carries it came back in that time, or we were deaf: then it has its own again.
    """
    engine = Engine(RULES, SITE, saved={}, listening_since_ms=0)
    standing: set[str] = set()
    excused_ms = at_ms = 0
    carried_ms = {"gw-1": 0, "feed": 0}
    for wait_s, what in play:
        at_ms += wait_s * 1000
        findings = _step(engine, what, at_ms, wait_s * 1000)
        standing |= {finding.rule_id for finding in findings if finding.change is Change.RAISED}
        standing -= {finding.rule_id for finding in findings if finding.change is Change.RESOLVED}
        came = {"gw-1", "feed"} if what == "gw-1" else set() if what in ("tick", "deaf") else {"feed"}
        back = any(at_ms - carried_ms[name] >= _ALLOWED_MS[name] for name in came)
        carried_ms |= dict.fromkeys(came, at_ms)
        if what in ("deaf", "cs-1") or back or any(finding.change is Change.RESOLVED for finding in findings):
            excused_ms = at_ms
        if what == "tick" and at_ms - excused_ms >= _STATION_MS + _ALLOWED_MS["gw-1"]:
            assert standing, at_ms
