"""The series store is down, busy or slow: the journal holds, and no alarm waits for it."""

import threading
import time
from collections.abc import Callable, Iterator
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
from tests.scenario.waiting import PATIENCE_S

pytestmark = [pytest.mark.server, pytest.mark.slow]

HOUR_MS = 3_600_000
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

            product.until_ready()
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
            product.until(lambda one: "the store is unreachable" in str(one.ready()[1]), "it is told why")
            assert product.ready()[0] == 503
            assert product.metric("ingest_paused") == 0

            stage.send(*talk.quiet(900, own_affair="x" * 1000))
            product.until(lambda one: one.metric("ingest_paused") == 1, "it is full")
            product.until(lambda one: len(one.ready()[1]) == 2, "both are told")
            product.until(lambda one: "has reached its bound" in one.log(), "and in the log")
            product.until(lambda one: lag(one)["rules"] == 0, "what was taken in is judged without the store")

            door.open()
            stage.account(product, leaks=talk.leaks)
            product.until_ready()
            assert product.metric("ingest_paused") == 0


def test_a_slow_store_and_a_small_window(build: Build, influx: Moody) -> None:
    """Twenty unacknowledged messages and a store that does not answer yet: neither intake nor alarms wait for it."""
    talk, answers = Talk(), threading.Event()
    influx.stumble = lambda: _later(answers)
    stage = build(OfInflux(influx), mqtt={"receive_maximum": 20})
    with stage.running() as product:
        try:
            for number in range(5):
                stage.send(*talk.quiet(200), talk.leak(number))
                product.until(_alarms(number + 1), "the alarm is there")
            product.until(lambda one: one.metric("journal_head") >= 1005, "everything is taken in")
            assert influx.points == {}
            assert lag(product)["series"] >= 1005
        finally:
            answers.set()
        stage.account(product, leaks=talk.leaks)


def _alarms(count: int) -> Callable[[Product], bool]:
    return lambda product: len(product.alarms(LEAK_RULE)) == count


def _later(answers: threading.Event) -> None:
    """The store says nothing until then."""
    answers.wait(5 * PATIENCE_S)
