"""Leaving out what no rule can care about changes no alarm, whatever was stored and whatever the rules are."""

import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rules_history.run import replay
from app.rules_history.stretch import Stretch
from config.load import Site
from domain.point import Point
from domain.reading import DeviceState, Reading, Status, Value
from domain.sighting import SeenObject, Sighting, ViewHealth, ZoneSighting
from rules.files import load_rules
from rules.rule import Rule
from storage.series.embedded import EmbeddedSeries
from storage.series.points import points_of
from tests.rules.city import behind, rules_from, shipped, small_city
from tests.rules.timetable import clock_ms

HOUR_MS = 3_600_000
T0 = clock_ms("00:00")
RULES = (
    """
id: all-silent
kind: silent
for_each: {kind: feed}
after_intervals: 4
""",
    """
id: off-and-drawing
kind: compound
for_each: {kind: charger, part: port}
when: power_w > 10.0 && !relay_on
max_age: 2h
""",
    """
id: warm-and-drawing
kind: compound
for_each: {kind: charger, part: port}
none: [off-and-drawing]
when: power_w > 300.0
""",
    """
id: off-and-drawing-for-long
kind: compound
for_each: {kind: charger}
all: [off-and-drawing]
for: 10m
""",
)


def history(site: Site, random: Random, hours: int) -> list[Point]:
    """Days with limits touched now and then, silences of single devices and of all, last wills, and looks."""
    points: list[Point] = []
    parts = [(device, port) for device in site.devices.values() for port in (None, *range(1, device.ports + 1))]
    for device, port in parts:
        interval_ms = round(site.profiles[device.profile].interval * 1000)
        wild = _episode(random, hours) if random.random() < 0.7 else range(0)
        mood = (random.randrange(HOUR_MS), random.choice((1.0, 0.8, 0.02)), random.choice((1.0, 0.8, 0.02)))
        at_ms = T0 + random.randrange(interval_ms)
        while at_ms < T0 + hours * HOUR_MS:
            metrics = _metrics(
                device.kind, random, wild=at_ms in wild and random.random() < 0.7, after=0 < at_ms - wild.stop < HOUR_MS
            )
            if device.kind == "charger":
                metrics |= _switching(random, at_ms, mood)
            reading = Reading(
                kind=device.kind,
                device_id=device.device_id,
                port=port,
                at_ms=at_ms,
                received_ms=at_ms,
                metrics=metrics,
            )
            points += points_of(reading, site)
            quiet = random.random()
            at_ms += interval_ms * (1 if quiet < 0.98 else random.choice((2, 3, 4, 30))) + random.randrange(3) * 1000
        for _ in range(random.randrange(3)):
            told_ms = T0 + random.randrange(hours * HOUR_MS)
            state = random.choice(list(DeviceState))
            word = Status(kind=device.kind, device_id=device.device_id, state=state, received_ms=told_ms)
            points += points_of(word, site)
    blank_ms = T0 + random.randrange(hours * HOUR_MS)
    points = [point for point in points if not blank_ms <= point.at_ms < blank_ms + random.choice((0, 20)) * 60_000]
    return points + _looks(site, random, hours)


def _episode(random: Random, hours: int) -> range:
    """From when to when something is amiss; what it leaves behind is remembered in quiet hours after it."""
    start_ms = T0 + random.randrange(hours * HOUR_MS)
    return range(start_ms, start_ms + random.choice((3, 20, 60)) * 60_000)


def _metrics(kind: str, random: Random, *, wild: bool, after: bool) -> dict[str, Value]:
    """`after` something was amiss, values are between what raises and what clears for a while."""
    if kind == "tree":
        tilt = random.choice((3.4, 2.5, 1.9)) if wild else 2.2 if after else 1.8
        return {"tilt_deg": tilt, "battery_pct": 80.0, "soil_vwc_pct": random.choice((7.0, 45.0)) if wild else 20.0}
    if kind == "gateway":
        return {"rssi_dbm": -70.0}
    hot = random.choice((66.0, 56.0, 55.0)) if wild else 52.0 if after else 25.0
    metrics: dict[str, Value] = {
        "temp_c": hot,
        "residual_ma": 40.0 if wild and random.random() < 0.2 else 1.0,
        "smoke": False,
    }
    return metrics


