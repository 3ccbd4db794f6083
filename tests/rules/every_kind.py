"""Rules of every kind, with everything that may be kept from people, and traces that bring them together."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from hypothesis import strategies as st

from domain.reading import DeviceState, Reading, Status, Value
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.kinds import KINDS
from rules.rule import Rule
from tests.rules.city import rules_from, small_city

Observation = Reading | Sighting | Status
_CITY = small_city()
SITE = replace(_CITY, devices={name: _CITY.devices[name] for name in ("tree-1", "cs-1")})
START_MS = 1_763_740_800_000
"""Midnight in Asia/Shanghai."""
_BOX = (0.1, 0.1, 0.2, 0.2)

_TEXTS = """
id: hot
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
clear: {below: 50}
flapping: {changes: 4, within: 10m}
at_most: {raised: 1, within: 1m}

id: hot-in-order
kind: threshold
for_each: {kind: charger}
metric: temp_c
lateness: 1m
raise: {above: 55}
clear: {below: 50}
for: 40s
max_gap: 1m
cooldown: 1m

id: hot-by-degrees
kind: threshold
for_each: {kind: charger}
metric: temp_c
levels:
  notice: {raise: {above: 50}, clear: {below: 30}}
  warn: {raise: {above: 55}, clear: {below: 50}, samples: 2}
  critical: {raise: {above: 65}, clear: {below: 60}}
flapping: {changes: 4, within: 10m}
inhibited_by: [burning]

id: hot-at-first
kind: threshold
for_each: {kind: charger}
metric: temp_c
raise: {above: 55}
schedule: "00:00-00:05"
cooldown: 2m
flapping: never

id: burning
kind: threshold
for_each: {kind: charger}
metric: smoke
raise: {equals: true}
latch: true
severity: critical

id: leaking
kind: threshold
for_each: {kind: charger}
metric: residual_ma
raise: {above: 30}
clear: {below: 26}
severity: critical

id: heating
kind: rate
for_each: {kind: charger}
metric: temp_c
over: 1m
per: 1m
raise: {above: 5}
clear: {below: 2}

id: often-hot
kind: count
for_each: {kind: charger}
metric: temp_c
event: {above: 55}
over: 2m
raise: {above: 3}
lateness: 1m

id: leaning
kind: baseline
for_each: {kind: tree}
metric: tilt_deg
against: installation
raise: {above: 0.5}
clear: {below: 0.35}
cooldown: 1m

id: stuck
kind: stuck
for_each: {kind: charger}
metric: residual_ma
raise: {above: 1m}

id: creeping
kind: trend
for_each: {kind: tree}
metric: tilt_deg
over: 7d
min_span: 3d
raise: {above: 0.1}

id: silent
kind: silent
for_each: {kind: charger}
after_intervals: 3
at_least: 90s

id: hot-and-leaking
kind: compound
for_each: {kind: charger}
all: [hot, leaking]

id: hot-but-not-quickly
kind: compound
for_each: {kind: charger}
when: temp_c > 52.0 && residual_ma > 20.0
none: [heating]
max_age: 1m

id: either-for-long
kind: compound
for_each: {kind: charger}
any: [hot-and-leaking, hot-in-order]
for: 1m

id: bikes
kind: presence
for_each: {kind: camera}
classes: [bicycle]
zone_roles: [frontage, no_parking]
min_stay: 1m
confirm: {k: 2, n: 3}
clear: {k: 2, n: 2}
at_most: {raised: 1, within: 1m}

