"""What is told twice: by devices, by the broker with DUP, and by the broker out of what it retained."""

from collections import Counter

import pytest

from tests.fakes.fleet import Message
from tests.scenario.conftest import Build
from tests.scenario.product import Product
from tests.scenario.readings import Said, Talk, reading, station, topic
from tests.scenario.stage import Stage
from tests.scenario.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow]


def untimed(count: int, first: int = 0) -> list[Said]:
    """Readings of one port that say nothing of their time, each with a value of its own."""
    return [reading(station(1), 1, {"energy_kwh": float(first + n)}, ts=None, at_ms=None) for n in range(count)]


def times_stored(stage: Stage) -> Counter[float]:
    """How often each value of that port is stored."""
    return Counter(float(value) for key, value in stage.store.held() if key[:3] == (station(1), 1, "energy_kwh"))


def test_a_storm_of_duplicates(build: Build) -> None:
    """Everything is published twice, and the broker delivers some of it again with DUP: one point each."""
    stage, talk = build(), Talk()
    said = [*talk.quiet(300), talk.leak(0)]
    with stage.running(fault="journalled:3") as product:
        stage.send(*said)
        stage.send(*said)
        product.until(lambda one: _delivered_again(one, stage, talk), "something is delivered again")
        stage.account(product, leaks=talk.leaks)


def _delivered_again(product: Product, stage: Stage, talk: Talk) -> bool:
    """Devices go on talking until it is so: it takes the collector's death in the middle, and its return."""
    stage.send(*talk.quiet(20))
    return product.metric("messages_redelivered_total") > 0


def test_without_a_time_of_their_own(build: Build) -> None:
    """Read twice as the collector died before its acknowledgement, or queued while we were away: one point each."""
    stage = build()
    with stage.running(fault="journalled:2") as product:
        stage.send(*untimed(1))
        product.until(lambda one: one.metric("messages_redelivered_total") > 0, "it is delivered again")
        until(lambda: times_stored(stage) == {0.0: 1}, lambda: f"one point: {times_stored(stage)}")
        product.stop()
    stage.send(*untimed(300, first=1))
    with stage.running() as product:
        stage.send(*untimed(1, first=301))
        until(lambda: 301.0 in times_stored(stage), lambda: "the last one is stored")
        assert times_stored(stage) == {float(n): 1 for n in range(302)}


def test_what_the_broker_retained(build: Build) -> None:
    """Retained readings and births come with each new subscription: no new points, and no sign of life."""
    stage, talk = build(mqtt={"protocol": "3.1.1"}), Talk()  # in 5, a kept subscription brings them only once
    (one,) = talk.quiet(1)
    kept = Said(message=Message(topic=topic(station(0)), payload=one.message.payload, retain=True), values=one.values)
    birth = Message(topic=topic(station(2)).replace("telemetry", "status"), payload=b'{"state":"online"}', retain=True)
    timeless = Message(topic=topic(station(3)), payload=b'{"metrics": {"energy_kwh": 1.0}}', retain=True)
    stage.fleet.send([birth, timeless])
    stage.send(kept)
    for number in range(3):
        with stage.running() as product:
            stage.send(*talk.quiet(1, devices=1))
            stage.account(product)
            assert product.letters() == {"retained": number + 1}
            assert _reach(product, 2) == ("never", None)
            product.stop()


def _reach(product: Product, device: int) -> tuple[str, object]:
    items = product.json("api/v1/devices")["items"]
    found = next(item for item in items if item["device_id"] == station(device))
    return found["reach"], found["seen_at"]
