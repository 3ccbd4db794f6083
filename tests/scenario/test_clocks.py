"""Clocks that are wrong: stored at the right time, both times kept, no alarm held back or invented."""

from collections.abc import Mapping
from datetime import datetime

import pytest

from domain.clock import SystemClock, epoch_ms
from domain.reading import Value
from tests.scenario.conftest import Build
from tests.scenario.product import Product
from tests.scenario.readings import KIND, LEAK_MA, LEAK_RULE, Key, reading, station
from tests.scenario.stage import Stage

pytestmark = pytest.mark.server

HOUR_MS = 3_600_000
NEW_YEAR_1970_MS, NEW_YEAR_2099_MS = 1_000, 4_070_908_800_000
POLICIES = ("received", "local", "reject")
PORTS = {"+8 h": 1, "1970": 2, "2099": 3, "5 min": 4, "right": 5}
METRICS = ["residual_ma", "energy_kwh"]


def profile(policy: str) -> dict[str, object]:
    """As shipped, but for what it does with a time it does not believe."""
    return {"kind": KIND, "interval": "30s", "metrics": METRICS, "wrong_time": policy, "zh": policy, "en": policy}


def clocks(now_ms: int) -> Mapping[str, int]:
    """What each wrong clock says now."""
    return {
        "+8 h": now_ms + 8 * HOUR_MS,
        "1970": NEW_YEAR_1970_MS,
        "2099": NEW_YEAR_2099_MS,
        "5 min": now_ms + 280_000,  # within the 300 s that are allowed
        "right": now_ms,
    }


def test_every_wrong_clock_under_every_policy(build: Build) -> None:
    """Each port of each device has another clock; all of them leak, and half of that is said by wrong clocks."""
    stage = build(profiles={name: profile(name) for name in POLICIES}, devices={name: name for name in POLICIES})
    with stage.running() as product:
        before_ms = SystemClock().now_ms()
        said = clocks(before_ms)
        for policy in POLICIES:
            for clock, port in PORTS.items():
                metrics: dict[str, Value] = {"residual_ma": LEAK_MA, "energy_kwh": float(port)}
                stage.send(reading(policy, port, metrics, ts=said[clock], at_ms=None))
        product.until(lambda one: one.metric("readings_stored_total") >= 12 * 2 + 6, "all that are taken are stored")
        product.until(lambda one: len(one.alarms(LEAK_RULE)) == 12, "an alarm for all that are taken")
        after_ms = SystemClock().now_ms()
        times = _times(stage)
        _check_alarms(product, before_ms, after_ms)
        letters = product.letters()

    assert letters == {"timestamp": 3}
    for policy in POLICIES:
        assert times[policy, "5 min"] == (said["5 min"], None)
        assert times[policy, "right"] == (said["right"], None)
    _check_received(times, "received", "+8 h", said, before_ms, after_ms)
    assert times["local", "+8 h"] == (before_ms, 8 * HOUR_MS)
    for clock in ("1970", "2099"):
        for policy in ("received", "local"):
            _check_received(times, policy, clock, said, before_ms, after_ms)


def _times(stage: Stage) -> dict[tuple[str, str], tuple[int, Value | None]]:
    """Of each device and clock: the time it is stored at, and its skew if there is one."""
    names = {port: clock for clock, port in PORTS.items()}
    held: dict[Key, Value] = dict(stage.store.held())
    found = {
        (device, names[port or 0]): (at_ms, held.get((device, port, "skew_ms", at_ms)))
        for device, port, metric, at_ms in held
        if metric == "residual_ma"
    }
    assert len(found) == 12
    assert len(held) == 12 * 2 + 6, "a skew beside each of the six times that are not the device's, and nothing else"
    return found


def _check_received(
    times: Mapping[tuple[str, str], tuple[int, Value | None]],
    policy: str,
    clock: str,
    said: Mapping[str, int],
    before_ms: int,
    after_ms: int,
) -> None:
    at_ms, skew_ms = times[policy, clock]
    assert before_ms <= at_ms <= after_ms, (policy, clock)
    assert skew_ms == said[clock] - at_ms, (policy, clock)


def _check_alarms(product: Product, before_ms: int, after_ms: int) -> None:
    """Each began when it was said, by a clock that is right."""
    for alarm in product.alarms(LEAK_RULE):
        since_ms = epoch_ms(datetime.fromisoformat(alarm["since"]))
        assert before_ms - 1 <= since_ms <= max(after_ms, before_ms + 280_000) + 1, alarm["subject"]


def test_a_clock_that_is_put_right(build: Build) -> None:
    """A station 25 s ahead is believed; put right, it seems to speak of the past. Its leak is an alarm at once."""
    stage = build()
    with stage.running() as product:
        now_ms = SystemClock().now_ms()
        ahead_ms = now_ms + 25_000
        stage.send(reading(station(0), 1, {"residual_ma": 4.0}, ts=ahead_ms, at_ms=ahead_ms))
        stage.send(reading(station(0), 1, {"residual_ma": LEAK_MA}, ts=now_ms, at_ms=now_ms))
        stage.account(product, leaks={f"{station(0)}/1"})