id: covered
kind: view
for_each: {kind: camera}
views: [covered]
confirm: {k: 2, n: 3}
clear: {k: 2, n: 2}
"""


def every_kind(*, patient: bool = True) -> Sequence[Rule]:
    """At least one rule of each kind that there is; without `patient`, none that waits for late values."""
    texts = _TEXTS if patient else _TEXTS.replace("lateness: 1m", "")
    with TemporaryDirectory() as folder:
        rules = rules_from(Path(folder), SITE, *re.split(r"\n\n(?=id:)", texts.strip()))
    assert {rule.spec.kind for rule in rules} == set(KINDS), "a kind has no rule here"
    return rules


class Event(NamedTuple):
    """What happens next, in small numbers that are easily made smaller."""

    later: int
    back: int
    who: str
    temp_c: float
    other: float
    turned: bool


_TEMPERATURES = (20.0, 20.0, 49.9, 52.0, 55.0, 60.0, 66.0)
_LEAN = {20.0: 1.8, 49.9: 2.1, 52.0: 2.2, 55.0: 2.4, 60.0: 2.7, 66.0: 3.4}
_WHO = ("cs-1", "cs-1", "cs-1", "cs-1", "cs-1/1", "cs-1/2", "tree-1", "cam-1", "online", "offline")
_LATER_S = (20, 20, 20, 20, 20, 20, 0, 0, 0, 40, 40, 100, 86_400)
_BACK_S = (0, 0, 0, 0, 20, 40, 60, 200)


def traces(*, late: bool = True, who: Sequence[str] = _WHO) -> st.SearchStrategy[list[Observation]]:
    """What devices say in an hour or some days, mostly in time; of one moment they may say contradicting things."""
    event = st.builds(
        Event,
        later=st.sampled_from(_LATER_S),
        back=st.sampled_from(_BACK_S) if late else st.just(0),
        who=st.sampled_from(who),
        temp_c=st.sampled_from(_TEMPERATURES),
        other=st.sampled_from(_TEMPERATURES),
        turned=st.booleans(),
    )
    return st.lists(event, max_size=80).map(_observations)


def _observations(events: Sequence[Event]) -> list[Observation]:
    now_ms, found = START_MS, list[Observation]()
    looks: dict[int, Sighting] = {}
    for event in events:
        now_ms += event.later * 1000
        at_ms = now_ms - event.back * 1000
        if event.who == "cam-1":  # of one moment there is one look
            found.append(looks.setdefault(at_ms, _sighting(event, at_ms)))
        elif event.who in list(DeviceState):
            state = DeviceState(event.who)
            found.append(Status(kind="charger", device_id="cs-1", state=state, received_ms=now_ms, retain=event.turned))
        else:
            found.append(_reading(event, at_ms, now_ms))
    return found


def _reading(event: Event, at_ms: int, received_ms: int) -> Reading:
    device_id, _, port = event.who.partition("/")
    if device_id == "tree-1":
        kind, metrics = "tree", dict[str, Value](tilt_deg=_LEAN[event.temp_c])
    else:
        kind = "charger"
        metrics = {"temp_c": event.temp_c, "smoke": event.temp_c > 65 and event.turned, "residual_ma": event.other / 2}
    return Reading(
        kind=kind,
        device_id=device_id,
        port=int(port) if port else None,
        at_ms=at_ms,
        received_ms=received_ms,
        metrics=dict(reversed(metrics.items())) if event.turned else metrics,
    )


def _sighting(event: Event, at_ms: int) -> Sighting:
    things = (
        (SeenObject(label="bicycle", score=0.7, box=_BOX, overlap=1.0, stay_s=event.temp_c * 2, looks=2),)
        if event.temp_c > 50
        else ()
    )
    return Sighting(
        camera_id="cam-1",
        look_id=f"look-{at_ms}",
        taken_ms=at_ms,
        received_ms=at_ms,
        view=ViewHealth.COVERED if event.other > 52 else ViewHealth.HEALTHY,
        zones=tuple(ZoneSighting(zone=zone, objects=things) for zone in ("front", "kerb")),
    )


def said_ms(observation: Observation) -> int:
    """Event time; of a status the time of receipt."""
    if isinstance(observation, Reading):
        return observation.at_ms
    return observation.taken_ms if isinstance(observation, Sighting) else observation.received_ms
