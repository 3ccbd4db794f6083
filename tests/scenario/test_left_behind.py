"""`serve` alone is killed, and started again at once: the judge that it has left behind ends before the next begins."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.postgres import Postgres, postgres
from tests.scenario.conftest import Build
from tests.scenario.product import Product
from tests.scenario.readings import LEAK_RULE, Talk
from tests.scenario.waiting import until

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """One PostgreSQL."""
    with postgres() as running:
        yield running


def _who_serves(data: Path) -> str:
    return (data / "serve.lock").read_text(encoding="ascii")


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_the_one_left_behind_ends_before_the_next_judges(build: Build, server: Postgres, database: str) -> None:
    """However long it takes: it is neither in the way of the start, nor are there ever two, nor is a message lost."""
    talk = Talk()
    stage = build(cases={"url": server.new_database()} if database == "postgres" else {})
    with stage.running() as product:
        stage.send(*talk.quiet(50), talk.leak(0))
        product.until(lambda one: len(one.alarms(LEAK_RULE)) == 1, "an alarm")
        (judge,) = product.children("judge")
        before = _who_serves(stage.data)
        judge.suspend()
        stage.send(*talk.quiet(50), talk.leak(1))
        product.kill_alone()

        def release() -> None:
            until(lambda: _who_serves(stage.data) not in {"", before}, lambda: "the next one has begun")
            judge.resume()

        releasing = threading.Thread(target=release)
        releasing.start()
        try:
            with stage.running() as again:
                stage.send(talk.leak(2))
                stage.account(again, leaks=talk.leaks)
                until(lambda: not judge.is_running(), lambda: "the one left behind has ended")
                again.stop()
        finally:
            releasing.join()


def test_while_it_does_not_end_everybody_is_told(build: Build) -> None:
    """`/ready` names it, and the log; nothing that comes is lost meanwhile."""
    stage, talk = build(), Talk()
    with stage.running() as product:
        (judge,) = product.children("judge")
        judge.suspend()
        product.kill_alone()
        try:
            with stage.running(ready=False) as again:
                stage.send(*talk.quiet(50), talk.leak(0))
                again.until(lambda one: f"another `judge` (process {judge.pid})" in str(one.ready()), "it is named")
                again.until(lambda one: "system alarm system-rules-failing" in one.log(), "it is a trouble")
                judge.kill()
                stage.account(again, leaks=talk.leaks)
                again.until_ready()
                _only_one(again)
        finally:
            judge.kill()


def _only_one(product: Product) -> None:
    """Nor was any started again for that."""
    assert len(product.children("judge")) == 1
    assert product.metric("rules_restarts_total") == 0
