"""Several collectors share the messages: one account, and one order for each device."""

import random
from datetime import datetime

import pytest

from domain.clock import SystemClock, epoch_ms
from tests.fakes.fleet import busy
from tests.scenario.conftest import Build
from tests.scenario.product import Product
from tests.scenario.readings import LEAK_RULE, Said, Talk, messages, reading, station

pytestmark = [pytest.mark.server, pytest.mark.slow]

RISING, FIRST_TOO_HIGH = 500, 15.0  # where the mildest level of the leak begins


def rising(device: int) -> list[Said]:
    """A residual current that rises by 0.1 mA with each of five hundred readings."""
    first_ms = SystemClock().now_ms() - RISING
    return [
        reading(station(device), 1, {"residual_ma": n / 10}, ts=first_ms + n, at_ms=first_ms + n)
        for n in range(1, RISING + 1)
    ]


def test_one_order_for_each_device(build: Build) -> None:
    """Whichever collector takes them, the rules see a device's readings in the order it sent them: each alarm is of
    the first that was too high."""
    stage = build(ingest={"collectors": 3})
    with stage.running() as product:
        devices = [rising(device) for device in range(4)]
        stage.send(*[one for together in zip(*devices, strict=True) for one in together])
        stage.account(product)
        began = {alarm["subject"]: _ms(alarm["since"]) for alarm in product.alarms(LEAK_RULE)}

    assert began == {f"{key[0]}/{key[1]}": key[3] for key, value in stage.expected.items() if value == FIRST_TOO_HIGH}


def _ms(text: str) -> int:
    return epoch_ms(datetime.fromisoformat(text))


def test_one_of_three_dies(build: Build) -> None:
    """One of them is killed while devices talk; what it had is taken in later, and the account is right."""
    chance = random.Random(13)
    stage, talk = build(ingest={"collectors": 3}), Talk()
    said = [*talk.quiet(700), *(talk.leak(number) for number in range(5)), *talk.quiet(700)]
    with stage.running() as product:
        stage.said += said
        with busy(stage.fleet, messages(said), pause_s=0.02):
            product.until(lambda one: one.metric("messages_received_total") >= 200, "they are heard")
            chance.choice(product.children("collect")).kill()
            product.until(Product.lost_a_child, "its end is noticed")
        stage.account(product, leaks=talk.leaks)
        product.until_ready()