def _switching(random: Random, at_ms: int, mood: tuple[int, float, float]) -> dict[str, Value]:
    """A relay and a load that change every hour or so, one of which may be told rarely: so that hours differ in what
    they tell, and a rule about both knows one of them from an hour before."""
    shift_ms, relay, power = mood
    turn = (at_ms + shift_ms) // (50 * 60_000)
    metrics: dict[str, Value] = {}
    if random.random() < relay:
        metrics["relay_on"] = turn % 3 != 0
    if random.random() < power:
        metrics["power_w"] = (0.0, 250.0, 400.0)[turn // 2 % 3]
    return metrics


def _looks(site: Site, random: Random, hours: int) -> list[Point]:
    points: list[Point] = []
    for number in range(hours * 30):
        at_ms = T0 + number * 120_000
        dark = random.random() < 0.3
        things = tuple(
            SeenObject(label="bicycle", score=0.8, box=(0, 0, 1, 1), overlap=1.0, stay_s=900.0, looks=5)
            for _ in range(random.random() < 0.5)
        )
        look = Sighting(
            camera_id="cam-1",
            look_id=str(number),
            taken_ms=at_ms,
            received_ms=at_ms,
            view=ViewHealth.DARK if dark else ViewHealth.HEALTHY,
            zones=() if dark else (ZoneSighting(zone="front", objects=things),),
        )
        points += points_of(look, site)
    return points


def both(site: Site, rules: list[tuple[Rule, ...]], points: list[Point], stretch: Stretch) -> tuple[object, object]:
    """The alarms of a replay, and of one that reads everything."""
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedSeries(Path(folder) / "series.db", keep_raw_s=1e10)
        store.write(points)
        found = replay(store, site, rules, stretch), replay(store, site, rules, stretch, plain=True)
        store.close()
    return found


@settings(max_examples=25, deadline=None, print_blob=True)
@given(seed=st.integers(0, 1 << 32), hours=st.integers(2, 7), from_minutes=st.integers(0, 59))
def test_what_is_left_out_changes_no_alarm(seed: int, hours: int, from_minutes: int) -> None:
    """With the shipped rules, whole feeds and gateways; from any minute on."""
    random = Random(seed)
    site = behind(small_city(), {"tree-1": "gw-1"}) if seed % 2 else small_city()
    with tempfile.TemporaryDirectory() as folder:
        own = rules_from(Path(folder), site, *RULES)
    rules = (*load(site), *own)
    stretch = Stretch(
        from_ms=T0 + from_minutes * 60_000, to_ms=T0 + (hours - 1) * HOUR_MS + 777, lead_ms=0, tick_ms=30_000
    )
    quick, plain = both(site, [rules], history(site, random, hours), stretch)
    assert quick == plain


def load(site: Site) -> tuple[Rule, ...]:
    """The shipped rules that speak of what this city has."""
    return load_rules(shipped("trees", "chargers", "cameras", "storefronts"), site)


@pytest.mark.parametrize("minutes", [range(60), range(10, 20)], ids=["always", "for some minutes"])
def test_what_is_known_from_an_hour_that_is_left_out(tmp_path: Path, minutes: range) -> None:
    """A relay is off, then on in an hour in which nothing can come of it, and then not told any more.

    Who took it for off still would see a socket draw power that it must not.
    """
    site = small_city()
    rules = rules_from(tmp_path, site, RULES[1])
    points: list[Point] = []
    for at_ms in range(T0, T0 + 3 * HOUR_MS, 30_000):
        hour, minute = divmod((at_ms - T0) // 60_000, 60)
        metrics: dict[str, Value] = {"power_w": 20.0 if hour == 2 else 0.0}
        if hour == 0 or (hour == 1 and minute in minutes):
            metrics["relay_on"] = hour == 1
        said = Reading(kind="charger", device_id="cs-1", port=1, at_ms=at_ms, received_ms=at_ms, metrics=metrics)
        points += points_of(said, site)
    quick, plain = both(site, [tuple(rules)], points, Stretch(from_ms=T0, to_ms=T0 + 3 * HOUR_MS, lead_ms=0))
    assert quick == plain == [()]
