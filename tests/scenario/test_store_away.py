"""The series store is down, busy or slow: the journal holds, and no alarm waits for it."""

import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from domain.clock import SystemClock
from tests.fakes.answering import Reply, Request
from tests.fakes.door import Door
from tests.fakes.influx import FakeInflux
from tests.scenario.conftest import Build
from tests.scenario.product import Product
from tests.scenario.readings import LEAK_RULE, Talk
from tests.scenario.stage import lag
from tests.scenario.stores import OfInflux
from tests.scenario.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow]

HOUR_MS = 3_600_000
AT_ONCE_S = 1.0
ANSWERS_AFTER_S = 1.0
RETRY_AFTER_S = 2


class Moody(FakeInflux):
    """To writes that get through it first gives the answers in `moods`, and notes when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = SystemClock().now_ms()
        self.moods: list[int] = []
        self.asked_s: list[float] = []

    def reply(self, request: Request) -> Reply:
        """Busy, if it is in the mood."""
        if request.path.endswith("/write"):
            self.asked_s.append(time.monotonic())
            if self.moods:
                return Reply(status=self.moods.pop(0), headers={"Retry-After": str(RETRY_AFTER_S)}, body="{}")
        return super().reply(request)


def slowly() -> None:
    """The store takes its time."""
    threading.Event().wait(ANSWERS_AFTER_S)


@pytest.fixture
def influx() -> Iterator[Moody]:
    """An InfluxDB that keeps to the contract."""
    with Moody() as running:
        yield running


def test_an_hour_without_the_store(build: Build, influx: Moody) -> None:
    """Refused connections while an hour's readings come; then 503 and 429 with Retry-After; then all is stored."""
    now_ms = SystemClock().now_ms()
    past, present = Talk(first_ms=now_ms - HOUR_MS, step_ms=HOUR_MS // 1000), Talk(first_ms=now_ms)
    with Door(influx.url) as door:
        stage = build(OfInflux(influx, url=door.url))
        with stage.running() as product:
            stage.send(*past.quiet(500))
            product.until(lambda one: one.metric("store_reachable") == 0, "the store's absence is told")
            stage.send(*past.quiet(499), present.leak(1))
            product.until(lambda one: len(one.alarms(LEAK_RULE)) == 1, "the alarm comes all the same")

            assert product.ready() == (200, [])
            assert lag(product)["series"] >= 1000
            assert influx.points == {}
            assert "readings wait in the journal" in product.log()

            influx.moods = [503, 503, 429, 429]
            door.open()
            stage.account(product, leaks=present.leaks)

            assert product.metric("store_reachable") == 1
            assert "takes writes again" in product.log()
    pauses_s = [after - before for before, after in pairwise(influx.asked_s[:5])]
    assert min(pauses_s) >= RETRY_AFTER_S


def test_away_until_the_journal_is_full(build: Build, influx: Moody) -> None:
    """Above the high-water mark it is not ready; at its bound it leaves messages to the broker; then all comes in."""
    talk = Talk()
    with Door(influx.url) as door:
        stage = build(OfInflux(influx, url=door.url), journal={"max_size": "1MiB", "high_water": 0.5})
        with stage.running() as product:
            stage.send(talk.leak(0), *talk.quiet(600, own_affair="x" * 1000))
            product.until(lambda one: one.ready()[0] == 503, "it is not ready")
            assert "the store is unreachable" in product.ready()[1][0]
            assert product.metric("ingest_paused") == 0

            stage.send(*talk.quiet(900, own_affair="x" * 1000))
            product.until(lambda one: one.metric("ingest_paused") == 1, "it is full")
            assert len(product.ready()[1]) == 2
            assert "has reached its bound" in product.log()
            product.until(lambda one: lag(one)["rules"] == 0, "what was taken in is judged without the store")

            door.open()
            stage.account(product, leaks=talk.leaks)
            product.until_ready()
            assert product.metric("ingest_paused") == 0


def test_a_slow_store_and_a_small_window(build: Build, influx: Moody) -> None:
    """Twenty unacknowledged messages and a store that answers after a second: neither intake nor alarms wait for it."""
    talk = Talk()
    influx.stumble = slowly
    stage = build(OfInflux(influx), mqtt={"receive_maximum": 20})
    with stage.running() as product:
        began_s, waited_s = time.monotonic(), []
        for number in range(5):
            stage.send(*talk.quiet(200))
            leak = talk.leak(number)
            stage.send(leak)
            waited_s.append(_seen_after_s(product, number + 1))
        product.until(lambda one: one.metric("journal_head") >= 1005, "everything is taken in")
        taken_in_s = time.monotonic() - began_s
        stage.account(product, leaks=talk.leaks)

    assert sorted(waited_s)[2] <= AT_ONCE_S, waited_s
    assert taken_in_s < 1005 / 20 * ANSWERS_AFTER_S / 2, "as if each window had waited for the store"


def _seen_after_s(product: Product, alarms: int) -> float:
    began_s = time.monotonic()
    until(lambda: len(product.alarms(LEAK_RULE)) >= alarms, lambda: f"{alarms} alarms")
    return time.monotonic() - began_s
